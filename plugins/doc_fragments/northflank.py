# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of the plugins of this collection has in common: the options of the connection, and the attributes of modules."""

from __future__ import annotations


class ModuleDocFragment:
    # The options that whatever speaks to the API takes, modules and other plugins.
    DOCUMENTATION = r"""
options:
  api_token:
    description:
      - The token that the API asks for.
      - Required, unless the environment holds it.
      - If it is left out, the environment variable E(NORTHFLANK_API_TOKEN) is taken, then E(NF_API_TOKEN). Empty variables are skipped.
    type: str
  api_url:
    description:
      - The address of the API, without the V(/v1) that all of its paths begin with. A V(/v1) at its end is tolerated.
      - If it is left out, the environment variable E(NORTHFLANK_API_BASE_URL) is taken, then E(NF_API_HOST), then E(NF_HOST).
        Empty variables are skipped.
    type: str
    default: https://api.northflank.com
  team_id:
    description:
      - The ID of the team that the projects belong to.
      - When it is set, the paths of that team are used (C(/v1/teams/{teamId}/projects/...)), else those without a team
        (C(/v1/projects/...)).
      - If it is left out, the environment variable E(NORTHFLANK_TEAM_ID) is taken, unless it is empty.
    type: str
  validate_certs:
    description:
      - Whether the certificate of the API is verified.
      - Set it to V(false) only for a test server, since the token goes to whoever answers.
    type: bool
    default: true
  ca_path:
    description:
      - A file or a directory of CA certificates, which the certificate of the API is verified against.
      - If it is left out, the environment variable E(REQUESTS_CA_BUNDLE) is taken, then E(CURL_CA_BUNDLE), then E(SSL_CERT_FILE), and else
        the certificates that come with C(requests).
      - Ignored if O(validate_certs=false).
    type: path
  timeout:
    description:
      - How many seconds each request may take as a whole, from the connection to the last byte of the answer, however slowly
        its parts come. More than 0, at most 86400.
      - A repetition (O(retries)) is a request of its own, and the waits before repetitions and for the quota (O(rate_limit_wait)) come
        on top. The look-up of the name of the host is not bounded, and where a name has several addresses, each of them is
        tried for this long.
    type: float
    default: 30
  retries:
    description:
      - How often a request is repeated after a failed connection, a time-out, an answer that was cut off, or an answer with the status
        502, 503 or 504. The first repetition follows at once, later ones after a second, two, four and so on.
      - From 0, which means that nothing is repeated, to 100.
    type: int
    default: 3
  rate_limit_wait:
    description:
      - How many seconds to wait in all, at most, when the API answers with the status 429, since the quota is used up.
      - Each wait is as long as the answer says. If that is longer than what is left of this time, there is no wait but an error at once,
        which says when the quota resets.
      - From 0, which means that there is no wait, to 86400.
    type: float
    default: 60
requirements:
  - requests (with urllib3 1.26 or later)
"""

    # How plugins beside modules take them, too. Of several variables ansible-core names the last one set, so that the first stands last.
    PLUGIN = r"""
options:
  api_token:
    env:
      - name: NF_API_TOKEN
      - name: NORTHFLANK_API_TOKEN
  api_url:
    env:
      - name: NF_HOST
      - name: NF_API_HOST
      - name: NORTHFLANK_API_BASE_URL
  team_id:
    env:
      - name: NORTHFLANK_TEAM_ID
"""

    # What the modules can do, and what goes for the tasks that use them. A module that differs says so itself, and adds the details.
    ATTRIBUTES = r"""
options: {}
attributes:
  action_group:
    description:
      - Use C(group/northflank.cloud.northflank) or C(group/northflank.cloud.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - northflank.cloud.northflank
      - northflank.cloud.all
  async:
    description: Supports being used with the C(async) keyword.
    support: full
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled or queried by the module has not changed in a relevant way.
    support: full
  platform:
    description: Target OS or families that can be operated against.
    support: full
    platforms: posix
notes:
  - The API grants 1000 requests an hour by default. RV(api.requests) and RV(api.rate_limit_remaining) show
    what a task used and what is left.
  - The options that all modules of this collection share can be set once, through C(module_defaults) and the action groups
    C(group/northflank.cloud.northflank) and C(group/northflank.cloud.all).
  - Proxies and CA certificates that the environment names are used, also those of the task's C(environment) keyword.
    A C(.netrc) file never replaces the token, and redirects are not followed.
  - On a local connection the task runs in the process of ansible-core, without a module being transferred and a Python being started.
    It is handed over to the module if it is asynchronous, uses C(become), or has a Python interpreter of its own, on macOS, and if
    the variable C(northflank_in_process) is false. The result is the same.
  - To repeat a change (O(retries)) is harmless, since it states values and no steps. A request that starts a run is not repeated if it may
    have arrived.
  - A token in the environment belongs there outside of Ansible. With the keyword C(environment) of a task, ansible-core itself shows it
    at C(-vvv) when it starts a module.
  - ansible-core can be told to record the arguments of tasks as they are, secrets included, which the collection cannot hide.
    E(ANSIBLE_DISPLAY_ARGS_TO_STDOUT) does so, also in the events of AWX, and the callback plugin C(ansible.builtin.junit).
    There, set C(no_log=true) on the task. It hides the result and the diff, too.
"""
