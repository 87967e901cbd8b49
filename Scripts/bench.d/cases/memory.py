"""Resident and anonymous memory of the idle server, with no and with a hundred programs."""

import time

from measuring import Aim, Case, Figure, running

KINDS = {"resident": "Rss", "anonymous": "Anonymous"}
COUNTS = (0, 100)
AIMS = (Aim("static", ratio=0.4), Aim("ordinary", ratio=0.65))


def measure(server, setting):
    """One look at each number of programs, a second after the last of them runs."""
    samples = {}
    for count in COUNTS:
        programs = ("[program:n]\nstartsecs=0\nprocess_name=%(process_num)03d\n"
                    f"numprocs={count}\ncommand={setting.children['beat']}\n" if count else "")
        with running(server, setting, programs) as up:
            up.wait_running()
            time.sleep(1)
            sizes = _rollup(up.pid)
        for kind, field in KINDS.items():
            samples[_name(kind, count)] = [sizes[field] / 1024]
    return samples


def _rollup(pid):
    """The sums of /proc/PID/smaps_rollup in KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        lines = file.read().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def _name(kind, count):
    return f"{kind}, {count} programs"


CASE = Case("memory", "resident and anonymous memory, idle", tuple(
    Figure(_name(kind, count), "MB", aims=AIMS) for count in COUNTS for kind in KINDS), measure)
