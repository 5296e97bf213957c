#!/usr/bin/python
# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: northflank_manual_job_info
short_description: Read manual jobs of Northflank
version_added: 1.0.0
author:
  - "Contributors to the northflank.cloud collection (@northflank-cloud)"
description:
  - Reads one manual job of a Northflank project, or all of them, and shows each in the shape that
    M(northflank.cloud.northflank_manual_job) takes and returns. A task for that module can be written from what this one shows.
  - It never writes, and sends no request that might write. What no read shows is left out, and named in RV(unknown_fields).
  - A list of jobs shows little of each. O(gather) says what else to read, which costs requests for each job.
  - The token needs the permission C(Project > Jobs > General > Read), and C(Project > Secrets > Jobs > Read) for
    V(runtime_environment) and V(build_arguments) in O(gather).
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.attributes
attributes:
  check_mode:
    details:
      - It only reads, in check mode as outside of it.
  diff_mode:
    support: none
    details:
      - There is nothing that changes.
options:
  project_id:
    description:
      - The ID of the project that the jobs belong to.
    type: str
    required: true
  job_id:
    description:
      - The ID of the one job to read. It is the slug of the job's name, such as V(example-job) for a job named C(Example Job).
      - If the task leaves it out, all manual jobs of the project are read that O(filters) keeps.
      - The task fails if there is no such job, or if it is a cron job.
    type: str
  filters:
    description:
      - Which manual jobs of the project to keep. A job has to meet all that is stated.
      - Mutually exclusive with O(job_id).
    type: dict
    suboptions:
      tags:
        description:
          - The IDs of tags. A job is kept if it has all of them.
          - Where the list of jobs shows no tags of any job, each job that O(filters.name) leaves over is read by itself, which costs
            a request a job. What such a read shows is in the result, too.
        type: list
        elements: str
      name:
        description:
          - A pattern as shells have it, such as V(report-*). A job is kept if its name or its ID is of this pattern.
          - V(*) stands for any text, V(?) for any character, V([...]) for one of several characters. Upper and lower case differ.
        type: str
  gather:
    description:
      - What to read of each job besides what a list shows. Whatever is named here, each job is read by itself.
      - V(job) has each job read, which shows most of its parameters. One job (O(job_id)) is read anyway.
      - V(health_checks) shows the health checks, V(runtime_environment) the names of the environment variables and the paths of the
        files at run time, and V(build_arguments) those of builds. Where the read of the job shows them already, nothing more is asked.
      - What the token may not read, and what is gone from the API, stays unknown, with a warning.
    type: list
    elements: str
    choices: [job, health_checks, runtime_environment, build_arguments]
    default: []
notes:
  - A list costs one request for each 100 jobs of the project, cron jobs included. One job costs one request.
  - Each job of a list costs one request more if O(gather) names anything, and one more for each of V(health_checks),
    V(runtime_environment) and V(build_arguments) that the read of the job does not show. So 1000 jobs with the health checks cost
    up to 2010 requests, more than the API grants in an hour by default. See O(rate_limit_wait).
  - Cron jobs are left out of a list, and refused as O(job_id).
  - Each job of a list has its own RV(jobs[].unknown_fields), so that the result of 1000 jobs that are not read by themselves takes
    about 1.8 MB. O(filters) keeps it small.
  - Of the maps that hold secrets, only the names of their keys are shown, as C(runtime_environment_keys), C(runtime_files_keys),
    C(build_arguments_keys), C(build_files_keys) and C(docker_secret_mounts_keys). Values that a job inherits from secret groups and
    addons are not its own, and not asked for.
  - The API does not promise to list a health check of the type V(startupProbe), so O(gather=health_checks) may show all but that one.
  - A job that is deleted while the task runs is left out of the list. The pages of a list are no snapshot. Whoever adds or deletes
    jobs meanwhile may have the API move a job from one page to another, so that it is missed. No job is listed twice.
seealso:
  - module: northflank.cloud.northflank_manual_job
  - name: Northflank API
    description: The documentation of the API, with the pages List jobs and Get job about the requests that this module sends.
    link: https://northflank.com/docs/v1/api
"""

EXAMPLES = r"""
---
- name: Read one job (the token is taken from NORTHFLANK_API_TOKEN)
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    job_id: nightly-report
  register: report

- name: Show how often a failed run of it is tried again
  ansible.builtin.debug:
    msg: "{{ report.jobs[0].backoff_limit }}"

- name: List all manual jobs of a project, with one request for each 100 jobs
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
  register: all_jobs

- name: Show their IDs
  ansible.builtin.debug:
    msg: "{{ all_jobs.jobs | map(attribute='id') }}"

- name: List the reports that have two tags
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    filters:
      name: "*-report"
      tags:
        - reports
        - production

- name: Read all that can be read of each job, with up to four requests a job
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    gather:
      - job
      - health_checks
      - runtime_environment
      - build_arguments
  register: whole_jobs

- name: Name the options whose present value no read has shown of all jobs
  ansible.builtin.debug:
    var: whole_jobs.unknown_fields

- name: Read the parameters of each job, with one request a job
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    gather:
      - job
  register: found

- name: Name the jobs without a time limit
  ansible.builtin.debug:
    msg: "{{ found.jobs | selectattr('active_deadline_seconds', 'equalto', 0) | map(attribute='id') }}"

- name: Give them one
  northflank.cloud.northflank_manual_job:
    project_id: example-project
    job_id: "{{ item }}"
    active_deadline_seconds: 3600
  loop: "{{ found.jobs | selectattr('active_deadline_seconds', 'equalto', 0) | map(attribute='id') }}"

# What follows writes the jobs as they are into an inventory, which docs/examples/export_jobs.yml does at more length: hosts named
# <project_id>.<job_id>, whose variable northflank_wanted holds options of northflank.cloud.northflank_manual_job.
- name: Refuse texts that Ansible would take for templates when it reads the file
  ansible.builtin.assert:
    that: (found.jobs | to_json) is not search('[{][%#{]')

- name: Write the jobs as a YAML file of jobs
  ansible.builtin.copy:
    dest: jobs.yml
    mode: "0644"
    content: |
      northflank_jobs:
        hosts:
      {% for name, wanted in names | zip(options) %}
          {{ {name: {'northflank_wanted': wanted}} | to_nice_yaml(indent=2) | indent(4) }}
      {% endfor %}
  vars:
    names: "{{ found.jobs | map(attribute='id') | map('regex_replace', '^', 'example-project.') }}"
    others: "(id|name|app_id|project_id|job_type|unknown_fields|.*_keys)$"
    options: "{{ found.jobs | map('dict2items') | map('rejectattr', 'key', 'match', others) | map('list') | map('items2dict') }}"
"""

RETURN = r"""
---
jobs:
  description:
    - The jobs that were found, in the order of the API, also if O(job_id) names one.
    - Each has the keys of RV(northflank.cloud.northflank_manual_job#module:job), and C(unknown_fields). Every key that is also an option
      of M(northflank.cloud.northflank_manual_job) has the name, the type and the meaning of the option, so that it can be fed back and
      changes nothing. A value that is not known is left out.
    - A list shows no more than C(id), C(name), C(app_id), C(project_id), C(job_type), C(description), C(stage_id), C(tags) and
      C(disabled_ci) of a job. O(gather) has more read.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the job.
      returned: success
      type: str
      sample: example-job
    name:
      description: The name of the job.
      returned: success
      type: str
      sample: Example Job
    project_id:
      description: The ID of the project.
      returned: success
      type: str
      sample: example-project
    unknown_fields:
      description:
        - The options of M(northflank.cloud.northflank_manual_job) about the job whose value nothing has shown, sorted, with dots
          between the parts of their paths. Of the others the value is known, if only to be not set.
      returned: success
      type: list
      elements: str
      sample: [billing.build_plan, docker_secret_mounts, run_on_source_change]
  sample:
    - id: example-job
      name: Example Job
      app_id: /example-team/example-project/example-job
      project_id: example-project
      job_type: manual
      description: A job description
      tags: [my-tag]
      billing:
        deployment_plan: nf-compute-20
      backoff_limit: 0
      active_deadline_seconds: 600
      disabled_ci: false
      runtime_environment_keys: [DATABASE_URL, REPORT_VERSION]
      runtime_files_keys: []
      unknown_fields:
        - billing.build_plan
        - billing.gpu.configuration.gpu_count
        - billing.gpu.configuration.gpu_type
        - billing.gpu.configuration.timesliced
        - billing.gpu.enabled
        - build_arguments
        - build_files
        - docker_secret_mounts
        - health_checks
        - run_on_source_change
unknown_fields:
  description:
    - The options of M(northflank.cloud.northflank_manual_job) whose value nothing has shown of at least one of RV(jobs), sorted, written
      as in RV(jobs[].unknown_fields).
  returned: success
  type: list
  elements: str
  sample: [billing.build_plan, docker_secret_mounts, run_on_source_change]
api:
  description: What the task used of the quota of the API.
  returned: when the options are in order
  type: dict
  contains:
    requests:
      description: The number of requests that the task sent, repeated ones included.
      returned: when the options are in order
      type: int
      sample: 2
    rate_limit_remaining:
      description: The number of requests that are left until the quota resets, as the last answer said. V(null) if none did.
      returned: when the options are in order
      type: int
      sample: 998
error:
  description:
    - What the API answered when it refused a request. RV(ignore:msg) says what is wrong, where, and what to do.
    - Secrets that the answer quotes are not shown.
  returned: failure, if the API answered
  type: dict
  contains:
    status:
      description: The HTTP status of the answer.
      returned: always
      type: int
      sample: 404
    id:
      description: The ID of the kind of error.
      returned: when the answer holds it
      type: str
    message:
      description: The message of the API, or the text that came in place of one.
      returned: always
      type: str
      sample: Not found
    details:
      description: Details of the error. The API does not document their type. Replaced by a note if they cannot be freed of secrets safely.
      returned: when the answer holds them
      type: raw
    request:
      description: The method and the path of the request.
      returned: always
      type: str
      sample: GET /v1/projects/example-project/jobs/example-job
"""

from ..module_utils._flows.info import read_jobs
from ..module_utils._module import run
from ..module_utils._options.argument_spec import info_spec


def main() -> None:
    """Run the module."""
    run(info_spec(), read_jobs)


if __name__ == "__main__":
    main()
