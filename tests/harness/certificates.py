# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private CA, and servers' certificates by it, good ones and bad ones."""

from __future__ import annotations

import datetime
import ssl
import subprocess
from pathlib import Path

import trustme


class Certificates:
    """A private CA. file is what a client needs to trust it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._authority = trustme.CA()
        self.file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """What a server needs to be of these names."""
        until = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names, not_after=until).configure_cert(context)
        return context

    def hashed_folder(self) -> Path:
        """A new folder of certificates, in which OpenSSL finds them by the hashes of their names."""
        folder = self.file.parent / "hashed"
        folder.mkdir()
        (folder / self.file.name).write_bytes(self.file.read_bytes())
        subprocess.run(["openssl", "rehash", str(folder)], check=True, capture_output=True)
        return folder
