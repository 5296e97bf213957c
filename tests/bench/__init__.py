# Copyright: Contributors to the northflank.cloud collection
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an item of a loop costs: the action plugin beside the module, ansible-core's own debug and uri, a peer, and a bare GET.

`make bench` runs it (python -m bench --help tells its options). All contestants get the same machine, one after the other in each
round, so that a drift of the machine hits all alike. The API is a stub that costs next to nothing. Figures are medians of repeats:

ms an item      Wall time by a clock inside ansible-playbook (callback/bench_clock.py), from the start of the task to the moment when its
                last result was shown, divided by the number of items. The start of ansible-playbook is not in it; the worker that is
                forked for the task is, so it weighs heavily in a loop of one.
CPU ms an item  Processor time of ansible-playbook and of all processes that it started, less that of the same run without items: with
                an empty loop, or with one host whose task is skipped. In a loop, the fork of the worker is therefore not in it. Not shown
                where it is smaller than the spread of the runs without items, as in most loops of one.
peak MiB        Resident memory of the largest process of the run.
requests        That the stub got in one run,
connections     and the TCP connections that they came by.

The bare GET is a loop in a Python of its own with one requests.Session; it includes reading the JSON, but not the import of requests.
"""
