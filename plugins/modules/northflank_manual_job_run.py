#!/usr/bin/python
# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: northflank_manual_job_run
short_description: Run a job of Northflank, and wait for the end of the run
version_added: 1.0.0
author:
  - "Contributors to the northflank.cloud collection (@northflank-cloud)"
description:
  - Starts a run of a job, on request with another environment, other files, another plan or another deployment than the job has.
  - Waits until the run has ended. A run that fails makes the task fail, with the last lines of its log in the message.
  - Each task that is run starts a run. Nothing is compared.
  - The request that starts the run is sent once. It is repeated only if it certainly did not arrive, or if the API refused it since the
    quota of requests is used up. If its answer gets lost, the task fails, and the message says how to see whether a run was started.
  - The token needs the permissions C(Project > Jobs > General > Run Job) and, to wait, C(Project > Jobs > General > Read). The log takes
    C(Project > Jobs > Deployment > View Observability), and O(abort_on_timeout=true) takes C(Project > Jobs > General > Update).
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.attributes
attributes:
  check_mode:
    details:
      - Nothing is started. The job is read, to see that it exists, and the task reports a change, since it would start a run.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each task starts a run.
options:
  project_id:
    description:
      - The ID of the project that the job belongs to.
    type: str
    required: true
  job_id:
    description:
      - The ID of the job. It is the slug of the job's name, such as V(example-job) for a job named C(Example Job).
    type: str
    required: true
  runtime_environment:
    description:
      - Environment variables for this run, as a map from name to value. It is not documented whether the API adds them to those of the
        job, or takes them in place of those.
      - Values are text. Strings are taken as they are, booleans become V(true) or V(false), and whole numbers become what JSON writes
        for them. Anything else is refused, such as V(1.10) and dates, and so are names that YAML does not read as text, such as C(NO).
        Put it in quotes.
      - The values are secret, and the module never shows them. Where the log of the run repeats one, it is masked.
    type: dict
  runtime_files:
    description:
      - Secret files for this run, as a map from absolute path to file.
      - Each file is a map with either C(content) (text) or C(data) (the bytes in base64), and optionally C(encoding). The text in
        C(content) is written in that encoding, or if the task leaves it out, in V(utf-8).
      - The contents are secret, and the module never shows them. Where the log of the run repeats one, or a line of it, it is masked.
    type: dict
  docker_secret_mounts:
    description:
      - Secret mounts for this run, as a map from the ID of the mount to file. Each file is a map, as in O(runtime_files).
      - The contents are secret, and the module never shows them.
    type: dict
  billing:
    description:
      - The plan for this run.
    type: dict
    suboptions:
      deployment_plan:
        description:
          - The ID of the plan that the run gets its CPU and memory by.
        type: str
  deployment:
    description:
      - What is run, and how. Leave out what is to be as the job has it.
    type: dict
    suboptions:
      docker:
        description:
          - What an image made from a Dockerfile, or any other image, starts.
        type: dict
        suboptions:
          config_type:
            description:
              - Which of the two below are used, besides what the image says.
            type: str
            required: true
            choices: [default, customEntrypoint, customCommand, customEntrypointCustomCommand]
          custom_entrypoint:
            description:
              - The entrypoint.
            type: str
          custom_command:
            description:
              - The command.
            type: str
      buildpack:
        description:
          - What an image made by a buildpack starts.
        type: dict
        suboptions:
          config_type:
            description:
              - Which of those below are used, besides what the image says.
            type: str
            required: true
            choices: [default, customProcess, customCommand, customEntrypointCustomCommand, originalEntrypointCustomCommand]
          custom_process:
            description:
              - The process.
            type: str
          custom_entrypoint:
            description:
              - The entrypoint.
            type: str
          custom_command:
            description:
              - The command.
            type: str
      storage:
        description:
          - The storage of the run.
        type: dict
        suboptions:
          use_hdb_storage:
            description:
              - The C(useHdbStorage) of the API, which does not describe it.
            type: bool
          use_pd_ssd_storage:
            description:
              - The C(usePdSsdStorage) of the API, which does not describe it.
            type: bool
          ephemeral_storage:
            description:
              - Storage that lasts as long as the run.
            type: dict
            suboptions:
              storage_size:
                description:
                  - Its size in megabytes.
                type: int
          shm_size:
            description:
              - The size of the shared memory in megabytes.
            type: int
      gpu:
        description:
          - The GPU of the run. It needs an API of October 2026 or later.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether the run gets a GPU.
            type: bool
          configuration:
            description:
              - Which GPU it gets.
            type: dict
            suboptions:
              gpu_type:
                description:
                  - The type of the GPU.
                type: str
                required: true
              gpu_count:
                description:
                  - The number of GPUs.
                type: int
              timesliced:
                description:
                  - Whether the GPU is shared with others by time slicing.
                type: bool
      internal:
        description:
          - An image that Northflank has built. Not together with O(deployment.external).
        type: dict
        suboptions:
          id:
            description:
              - The ID of the build service or the job that built it.
            type: str
          branch:
            description:
              - The branch that it was built from.
            type: str
          build_sha:
            description:
              - The commit that it was built from, in 40 characters, or V(latest).
            type: str
          build_id:
            description:
              - The ID of the build.
            type: str
      external:
        description:
          - An image of a registry. Not together with O(deployment.internal).
        type: dict
        suboptions:
          image_path:
            description:
              - The path of the image, with its tag or digest.
            type: str
            required: true
          credentials:
            description:
              - The ID of the credentials for the registry.
            type: str
  wait:
    description:
      - Whether to wait for the end of the run. If not, the task has started a run when it ends, and knows no more.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait for the end of the run. More than 0, at most 604800, which is a week.
      - If the run has not ended by then, the task fails. The run goes on, unless O(abort_on_timeout=true).
    type: float
    default: 3600
  poll_interval:
    description:
      - How many seconds to wait before the first look at the run. Each further wait is half as long again as the one before it, up to
        O(poll_interval_max). Each look is a request.
      - If it is more than O(poll_interval_max) and both are stated, the task fails before any request. If only one of the two is
        stated, the default of the other gives way.
      - If the API says that less than 100 requests of the quota are left, the waits are so long that these last until it resets.
    type: float
    default: 5
  poll_interval_max:
    description:
      - How many seconds at most to wait between two looks at the run, as long as the quota lasts. With the defaults, an hour takes
        about 65 requests.
    type: float
    default: 60
  log_lines:
    description:
      - How many of the last lines of the log the message shows, if the run fails or does not end in time. This takes a request. V(0) shows
        none, and sends none.
      - From 0 to 1000.
    type: int
    default: 20
  follow_logs:
    description:
      - Whether to show new lines of the log at each look at the run, and to return them. Each look then takes a second request, or more if there
        are 50 new lines or more.
      - The API does not document how many lines it gives at once. So the last look takes one more request if it brings 10 lines or
        more, and none before it has brought more, to see that these were all. A server that gives fewer than 10 lines at once is
        not noticed.
      - If there are more lines of one moment than the API gives at once, the rest cannot be read. A line in square brackets that
        begins with C(northflank_manual_job_run) stands in their place, and the task warns. It also warns if the last lines are
        missing.
      - If the quota of requests is used up when the run has ended, the task waits for it as O(rate_limit_wait) allows, to read the rest.
      - The lines are shown where the task runs in the process of ansible-core, and not with C(no_log). They go to the standard error.
        They are in RV(log) in any case.
    type: bool
    default: false
  abort_on_timeout:
    description:
      - Whether to abort a run that has not ended within O(wait_timeout). The task fails all the same. It needs O(wait=true).
    type: bool
    default: false
notes:
  - While it waits, the task shows the status of the run at each look, where it runs in the process of ansible-core, and not with C(no_log).
    A module cannot, so a task with C(async) shows nothing. The lines go to the standard error, as warnings do. The standard output
    belongs to the callback plugin, so that C(ansible.posix.json) and its like stay readable for programs. A log file of ansible-core
    (C(log_path)) has the lines, too.
  - Log lines are shown as the job has written them, with the values of O(runtime_environment), O(runtime_files) and
    O(docker_secret_mounts) masked. The job's own secrets are not known to the task. A job that writes them to its log shows them.
  - The task shows the ID of the run as soon as it was started. If the task itself is ended, by Ctrl-C or by the keyword C(timeout) of
    Ansible, the run goes on. O(wait_timeout) is the limit that tells what became of it.
  - A look that brings no usable answer is followed by another. If at least three looks in a row fail, over five minutes or more, the
    task fails. A used-up quota does not count.
  - When O(wait_timeout) is over, a look that has begun may still take as long as O(timeout) and O(retries) allow. Nothing then waits for
    the quota.
  - With C(until), each attempt starts a run of its own.
  - From ansible-core 2.19 on, the message of a failure shows in spite of C(no_log), and the last lines of the log are part of it. With
    O(log_lines=0) they are not.
  - Values of less than 8 characters, or words of less than 12 letters, are masked in the log where they stand as a word of their own. Such
    a word may have nothing to do with the value.
  - O(deployment.docker.custom_command) and its like are not secret. They show in RV(ignore:invocation) and in logs. Keep secrets in
    O(runtime_environment).
  - The number of requests is one to start the run, one for each look, and one for the log of a run that failed. For those of a log
    that is followed see O(follow_logs).
seealso:
  - module: northflank.cloud.northflank_manual_job
  - module: northflank.cloud.northflank_manual_job_info
"""

EXAMPLES = r"""
---
- name: Run a job, and wait for its end
  northflank.cloud.northflank_manual_job_run:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: database-migration
  register: migration

- name: Show how long it took
  ansible.builtin.debug:
    msg: "{{ migration.run.id }} ran from {{ migration.run.started_at | default('?') }} to {{ migration.run.concluded_at | default('?') }}."

- name: Run a job for another day, and show its log meanwhile
  northflank.cloud.northflank_manual_job_run:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: nightly-report
    runtime_environment:
      REPORT_DAY: "{{ report_day }}"
    billing:
      deployment_plan: nf-compute-50
    wait_timeout: 900
    abort_on_timeout: true
    follow_logs: true

- name: Run a job with the image that was just built
  northflank.cloud.northflank_manual_job_run:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: smoke-test
    deployment:
      internal:
        id: web
        branch: main
        build_sha: "{{ commit }}"
      docker:
        config_type: customCommand
        custom_command: ./smoke-test --quick

- name: Start a long run, and do not wait for it
  northflank.cloud.northflank_manual_job_run:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: model-training
    wait: false
"""

RETURN = r"""
---
msg:
  description: What the task did, or in check mode would do, in words.
  returned: always
  type: str
  sample: The run d34582a4-35bd-4c71-8e7c-e36999b88723 of the job example-job of the project example-project ended with the status SUCCESS after 42 s.
run:
  description:
    - The run, as the API showed it last. In check mode there are only the IDs of the project and the job.
    - Also there if the task failed, but the run was started. RV(ignore:changed) is V(true) then.
    - The API's counts are not what decides whether a run has succeeded. RV(run.status) is.
  returned: success, and failure if the run was started
  type: dict
  contains:
    project_id:
      description: The ID of the project.
      returned: always
      type: str
      sample: example-project
    job_id:
      description: The ID of the job.
      returned: always
      type: str
      sample: example-job
    id:
      description: The ID of the run.
      returned: when it was started
      type: str
      sample: d34582a4-35bd-4c71-8e7c-e36999b88723
    run_name:
      description: The name of the run.
      returned: when the API shows it
      type: str
      sample: example-job-5fcf67bc56e1913e21d49504
    status:
      description: The status of the run, which is V(RUNNING), V(SUCCESS) or V(FAILED).
      returned: when it was waited for
      type: str
      sample: SUCCESS
    concluded:
      description: Whether the run has ended.
      returned: when it was waited for
      type: bool
      sample: true
    active:
      description: Whether the run is active, as V(0) or V(1).
      returned: when it was waited for
      type: int
      sample: 0
    succeeded:
      description: Whether the API counts a success, as V(0) or V(1). The published example of a run with the status V(SUCCESS) has V(0).
      returned: when it was waited for
      type: int
      sample: 0
    failed:
      description: Whether the API counts a failure, as V(0) or V(1).
      returned: when it was waited for
      type: int
      sample: 0
    completions:
      description: The API's count of completions.
      returned: when it was waited for
      type: int
      sample: 1
    backoff_limit:
      description: How often the run is tried again before it counts as failed.
      returned: when it was waited for
      type: int
      sample: 0
    started_at:
      description: When the run was started.
      returned: when it was waited for
      type: str
      sample: "2020-12-08T11:47:08Z"
    concluded_at:
      description: When the run ended.
      returned: when it has ended, and the API shows it
      type: str
      sample: "2020-12-08T11:52:08Z"
log:
  description:
    - With O(follow_logs=true), all lines of the log that were read. Where lines are missing in between, a line in square brackets that
      begins with C(northflank_manual_job_run) says so. Without it, the last lines, as many as O(log_lines) says.
    - Values of O(runtime_environment), O(runtime_files) and O(docker_secret_mounts) are masked.
  returned: with O(follow_logs=true), or if the run failed or did not end in time
  type: list
  elements: str
  sample: [Connecting to the database, Done]
api:
  description: What the task used of the quota of the API.
  returned: when the options are in order
  type: dict
  contains:
    requests:
      description: The number of requests that the task sent, repeated ones included.
      returned: when the options are in order
      type: int
      sample: 4
    rate_limit_remaining:
      description: The number of requests that are left until the quota resets, as the last answer said. V(null) if none did.
      returned: when the options are in order
      type: int
      sample: 996
error:
  description:
    - What the API answered when it refused a request. RV(ignore:msg) says what is wrong, where, and what to do.
    - Its keys are those of RV(northflank.cloud.northflank_manual_job#module:error).
  returned: failure, if the API answered
  type: dict
  sample:
    status: 403
    message: Forbidden
    request: POST /v1/projects/example-project/jobs/example-job/runs
"""

from ..module_utils._flows.run import run_job
from ..module_utils._module import run
from ..module_utils._options.argument_spec import run_spec


def main() -> None:
    """Run the module."""
    run(run_spec(), run_job)


if __name__ == "__main__":
    main()
