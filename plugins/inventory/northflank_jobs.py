# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
name: northflank_jobs
short_description: The jobs of Northflank as hosts
version_added: 1.0.0
author:
  - "Contributors to the northflank.cloud collection (@northflank-cloud)"
description:
  - Makes a host of each job of Northflank projects, so that forks, C(serial), C(--limit) and the job slicing of AWX work on jobs.
  - It reads a YAML file with O(plugin=northflank.cloud.northflank_jobs). The name of that file has to end with C(northflank_jobs.yml),
    C(northflank_jobs.yaml), C(northflank.yml) or C(northflank.yaml), such as C(production.northflank_jobs.yml).
  - The variables of each host are C(northflank_project_id), C(northflank_job_id), C(northflank_team_id) (V(null) without a team), and
    C(northflank_job), what the list of jobs shows of the job, in the shape of
    RV(northflank.cloud.northflank_manual_job_info#module:jobs). None of them holds a secret.
extends_documentation_fragment:
  - northflank.cloud.northflank
  - northflank.cloud.northflank.plugin
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - What marks a file as one for this plugin.
    type: str
    required: true
    choices: [northflank.cloud.northflank_jobs]
  projects:
    description:
      - The projects whose jobs become hosts. Each is the ID of one, or a pattern of IDs as shells have it, such as V(team-a-*).
      - In a pattern, V(*) stands for any text, V(?) for any character, V([...]) for one of several characters. Upper and lower case
        differ.
      - If it is left out, the jobs of all projects of the account, or of the team, become hosts.
      - An ID without a project is an error, a pattern without one a warning.
    type: list
    elements: str
  job_type:
    description:
      - Which types of jobs become hosts. Other plugins of this collection are for manual jobs only.
    type: list
    elements: str
    choices: [manual, cron]
    default: [manual]
  filters:
    description:
      - Which jobs of the projects to keep. A job has to meet all that is stated.
    type: dict
    suboptions:
      tags:
        description:
          - The IDs of tags. A job is kept if it has all of them.
          - Where the lists of jobs show no tags of any job, each job that O(filters.name) leaves over is read by itself, which costs
            a request a job.
        type: list
        elements: str
      name:
        description:
          - A pattern as in O(projects), such as V(report-*). A job is kept if its name or its ID is of this pattern.
        type: str
  hostname:
    description:
      - The name of a host, as a template such as V({{ northflank_job_id }}), or as an expression such as V(northflank_job_id), over the
        variables of the host.
      - If it is left out, the name is C(<project_id>.<job_id>), which no two jobs share.
      - The names of hosts may hold letters, digits, C(-), C(_) and C(.). Any other name is an error, and so is one that two jobs would have.
    type: str
notes:
  - O(api_token), O(api_url), O(team_id), O(ca_path), the other options of the connection, O(projects), O(job_type) and O(filters) may be
    templates, and may be vaulted. A template sees the variables that are given by C(--extra-vars), and no others.
  - The token needs the permission C(Project > Jobs > General > Read), and C(Project > Projects > Manage > Read) unless O(projects) holds
    nothing but IDs. A project that it may not read is left out with a warning. If it may read none of them, that is an error.
  - It costs one request for each 100 projects, unless O(projects) holds nothing but IDs, and one for each 100 jobs of each project, jobs
    that are not kept included. So 10 projects of 100 jobs each cost 11 requests. The API grants 1000 requests an hour by default. If the
    quota is used up, O(rate_limit_wait) says how long to wait for it.
  - With O(cache=true) and a cache plugin that outlives a run, such as P(ansible.builtin.jsonfile#cache), a run sends no request as long
    as the cache is valid, whichever token it has. The cache holds the jobs and by which options they were chosen, and never the token.
    Jobs that were chosen by other O(api_url), O(team_id), O(projects), O(job_type) or O(filters) are not taken from it.
    C(ansible-playbook --flush-cache) has them read again.
  - The hosts are not machines that Ansible could log in to. Plays for them need C(connection=local), and C(gather_facts=false).
  - Texts that the API shows are never templated, whatever they hold. C(ansible-inventory) and AWX show an ordinary text plainly, such as
    V(nightly-report) or V(The report of the day). A text that holds anything but letters, digits, blanks and V(._/:-), or that could be
    an expression, is shown as a dictionary whose key is C(__ansible_unsafe). In tasks both are the text itself.
  - ansible-core evaluates a text where a playbook makes it a condition or the name of a variable, as in C(when) or C(debug) with
    C(var) of V({{ northflank_job.description }}). It refuses a marked text there, and takes the words of a plain text such as
    V(report) or V(nightly-report) for the names of variables. Compare the text instead, as in V(northflank_job.description == 'report').
  - A job or a project whose ID holds other characters than letters, digits, C(-) and C(_) is left out with a warning.
  - Proxies and CA certificates that the environment names are used. A C(.netrc) file never replaces the token, and redirects are not
    followed.
  - AWX matches hosts by their names from one update to the next. It needs unique names that stay.
  - Tags become groups only where the list of jobs shows them, which the documentation of the API does not promise.
seealso:
  - module: northflank.cloud.northflank_manual_job
  - module: northflank.cloud.northflank_manual_job_info
  - name: Northflank API
    description: The documentation of the API, with the pages List projects and List jobs about the requests that this plugin sends.
    link: https://northflank.com/docs/v1/api
"""

EXAMPLES = r"""
# fmt: code
---
# All manual jobs of all projects of the account. The token is taken from NORTHFLANK_API_TOKEN.
plugin: northflank.cloud.northflank_jobs

---
# The jobs of some projects of a team, cron jobs included.
plugin: northflank.cloud.northflank_jobs
team_id: example-team
projects:
  - example-project
  - report-*
job_type:
  - manual
  - cron

---
# Jobs with two tags, whose names begin with "report".
plugin: northflank.cloud.northflank_jobs
filters:
  name: report*
  tags:
    - production
    - nightly

---
# The token from a variable that a vaulted file holds: ansible-inventory --extra-vars @vault.yml ...
plugin: northflank.cloud.northflank_jobs
api_token: "{{ vault_northflank_api_token }}"

---
# The token inline, as ansible-vault encrypt_string writes it (shortened here).
plugin: northflank.cloud.northflank_jobs
api_token: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  3637...

---
# Groups by project (project_example_project), by tag (tag_nightly), and by a condition. Variables of hosts by expressions.
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
# Hosts that are named by their jobs alone. That two of them have the same name is an error.
plugin: northflank.cloud.northflank_jobs
projects:
  - example-project
hostname: "{{ northflank_job_id }}"

---
# Kept for ten minutes in files. No request is sent as long as they are valid.
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
from ..plugin_utils._plain_words import marked

# Where a file that is no inventory by its name says that it is one.
_SAYS_PLUGIN = re.compile(rb"""^[ {]*["']?plugin["']?\s*:\s*["']?northflank\.cloud\.northflank_jobs\b""", re.MULTILINE)
_MOST_BYTES = 65536


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Jobs become hosts: options in, requests or the cache, hosts out."""

    NAME = "northflank.cloud.northflank_jobs"

    def __init__(self) -> None:
        super().__init__()
        self._stated: options.Options = {}

    def verify_file(self, path: str) -> bool:
        """Whether a file is one for this plugin, by its name. One that is not, and says that it is, gets a word about that."""
        if not super().verify_file(path):
            return False
        if path.endswith(options.FILE_NAMES):
            return True
        if _says_plugin(path):
            names = ", ".join(options.FILE_NAMES)
            self.display.warning(f"{path} is not read by {self.NAME}: the name of the file must end with one of {names}. Rename it.")
        return False

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        """Add the jobs that a file asks for to the inventory."""
        super().parse(inventory, loader, path, cache)
        if not transport.HAS_REQUESTS:
            raise AnsibleParserError(missing_required_lib("requests"))
        try:
            self._read_file(path)
            self._add_hosts(self._jobs(path, cache))
        except NorthflankError as error:
            raise AnsibleParserError(str(error)) from None
        except AnsibleError:
            raise
        except Exception as error:  # told without its text, which may hold a secret
            raise AnsibleParserError(task.internal_error(error)) from None

    def _read_file(self, path: str) -> None:
        try:
            self._read_config_data(path)
        except AttributeError:
            # ansible-core looks for the plugin's name before it looks whether there can be one.
            raise AnsibleParserError(f"{path} is no dictionary; the least that it must hold is the line: plugin: {self.NAME}") from None

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        """Take the options of a file. What is wrong with them is told before ansible-core does, whose words show values."""
        if direct is not None:
            self._stated = options.validated({name: self._read(name, value) for name, value in direct.items()}, self.option_definitions)
            # As an expression that the file holds, which a copy is not to ansible-core.
            direct = {**direct, **self._stated, "hostname": direct.get("hostname")}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _read(self, name: str, value: t.Any) -> t.Any:
        """The value of an option in plain types, after its templates, where it is one of ours and no expression."""
        if name == "hostname" or name not in options.own_spec():
            return value
        self.templar.available_variables = self._vars
        try:
            return options.read(name, self.templar.template(value))
        except AnsibleError as error:
            # ansible-core may quote the template.
            reason = " ".join((str(error).replace(value, "...") if isinstance(value, str) else str(error)).split())
            raise OptionError(f"{name}: its value cannot be had: {reason}") from None

    def _jobs(self, path: str, cache: bool) -> list[jobs.Job]:
        """The jobs, from the cache if it may be asked and holds them, else from the API."""
        connection = settings.from_options(self._stated)
        if connection.warning:
            self.display.warning(connection.warning)
        if not self.get_option("cache"):
            return self._told(self._found(connection))
        key = self.get_cache_key(path)
        found = jobs.from_cache(self._cached(key), connection.base_url, self._stated) if cache else None
        if found is None:
            found = self._found(connection)
            self._cache[key] = jobs.for_cache(found, connection.base_url, self._stated)
        return self._told(found)

    def _cached(self, key: str) -> t.Any:
        try:
            return self._cache.get(key)
        except Exception as error:  # ansible-core does not expect each content that a cache may have
            self.display.vvv(f"The cache cannot be read, and is filled again: {type(error).__name__}")
            return None

    def _told(self, found: jobs.Found) -> list[jobs.Job]:
        """The jobs, after the warnings that go with them."""
        for warning in found.warnings:
            self.display.warning(warning)
        return found.jobs

    def _found(self, connection: settings.ConnectionSettings) -> jobs.Found:
        session = transport.Session(connection)
        try:
            found = jobs.find(Client(session, Secrets(connection.token)), self._stated)
        finally:
            session.close()
        # A job or its id may repeat the token.
        return jobs.Found(*(replace_everywhere(part, connection.token) for part in found)) if is_distinctive(connection.token) else found

    def _add_hosts(self, found: list[jobs.Job]) -> None:
        named: dict[str, tuple[jobs.Job, dict[str, t.Any]]] = {}
        for job in found:
            # No ansible-core takes them for templates: see _plain_words.py.
            variables = {variable: marked(value) for variable, value in jobs.host_variables(job, self._stated["team_id"]).items()}
            name = self._name_of(job, variables)
            if name in named:
                both = f"{jobs.words(named[name][0])} and {jobs.words(job)}"
                raise OptionError(f"hostname: {both} would both be the host {name}. Have the name hold northflank_project_id, too.")
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
        """What an expression gives, never templated either: from ansible-core 2.19 on that is so anyway."""
        return marked(super()._compose(template, variables, *args, **rest))

    def _template(self, template: str, variables: dict[str, t.Any]) -> t.Any:
        """As _compose(), of a text with expressions in it."""
        self.templar.available_variables = {**self._vars, **variables}
        return marked(self.templar.template(template))

    def _name_of(self, job: jobs.Job, variables: dict[str, t.Any]) -> str:
        expression = self.get_option("hostname")
        if not expression:
            return jobs.usual_name(job)
        try:
            name = self._template(expression, variables) if _is_template(expression) else self._compose(expression, variables)
        except AnsibleError as error:
            raise OptionError(f"hostname: it has no value for {jobs.words(job)}: {error}") from None
        if not jobs.is_name(name):
            raise OptionError(
                f"hostname: {validate.quote_value(name)} cannot be the name of a host, for {jobs.words(job)}. "
                f"A name is a text of {jobs.NAME_RULE}. A filter such as regex_replace can make one."
            )
        usable: str = options.plain(name)
        return usable


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text


def _says_plugin(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return _SAYS_PLUGIN.search(file.read(_MOST_BYTES)) is not None
    except OSError:
        return False
