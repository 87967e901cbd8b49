"""Resident and anonymous memory of the idle server without programs."""

import time

from measuring import Aim, Case, Figure, both, running

KINDS = {"resident": "Rss", "anonymous": "Anonymous"}


def measure(server, setting):
    """A look a second after the last conversation."""
    with running(server, setting) as up:
        time.sleep(1)
        return {f"{kind}, 0 programs": [size] for kind, size in _sizes([up.pid]).items()}


def sizes(started):
    """What a fleet's server has, in MB, by kind; of all its processes but the programs."""
    return _sizes(started.processes())


def _sizes(pids):
    """The sums of /proc/PID/smaps_rollup."""
    total = dict.fromkeys(KINDS, 0)
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            fields = dict(line.split(":") for line in file.read().splitlines()[1:])
        for kind, field in KINDS.items():
            total[kind] += int(fields[field].split()[0]) / 1024
    return total


CASE = Case("memory", "resident and anonymous memory, idle, without programs", (
    Figure("resident, 0 programs", "MB", aims=(Aim("static", limit=9), Aim("ordinary", limit=15)), drawn=True),
    Figure("anonymous, 0 programs", "MB", aims=both(limit=2)),
), measure, runs=(5, 1))
