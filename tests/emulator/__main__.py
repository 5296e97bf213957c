# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: Contributors to the northflank.cloud collection
"""Run the emulator by hand: `PYTHONPATH=tests python -m emulator --jobs jobs.json`."""

from __future__ import annotations

import argparse
import json
import pathlib
import signal
import threading

from . import Emulator


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m emulator", description="Emulate the Northflank jobs API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (default) uses a free one")
    parser.add_argument("--state", default="current", choices=Emulator.state.words, help="the API state")
    parser.add_argument("--objects", default="replace", choices=Emulator.objects.words, help="how PATCH reads nested objects")
    parser.add_argument("--maps", default="replace", choices=Emulator.maps.words, help="how PATCH reads maps")
    parser.add_argument("--token", help=f"the only token that is accepted (default: {Emulator.TOKEN})")
    parser.add_argument("--jobs", type=pathlib.Path, help='JSON file: {"project": {"job": {fields as PATCH returns them}}}')
    parser.add_argument("--verbose", action="store_true", help="log requests to stderr")
    return parser.parse_args()


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    arguments = parse_arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *args: stop.set())
    emulator = Emulator(
        host=arguments.host,
        port=arguments.port,
        verbose=arguments.verbose,
        state=arguments.state,
        objects=arguments.objects,
        maps=arguments.maps,
    )
    if arguments.token:
        emulator.add_token(arguments.token)
    if arguments.jobs:
        for project_id, jobs in json.loads(arguments.jobs.read_text(encoding="utf-8")).items():
            emulator.add_project(project_id)
            for job_id, fields in jobs.items():
                emulator.add_job(project_id, job_id, fields)
    with emulator:
        print(f"Northflank API emulator listening on {emulator.url}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
