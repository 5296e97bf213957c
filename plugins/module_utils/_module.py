# Copyright: Contributors to the northflank.cloud collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules share: an AnsibleModule that keeps secrets by structure, and the one place where failures are told."""

from __future__ import annotations

import os
import traceback
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.northflank.cloud.plugins.module_utils import _argument_spec as argument_spec
from ansible_collections.northflank.cloud.plugins.module_utils import _connection as connections
from ansible_collections.northflank.cloud.plugins.module_utils import _redact as redact
from ansible_collections.northflank.cloud.plugins.module_utils import _transport as transport
from ansible_collections.northflank.cloud.plugins.module_utils import _validate as validate
from ansible_collections.northflank.cloud.plugins.module_utils._client import Client
from ansible_collections.northflank.cloud.plugins.module_utils._errors import ApiError, NorthflankError
from ansible_collections.northflank.cloud.plugins.module_utils._result import Outcome
from ansible_collections.northflank.cloud.plugins.module_utils._secrets import Secrets, is_distinctive

Flow = t.Callable[[Client, t.Mapping[str, t.Any], bool], Outcome]


class NorthflankModule(AnsibleModule):
    """An AnsibleModule whose log, "invocation" and argument errors hold no secret, and name an option by its whole path."""

    def __init__(self, spec: argument_spec.Spec) -> None:
        self._problems: list[str] = []
        super().__init__(argument_spec=spec, supports_check_mode=True)
        if self._problems:
            self._fail_with_problems()

    def _load_params(self) -> None:
        super()._load_params()
        try:
            self.params = validate.without_nulls(self.params, self.argument_spec)
            self._problems = validate.problems(self.params, self.argument_spec)
        except Exception as error:  # told without its text, which may hold a secret
            self._problems = [_internal_error(error)]
        # ansible-core hides the values of marked options wherever they stand: of a token such as "ok" parts of any result.
        # A token that short is kept out by structure alone, as the secret maps are.
        if not is_distinctive(self._token()):
            self.argument_spec["api_token"]["no_log"] = False

    def _token(self) -> str:
        try:
            return str(self.params.get("api_token") or argument_spec.first_set(*argument_spec.TOKEN_VARIABLES))
        except argument_spec.AnsibleFallbackNotFound:
            return ""

    def _log_invocation(self) -> None:
        self.log(f"Invoked with {', '.join(sorted(name for name, value in self.params.items() if value is not None))}")

    def exit_json(self, **kwargs: t.Any) -> t.NoReturn:
        """Succeed, with an "invocation" that is free of secrets."""
        super().exit_json(**self._with_invocation(kwargs))

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """Fail, with an "invocation" that is free of secrets. Problems of the options take the place of what ansible-core says."""
        if self._problems:
            self._fail_with_problems()
        super().fail_json(msg=msg, **self._with_invocation(kwargs))

    def _fail_with_problems(self) -> t.NoReturn:
        problems, self._problems = self._problems, []
        count = f"{len(problems)} problems with the options" if len(problems) > 1 else "A problem with the options"
        self.fail_json(msg=f"{count}: {'; '.join(problems)}.")

    def _with_invocation(self, result: dict[str, t.Any]) -> dict[str, t.Any]:
        return {**result, "invocation": {"module_args": redact.shown_options(self.params, self.argument_spec)}}


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
    module.exit_json(**outcome.shown(module._diff), **rest)


def _attempt(module: NorthflankModule, flow: Flow) -> tuple[Outcome | None, dict[str, t.Any]]:
    """The outcome of the flow, None if it failed, and what else the result holds: "api", and of a failure "msg" and "error"."""
    outcome, rest = None, {}
    client = None
    try:
        connection = connections.from_options(module.params)
        if connection.warning:
            module.warn(connection.warning)
        client = Client(connection, Secrets(module.params["api_token"] or ""))
        outcome = flow(client, module.params, module.check_mode)
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
