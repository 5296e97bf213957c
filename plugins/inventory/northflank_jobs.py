# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: northflank_jobs
short_description: Northflank jobs as inventory hosts
version_added: 1.0.0
author:
  - "Contributors to the northflank.cloud collection (@northflank-cloud)"
description:
  - Turns the jobs of Northflank projects into inventory hosts, so that forks, C(serial), C(--limit) and the job slicing of AWX work on
    jobs.
  - The plugin reads a YAML file. The file must contain O(plugin=northflank.cloud.northflank_jobs), and its name must end with
    C(northflank_jobs.yml), C(northflank_jobs.yaml), C(northflank.yml) or C(northflank.yaml), such as C(production.northflank_jobs.yml).
  - All other options are optional. The token comes from O(api_token) or from the environment variable E(NORTHFLANK_API_TOKEN).
  - Examples are in the section EXAMPLES at the end.
  - The variables of each host are C(northflank_project_id), C(northflank_job_id), C(northflank_team_id) (V(null) without a team) and
    C(northflank_job). C(northflank_job) contains the fields of the job that the list of jobs returns, in the form of
    RV(northflank.cloud.northflank_manual_job_info#module:jobs). None of the variables contains a secret.
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.plugin
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - The name of this plugin. It marks the file as a source for this plugin.
    type: str
    required: true
    choices: [northflank.cloud.northflank_jobs]
  projects:
    description:
      - The projects whose jobs become hosts. Each entry is the ID of a project or a shell-style pattern of IDs, such as V(team-a-*).
      - In a pattern, V(*) matches any text, V(?) any character, and V([...]) one of several characters. Patterns are case-sensitive.
      - If it is not set, the jobs of all projects of the account or the team become hosts.
      - The plugin fails if there is no project with an ID of the list. It warns if no project matches a pattern.
    type: list
    elements: str
  job_type:
    description:
      - The types of the jobs that become hosts. The other plugins of this collection support only manual jobs.
    type: list
    elements: str
    choices: [manual, cron]
    default: [manual]
  filters:
    description:
      - Which jobs of the projects become hosts. A job must match all filters that are set.
    type: dict
    suboptions:
      tags:
        description:
          - The IDs of tags. A job matches if it has all of these tags.
          - If the lists of jobs contain no tags for any job, each job that matches O(filters.name) is read individually, which costs one
            request for each job.
        type: list
        elements: str
      name:
        description:
          - A pattern as in O(projects), such as V(report-*). A job matches if its name or its ID matches the pattern.
        type: str
  hostname:
    description:
      - The host name, as a template such as V({{ northflank_job_id }}) or as an expression such as V(northflank_job_id). It can contain the
        variables of the host.
      - If it is not set, the host name is C(<project_id>.<job_id>), which is unique for each job.
      - A host name can contain letters, digits, C(-), C(_) and C(.). The plugin fails if a name contains anything else, or if two jobs have
        the same name.
    type: str
notes:
  - The options of the connection, such as O(api_token), O(api_url), O(team_id) and O(ca_path), and the options O(projects), O(job_type) and
    O(filters) can be templates, and can be encrypted with Ansible Vault. A template can use only variables from C(--extra-vars).
  - The token needs the permission C(Project > Jobs > General > Read). Unless O(projects) contains only IDs, it also needs
    C(Project > Projects > Manage > Read). The plugin skips a project that the token has no permission to read, with a warning. It fails
    if the token can read none of the projects.
  - The plugin sends one request for each 100 projects, unless O(projects) contains only IDs, and one for each 100 jobs of each project,
    including the jobs that do not become hosts. For example, 10 projects with 100 jobs each cost 11 requests. The API allows 1000 requests
    an hour by default. If the quota is used up, O(rate_limit_wait) sets how long to wait for it.
  - With O(cache=true) and a persistent cache plugin, such as P(ansible.builtin.jsonfile#cache), no request is sent as long as the cache is
    valid, with any token. The cache contains the jobs and the options that selected them, but not the token. It is not used if
    O(api_url), O(team_id), O(projects), O(job_type) or O(filters) have changed. C(ansible-playbook --flush-cache) reads the jobs again.
  - Ansible cannot log in to these hosts. Use C(connection=local) and C(gather_facts=false) in their plays.
  - Texts from the API are never templated. C(ansible-inventory) and AWX show ordinary texts, such as V(nightly-report) or
    V(The report of the day), unchanged. They show a text that contains other characters than letters, digits, spaces and V(._/:-), or that
    could be an expression, as a dictionary with the key C(__ansible_unsafe). In tasks, the value is the text itself in both cases.
  - ansible-core evaluates a text as an expression if a playbook uses it as a condition or as the name of a variable, for example C(when) or
    the option C(var) of C(debug) with V({{ northflank_job.description }}). This fails for a text that is shown with C(__ansible_unsafe).
    The words of a text that is shown unchanged, such as V(report) or V(nightly-report), are read as names of variables. Compare the text
    instead, for example with V(northflank_job.description == 'report').
  - The plugin skips a job or a project whose ID contains other characters than letters, digits, C(-) and C(_), with a warning.
  - The plugin uses the proxies and CA certificates that are set in environment variables. A C(.netrc) file never replaces the token.
    Redirects are not followed.
  - AWX identifies hosts by name when it updates an inventory. Use names that are unique and do not change.
  - Tags can become groups only if the list of jobs contains them, which the documentation of the API does not guarantee.
seealso:
  - module: northflank.cloud.northflank_manual_job
  - module: northflank.cloud.northflank_manual_job_info
  - module: northflank.cloud.northflank_manual_job_run
  - name: Northflank API
    description: The documentation of the API. The pages List projects and List jobs describe the requests that this plugin sends.
    link: https://northflank.com/docs/v1/api
"""

EXAMPLES = r"""
# fmt: code
---
# All manual jobs of all projects of the account. The token comes from NORTHFLANK_API_TOKEN.
plugin: northflank.cloud.northflank_jobs

---
# The jobs of some projects of a team, including cron jobs.
plugin: northflank.cloud.northflank_jobs
team_id: example-team
projects:
  - example-project
  - report-*
job_type:
  - manual
  - cron

---
# The jobs whose name or ID begins with "report" and that have two tags.
plugin: northflank.cloud.northflank_jobs
filters:
  name: report*
  tags:
    - production
    - nightly

---
# The token from a variable in a file that is encrypted with Ansible Vault: ansible-inventory --extra-vars @vault.yml ...
plugin: northflank.cloud.northflank_jobs
api_token: "{{ vault_northflank_api_token }}"

---
# The token in the file itself, encrypted with ansible-vault encrypt_string (shortened here).
plugin: northflank.cloud.northflank_jobs
api_token: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  3637...

---
# Groups by project (project_example_project), by tag (tag_nightly) and by a condition, and two host variables from expressions.
plugin: northflank.cloud.northflank_jobs
keyed_groups:
  - key: northflank_project_id
    prefix: project
  - key: northflank_job.tags | default([])
    prefix: tag
groups:
  reports: northflank_job.name is search('Report')
compose:
  ansible_connection: "'local'"
  job_title: northflank_job.name | upper

---
# Host names that contain only the ID of the job. The plugin fails if two jobs have the same ID.
plugin: northflank.cloud.northflank_jobs
projects:
  - example-project
hostname: "{{ northflank_job_id }}"

---
# With a cache in files that is valid for ten minutes. During this time, no request is sent.
plugin: northflank.cloud.northflank_jobs
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/northflank
cache_timeout: 600
"""

import re
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils import _task as task
from ..module_utils._api import settings, transport
from ..module_utils._api.client import Client
from ..module_utils._api.masking import Secrets, is_distinctive, replace_everywhere
from ..module_utils._errors import NorthflankError, OptionError
from ..module_utils._options import validate
from ..plugin_utils import _inventory as jobs
from ..plugin_utils import _inventory_options as options
from ..plugin_utils._plain_words import mark_unsafe_texts

# The line by which a file names this plugin.
_PLUGIN_LINE = re.compile(rb"""^[ {]*["']?plugin["']?\s*:\s*["']?northflank\.cloud\.northflank_jobs\b""", re.MULTILINE)
_MAX_BYTES = 65536


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Turns jobs into hosts: reads the options, gets the jobs from the API or the cache, and adds the hosts."""

    NAME = "northflank.cloud.northflank_jobs"

    def __init__(self) -> None:
        super().__init__()
        self._validated_options: options.Options = {}

    def verify_file(self, path: str) -> bool:
        """Whether a file is for this plugin, by its name. Warn about a file of another name that names this plugin."""
        if not super().verify_file(path):
            return False
        if path.endswith(options.FILE_NAMES):
            return True
        if _names_plugin(path):
            names = ", ".join(options.FILE_NAMES)
            self.display.warning(f"{path} is not read by {self.NAME}: the name of the file must end with one of {names}. Rename the file.")
        return False

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add the jobs that match the options of a file to the inventory."""
        super().parse(inventory, loader, path, cache)
        if not transport.HAS_REQUESTS:
            raise AnsibleParserError(missing_required_lib("requests"))
        try:
            self._read_file(path)
            self._add_hosts(self._load_jobs(path, cache))
        except NorthflankError as error:
            raise AnsibleParserError(str(error)) from None
        except AnsibleError:
            raise
        except Exception as error:  # reported without its text, which may contain a secret
            raise AnsibleParserError(task.internal_error(error)) from None

    def _read_file(self, path: str) -> None:
        try:
            self._read_config_data(path)
        except AttributeError:
            # ansible-core reads the name of the plugin before it checks that the file is a dictionary.
            raise AnsibleParserError(f"{path} is not a dictionary. It must contain at least the line 'plugin: {self.NAME}'.") from None

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Set the options of a file. This fails before ansible-core does, because messages of ansible-core contain values."""
        if direct is not None:
            self._validated_options = options.validate_options(
                {name: self._read_option(name, value) for name, value in direct.items()}, self.option_definitions
            )
            # The original, because ansible-core does not trust a copy as an expression.
            direct = {**direct, **self._validated_options, "hostname": direct.get("hostname")}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _read_option(self, name: str, value: t.Any) -> t.Any:
        """The value of an option, unchanged if it is an expression or belongs to ansible-core, else templated and in plain types."""
        if name == "hostname" or name not in options.own_spec():
            return value
        self.templar.available_variables = self._vars
        try:
            return options.read_option(name, self.templar.template(value))
        except AnsibleError as error:
            # The message of ansible-core may contain the template.
            reason = " ".join((str(error).replace(value, "...") if isinstance(value, str) else str(error)).split())
            raise OptionError(f"{name}: the template cannot be evaluated: {reason.rstrip('.')}.") from None

    def _load_jobs(self, path: str, cache: bool) -> list[jobs.Job]:
        """The jobs from the cache, if it is enabled and contains them, else from the API."""
        connection = settings.from_options(self._validated_options)
        if connection.warning:
            self.display.warning(connection.warning)
        if not self.get_option("cache"):
            return self._display_warnings(self._request_jobs(connection))
        key = self.get_cache_key(path)
        found = jobs.from_cache(self._read_cache(key), connection.base_url, self._validated_options) if cache else None
        if found is None:
            found = self._request_jobs(connection)
            self._cache[key] = jobs.to_cache(found, connection.base_url, self._validated_options)
        return self._display_warnings(found)

    def _read_cache(self, key: str) -> t.Any:
        try:
            return self._cache.get(key)
        except Exception as error:  # ansible-core does not handle every content that a cache may have
            self.display.vvv(f"The cache cannot be read and is written again: {type(error).__name__}.")
            return None

    def _display_warnings(self, found: jobs.JobList) -> list[jobs.Job]:
        """Display the warnings, and return the jobs."""
        for warning in found.warnings:
            self.display.warning(warning)
        return found.jobs

    def _request_jobs(self, connection: settings.ConnectionSettings) -> jobs.JobList:
        session = transport.Session(connection)
        try:
            found = jobs.find_jobs(Client(session, Secrets(connection.token)), self._validated_options)
        finally:
            session.close()
        # A job or its ID may contain the token.
        return jobs.JobList(*(replace_everywhere(part, connection.token) for part in found)) if is_distinctive(connection.token) else found

    def _add_hosts(self, found: list[jobs.Job]) -> None:
        named: dict[str, tuple[jobs.Job, dict[str, t.Any]]] = {}
        for job in found:
            # No version of ansible-core evaluates them, see _plain_words.py.
            variables = {
                variable: mark_unsafe_texts(value)
                for variable, value in jobs.host_variables(job, self._validated_options["team_id"]).items()
            }
            name = self._host_name(job, variables)
            if name in named:
                both = f"{jobs.describe_job(named[name][0])} and {jobs.describe_job(job)}"
                raise OptionError(f"hostname: {both} have the same host name {name}. Add northflank_project_id to the name.")
            named[name] = job, variables
        strict = self.get_option("strict")
        for name, (job, variables) in named.items():
            self.inventory.add_host(name)
            for variable, value in variables.items():
                self.inventory.set_variable(name, variable, value)
            self._set_composite_vars(self.get_option("compose"), variables, name, strict)
            self._add_host_to_composed_groups(self.get_option("groups"), {}, name, strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), {}, name, strict)

    def _compose(self, template: t.Any, variables: t.Any, *args: t.Any, **rest: t.Any) -> t.Any:
        """The value of an expression, marked so that it is not evaluated again. From ansible-core 2.19 on, that never happens."""
        return mark_unsafe_texts(super()._compose(template, variables, *args, **rest))

    def _template(self, template: str, variables: dict[str, t.Any]) -> t.Any:
        """As _compose(), for a text that contains expressions."""
        self.templar.available_variables = {**self._vars, **variables}
        return mark_unsafe_texts(self.templar.template(template))

    def _host_name(self, job: jobs.Job, variables: dict[str, t.Any]) -> str:
        expression = self.get_option("hostname")
        if not expression:
            return jobs.default_host_name(job)
        try:
            name = self._template(expression, variables) if _is_template(expression) else self._compose(expression, variables)
        except AnsibleError as error:
            raise OptionError(
                f"hostname: the expression cannot be evaluated for {jobs.describe_job(job)}: {str(error).rstrip('.')}."
            ) from None
        if not jobs.is_name(name):
            raise OptionError(
                f"hostname: {validate.quote_value(name)} is not a valid host name for {jobs.describe_job(job)}. "
                f"Use only {jobs.NAME_RULE}, for example by the filter regex_replace."
            )
        usable: str = options.to_plain_types(name)
        return usable


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text


def _names_plugin(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return _PLUGIN_LINE.search(file.read(_MAX_BYTES)) is not None
    except OSError:
        return False
