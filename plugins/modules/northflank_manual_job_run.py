#!/usr/bin/python
# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: northflank_manual_job_run
short_description: Run a job of Northflank and wait for the end of the run
version_added: 1.0.0
author:
  - "Contributors to the northflank.cloud collection (@northflank-cloud)"
description:
  - Starts a run of a job and waits until it has ended. The run can have other environment variables, files, another plan or another
    deployment than the job.
  - Every task needs O(project_id) and O(job_id). The token comes from O(api_token) or from the environment variable
    E(NORTHFLANK_API_TOKEN).
  - Examples are in the section EXAMPLES at the end, before the return values.
  - Each task starts a run and reports a change. Nothing is compared.
  - If the run fails, the task fails, and its message contains the last lines of the log.
  - The request that starts the run is sent again only if the API has certainly not received it, or has rejected it because the quota is
    used up. If the response is lost, the task fails, and its message describes how to check whether a run was started.
  - The token needs the permission C(Project > Jobs > General > Run Job). To wait, it also needs C(Project > Jobs > General > Read), for the
    log C(Project > Jobs > Deployment > View Observability), and for O(abort_on_timeout=true) C(Project > Jobs > General > Update).
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.attributes
attributes:
  check_mode:
    details:
      - No run is started. The module reads the job to check that it exists, and reports a change, because it would start a run.
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
      - Environment variables for this run, as a map from name to value. It is not documented whether the API adds them to the variables of
        the job or replaces those.
      - Values are text. Booleans are sent as V(true) or V(false), and whole numbers as their digits. The task fails if YAML reads another
        value as something other than text, such as V(1.10) or a date. It also fails if YAML reads a name as something other than text, such
        as C(NO). Put such values and names in quotes.
      - The values are secret. The result does not contain them, and they are masked in the log of the run.
    type: dict
  runtime_files:
    description:
      - Secret files for this run, as a map from absolute path to file.
      - Each file is a map with either C(content) (text) or C(data) (bytes in base64), and optionally C(encoding). C(content) is encoded
        with C(encoding), or with V(utf-8) if the task does not set it.
      - The contents are secret. The result does not contain them, and they are masked in the log of the run, also if it
        contains only a line of them.
    type: dict
  docker_secret_mounts:
    description:
      - Secret mounts for this run, as a map from the ID of the mount to file. Each file is a map as in O(runtime_files).
      - The contents are secret. The result does not contain them, and they are masked in the log of the run.
    type: dict
  billing:
    description:
      - The plan for this run.
    type: dict
    suboptions:
      deployment_plan:
        description:
          - The ID of the plan that determines the CPU and the memory of the run.
        type: str
  deployment:
    description:
      - What is run, and how. For an option that is not set, the value of the job is used.
    type: dict
    suboptions:
      docker:
        description:
          - What the run starts, for images that were not built with buildpacks.
        type: dict
        suboptions:
          config_type:
            description:
              - Which of the other two options are used. For the rest, the settings of the image are used.
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
          - What the run starts, for images that were built with buildpacks.
        type: dict
        suboptions:
          config_type:
            description:
              - Which of the other options are used. For the rest, the settings of the image are used.
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
              - The field C(useHdbStorage) of the API, which does not document its meaning.
            type: bool
          use_pd_ssd_storage:
            description:
              - The field C(usePdSsdStorage) of the API, which does not document its meaning.
            type: bool
          ephemeral_storage:
            description:
              - The storage that exists only during the run.
            type: dict
            suboptions:
              storage_size:
                description:
                  - The size of the storage in MB.
                type: int
          shm_size:
            description:
              - The size of the shared memory in MB.
            type: int
      gpu:
        description:
          - The GPU of the run.
          - Added to the API in October 2026. Older versions may reject it.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether the run uses a GPU.
            type: bool
          configuration:
            description:
              - Which GPU the run uses.
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
          - An image that Northflank has built.
          - Mutually exclusive with O(deployment.external).
        type: dict
        suboptions:
          id:
            description:
              - The ID of the build service or the job that built the image.
            type: str
          branch:
            description:
              - The branch that the image was built from.
            type: str
          build_sha:
            description:
              - The full commit hash (40 characters) that the image was built from, or V(latest).
            type: str
          build_id:
            description:
              - The ID of the build.
            type: str
      external:
        description:
          - An image in a registry.
          - Mutually exclusive with O(deployment.internal).
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
      - Whether to wait for the end of the run. If V(false), the task ends when the run is started, and does not return how the run ended.
    type: bool
    default: true
  wait_timeout:
    description:
      - The maximum number of seconds to wait for the end of the run. Greater than 0, at most 604800, which is a week.
      - If the run has not ended by then, the task fails. The run continues, unless O(abort_on_timeout=true).
    type: float
    default: 3600
  poll_interval:
    description:
      - The number of seconds to wait before the status of the run is read for the first time. Each further wait is half as long again as
        the one before it, up to O(poll_interval_max). Each read of the status costs one request.
      - Greater than 0, at most 604800.
      - If the task sets both options and O(poll_interval) is greater than O(poll_interval_max), it fails before it sends a request. If the
        task sets only one of them, the default of the other is adjusted.
      - If fewer than 100 requests of the quota are left, the waits are longer, so that the quota lasts until it resets.
    type: float
    default: 5
  poll_interval_max:
    description:
      - The maximum number of seconds between two reads of the status, as long as the quota is sufficient. With the defaults, a run of one
        hour costs about 65 requests.
      - Greater than 0, at most 604800.
    type: float
    default: 60
  log_lines:
    description:
      - How many of the last lines of the log the message contains if the run fails or does not end in time. They cost one request. V(0)
        sends no request.
      - From 0 to 1000.
    type: int
    default: 20
  follow_logs:
    description:
      - Whether to show new lines of the log during the run, and to return all of them in RV(log). The notes describe where they are shown.
        It requires O(wait=true).
      - Each read of the status then costs a second request, or more if there are 50 new lines or more.
      - It is not documented how many lines the API returns in one response. If the last response contains 10 lines or more, and no earlier
        response contained more, the task sends one more request to check that these were all lines. If the API returns fewer than 10
        lines in one response, missing lines are not detected.
      - If more lines have the same time than the API returns in one response, the rest of them cannot be read. A line in square brackets
        that begins with C(northflank_manual_job_run) marks the gap, with a warning. If the last lines are missing, there is also a warning.
      - If the quota is used up when the run has ended, the task waits up to O(rate_limit_wait) to read the remaining lines.
    type: bool
    default: false
  abort_on_timeout:
    description:
      - Whether to abort a run that has not ended within O(wait_timeout). The task fails whether the run is aborted or not.
      - It requires O(wait=true).
    type: bool
    default: false
notes:
  - While the task waits, it shows the status of the run each time it reads it, and the new lines of the log with O(follow_logs=true). It
    shows them only if it runs in process (see below), which excludes tasks with C(async), and only without C(no_log).
  - These lines go to the standard error, like warnings. The standard output contains only what the callback plugin writes, so programs can
    read the output of plugins such as C(ansible.posix.json). The log file of ansible-core (C(log_path)) also contains the lines.
  - The values of O(runtime_environment), O(runtime_files) and O(docker_secret_mounts) are masked in the lines of the log. The task does not
    mask the job's own secrets. If the job writes them to its log, they are shown.
  - A value of less than 8 characters, or a word of less than 12 letters, is masked only where it is a separate word in the log. The same
    word is also masked where it has nothing to do with the value.
  - The task shows the ID of the run as soon as the run is started. If Ctrl-C or the C(timeout) keyword of Ansible ends the task, the run
    continues. With O(wait_timeout) instead, the message of the task describes the state of the run.
  - If a read of the status fails, the task tries again. It fails if at least three reads in a row fail over five minutes or more. Reads
    that fail because the quota is used up do not count.
  - When O(wait_timeout) ends, a read that has begun may still take as long as O(timeout) and O(retries) allow. The task then does not wait
    for the quota.
  - With C(until), each attempt starts another run.
  - With ansible-core 2.19 and later, the message of a failed task is shown despite C(no_log), and it contains the last lines of the log.
    With O(log_lines=0), it does not contain them.
  - O(deployment.docker.custom_command) and similar options are not secret. RV(ignore:invocation) and logs contain them. Put secrets into
    O(runtime_environment).
  - The task costs one request to start the run, one for each read of the status, and one for the log of a failed run. See
    O(follow_logs) for the requests to follow the log.
seealso:
  - module: northflank.cloud.northflank_manual_job
  - module: northflank.cloud.northflank_manual_job_info
"""

EXAMPLES = r"""
---
- name: Run a job and wait for its end (the token comes from NORTHFLANK_API_TOKEN)
  northflank.cloud.northflank_manual_job_run:
    project_id: example-project
    job_id: database-migration
  register: migration

- name: Show when the run started and ended
  ansible.builtin.debug:
    msg: "{{ migration.run.id }} ran from {{ migration.run.started_at | default('?') }} to {{ migration.run.concluded_at | default('?') }}."

- name: Start a long run and do not wait for its end
  northflank.cloud.northflank_manual_job_run:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: model-training
    wait: false

- name: Run a job with another variable and another plan, show its log, and abort it after 15 minutes
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

- name: Run a job with the image of a commit and another command
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
"""

RETURN = r"""
---
msg:
  description: What the task did, or would do in check mode.
  returned: always
  type: str
  sample: The run d34582a4-35bd-4c71-8e7c-e36999b88723 of the job example-job of the project example-project ended with the status SUCCESS after 42 s.
run:
  description:
    - The run, as in the last response of the API. In check mode, it contains only the IDs of the project and the job.
    - It is also returned if the task fails after it has started the run. RV(ignore:changed) is then V(true).
    - RV(run.status) determines whether a run succeeded, not the counts of the API.
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
      returned: when the run was started
      type: str
      sample: d34582a4-35bd-4c71-8e7c-e36999b88723
    run_name:
      description: The name of the run.
      returned: when the API returns it
      type: str
      sample: example-job-5fcf67bc56e1913e21d49504
    status:
      description: The status of the run. It is V(RUNNING), V(SUCCESS) or V(FAILED).
      returned: when the task waited for the run
      type: str
      sample: SUCCESS
    concluded:
      description: Whether the run has ended.
      returned: when the task waited for the run
      type: bool
      sample: true
    active:
      description: Whether the run is active, as V(0) or V(1).
      returned: when the task waited for the run
      type: int
      sample: 0
    succeeded:
      description: Whether the API counts a success, as V(0) or V(1). It can be V(0) for a run with the status V(SUCCESS).
      returned: when the task waited for the run
      type: int
      sample: 0
    failed:
      description: Whether the API counts a failure, as V(0) or V(1).
      returned: when the task waited for the run
      type: int
      sample: 0
    completions:
      description: The number of completions that the API counts.
      returned: when the task waited for the run
      type: int
      sample: 1
    backoff_limit:
      description: How often the run is retried before it counts as failed.
      returned: when the task waited for the run
      type: int
      sample: 0
    started_at:
      description: When the run was started.
      returned: when the task waited for the run
      type: str
      sample: "2020-12-08T11:47:08Z"
    concluded_at:
      description: When the run ended.
      returned: when the run has ended and the API returns it
      type: str
      sample: "2020-12-08T11:52:08Z"
log:
  description:
    - With O(follow_logs=true), all lines of the log that were read. If lines are missing in between, a line in square brackets that begins
      with C(northflank_manual_job_run) marks the gap.
    - With O(follow_logs=false), the last lines of the log, at most O(log_lines).
    - Values of O(runtime_environment), O(runtime_files) and O(docker_secret_mounts) are masked.
  returned: with O(follow_logs=true), or if the run failed or did not end in time
  type: list
  elements: str
  sample: [Connecting to the database, Done]
api:
  description: The requests of the task, and the quota of the API.
  returned: when the options are valid
  type: dict
  contains:
    requests:
      description: The number of requests that the task sent, including retries.
      returned: when the options are valid
      type: int
      sample: 4
    rate_limit_remaining:
      description: The number of requests left until the quota resets, from the last response. V(null) if no response contains it.
      returned: when the options are valid
      type: int
      sample: 996
error:
  description:
    - The response of the API to the request that failed. RV(ignore:msg) states what is wrong, where, and what to do.
    - It has the keys of RV(northflank.cloud.northflank_manual_job#module:error).
  returned: failure, if the API returned an error
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
