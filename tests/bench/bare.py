# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop of bare requests, the lowest possible cost of reading jobs: python bare.py URL TOKEN COUNT prints the seconds."""

from __future__ import annotations

import sys
import time

import requests


def main() -> None:
    """Read jobs 1 to COUNT."""
    url, token, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    began = time.monotonic()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        for number in range(1, count + 1):
            response = session.get(f"{url}{number}", timeout=60)
            response.raise_for_status()
            response.json()
    print(time.monotonic() - began)


if __name__ == "__main__":
    main()
