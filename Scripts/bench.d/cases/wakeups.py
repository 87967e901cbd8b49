"""How often the idle server wakes up, and what it costs: all its threads, without programs."""

import os
import time

from measuring import Case, Figure, both, processor_seconds, running


def measure(server, setting):
    """One sample of ten (quick: three) seconds a run."""
    with running(server, setting) as up:
        # let what follows a start come to rest
        time.sleep(2)
        return _samples([up.pid], 3 if setting.quick else 10, 0)


def samples(started, seconds):
    """The same of a fleet's server."""
    return _samples(started.processes(), seconds, 1000)


def _samples(pids, seconds, count):
    before, used = sum(map(_switches, pids)), sum(map(processor_seconds, pids))
    time.sleep(seconds)
    wakeups, used = sum(map(_switches, pids)) - before, sum(map(processor_seconds, pids)) - used
    return {f"wake-ups, {count} programs": [wakeups / seconds],
            f"processor time at rest, {count} programs": [used * 1000 / seconds]}


def _switches(pid):
    """Voluntary and other context switches of all threads so far."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as file:
            total += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return total


CASE = Case("wakeups", "wake-ups a second while idle, without programs", (
    Figure("wake-ups, 0 programs", "per s", aims=both(limit=0)),
    Figure("processor time at rest, 0 programs", "ms per s", aims=both(limit=0)),
), measure, runs=(5, 1))
