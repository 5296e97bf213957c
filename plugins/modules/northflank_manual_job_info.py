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
  - Reads one manual job of a Northflank project, or all of them. It returns each job in the same form as
    M(northflank.cloud.northflank_manual_job), so that you can set the options of that module to the values that this module returns.
  - Every task needs O(project_id), and O(job_id) to read one job. The token comes from O(api_token) or from the environment variable
    E(NORTHFLANK_API_TOKEN).
  - Examples are in the section EXAMPLES at the end, before the return values.
  - The module sends no request that could write. Fields that no response contains are not returned, and RV(unknown_fields) contains their
    names.
  - A list of jobs contains only a few fields of each job. O(gather) reads more of them, which costs requests for each job.
  - The token needs the permission C(Project > Jobs > General > Read), which is enough for V(deployment) in O(gather). For
    V(runtime_environment) and V(build_arguments) in O(gather), it also needs C(Project > Secrets > Jobs > Read).
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.attributes
attributes:
  check_mode:
    details:
      - The module only reads, so check mode makes no difference.
  diff_mode:
    support: none
    details:
      - The module changes nothing.
options:
  project_id:
    description:
      - The ID of the project that the jobs belong to.
    type: str
    required: true
  job_id:
    description:
      - The ID of the job to read. It is the slug of the job's name, such as V(example-job) for a job named C(Example Job).
      - If it is not set, all manual jobs of the project that match O(filters) are read.
      - If the job does not exist or is a cron job, the task fails.
    type: str
  filters:
    description:
      - Which manual jobs of the project to return. A job must match all filters that the task sets.
      - Mutually exclusive with O(job_id).
    type: dict
    suboptions:
      tags:
        description:
          - The IDs of tags. A job matches if it has all of these tags.
          - If the list of jobs contains no tags for any job, each job that matches O(filters.name) is read individually, which costs one
            request for each job. The result also contains the other fields that these reads return.
        type: list
        elements: str
      name:
        description:
          - A shell-style pattern, such as V(report-*). A job matches if its name or its ID matches the pattern.
          - V(*) matches any text, V(?) any character, and V([...]) one of several characters. The pattern is case-sensitive.
        type: str
  gather:
    description:
      - What to read of each job in addition to the list of jobs. If this option is not empty, the task reads each job individually.
      - V(job) reads each job, which returns most of its fields. A single job (O(job_id)) is always read.
      - V(health_checks) reads the health checks. V(runtime_environment) reads the names of the environment variables and the paths of the
        files at run time. V(build_arguments) reads the names of the build arguments and the paths of the files at build time. If the
        response with the job already contains these, the task does not send a request for them.
      - V(deployment) reads the image or the repository of the job, its command and its storage. They are returned with the names of the
        option O(northflank.cloud.northflank_manual_job#module:deployment), so that a task can create the same job in another project.
        Today, the API returns the credentials of an image, the GPU and a few other parts only in the response to an update, so they stay
        unknown. This choice was added in version 1.1.0.
      - If the token has no permission to read something, or the API operation for it was removed, the values stay unknown, with a warning.
    type: list
    elements: str
    choices: [job, health_checks, runtime_environment, build_arguments, deployment]
    default: []
notes:
  - A single job costs one request. A list costs one request for each 100 jobs of the project, including cron jobs.
  - If O(gather) is not empty, each job of a list costs one more request, and one for each of V(health_checks), V(runtime_environment),
    V(build_arguments) and V(deployment) that the response with the job does not contain. For example, 1000 jobs with their health checks
    cost up to 2010 requests, more than the API allows in an hour by default. See O(rate_limit_wait).
  - A list does not contain cron jobs.
  - Each job of a list has its own RV(jobs[].unknown_fields), so the result for 1000 jobs that are not read individually has about 1.8 MB.
    Use O(filters) to reduce it.
  - Of secret maps, only the names of the keys are returned, as C(runtime_environment_keys), C(runtime_files_keys),
    C(build_arguments_keys), C(build_files_keys) and C(docker_secret_mounts_keys). Values that a job inherits from secret groups and
    add-ons are not part of the job, and are not read.
  - The API does not always return a health check of the type V(startupProbe), so it may be missing with O(gather=health_checks).
  - A job that is deleted while the task runs is not returned. If jobs are created or deleted while the task reads several pages of a list,
    the API may move a job to another page, so that it is missed. No job is returned twice.
seealso:
  - module: northflank.cloud.northflank_manual_job
  - name: Northflank API
    description: The documentation of the API. The pages List jobs and Get job describe the requests that this module sends.
    link: https://northflank.com/docs/v1/api
"""

EXAMPLES = r"""
---
- name: Read one job (the token comes from NORTHFLANK_API_TOKEN)
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    job_id: nightly-report
  register: report

- name: Show how often a failed run of the job is retried
  ansible.builtin.debug:
    msg: "{{ report.jobs[0].backoff_limit }}"

- name: List all manual jobs of a project, with one request for each 100 jobs
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
  register: all_jobs

- name: Show the IDs of the jobs
  ansible.builtin.debug:
    msg: "{{ all_jobs.jobs | map(attribute='id') }}"

- name: List the jobs whose names end with -report and that have two tags
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    filters:
      name: "*-report"
      tags:
        - reports
        - production

- name: Read most fields of each job, with one request for each job
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    gather:
      - job
  register: found

- name: Show the jobs without a time limit
  ansible.builtin.debug:
    msg: "{{ found.jobs | selectattr('active_deadline_seconds', 'equalto', 0) | map(attribute='id') }}"

- name: Set a time limit for these jobs
  northflank.cloud.northflank_manual_job:
    project_id: example-project
    job_id: "{{ item }}"
    active_deadline_seconds: 3600
  loop: "{{ found.jobs | selectattr('active_deadline_seconds', 'equalto', 0) | map(attribute='id') }}"

- name: Read all fields that can be read, with up to five requests for each job
  northflank.cloud.northflank_manual_job_info:
    project_id: example-project
    gather:
      - job
      - health_checks
      - runtime_environment
      - build_arguments
      - deployment
  register: whole_jobs

- name: Show the image of each job that runs an image of a registry
  ansible.builtin.debug:
    msg: "{{ whole_jobs.jobs | selectattr('deployment.external', 'defined') | map(attribute='deployment.external.image_path') }}"

- name: Show the options whose value is unknown for at least one job
  ansible.builtin.debug:
    var: whole_jobs.unknown_fields

# The next two tasks write the jobs to an inventory file with hosts named <project_id>.<job_id>. The host variable northflank_wanted
# contains options of northflank.cloud.northflank_manual_job. docs/examples/export_jobs.yml is a longer version.
- name: Fail if a text looks like a template, because Ansible would evaluate it when it reads the file
  ansible.builtin.assert:
    that: (found.jobs | to_json) is not search('[{][%#{]')

- name: Write the inventory file
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
    - The jobs, in the order of the API. This is also a list if the task sets O(job_id).
    - Each job has the keys of RV(northflank.cloud.northflank_manual_job#module:job), and C(unknown_fields). A key that is also an option of
      M(northflank.cloud.northflank_manual_job) has the name, the type and the meaning of the option. If a task sets the option to this
      value, it changes nothing. A field whose value is unknown is not returned.
    - For a list of jobs, only C(id), C(name), C(app_id), C(project_id), C(job_type), C(description), C(stage_id), C(tags) and
      C(disabled_ci) of each job are returned, unless the task sets O(gather).
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
    infrastructure:
      description: See O(northflank.cloud.northflank_manual_job#module:infrastructure).
      returned: when known, and the task sets gather to a list with deployment
      type: dict
      version_added: 1.1.0
      sample:
        architecture: x86
    deployment:
      description: See O(northflank.cloud.northflank_manual_job#module:deployment).
      returned: when known, and the task sets gather to a list with deployment
      type: dict
      version_added: 1.1.0
      sample:
        external:
          image_path: registry.example.com/report:1.4
        docker:
          config_type: customCommand
          custom_command: report --all
    unknown_fields:
      description:
        - The options of M(northflank.cloud.northflank_manual_job) whose value is unknown for this job, as a sorted list of paths. The
          parts of a path are joined with dots. All other fields are known. They have a value, or they are not set.
        - Without V(deployment) in O(gather), the list does not contain the name, the architecture and the options of the deployment.
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
    - The options of M(northflank.cloud.northflank_manual_job) whose value is unknown for at least one of RV(jobs), as a sorted list of
      paths as in RV(jobs[].unknown_fields).
  returned: success
  type: list
  elements: str
  sample: [billing.build_plan, docker_secret_mounts, run_on_source_change]
api:
  description: The requests of the task, and the quota of the API.
  returned: when the options are valid
  type: dict
  contains:
    requests:
      description: The number of requests that the task sent, including retries.
      returned: when the options are valid
      type: int
      sample: 2
    rate_limit_remaining:
      description: The number of requests left until the quota resets, from the last response. V(null) if no response contains it.
      returned: when the options are valid
      type: int
      sample: 998
error:
  description:
    - The response of the API to the request that failed. RV(ignore:msg) states what is wrong, where, and what to do.
    - Secrets in the response are masked.
  returned: failure, if the API returned an error
  type: dict
  contains:
    status:
      description: The HTTP status of the response.
      returned: always
      type: int
      sample: 404
    id:
      description: The ID of the type of error.
      returned: when the response contains it
      type: str
    message:
      description: The error message of the API, or the text of the response if it contains no message.
      returned: always
      type: str
      sample: Not found
    details:
      description:
        - Details of the error. The API does not document their type.
        - If secrets in them cannot be masked reliably, a note replaces them.
      returned: when the response contains them
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
