#!/usr/bin/python
# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: northflank_manual_job
short_description: Create, update and remove a manual job on Northflank
version_added: 1.0.0
author:
  - "Contributors to the northflank.cloud collection (@northflank-cloud)"
description:
  - Compares one manual job of a Northflank project with the options that the task sets, and updates the fields that differ. Creates the
    job if it does not exist, and removes it with O(state=absent).
  - Every task needs O(project_id) and O(job_id). The token comes from O(api_token) or from the environment variable
    E(NORTHFLANK_API_TOKEN). An option that the task does not set is neither compared nor sent.
  - Examples are in the section EXAMPLES at the end, before the return values.
  - A task creates a job only if it sets O(billing.deployment_plan), O(backoff_limit), and one of O(deployment.external),
    O(deployment.internal) and O(deployment.vcs). If the job does not exist and the task does not set them, the task fails and names what is
    missing. So a misspelled O(job_id) does not create a job.
  - If options of O(deployment) and others differ, the task changes the others first, so that a run that the new image starts has the new
    environment. If the second request fails, RV(changed_fields) contains what the first one has changed, and the next run does the rest.
  - The module cannot change the name or the architecture of a job that exists, or whether continuous deployment (CD) is disabled.
  - The token needs the permissions C(Project > Jobs > General > Read) and C(Project > Jobs > General > Update). To compare
    O(runtime_environment), O(runtime_files), O(build_arguments) and O(build_files), it also needs C(Project > Secrets > Jobs > Read). To
    create a job, and for some changes of O(deployment), it needs C(Project > Jobs > General > Create). To remove a job, it needs
    C(Project > Jobs > General > Delete).
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.attributes
attributes:
  check_mode:
    details:
      - The module sends only requests that read. If it cannot read the current value of an option, it predicts a change, with a warning.
        With O(unreadable=skip), it predicts a change of such an option only if another field differs.
      - If the job does not exist, the module checks that the project exists, and predicts the whole job that the task would create. It
        cannot check whether the token has the permission to write, or whether the API accepts the values.
  diff_mode:
    details:
      - The diff does not contain secret values. It shows C(hidden) for an unchanged secret value, and C(hidden, changed) for a changed one.
      - If the task creates the job, the diff shows all options that the task sets. If the task removes the job, it shows all known fields.
  facts:
    description: Action returns an C(ansible_facts) dictionary that will update existing host facts.
    support: full
  idempotent:
    support: partial
    details:
      - Full, except with O(unreadable=apply). The module then reports a change each time if the task sets an option whose value the API
        does not return.
options:
  project_id:
    description:
      - The ID of the project that the job belongs to.
    type: str
    required: true
  job_id:
    description:
      - The ID of the job. It is the slug of the job's name, such as V(example-job) for a job named C(Example Job).
      - The ID of a job that the task creates has from 3 to 52 characters. They are lowercase ASCII letters and digits, in groups joined by
        single hyphens, with a letter at the beginning.
      - If the job is a cron job, the task fails before it writes anything.
    type: str
    required: true
  state:
    description:
      - V(present) creates the job if it does not exist and the task sets everything that this requires. It updates a job that exists.
      - V(absent) removes the job. The other options of the job are not used. If the job does not exist, the task changes
        nothing. If the project does not exist, the task fails.
    type: str
    choices: [present, absent]
    default: present
    version_added: 1.1.0
  name:
    description:
      - The name of a job that the task creates. If the option is not set, the name is O(job_id).
      - From 3 to 52 characters. The first is an ASCII letter. The others are ASCII letters and digits, in groups joined by single hyphens or
        spaces.
      - O(job_id) must be the slug of the name, such as V(nightly-report) for V(Nightly Report). The name of a job that exists cannot be
        changed, so the task fails if it differs.
    type: str
    version_added: 1.1.0
  infrastructure:
    description:
      - The infrastructure that the job runs on. It is set when the job is created.
    type: dict
    version_added: 1.1.0
    suboptions:
      architecture:
        description:
          - The architecture of the processor. It cannot be changed for a job that exists, so the task fails if it differs.
          - If no response of the API contains it, the task ignores this option, with a warning.
        type: str
        choices: [x86, arm]
  deployment:
    description:
      - What the job runs, and how.
      - The image comes from one of O(deployment.external), O(deployment.internal) and O(deployment.vcs). To create a job, exactly one of
        them is required. If the task sets another one than the job has, it replaces the current one.
      - Options that the task does not set keep their current values. The API documents no way to clear one, except that an empty map clears
        O(deployment.metadata.labels) or O(deployment.metadata.annotations).
      - Only the operation C(put-job) can change O(deployment.gpu), O(deployment.grace_period_seconds), O(deployment.metadata) and
        O(deployment.vcs.vcs_link_id), and set O(deployment.vcs) for a job that does not build from a repository. It replaces the whole job,
        and needs the permission C(Project > Jobs > General > Create). So the task reads the whole job first. If it cannot read a part of
        the job, it fails instead of losing that part.
      - The API has other operations for all other options, which need the permission C(Project > Jobs > General > Update). Northflank has
        announced their removal. After that, each change needs C(put-job).
    type: dict
    version_added: 1.1.0
    suboptions:
      external:
        description:
          - An image of a registry.
          - Mutually exclusive with O(deployment.internal) and O(deployment.vcs).
        type: dict
        suboptions:
          image_path:
            description:
              - The image with its tag or its digest, such as V(registry.example.com/report:1.4). The task compares this text. It does not
                notice that the registry has another image for the same tag.
            type: str
            required: true
          credentials:
            description:
              - The ID of the registry credentials that are saved on Northflank. They are needed if the image is not public.
              - If the task does not set them, the job keeps those that it has, also with a new image.
              - Today, the API returns it only in the response to an update. See O(unreadable).
            type: str
      internal:
        description:
          - An image that Northflank has built.
          - Mutually exclusive with O(deployment.external) and O(deployment.vcs).
        type: dict
        suboptions:
          id:
            description:
              - The ID of the build service or the job that builds the image.
            type: str
          branch:
            description:
              - The branch that the image is built from.
            type: str
          build_sha:
            description:
              - The full commit hash (40 characters) that the image is built from, or V(latest).
              - V(latest) is compared with what the job is set to, not with the commit that it has deployed. So a new build is not a change.
            type: str
          build_id:
            description:
              - The ID of the build. Set either this option or O(deployment.internal.build_sha).
            type: str
      vcs:
        description:
          - A repository that the job builds its image from.
          - Mutually exclusive with O(deployment.external) and O(deployment.internal).
          - To create a job, O(deployment.vcs.project_url), O(deployment.vcs.project_type) and O(deployment.vcs.project_branch) are required.
        type: dict
        suboptions:
          project_url:
            description:
              - The URL of the repository.
            type: str
          project_type:
            description:
              - Where the repository is hosted.
            type: str
            choices: [bitbucket, gitlab, github, self-hosted, azure, origin]
          project_branch:
            description:
              - The branch that the image is built from.
            type: str
          self_hosted_vcs_id:
            description:
              - The ID of a self-hosted version control system.
            type: str
          account_login:
            description:
              - The account that Northflank uses for the repository, if several are linked.
              - Today, the API returns it only in the response to an update. See O(unreadable).
            type: str
          vcs_link_id:
            description:
              - The ID (24 characters) of the link to the version control system, if several are linked.
              - Today, the API returns it only in the response to an update. See O(unreadable). Only C(put-job) can change it.
            type: str
      docker:
        description:
          - The command of a run, for images that were not built with buildpacks.
        type: dict
        suboptions:
          config_type:
            description:
              - Which of the other two options apply. With V(default), neither does, and the image defines what a run starts.
            type: str
            required: true
            choices: [default, customEntrypoint, customCommand, customEntrypointCustomCommand]
          custom_entrypoint:
            description:
              - The entrypoint, instead of that of the image.
            type: str
          custom_command:
            description:
              - The command, instead of that of the image, such as V(report --all).
            type: str
      buildpack:
        description:
          - The command of a run, for images that were built with buildpacks.
        type: dict
        suboptions:
          config_type:
            description:
              - Which of the other options apply. With V(default), none of them does, and the image defines what a run starts.
            type: str
            required: true
            choices: [default, customProcess, customCommand, customEntrypointCustomCommand, originalEntrypointCustomCommand]
          custom_process:
            description:
              - The name of a process that the image defines.
            type: str
          custom_entrypoint:
            description:
              - The entrypoint, instead of that of the image.
            type: str
          custom_command:
            description:
              - The command, instead of that of the image.
            type: str
      storage:
        description:
          - The storage of a run.
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
              - The storage that exists only during a run.
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
          - The GPU of a run. O(billing.gpu) is another field of the API, which does not document how the two are related.
          - Today, the API returns it only in the response to an update. See O(unreadable). Only C(put-job) can change it.
        type: dict
        suboptions:
          enabled:
            description:
              - Whether a run uses a GPU.
            type: bool
          configuration:
            description:
              - Which GPU a run uses.
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
      grace_period_seconds:
        description:
          - How long a run that is ended can take to stop by itself, in seconds. From 15 to 600.
          - Today, the API returns it only in the response to an update. See O(unreadable). Only C(put-job) can change it.
        type: int
      metadata:
        description:
          - Labels and annotations of a run. They are not secret, and the result contains their values.
          - Values are text. Booleans are sent as V(true) or V(false), and whole numbers as their digits. Put other values in quotes.
          - Today, the API returns them only in the response to an update. See O(unreadable). Only C(put-job) can change them.
        type: dict
        suboptions:
          labels:
            description:
              - The labels, as a map from name to value. If the task sets this option, it replaces all labels. O(map_strategy) does not
                apply to it.
            type: dict
          annotations:
            description:
              - The annotations, as a map from name to value. If the task sets this option, it replaces all annotations. O(map_strategy)
                does not apply to it.
            type: dict
  map_strategy:
    description:
      - How the task updates a map. The maps are O(runtime_environment), O(runtime_files), O(build_arguments), O(build_files) and
        O(docker_secret_mounts).
      - V(replace) makes the map equal to the value of the option. Keys that the task does not set are removed, and the diff contains their
        names. An empty map removes all keys.
      - V(merge) keeps the keys that the task does not set. It cannot remove a key, and an empty map changes nothing.
      - V(merge) requires the current map. If the task cannot read it, for example with O(unreadable=apply), the task fails. In check mode,
        it predicts a change with a warning instead.
    type: str
    choices: [replace, merge]
    default: replace
  unreadable:
    description:
      - What the task does about an option that it sets and whose current value it cannot read. RV(unknown_fields) contains the options
        whose value stays unknown.
      - Today, the API returns O(billing.build_plan), O(billing.gpu), O(docker_secret_mounts) and O(run_on_source_change) only in the
        response to an update. The same applies to O(deployment.external.credentials), O(deployment.vcs.account_login),
        O(deployment.vcs.vcs_link_id), O(deployment.gpu), O(deployment.grace_period_seconds) and O(deployment.metadata). Other versions of
        the API return more or less. If the token has no permission to read secrets, the environment, the files and the build arguments
        cannot be read either.
      - V(probe) sends one PATCH request that changes nothing, because its response contains the whole job. The request writes one field
        with the value that the task has just read. It is a field that the task sets, or else O(disabled_ci), O(backoff_limit) or O(tags).
        The probe costs one request and needs the permission to update jobs. The task does not send the probe in check mode. If another
        field differs, the task sends the unknown fields together with that field, without a probe. The notes describe an exception for
        nested objects.
      - V(apply) sends the unknown fields each time, and reports RV(ignore:changed=true) with a warning.
      - V(skip) sends the unknown fields only if another field differs. Otherwise, it ignores them, with a warning. Use it with a token that
        has no permission to update jobs or to read secrets.
    type: str
    choices: [probe, apply, skip]
    default: probe
  description:
    description:
      - The description of the job.
      - >-
        From 1 to 200 characters. These can be ASCII letters, digits, spaces, line breaks, and
        V(. , ? \\ / ' " ( \) [ ] ; ` % ^ & * - _ : !).
      - It cannot be cleared, because the API rejects an empty description.
    type: str
  stage_id:
    description:
      - The ID of the environment (stage) that the job belongs to, such as V(staging).
      - From 3 to 100 ASCII letters, digits and hyphens. Each hyphen must be between two letters or digits.
      - An empty string clears it.
      - The API does not always return it, and does not return whether it is cleared. If a task clears a stage that is not set, the current
        value is unknown (see O(unreadable)), and check mode predicts a change.
    type: str
  tags:
    description:
      - The IDs of the tags of the job. The tags must exist.
      - Each ID has from 1 to 100 ASCII letters, digits and hyphens. Each hyphen must be between two letters or digits. Newer versions of
        the API require at least 3 characters.
      - Compared as a set. An empty list removes all tags.
    type: list
    elements: str
  billing:
    description:
      - The billing plans and the GPU of the job.
      - If a part of it differs, the whole object is sent. Parts that the task does not set keep their current values.
    type: dict
    suboptions:
      build_plan:
        description:
          - The ID of the plan for builds.
          - ASCII letters, digits and hyphens. Newer versions of the API require from 3 to 100 characters.
          - It cannot be cleared.
          - The API does not always return it. See O(unreadable).
        type: str
      deployment_plan:
        description:
          - The ID of the plan for runs of the job. Required to create a job.
          - ASCII letters, digits and hyphens. Newer versions of the API require from 3 to 100 characters.
          - It cannot be cleared.
        type: str
      gpu:
        description:
          - The GPU of the job.
          - The API does not always return it. See O(unreadable).
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
      - How often a failed run is retried before it counts as failed. Required to create a job.
    type: int
  run_on_source_change:
    description:
      - Whether a change of the job's source image starts a run.
      - The API does not always return it. See O(unreadable).
    type: str
    choices: [never, cd-promote, always]
  active_deadline_seconds:
    description:
      - The maximum duration of a run in seconds. A run that takes longer is ended and counts as failed, whatever the value of
        O(backoff_limit).
      - At least 1. V(0) clears it, so that there is no limit.
    type: int
  disabled_ci:
    description:
      - Whether continuous integration (CI) is disabled. If it is, new commits are not built.
      - It applies only to jobs that build from a repository.
    type: bool
  build_configuration:
    description:
      - What is built, and when. It applies only to jobs that build from a repository.
      - If a part of it differs, the whole object is sent. Parts that the task does not set keep their current values.
    type: dict
    suboptions:
      path_ignore_rules:
        description:
          - Rules in the format of C(.gitignore). A commit that changes only ignored files is not built.
          - Each rule has at most 260 characters.
          - Compared as an ordered list, because later rules override earlier ones. An empty list removes all rules.
        type: list
        elements: str
      is_allow_list:
        description:
          - Whether O(build_configuration.path_ignore_rules) lists the files whose changes are built, instead of the files to ignore.
        type: bool
      ci_ignore_flags_enabled:
        description:
          - Whether a commit is not built if its message contains one of O(build_configuration.ci_ignore_flags).
        type: bool
      ci_ignore_flags:
        description:
          - Texts in a commit message that prevent a build, such as V([skip ci]).
          - Each text has at most 72 characters.
          - Compared as a set. An empty list removes all flags. If they were never set, the API uses its own default flags.
        type: list
        elements: str
      ignore_empty_commits:
        description:
          - Whether commits without changes are not built.
          - Added to the API in October 2026. Older versions may reject it.
          - The API does not always return it. See O(unreadable).
        type: bool
      dockerfile_target:
        description:
          - The stage of the Dockerfile to build.
          - An empty string means that no stage is set.
        type: str
      docker_credentials:
        description:
          - The IDs of the credentials that builds use to pull images from private registries.
          - Each ID consists of ASCII letters, digits and hyphens.
          - Compared as a set. An empty list removes all credentials.
        type: list
        elements: str
      include_git_folder:
        description:
          - Whether builds include the C(.git) folder.
        type: bool
      full_git_clone:
        description:
          - Whether the repository is cloned with its full history.
          - It has an effect only if O(build_configuration.include_git_folder=true).
        type: bool
      enable_git_lfs:
        description:
          - Whether files in Git LFS are downloaded.
        type: bool
      storage:
        description:
          - The storage of a build.
        type: dict
        suboptions:
          ephemeral_storage:
            description:
              - The storage that exists only during the build.
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
      - If a part of it differs, the whole object is sent. Parts that the task does not set keep their current values.
      - The API does not always return all parts of it. See O(unreadable).
    type: dict
    suboptions:
      storage:
        description:
          - The storage of a build.
        type: dict
        suboptions:
          ephemeral_storage:
            description:
              - The storage that exists only during the build.
            type: dict
            suboptions:
              storage_size:
                description:
                  - The size of the storage in MB.
                  - The API does not always return it. See O(unreadable).
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
              - The path of the Dockerfile in the repository, such as V(/Dockerfile). Required to create a job with
                O(build_settings.dockerfile).
              - It begins with V(/). Each part consists of ASCII letters, digits, V(-), V(.) and V(_), and is neither V(.) nor V(..).
            type: str
          docker_work_dir:
            description:
              - The folder of the repository that is the build context, such as V(/). Required to create a job with
                O(build_settings.dockerfile).
              - It begins with V(/). Each part consists of ASCII letters, digits, V(-), V(.) and V(_), and is neither V(.) nor V(..).
            type: str
          dockerfile_contents:
            description:
              - The text of a Dockerfile that is used instead of the one in the repository.
              - Compared as exact text. It is not secret, and the result contains it. Use O(docker_secret_mounts) for secrets.
              - An empty string clears it.
              - Added to the API in October 2026. Older versions may reject it.
              - The API does not always return it. See O(unreadable).
            type: str
          use_cache:
            description:
              - Deprecated by the API, where it has no effect.
              - It is not compared. It is sent together with other changes of O(build_settings) if the job builds from a Dockerfile.
            type: bool
          buildkit:
            description:
              - Settings of the build engine V(buildkit).
            type: dict
            suboptions:
              use_cache:
                description:
                  - Whether builds use the cache of earlier builds.
                type: bool
              cache_storage_size:
                description:
                  - The size of the cache in MB.
                  - The API does not always return it. See O(unreadable).
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
                  - The API does not always return it. See O(unreadable).
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
              - The addresses of additional buildpacks.
              - Compared as an ordered list, because buildpacks run in sequence. An empty list removes all of them.
            type: list
            elements: str
          build_context:
            description:
              - The folder of the repository that is built, such as V(/).
              - It begins with V(/). Each part consists of ASCII letters, digits, V(-), V(.) and V(_), and is neither V(.) nor V(..).
              - The API does not always return it. See O(unreadable).
            type: str
          use_cache:
            description:
              - Whether builds use the cache of earlier builds.
            type: bool
  runtime_environment:
    description:
      - The job's own environment variables at run time, as a map from name to value. Variables that the job inherits from secret groups
        and add-ons are neither compared nor sent.
      - Values are text. Booleans are sent as V(true) or V(false), and whole numbers as their digits. The task fails if YAML reads another
        value as something other than text, such as V(1.10) or a date. It also fails if YAML reads a name as something other than text, such
        as C(NO). Put such values and names in quotes.
      - References such as V(${NAME}) are sent as text. For a value that contains V(${fn.randomSecret(...\)}), the task fails unless
        O(unreadable=apply), because the API stores the generated value, which never equals the value that was sent.
      - The values are secret. The result contains only the names, in RV(job.runtime_environment_keys).
      - O(map_strategy) controls what happens to names that the task does not set.
      - The API does not return the variables if the token has no permission to read secrets. See O(unreadable).
    type: dict
  runtime_files:
    description:
      - The job's own secret files at run time, as a map from absolute path to file.
      - Each file is a map with either C(content) (text) or C(data) (bytes in base64), and optionally C(encoding). C(content) is encoded
        with C(encoding), or with V(utf-8) if the task does not set it.
      - The bytes of the files are compared, and C(encoding) if the task sets it.
      - The contents are secret. The result contains only the paths, in RV(job.runtime_files_keys).
      - O(map_strategy) controls what happens to paths that the task does not set.
      - The API does not return the files if the token has no permission to read secrets. See O(unreadable).
    type: dict
  build_arguments:
    description:
      - The job's own build arguments, as a map from name to value. The rules for names and values are those of O(runtime_environment).
      - The values are secret. The result contains only the names, in RV(job.build_arguments_keys).
      - O(map_strategy) controls what happens to names that the task does not set.
      - The API does not return the arguments if the token has no permission to read secrets. See O(unreadable).
    type: dict
  build_files:
    description:
      - The job's own secret files at build time, as a map from absolute path to file. Each file is a map as in O(runtime_files), and is
        compared in the same way.
      - The contents are secret. The result contains only the paths, in RV(job.build_files_keys).
      - O(map_strategy) controls what happens to paths that the task does not set.
      - The API does not return the files if the token has no permission to read secrets. See O(unreadable).
    type: dict
  docker_secret_mounts:
    description:
      - Secrets that a Dockerfile can mount during the build, as a map from the ID of the mount to file. Each file is a map as in
        O(runtime_files), and is compared in the same way.
      - The contents are secret. The result contains only the IDs, in RV(job.docker_secret_mounts_keys).
      - O(map_strategy) controls what happens to IDs that the task does not set.
      - The API does not always return the mounts. See O(unreadable).
    type: dict
  health_checks:
    description:
      - The health checks of the job, at most one of each type.
      - Each check is compared with the one of the same O(health_checks[].type). The order does not matter. If one differs, all are sent. A
        check that is not in the list is removed. An empty list removes all checks.
      - The API does not always return a check of the type V(startupProbe). If the task sets it, see O(unreadable). If the job has such a
        check that the task does not set, the task may not report it as a difference.
    type: list
    elements: dict
    suboptions:
      protocol:
        description:
          - The protocol of the check.
        type: str
        required: true
        choices: [HTTP, CMD, TCP]
      type:
        description:
          - The type of the check.
        type: str
        required: true
        choices: [livenessProbe, readinessProbe, startupProbe]
      path:
        description:
          - The path to request, such as V(/health-check). It can have a query string.
          - Required if O(health_checks[].protocol=HTTP).
        type: str
      cmd:
        description:
          - The command to run.
          - The result and the diff contain it, so do not put secrets into it.
          - Required if O(health_checks[].protocol=CMD).
        type: str
      port:
        description:
          - The port to connect to.
          - At least 1.
          - Required if O(health_checks[].protocol=HTTP) or O(health_checks[].protocol=TCP).
        type: int
      initial_delay_seconds:
        description:
          - How many seconds after the start of the container the first check is made.
          - From 1 to 180.
        type: int
        required: true
      period_seconds:
        description:
          - The number of seconds between two checks.
          - From 10 to 600.
        type: int
        required: true
      timeout_seconds:
        description:
          - The number of seconds without a response after which a check fails.
          - From 1 to 60.
        type: int
        required: true
      failure_threshold:
        description:
          - The number of failures in a row after which the check counts as failed.
          - From 1 to 255.
        type: int
        required: true
      success_threshold:
        description:
          - The number of successes in a row after which the check counts as passed again.
          - From 1 to 255.
          - If the task does not set it, the current value is not compared.
        type: int
notes:
  - Nested objects (O(billing), O(build_configuration), O(build_settings) and those in O(deployment)), lists and maps are sent whole,
    because it is not documented whether the API merges or replaces them. If a nested object differs and other parts of it are unknown, the
    task sends the probe first, whatever the value of O(unreadable). Without it, these parts could be lost.
  - The task sends one request to read the job. If the response does not contain all fields that the task sets, it sends up to one more for
    O(health_checks), one for O(runtime_environment) and O(runtime_files), one for O(build_arguments) and O(build_files), one for the image
    in O(deployment), and one for the probe (see O(unreadable)). If something differs, it sends one more to change it, and one for each
    operation that a change of O(deployment) needs. To create or remove a job, a task sends two requests.
  - Northflank has announced the removal of the operations that patch and create a manual job. Where they are removed, the task sends the
    same request with the operation for jobs of any type, which costs one more request.
  - A task never creates a job twice. If the response to the request that creates the job is lost, the task reads the job instead of sending
    the request again. It reports RV(ignore:changed=true) with a warning if the job exists as the task sets it. Otherwise it fails, and you
    can run it again. If another client creates the same job at the same time, the task changes that job to its options.
  - In check mode, RV(job) and C(ansible_facts) contain the predicted job, so that conditions on them also work. A persistent fact cache,
    such as P(ansible.builtin.jsonfile#cache), keeps the prediction, and a later play reads it as the state of the job. To avoid this, run
    checks with C(ANSIBLE_CACHE_PLUGIN=memory), or read the job with M(northflank.cloud.northflank_manual_job_info) instead of the facts.
  - The module does not show the values of O(runtime_environment), O(runtime_files), O(build_arguments), O(build_files) and
    O(docker_secret_mounts) in the result, the facts, a diff, a warning or an error. Do not loop over secrets, because ansible-core shows
    the items of a loop at C(-v), whatever the value of C(loop_control.label).
  - The API has no ETags or versions, so two tasks can overwrite each other's changes. Do not let two tasks change the same job at the same
    time. C(put-job) also overwrites what another client changes after the task has read the job.
seealso:
  - module: northflank.cloud.northflank_manual_job_info
  - module: northflank.cloud.northflank_manual_job_run
  - name: Northflank API
    description: The documentation of the API. The pages about jobs describe the requests that this module sends.
    link: https://northflank.com/docs/v1/api
"""

EXAMPLES = r"""
---
- name: Set the retries and the time limit of a job (the token comes from NORTHFLANK_API_TOKEN)
  northflank.cloud.northflank_manual_job:
    project_id: example-project
    job_id: nightly-report
    backoff_limit: 2
    active_deadline_seconds: 600

- name: Use the facts about the job
  ansible.builtin.debug:
    msg: "The job runs on the plan {{ ansible_facts['northflank_manual_job']['billing']['deployment_plan'] }}."

- name: Clear the time limit, the stage, the tags and the build arguments
  northflank.cloud.northflank_manual_job:
    project_id: example-project
    job_id: nightly-report
    active_deadline_seconds: 0
    stage_id: ""
    tags: []
    build_arguments: {}

- name: Set the token and the team once for all tasks of a block
  module_defaults:
    group/northflank.cloud.northflank:
      api_token: "{{ vault_northflank_api_token }}"
      team_id: example-team
  block:
    - name: Add two environment variables and keep the others
      northflank.cloud.northflank_manual_job:
        project_id: example-project
        job_id: nightly-report
        map_strategy: merge
        runtime_environment:
          DATABASE_URL: "{{ vault_nightly_report_database_url }}"
          REPORT_VERSION: "1.10"

    - name: Replace all health checks with one
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

- name: Set a larger plan and a GPU
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

- name: Build from a Dockerfile, and do not build commits that change only the documentation
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

- name: Set the files of a job, one as text and one as bytes
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

- name: Set the environment variables of several jobs
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: "{{ item }}"
    runtime_environment: "{{ vault_northflank_environments[item] }}"
  # Loop over the names only. The results of a loop contain its items, and -v shows them, including any secrets.
  loop: "{{ vault_northflank_environments.keys() | list }}"

- name: Create a job that runs an image, or change the job if it exists
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: monthly-report
    name: Monthly Report
    deployment:
      external:
        image_path: registry.example.com/report:1.4
        credentials: example-registry
      docker:
        config_type: customCommand
        custom_command: report --month
    billing:
      deployment_plan: nf-compute-20
    backoff_limit: 2
    runtime_environment:
      LOG_LEVEL: info

- name: Create a job that builds its image from a repository
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: yearly-report
    name: Yearly Report
    deployment:
      vcs:
        project_url: https://github.com/example/report
        project_type: github
        project_branch: main
    build_settings:
      dockerfile:
        docker_file_path: /Dockerfile
        docker_work_dir: /
    billing:
      deployment_plan: nf-compute-20
    backoff_limit: 2

- name: Release another version of the image
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: monthly-report
    deployment:
      external:
        image_path: registry.example.com/report:1.5

- name: Remove the job
  northflank.cloud.northflank_manual_job:
    api_token: "{{ vault_northflank_api_token }}"
    project_id: example-project
    job_id: monthly-report
    state: absent

- name: Compare a job with a token that has no permission to update jobs
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
"""

RETURN = r"""
---
job:
  description:
    - The job after the task. In check mode, the predicted job.
    - With O(state=absent), the job before its removal, as far as the response of the API contains it, or an empty dictionary if the job did
      not exist.
    - A key that is also an option has the name, the type and the meaning of the option. If you set the option to this value, the task
      changes nothing. There is one exception. The job can have a value that the documentation of the API does not allow. The result
      contains it, but a task that sets the option to it fails.
    - A field whose value is unknown is not returned. A field that is not set is returned with the value that clears it, or is not
      returned if it cannot be cleared. Of secret maps, only the names of the keys are returned.
  returned: success
  type: dict
  contains:
    id:
      description: The ID of the job.
      returned: success, unless the task removes a job that does not exist
      type: str
      sample: example-job
    name:
      description: See O(name).
      returned: success, unless the task removes a job that does not exist
      type: str
      sample: Example Job
    app_id:
      description: The full ID of the job, which contains the IDs of the user or team, the project and the job.
      returned: when known
      type: str
      sample: /example-team/example-project/example-job
    project_id:
      description: The ID of the project.
      returned: success, unless the task removes a job that does not exist
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
      description: See O(active_deadline_seconds). V(0) means that there is no limit.
      returned: when known
      type: int
      sample: 600
    disabled_ci:
      description: See O(disabled_ci).
      returned: when known
      type: bool
      sample: false
    infrastructure:
      description: See O(infrastructure).
      returned: when known, and the task sets name, infrastructure or deployment, or creates or removes the job
      type: dict
      version_added: 1.1.0
      sample:
        architecture: x86
    deployment:
      description:
        - See O(deployment). A task that sets none of it does not read it. To read it, use V(deployment) in
          O(northflank.cloud.northflank_manual_job_info#module:gather).
      returned: when known, and the task sets name, infrastructure or deployment, or creates or removes the job
      type: dict
      version_added: 1.1.0
      sample:
        external:
          image_path: registry.example.com/report:1.4
          credentials: example-registry
        docker:
          config_type: customCommand
          custom_command: report --all
        storage:
          ephemeral_storage:
            storage_size: 2048
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
    - Facts about the job for later tasks. The facts of a host describe the job of the last task of this module.
    - In check mode, they are predicted. With a persistent fact cache, the next run of the playbook reads the prediction.
  returned: success
  type: dict
  contains:
    northflank_manual_job:
      description:
        - The same as RV(job).
        - An empty dictionary with O(state=absent), because the job does not exist after the task.
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
    - The options that the task changed, or would change in check mode, as a sorted list of paths. The parts of a path are joined with
      dots.
    - If the task created the job, all options that it set. If the task removed the job, an empty list.
    - A task that fails after a change returns this list, too, with RV(ignore:changed=true).
    - An option that was sent although its previous value is unknown is also in RV(unknown_fields). Its previous value may have been the
      same. The previous values of all others differed.
    - For a secret map, the list contains only the name of the map.
  returned: success
  type: list
  elements: str
  sample: [backoff_limit, billing.deployment_plan, runtime_environment]
unknown_fields:
  description:
    - The options that the task sets and whose value before the task is unknown, as a sorted list of paths as in RV(changed_fields).
    - O(unreadable) controls what the task does with them.
  returned: success
  type: list
  elements: str
  sample: [billing.build_plan]
diff:
  description: What the task changed, or would change in check mode.
  returned: when diff mode is on
  type: dict
  contains:
    before:
      description:
        - The options that change, with their values before the task. A secret value reads C(hidden), an unknown value C(unknown).
        - If the task creates the job, an empty dictionary. If it removes the job, all known fields of the job.
      returned: when diff mode is on
      type: dict
      sample:
        backoff_limit: 0
        runtime_environment:
          DATABASE_URL: hidden
    after:
      description:
        - The same options, with their values after the task. A secret value reads C(hidden), or C(hidden, changed) if it changed.
        - If the image comes from another source than before, O(deployment.external), O(deployment.internal) or O(deployment.vcs) of before
          is not in it.
        - If the task removes the job, an empty dictionary.
      returned: when diff mode is on
      type: dict
      sample:
        backoff_limit: 2
        runtime_environment:
          DATABASE_URL: hidden, changed
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
      sample: 403
    id:
      description: The ID of the type of error.
      returned: when the response contains it
      type: str
    message:
      description: The error message of the API, or the text of the response if it contains no message.
      returned: always
      type: str
      sample: Forbidden
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
