#!/usr/bin/python
# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: northflank_manual_job
short_description: Bring a manual job of Northflank to the stated parameters
version_added: 1.0.0
author:
  - "Contributors to the northflank.cloud collection (@northflank-cloud)"
description:
  - Compares the parameters of one manual job of a Northflank project with what the task states, and changes what differs
    with one request.
  - Only stated options count. An option that the task leaves out is neither compared nor sent.
  - The job must exist. The API's request to patch a job cannot change its name, its deployment (image, repository, command,
    runtime storage), its infrastructure or whether CD is disabled, so this module cannot either.
  - The token needs the permissions C(Project > Jobs > General > Read) and C(Project > Jobs > General > Update), and
    C(Project > Secrets > Jobs > Read) to compare O(runtime_environment), O(runtime_files), O(build_arguments) and O(build_files).
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.attributes
attributes:
  check_mode:
    details:
      - Nothing is written, and no request is sent that might write. A stated option whose present value no answer shows is
        predicted to change, with a warning that says why. With O(unreadable=skip) it is predicted only along with something
        that is known to differ.
  diff_mode:
    details:
      - Values of secrets never show. In the diff an unchanged one reads C(hidden), a changed one C(hidden, changed).
  facts:
    description: Action returns an C(ansible_facts) dictionary that will update existing host facts.
    support: full
  idempotent:
    support: partial
    details:
      - Full, but with O(unreadable=apply), which reports a change each time as long as the API's answers to reads lack a value
        that the task states.
options:
  project_id:
    description:
      - The ID of the project that the job belongs to.
    type: str
    required: true
  job_id:
    description:
      - The ID of the job. It is the slug of the job's name, such as V(example-job) for a job named C(Example Job).
      - A cron job is refused before anything is written.
    type: str
    required: true
  map_strategy:
    description:
      - What a stated map means. This concerns O(runtime_environment), O(runtime_files), O(build_arguments), O(build_files)
        and O(docker_secret_mounts).
      - V(replace) means that the map is what the task says. Keys that vanish are named in the diff.
      - V(merge) means that keys which the task does not name stay as they are. It needs to know the present map, and fails
        if no answer shows it, as with O(unreadable=apply). In check mode it predicts a change with a warning instead.
      - With V(merge) an empty map changes nothing, and no key can be removed.
    type: str
    choices: [replace, merge]
    default: replace
  unreadable:
    description:
      - What to do about stated options whose present value is not in the API's answers to reads. Which ones these are depends
        on the state of the API and on the permissions of the token. RV(unknown_fields) names those that stayed unknown.
      - V(probe) sends one request to patch the job that writes nothing but what is there already, since its answer shows the
        whole job. It sends one field that the task states and that was just read as equal, or if there is none,
        O(disabled_ci) or else O(backoff_limit) as just read. This costs one request, needs the permission to update jobs, and never happens in check
        mode or when another difference is sent anyway and nothing more has to be known for it.
      - V(apply) sends the unknown fields each time and reports RV(ignore:changed=true), with a warning.
      - V(skip) leaves the unknown fields out unless something else is sent, and names them in a warning. Choose it for a
        token that may not write or may not read secrets.
    type: str
    choices: [probe, apply, skip]
    default: probe
  description:
    description:
      - The description of the job.
      - >-
        From 1 to 200 characters. Besides ASCII letters, digits, spaces and line breaks it may hold these signs:
        V(. , ? \\ / ' " ( \) [ ] ; ` % ^ & * - _ : !).
      - It cannot be cleared, since the API refuses an empty description.
    type: str
  stage_id:
    description:
      - The ID of the environment (stage) that the job belongs to, such as V(staging).
      - From 3 to 100 ASCII letters and digits, with single hyphens between them.
      - An empty string clears it.
      - The API's answers to reads may lack it. See O(unreadable).
    type: str
  tags:
    description:
      - The IDs of the tags of the job. The tags must exist already.
      - Each has from 1 to 100 ASCII letters and digits, with single hyphens between them. Newer revisions of the API want
        at least 3.
      - Compared as a set. An empty list removes all tags.
    type: list
    elements: str
  billing:
    description:
      - The plans that the job is billed by.
      - If a part of it differs, it is sent whole, with what is known of the parts that the task leaves out.
    type: dict
    suboptions:
      build_plan:
        description:
          - The ID of the plan that builds use.
          - ASCII letters, digits and hyphens. Newer revisions of the API want from 3 to 100 characters.
          - It cannot be cleared.
          - The API's answers to reads may lack it. See O(unreadable).
        type: str
      deployment_plan:
        description:
          - The ID of the plan that runs of the job use.
          - ASCII letters, digits and hyphens. Newer revisions of the API want from 3 to 100 characters.
          - It cannot be cleared.
        type: str
      gpu:
        description:
          - The GPU of the job.
          - The API's answers to reads may lack it. See O(unreadable).
        type: dict
        suboptions:
          enabled:
            description:
              - Whether the job uses a GPU.
            type: bool
          configuration:
            description:
              - Which GPU the job uses.
            type: dict
            suboptions:
              gpu_type:
                description:
                  - The type of the GPU.
                type: str
              gpu_count:
                description:
                  - The number of GPUs.
                type: int
              timesliced:
                description:
                  - Whether the GPU is shared with others by time slicing.
                type: bool
  backoff_limit:
    description:
      - How often a failed run is tried again before it counts as failed.
    type: int
  run_on_source_change:
    description:
      - Whether the job is run when the image of its source changes.
      - The API's answers to reads may lack it. See O(unreadable).
    type: str
    choices: [never, cd-promote, always]
  active_deadline_seconds:
    description:
      - How many seconds a run may take before it is ended and counts as failed, whatever O(backoff_limit) says.
      - At least 1. V(0) clears it, so that there is no limit.
    type: int
  disabled_ci:
    description:
      - Whether continuous integration is disabled, that is, whether new commits are not built.
      - It matters only for jobs that build from a repository.
    type: bool
  build_configuration:
    description:
      - What is built, and when. It matters only for jobs that build from a repository.
      - If a part of it differs, it is sent whole, with what is known of the parts that the task leaves out.
    type: dict
    suboptions:
      path_ignore_rules:
        description:
          - Rules in the manner of C(.gitignore). A commit that changes only ignored files is not built.
          - Each has at most 260 characters.
          - Compared as an ordered list, since later rules override earlier ones. An empty list removes all rules.
        type: list
        elements: str
      is_allow_list:
        description:
          - Whether O(build_configuration.path_ignore_rules) name the files that are to be built for instead of those to ignore.
        type: bool
      ci_ignore_flags_enabled:
        description:
          - Whether commits whose message holds one of O(build_configuration.ci_ignore_flags) are not built.
        type: bool
      ci_ignore_flags:
        description:
          - Texts in the message of a commit that keep it from being built, such as V([skip ci]).
          - Each has at most 72 characters.
          - Compared as a set. An empty list removes all flags. If they were never set, the API fills in its own.
        type: list
        elements: str
      ignore_empty_commits:
        description:
          - Whether commits without changes are not built.
          - Known to the API since October 2026. Older revisions may refuse it.
          - The API's answers to reads may lack it. See O(unreadable).
        type: bool
      dockerfile_target:
        description:
          - The stage of the Dockerfile that is built.
          - An empty string is the same as none.
        type: str
      docker_credentials:
        description:
          - The IDs of the credentials that builds use to pull images from private registries.
          - ASCII letters, digits and hyphens.
          - Compared as a set. An empty list removes all credentials.
        type: list
        elements: str
      include_git_folder:
        description:
          - Whether the C(.git) folder is part of what is built.
        type: bool
      full_git_clone:
        description:
          - Whether the repository is cloned with its whole history.
          - It has an effect only if O(build_configuration.include_git_folder=true).
        type: bool
      enable_git_lfs:
        description:
          - Whether files in Git LFS are fetched.
        type: bool
      storage:
        description:
          - The storage of a build.
        type: dict
        suboptions:
          ephemeral_storage:
            description:
              - The storage that lasts as long as the build.
            type: dict
            suboptions:
              storage_size:
                description:
                  - The size of the storage in MB.
                type: int
                choices: [16384, 32768, 65536, 131072, 262144, 524288]
  build_settings:
    description:
      - How the job is built.
      - If a part of it differs, it is sent whole, with what is known of the parts that the task leaves out.
      - The API's answers to reads may lack parts of it. See O(unreadable).
    type: dict
    suboptions:
      storage:
        description:
          - The storage of a build.
        type: dict
        suboptions:
          ephemeral_storage:
            description:
              - The storage that lasts as long as the build.
            type: dict
            suboptions:
              storage_size:
                description:
                  - The size of the storage in MB.
                  - The API's answers to reads may lack it. See O(unreadable).
                type: int
                choices: [16384, 32768, 65536, 131072, 262144, 524288]
      dockerfile:
        description:
          - Build from a Dockerfile.
          - Mutually exclusive with O(build_settings.buildpack).
        type: dict
        suboptions:
          build_engine:
            description:
              - The program that builds the image.
            type: str
            choices: [buildkit, kaniko]
          docker_file_path:
            description:
              - The path of the Dockerfile in the repository, such as V(/Dockerfile).
              - It begins with V(/), its parts have ASCII letters, digits, and V(-), V(.) or V(_), and none of them is V(.) or V(..).
            type: str
          docker_work_dir:
            description:
              - The folder of the repository that is the context of the build, such as V(/).
              - It begins with V(/), its parts have ASCII letters, digits, and V(-), V(.) or V(_), and none of them is V(.) or V(..).
            type: str
          dockerfile_contents:
            description:
              - The text of a Dockerfile that is used instead of the one in the repository.
              - Compared literally. It is not secret and shows in the result, so put secrets into O(docker_secret_mounts).
              - An empty string clears it.
              - Known to the API since October 2026. Older revisions may refuse it.
              - The API's answers to reads may lack it. See O(unreadable).
            type: str
          use_cache:
            description:
              - Deprecated by the API, where it has no effect.
              - It never decides RV(ignore:changed). It is sent along when something else in O(build_settings) changes,
                if the job builds from a Dockerfile.
            type: bool
          buildkit:
            description:
              - Settings of the engine V(buildkit).
            type: dict
            suboptions:
              use_cache:
                description:
                  - Whether builds use the cache of earlier ones.
                type: bool
              cache_storage_size:
                description:
                  - The size of the cache in MB.
                  - The API's answers to reads may lack it. See O(unreadable).
                type: int
              use_internal_cache:
                description:
                  - Whether builds use the internal cache.
                  - Deprecated by the API.
                type: bool
              internal_cache_storage:
                description:
                  - The size of the internal cache.
                  - Deprecated by the API.
                  - The API's answers to reads may lack it. See O(unreadable).
                type: float
      buildpack:
        description:
          - Build with buildpacks.
          - Mutually exclusive with O(build_settings.dockerfile).
        type: dict
        suboptions:
          builder:
            description:
              - The stack of buildpacks.
            type: str
            choices:
              - HEROKU_24
              - HEROKU_22
              - HEROKU_22_CLASSIC
              - HEROKU_20
              - HEROKU_18
              - GOOGLE_22
              - GOOGLE_V1
              - CNB_ALPINE
              - CNB_BIONIC
              - PAKETO_JAMMY_TINY
              - PAKETO_JAMMY_BASE
              - PAKETO_JAMMY_FULL
              - PAKETO_TINY
              - PAKETO_BASE
              - PAKETO_FULL
          buildpack_locators:
            description:
              - The addresses of further buildpacks.
              - Compared as an ordered list, since buildpacks run in sequence. An empty list removes all of them.
            type: list
            elements: str
          build_context:
            description:
              - The folder of the repository that is built, such as V(/).
              - It begins with V(/), its parts have ASCII letters, digits, and V(-), V(.) or V(_), and none of them is V(.) or V(..).
              - The API's answers to reads may lack it. See O(unreadable).
            type: str
          use_cache:
            description:
              - Whether builds use the cache of earlier ones.
            type: bool
  runtime_environment:
    description:
      - The job's own environment variables at run time, as a map from name to value. Values that it inherits from secret groups
        and addons are neither compared nor sent.
      - Values are text. Strings are taken as they are, booleans become V(true) or V(false), and whole numbers become what JSON writes
        for them. Anything else is refused, such as V(1.10) and dates, and so are names that YAML does not read as text, such as C(NO).
        Put it in quotes.
      - References such as V(${NAME}) are text. A value that holds V(${fn.randomSecret(...\)}) is refused unless O(unreadable=apply),
        since the API stores its result, which never equals what was sent.
      - The values are secret, and the module never shows them. The names do show, in RV(job.runtime_environment_keys).
      - O(map_strategy) decides what becomes of names that the task leaves out. With O(map_strategy=replace) an empty map removes
        all variables.
      - The API's answers to reads lack it if the token may not read secrets. See O(unreadable).
    type: dict
  runtime_files:
    description:
      - The job's own secret files at run time, as a map from absolute path to file.
      - Each file is a map with either C(content) (text) or C(data) (the bytes in base64), and optionally C(encoding). The text in
        C(content) is written in that encoding, or if the task leaves it out, in V(utf-8).
      - Files are compared by their bytes, and by C(encoding) if the task states it.
      - The contents are secret, and the module never shows them. The paths do show, in RV(job.runtime_files_keys).
      - O(map_strategy) decides what becomes of paths that the task leaves out. With O(map_strategy=replace) an empty map removes
        all files.
      - The API's answers to reads lack it if the token may not read secrets. See O(unreadable).
    type: dict
  build_arguments:
    description:
      - The job's own build arguments, as a map from name to value. Values are text, by the rules of O(runtime_environment).
      - The values are secret, and the module never shows them. The names do show, in RV(job.build_arguments_keys).
      - O(map_strategy) decides what becomes of names that the task leaves out. With O(map_strategy=replace) an empty map removes
        all arguments.
      - The API's answers to reads lack it if the token may not read secrets. See O(unreadable).
    type: dict
  build_files:
    description:
      - The job's own secret files at build time, as a map from absolute path to file. Each file is a map, as in O(runtime_files),
        and is compared in the same way.
      - The contents are secret, and the module never shows them. The paths do show, in RV(job.build_files_keys).
      - O(map_strategy) decides what becomes of paths that the task leaves out. With O(map_strategy=replace) an empty map removes
        all files.
      - The API's answers to reads lack it if the token may not read secrets. See O(unreadable).
    type: dict
  docker_secret_mounts:
    description:
      - Secrets that a Dockerfile can mount during the build, as a map from the ID of the mount to file. Each file is a map, as in
        O(runtime_files), and is compared in the same way.
      - The contents are secret, and the module never shows them. The IDs do show, in RV(job.docker_secret_mounts_keys).
      - O(map_strategy) decides what becomes of IDs that the task leaves out. With O(map_strategy=replace) an empty map removes
        all mounts.
      - The API's answers to reads may lack it. See O(unreadable).
    type: dict
  health_checks:
    description:
      - The health checks of the job, at most one of each type.
      - They are paired by O(health_checks[].type), so their order does not matter. If one differs, all are sent. A check that the
        list does not name is removed, and an empty list removes all.
      - The API's answers to reads may lack a check of the type V(startupProbe). See O(unreadable).
    type: list
    elements: dict
    suboptions:
      protocol:
        description:
          - How the check is made.
        type: str
        required: true
        choices: [HTTP, CMD, TCP]
      type:
        description:
          - What the check is for.
        type: str
        required: true
        choices: [livenessProbe, readinessProbe, startupProbe]
      path:
        description:
          - The path that is asked for, such as V(/health-check). A query string may follow.
          - Needed if O(health_checks[].protocol=HTTP).
        type: str
      cmd:
        description:
          - The command that is run.
          - It shows in the result and in the diff, so keep secrets out of it.
          - Needed if O(health_checks[].protocol=CMD).
        type: str
      port:
        description:
          - The port that is asked.
          - At least 1.
          - Needed if O(health_checks[].protocol=HTTP) or O(health_checks[].protocol=TCP).
        type: int
      initial_delay_seconds:
        description:
          - How many seconds after the start of the container the first check is made.
          - From 1 to 180.
        type: int
        required: true
      period_seconds:
        description:
          - How many seconds lie between two checks.
          - From 10 to 600.
        type: int
        required: true
      timeout_seconds:
        description:
          - After how many seconds without an answer a check fails.
          - From 1 to 60.
        type: int
        required: true
      failure_threshold:
        description:
          - After how many failures in a row the check counts as failed.
          - From 1 to 255.
        type: int
        required: true
      success_threshold:
        description:
          - After how many successes in a row the check counts as passed again.
          - From 1 to 255.
          - If the task leaves it out, whatever the API shows is right.
        type: int
notes:
  - Nested objects (O(billing), O(build_configuration), O(build_settings)), lists and maps are sent whole, stated values over
    known ones, since it is not documented whether the API merges or replaces them. If parts may exist that no answer has shown,
    they are read first, by the same request as with O(unreadable=probe), whatever O(unreadable) says, since they could be lost otherwise.
  - If the read of the job shows every stated option and nothing differs, the task costs one request. A change costs one more,
    and so does the probe of O(unreadable). Where the read of the job does not show them, O(health_checks) cost one further read,
    O(runtime_environment) and O(runtime_files) together one, and O(build_arguments) and O(build_files) together one.
  - The API's request to patch a manual job is announced to go away. Where it is gone, the task sends the same change by the
    request to patch a job of any type, which costs one more request.
  - Check mode never writes. The job that it returns is predicted from what was read, and so are the facts, so that conditions on them
    are predicted, too. A fact cache that outlives the run, such as P(ansible.builtin.jsonfile#cache), keeps the prediction, and a later
    play reads it as the state of the job. Run checks with C(ANSIBLE_CACHE_PLUGIN=memory), or have the later play read the job by
    M(northflank.cloud.northflank_manual_job_info) instead of the facts.
  - The values of O(runtime_environment), O(runtime_files), O(build_arguments), O(build_files) and O(docker_secret_mounts) are
    never shown by the module, neither in the result and the facts nor in a diff, a warning or an error. Do not loop over secrets.
    Ansible itself shows the items of a loop at C(-v), whatever C(loop_control.label) says.
  - No value of the environment is put into the facts, only the names of the variables.
  - Cron jobs are refused.
  - Two writers can overwrite each other, since the API has no ETags or versions. Do not let two tasks change the same job at the
    same time.
  - A O(stage_id) that was cleared is not in the API's answers to reads, so that each further run reads it as
    O(unreadable) says, and check mode predicts a change.
  - The API does not promise to list a health check of the type V(startupProbe). One that the task does not state may therefore
    stay unseen, and so may not show as a difference.
seealso:
  - name: Northflank API
    description: The documentation of the API, with the page Patch manual job about the request that this module sends.
    link: https://northflank.com/docs/v1/api
"""

EXAMPLES = r"""
---
- name: Set the retries and the time limit of a job (the token is taken from NORTHFLANK_API_TOKEN)
  northflank.cloud.northflank_manual_job:
    project_id: example-project
    job_id: nightly-report
    backoff_limit: 2
    active_deadline_seconds: 600

- name: Give the token and the team once, for all tasks of a block
  module_defaults:
    group/northflank.cloud.northflank:
      api_token: "{{ vault_northflank_api_token }}"
      team_id: example-team
  block:
    - name: Add two variables to the environment and keep the others
      northflank.cloud.northflank_manual_job:
        project_id: example-project
        job_id: nightly-report
        map_strategy: merge
        runtime_environment:
          DATABASE_URL: "{{ vault_nightly_report_database_url }}"
          REPORT_VERSION: "1.10"

    - name: Replace all health checks by one
      northflank.cloud.northflank_manual_job:
        project_id: example-project
        job_id: nightly-report
        health_checks:
          - protocol: HTTP
            type: readinessProbe
            path: /health-check
            port: 8080
            initial_delay_seconds: 10
            period_seconds: 60
            timeout_seconds: 1
            failure_threshold: 3
            success_threshold: 1

- name: Build from a Dockerfile, and not for changes of the documentation alone
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: nightly-report
    build_configuration:
      path_ignore_rules:
        - "*.md"
        - docs/
      is_allow_list: false
    build_settings:
      dockerfile:
        build_engine: buildkit
        docker_file_path: /Dockerfile
        docker_work_dir: /
        buildkit:
          use_cache: true
          cache_storage_size: 32768

- name: Give a job a larger plan and a GPU
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: model-training
    billing:
      deployment_plan: nf-compute-400-16
      gpu:
        enabled: true
        configuration:
          gpu_type: "{{ model_training_gpu_type }}"
          gpu_count: 1
          timesliced: false

- name: Set the files of a job, one of text and one of bytes
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: nightly-report
    runtime_files:
      /etc/report/settings.ini:
        content: "{{ lookup('ansible.builtin.template', 'settings.ini.j2') }}"
        encoding: utf-8
      /etc/report/keystore.p12:
        data: "{{ vault_nightly_report_keystore_base64 }}"

- name: Set the environment of several jobs
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: "{{ item }}"
    runtime_environment: "{{ vault_northflank_environments[item] }}"
  # Over names: what a loop goes over stands in its results, which -v shows, with all secrets in it.
  loop: "{{ vault_northflank_environments.keys() | list }}"

- name: Clear the time limit, the stage, the tags and the build arguments
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: nightly-report
    active_deadline_seconds: 0
    stage_id: ""
    tags: []
    build_arguments: {}

- name: Compare what a token that may not write can see
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_read_only_token }}"
    project_id: example-project
    job_id: nightly-report
    unreadable: skip
    backoff_limit: 2
    run_on_source_change: never
  check_mode: true
  register: comparison

- name: Fail if the job has drifted
  ansible.builtin.assert:
    that:
      - comparison is not changed
    fail_msg: "These options differ: {{ comparison.changed_fields | join(', ') }}"

- name: Use the facts about the job
  ansible.builtin.debug:
    msg: "The job runs on the plan {{ ansible_facts['northflank_manual_job']['billing']['deployment_plan'] }}."
"""

RETURN = r"""
---
job:
  description:
    - The job after the task. In check mode, the job that is predicted.
    - Every key that is also an option has the name, the type and the meaning of the option, so that it can be fed back and
      changes nothing. A value that the API accepts or has kept from before, but that is not documented for this option today,
      is shown as it is, and is refused when fed back.
    - A value that is not known is left out. A value that is known to be not set reads as the task would clear it, and is left
      out if it could not. Of maps that hold secrets, only the names of the keys are there.
  returned: success
  type: dict
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
    app_id:
      description: The full ID of the job, which holds those of the user or team, of the project and of the job.
      returned: when known
      type: str
      sample: /example-team/example-project/example-job
    project_id:
      description: The ID of the project.
      returned: success
      type: str
      sample: example-project
    job_type:
      description: The type of the job.
      returned: when known
      type: str
      sample: manual
    description:
      description: See O(description).
      returned: when known
      type: str
      sample: A job description
    stage_id:
      description: See O(stage_id).
      returned: when known
      type: str
      sample: staging
    tags:
      description: See O(tags).
      returned: when known
      type: list
      elements: str
      sample: [my-tag]
    billing:
      description: See O(billing).
      returned: when known
      type: dict
      sample:
        build_plan: nf-compute-200-8
        deployment_plan: nf-compute-20
    backoff_limit:
      description: See O(backoff_limit).
      returned: when known
      type: int
      sample: 0
    run_on_source_change:
      description: See O(run_on_source_change).
      returned: when known
      type: str
      sample: never
    active_deadline_seconds:
      description: See O(active_deadline_seconds). V(0) if there is no limit.
      returned: when known
      type: int
      sample: 600
    disabled_ci:
      description: See O(disabled_ci).
      returned: when known
      type: bool
      sample: false
    build_configuration:
      description: See O(build_configuration).
      returned: when known
      type: dict
      sample:
        path_ignore_rules: [README.md]
        is_allow_list: false
        ci_ignore_flags: ["[skip ci]"]
        ignore_empty_commits: false
        docker_credentials: [example-docker-credential]
        storage:
          ephemeral_storage:
            storage_size: 16384
    build_settings:
      description: See O(build_settings).
      returned: when known
      type: dict
      sample:
        storage:
          ephemeral_storage:
            storage_size: 16384
        dockerfile:
          build_engine: buildkit
          docker_file_path: /Dockerfile
          docker_work_dir: /
          buildkit:
            use_cache: true
            cache_storage_size: 32768
    health_checks:
      description: See O(health_checks).
      returned: when known
      type: list
      elements: dict
      sample:
        - protocol: HTTP
          type: readinessProbe
          path: /health-check
          port: 8080
          initial_delay_seconds: 10
          period_seconds: 60
          timeout_seconds: 1
          failure_threshold: 3
          success_threshold: 1
    runtime_environment_keys:
      description: The names of the variables in O(runtime_environment).
      returned: when known
      type: list
      elements: str
      sample: [DATABASE_URL, REPORT_VERSION]
    runtime_files_keys:
      description: The paths of the files in O(runtime_files).
      returned: when known
      type: list
      elements: str
      sample: [/etc/report/settings.ini]
    build_arguments_keys:
      description: The names of the arguments in O(build_arguments).
      returned: when known
      type: list
      elements: str
      sample: [VERSION]
    build_files_keys:
      description: The paths of the files in O(build_files).
      returned: when known
      type: list
      elements: str
      sample: [/etc/pip.conf]
    docker_secret_mounts_keys:
      description: The IDs of the mounts in O(docker_secret_mounts).
      returned: when known
      type: list
      elements: str
      sample: [example-secret-mount_1]
ansible_facts:
  description:
    - Facts about the job, for the tasks that follow. They are those of the last job that a task of this host was about.
    - In check mode they are predicted. Where a fact cache outlives the run, the next run finds the prediction.
  returned: success
  type: dict
  contains:
    northflank_manual_job:
      description: The same as RV(job).
      returned: success
      type: dict
      sample:
        id: example-job
        name: Example Job
        project_id: example-project
        job_type: manual
        backoff_limit: 0
        billing:
          deployment_plan: nf-compute-20
        runtime_environment_keys: [DATABASE_URL, REPORT_VERSION]
changed_fields:
  description:
    - The options that were changed, or in check mode would be, sorted, with dots between the parts of their paths.
    - An option that was sent along without knowing what it was before is among them, and in RV(unknown_fields) too. It may have been
      the same. What is not in RV(unknown_fields) was another value for certain.
    - Of a map that holds secrets, only the map is named.
  returned: success
  type: list
  elements: str
  sample: [backoff_limit, billing.deployment_plan, runtime_environment]
unknown_fields:
  description:
    - The stated options whose present value stayed unknown, sorted, written as in RV(changed_fields).
    - What becomes of them is decided by O(unreadable).
  returned: success
  type: list
  elements: str
  sample: [billing.build_plan]
diff:
  description: What the task changed, or in check mode would change.
  returned: when diff mode is on
  type: dict
  contains:
    before:
      description: The options before the task. A secret reads C(hidden), a value that no answer shows C(unknown).
      returned: when diff mode is on
      type: dict
      sample:
        backoff_limit: 0
        runtime_environment:
          DATABASE_URL: hidden
    after:
      description: The options as the task asks for them. A secret reads C(hidden), or C(hidden, changed) if it changed.
      returned: when diff mode is on
      type: dict
      sample:
        backoff_limit: 2
        runtime_environment:
          DATABASE_URL: hidden, changed
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
      sample: 403
    id:
      description: The ID of the kind of error.
      returned: when the answer holds it
      type: str
    message:
      description: The message of the API, or the text that came in place of one.
      returned: always
      type: str
      sample: Forbidden
    details:
      description: Details of the error. The API does not document their type. Replaced by a note if they cannot be freed of secrets safely.
      returned: when the answer holds them
      type: raw
    request:
      description: The method and the path of the request.
      returned: always
      type: str
      sample: PATCH /v1/projects/example-project/jobs/manual/example-job
"""

from ..module_utils._flows.reconcile import reconcile
from ..module_utils._module import run
from ..module_utils._options.argument_spec import manual_job_spec


def main() -> None:
    """Run the module."""
    run(manual_job_spec(), reconcile)


if __name__ == "__main__":
    main()
