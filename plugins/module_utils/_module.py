# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules share: an AnsibleModule that keeps secrets by structure, and the one place where failures are told."""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.northflank.cloud.plugins.module_utils import _argument_spec as argument_spec
from ansible_collections.northflank.cloud.plugins.module_utils import _connection as connection
from ansible_collections.northflank.cloud.plugins.module_utils import _redact as redact
from ansible_collections.northflank.cloud.plugins.module_utils import _transport as transport
from ansible_collections.northflank.cloud.plugins.module_utils import _validate as validate
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, NorthflankError
from ansible_collections.northflank.cloud.plugins.module_utils._reconcile import Outcome

Flow = t.Callable[[Client, redact.Secrets, t.Mapping[str, t.Any], bool], Outcome]


class NorthflankModule(AnsibleModule):
    """An AnsibleModule whose log, "invocation" and argument errors hold no secret, and name an option by its whole path."""

    def __init__(self, spec: argument_spec.Spec) -> None:
        self._problems: list[str] = []
        super().__init__(argument_spec=spec, supports_check_mode=True)
        if self._problems:
            self.fail_json(msg="")

    def _load_params(self) -> None:
        super()._load_params()
        self.params = validate.without_nulls(self.params, self.argument_spec)
        self._problems = validate.problems(self.params, self.argument_spec)
        # ansible-core hides the values of marked options wherever they stand: of a token such as "ok" parts of any result.
        # A token that short is kept out by structure alone, as the secret maps are.
        if not redact.is_distinctive(self._token()):
            self.argument_spec["api_token"]["no_log"] = False

    def _token(self) -> str:
        variables = argument_spec.TOKEN_VARIABLES
        return str(self.params.get("api_token") or next(filter(None, map(os.environ.get, variables)), ""))

    def _log_invocation(self) -> None:
        self.log(f"Invoked with {', '.join(sorted(name for name, value in self.params.items() if value is not None))}")

    def _return_formatted(self, kwargs: dict[str, t.Any]) -> None:
        kwargs["invocation"] = {"module_args": redact.shown_options(self.params, self.argument_spec)}
        super()._return_formatted(kwargs)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail; where the options have problems, these are the message, since ansible-core's names no paths."""
        if self._problems:
            problems, self._problems = self._problems, []
            count = f"{len(problems)} problems with the options" if len(problems) > 1 else "A problem with the options"
            msg = f"{count}: {'; '.join(problems)}."
        super().fail_json(msg=msg, **kwargs)


def run(spec: argument_spec.Spec, flow: Flow) -> None:
    """Run a module: options in, one JSON result out. Every failure of the collection is told here."""
    module = NorthflankModule(spec)
    if not transport.HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"))
    outcome, rest = _attempt(module, flow)
    # Outside of all handlers of exceptions, where ansible-core would add a traceback to a failure.
    if outcome is None:
        module.fail_json(**rest)
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(
        changed=outcome.changed,
        job=outcome.job,
        ansible_facts={"northflank_manual_job": outcome.job},
        changed_fields=outcome.changed_fields,
        unknown_fields=outcome.unknown_fields,
        **({"diff": outcome.diff} if module._diff else {}),
        **rest,
    )


def _attempt(module: NorthflankModule, flow: Flow) -> tuple[Outcome | None, dict[str, t.Any]]:
    """The outcome of the flow, None if it failed, and what else the result holds: "api", and of a failure "msg" and "error"."""
    secrets = redact.Secrets(module.params["api_token"] or "")
    outcome, rest = None, {}
    client = None
    try:
        client = Client(connection.from_options(module.params), secrets)
        outcome = flow(client, secrets, module.params, module.check_mode)
    except ApiError as error:
        rest = {"msg": str(error), "error": error.error}
    except NorthflankError as error:
        rest = {"msg": str(error)}
    except Exception as error:  # told without its text, which may hold a secret
        rest = {"msg": _internal_error(error)}
    if client is not None:
        client.close()
        rest["api"] = client.report()
    return outcome, rest


def _internal_error(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"An error of the collection itself, not of the task: {type(error).__name__} in {os.path.basename(frame.filename)}, "
        f"line {frame.lineno}. Please report it, with the versions of the collection, ansible-core and Python."
    )
