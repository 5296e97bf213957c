# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation that the plugins of this collection share: the options of the connection, and the attributes of modules."""

from __future__ import annotations


class ModuleDocFragment:
    # The options of every module and plugin that sends requests to the API.
    DOCUMENTATION = r"""
options:
  api_token:
    description:
      - The API token.
      - If it is not set, the environment variable E(NORTHFLANK_API_TOKEN) is used, then E(NF_API_TOKEN). Empty variables are ignored.
      - Required if neither variable is set.
    type: str
  api_url:
    description:
      - The URL of the API, without the V(/v1) at the beginning of all its paths. A V(/v1) at the end of the URL is accepted.
      - If it is not set, the environment variable E(NORTHFLANK_API_BASE_URL) is used, then E(NF_API_HOST), then E(NF_HOST).
        Empty variables are ignored.
    type: str
    default: https://api.northflank.com
  team_id:
    description:
      - The ID of the team that the projects belong to.
      - If it is set, requests use the paths of the team (C(/v1/teams/{teamId}/projects/...)), otherwise the paths without a team
        (C(/v1/projects/...)).
      - If it is not set, the environment variable E(NORTHFLANK_TEAM_ID) is used, unless it is empty.
    type: str
  validate_certs:
    description:
      - Whether the TLS certificate of the API is verified.
      - Set it to V(false) only for a test server, because any server that responds then receives the token.
    type: bool
    default: true
  ca_path:
    description:
      - The path of a file or directory of CA certificates, which are used to verify the certificate of the API.
      - If it is not set, the environment variable E(REQUESTS_CA_BUNDLE) is used, then E(CURL_CA_BUNDLE), then E(SSL_CERT_FILE),
        and otherwise the certificates that are installed with C(requests).
      - Ignored if O(validate_certs=false).
    type: path
  timeout:
    description:
      - The time-out of one request in seconds, from the connection to the last byte of the response. It limits the whole request, even if
        the response arrives slowly in small parts.
      - Greater than 0, at most 86400.
      - Each retry (O(retries)) is a request with a time-out of its own. The waits before retries and for the quota (O(rate_limit_wait))
        are not included.
      - The DNS lookup is not limited. If the host name has several addresses, each address is tried for this long.
    type: float
    default: 30
  retries:
    description:
      - How often a request is sent again after a failed connection, a time-out, an incomplete response, or a response with the status
        502, 503 or 504. The first retry is sent immediately, the next ones after 1, 2, 4 and more seconds.
      - From 0 (no retries) to 100.
    type: int
    default: 3
  rate_limit_wait:
    description:
      - The maximum number of seconds to wait in total when the quota is used up and the API responds with the status 429.
      - Each wait is as long as the response requires. If that is longer than the rest of this time, the request fails at once. The message
        contains the number of seconds until the quota resets.
      - From 0 (no waiting) to 86400.
    type: float
    default: 60
requirements:
  - requests (with urllib3 1.26 or later)
"""

    # For plugins that are not modules. If several variables are set, ansible-core uses the last one listed, so the preferred one is last.
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

    # The attributes of modules, and the notes on all their tasks. A module that differs overrides an attribute and adds details.
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
  - The API allows 1000 requests an hour by default. RV(api.requests) returns how many requests a task sent, and
    RV(api.rate_limit_remaining) how many are left.
  - You can set the options of the connection once for all modules of this collection, with C(module_defaults) and the action group
    C(group/northflank.cloud.northflank) or C(group/northflank.cloud.all).
  - The module uses the proxies and CA certificates that are set in environment variables, including the C(environment) keyword of the
    task. A C(.netrc) file never replaces the token. Redirects are not followed.
  - With a local connection, the task runs in process, that is, in the C(ansible-playbook) process, without transferring a module or
    starting a Python interpreter. The module runs instead if the task is asynchronous, uses C(become) or has a Python interpreter of its
    own, on macOS, and if the variable C(northflank_in_process) is false. The result is the same.
  - A change can safely be sent again (O(retries)), because the request contains the new values themselves. The same applies to the removal
    of a job. A request that creates a job, changes its deployment or starts a run is not sent again if the API may have received it.
  - If you set the token in the environment, set it outside of Ansible. With the C(environment) keyword of a task, ansible-core shows
    the token at C(-vvv) when it starts a module.
  - Some settings make ansible-core record the arguments of tasks unchanged, including secrets, for example
    E(ANSIBLE_DISPLAY_ARGS_TO_STDOUT) (also in the events of AWX) and the callback plugin C(ansible.builtin.junit). The collection cannot
    prevent this. With such a setting, use C(no_log=true) on the task, which also hides the result and the diff.
"""
