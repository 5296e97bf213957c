# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters that have already started: a server imports what each program imports first, and forks for each program.

A Python that starts anew reads and compiles about a hundred files before a module's first line: two thirds of the time of the tests
that compare both ways. What a program does stays as it is: its arguments, folder, environment and streams are those that it is given,
and the files of this collection come out of the zip file of a module, or from where ansible-core finds them.

test_run_as_module.py, test_loops.py, test_secrets.py and the matrix start modules with a Python of their own. Programs of ansible-core
read their settings when they start: for those that a test gives settings of its own, nothing of ansible-core is imported before. In
the matrix they start anew.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib
import json
import marshal
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import typing as t
import zipimport
from pathlib import Path

# AnsiballZ replaces the package by this one. The installed package would treat this process as a controller.
_PACKAGE = (
    "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n__version__ = {version!r}\n__author__ = 'Ansible, Inc.'\n"
)
# What is imported for modules, and for programs.
_FOR_MODULES = ("ansible.module_utils.basic", "ansible.module_utils._internal._ansiballz._loader", "requests")
_FOR_PROGRAMS = (
    "ansible.cli.playbook",
    "ansible.cli.inventory",
    "ansible.executor.playbook_executor",
    "ansible.executor.task_executor",
    "requests",
)
# For programs with their own settings: modules that do not depend on settings.
_FOR_OTHER_PROGRAMS = (
    "cryptography.hazmat.primitives.ciphers",
    "jinja2.nativetypes",
    "jinja2.sandbox",
    "multiprocessing.managers",
    "packaging.specifiers",
    "requests",
    "resolvelib",
    "yaml",
)
_LENGTH = 8
_STREAMS = (0, 1, 2)
_CLIENT = """\
#!{python} -ISs
import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
message = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(connection, [len(message).to_bytes({length}, "big")], {streams!r})
connection.sendall(message)
status = connection.recv(1)
os._exit(status[0] if status else 255)
"""


@contextlib.contextmanager
def interpreter(folder: Path, version: str | None = None, environment: t.Mapping[str, str] | None = None) -> t.Iterator[Path]:
    """The path of an interpreter that is warm as long as the context lasts.

    With a version, it is for modules of that ansible-core. With an environment, it is for programs with its settings. Otherwise, it
    is for other programs.
    """
    imported = _FOR_MODULES if version else _FOR_PROGRAMS if environment else _FOR_OTHER_PROGRAMS
    path = folder / "package"
    path.mkdir()
    if version:
        (path / "ansible").mkdir()
        (path / "ansible" / "__init__.py").write_text(_PACKAGE.format(version=version), encoding="utf-8")
    address = str(folder / "socket")
    client = folder / "python"
    client.write_text(_CLIENT.format(python=sys.executable, address=address, length=_LENGTH, streams=list(_STREAMS)), encoding="utf-8")
    client.chmod(0o700)
    # It ends with its standard input, also if this process is killed.
    command = [sys.executable, __file__, address, str(path), *imported]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as server:
        assert server.stdin and server.stdout
        if not server.stdout.readline():
            raise RuntimeError("the server of the warm interpreter did not start")
        try:
            yield client
        finally:
            server.stdin.close()


def serve(address: str, imported: t.Iterable[str]) -> None:
    """Fork for each program that is sent to a socket, until the standard input ends."""
    for name in imported:
        with contextlib.suppress(ImportError):  # not every ansible-core has it
            importlib.import_module(name)
    _keep_compiled(Path(address).parent)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    print("ready", flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, unused = listener.accept()
        if os.fork() == 0:
            listener.close()
            raise SystemExit(_run(connection))
        connection.close()


def _keep_compiled(folder: Path) -> None:
    """Keep what Python compiles out of zip files in a folder: each module has the same files in a zip file of its own."""
    compile_source = zipimport._compile_source  # type: ignore[attr-defined]

    def compile_once(path: str, source: bytes) -> t.Any:
        file = folder / hashlib.sha256(source).hexdigest()
        try:
            return marshal.loads(file.read_bytes())
        except (OSError, EOFError, ValueError):
            code = compile_source(path, source)
            unfinished = file.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(marshal.dumps(code))
            unfinished.replace(file)
            return code

    zipimport._compile_source = compile_once  # type: ignore[attr-defined]


def _run(connection: socket.socket) -> int:
    """Run a file as the interpreter of the client would. Returns the exit status, and sends it to the client."""
    head, streams, *unused = socket.recv_fds(connection, _LENGTH, len(_STREAMS))
    length, message = int.from_bytes(head, "big"), b""
    while len(message) < length:
        message += connection.recv(length - len(message))
    arguments, folder, environment = json.loads(message)
    for number, stream in zip(_STREAMS, streams, strict=True):
        os.dup2(stream, number)
        os.close(stream)
    for number, (name, mode, errors) in enumerate((("stdin", "r", None), ("stdout", "w", None), ("stderr", "w", "backslashreplace"))):
        # Those of the server have been used, and have a state.
        new = open(number, mode, errors=errors, closefd=False, encoding=sys.stdin.encoding)  # pylint: disable=consider-using-with
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv[:] = arguments
    _renew_folder()
    status = _status_of(arguments[0])
    sys.stdout.flush()
    sys.stderr.flush()
    with contextlib.suppress(OSError):  # a daemon that the module has started ends here too
        connection.send(bytes([status & 0xFF]))
    return status


def _renew_folder() -> None:
    """Make a folder for temporary files of a program of ansible-core, which makes one as soon as it reads its settings."""
    constants = sys.modules.get("ansible.constants")
    if constants:
        before = Path(constants.DEFAULT_LOCAL_TMP)
        constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=before.parent)
        # What ansible-core itself removes at the end is the folder of the server.
        atexit.register(shutil.rmtree, constants.DEFAULT_LOCAL_TMP, ignore_errors=True)


def _status_of(file: str) -> int:
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as error:
        if error.code is not None and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
            return 1
        return error.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.path[0] = sys.argv[2]
    serve(sys.argv[1], sys.argv[3:])
