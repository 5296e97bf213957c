# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real proxy in a process of its own, which notes its requests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from proxy.http.exception import HttpRequestRejected
from proxy.http.parser import HttpParser
from proxy.http.proxy import HttpProxyBasePlugin

# For the proxy, names below it are those of this machine.
DOMAIN = ".example.com"
# A name that the proxy refuses to connect to.
FORBIDDEN = "forbidden.example.com"
USER, PASSWORD = "someone", "S3cret-of-the-proxy"

_NOTES = "NOTES_OF_THE_PROXY"
_TESTS = Path(__file__).resolve().parents[1]
_SECONDS = 60


class Notes(HttpProxyBasePlugin):
    """Runs in the proxy: writes down each request before it is passed on."""

    def resolve_dns(self, host: str, port: int) -> tuple[str | None, t.Any]:
        """The address of a name."""
        return ("127.0.0.1" if host.endswith(DOMAIN) else None), None

    def before_upstream_connection(self, request: HttpParser) -> HttpParser:
        """Note the target of a connection, and refuse the forbidden one."""
        method, host = (part.decode() for part in (request.method, request.host))
        with open(os.environ[_NOTES], "a", encoding="utf-8") as notes:
            notes.write(f"{method} {host}:{request.port}\n")
        if host == FORBIDDEN:
            raise HttpRequestRejected(status_code=403, reason=b"Forbidden", body=b"The proxy says no")
        return request


class Proxy:
    """A running proxy. url contains no password, even if the proxy requires one."""

    def __init__(self, folder: Path, needs_password: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._notes = folder / "notes"
        self._notes.touch()
        port = folder / "port"
        log = folder / "log"
        command = [
            sys.executable,
            "-m",
            "proxy",
            "--hostname=127.0.0.1",
            "--port=0",
            f"--port-file={port}",
            "--num-acceptors=1",
            "--num-workers=1",
        ]
        command += [f"--plugins={Notes.__module__}.{Notes.__name__}", f"--log-file={log}"]
        command += [f"--basic-auth={USER}:{PASSWORD}"] if needs_password else []
        environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(_TESTS), _NOTES: str(self._notes)}
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + _SECONDS
        while not (port.exists() and port.read_text(encoding="utf-8").strip()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the proxy did not start:\n{log.read_text(encoding='utf-8') if log.exists() else ''}")
            time.sleep(0.05)
        self.address = f"127.0.0.1:{port.read_text(encoding='utf-8').strip()}"
        self.url = f"http://{self.address}"

    def take_notes(self) -> list[str]:
        """The requests since the last call: the method, and the host and port of the connection."""
        notes = self._notes.read_text(encoding="utf-8").splitlines()
        self._notes.write_text("", encoding="utf-8")
        return notes

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(_SECONDS)
