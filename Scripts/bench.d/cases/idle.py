"""How often the idle server wakes up: context switches of all its threads."""

import os
import time

from measuring import Aim, Case, Figure, running

PROGRAMS = 10


def measure(server, setting):
    """One sample of ten (quick: three) seconds, while ten programs run and nothing happens."""
    seconds = 3 if setting.quick else 10
    programs = ("[program:n]\nstartsecs=0\nprocess_name=%(process_num)03d\n"
                f"numprocs={PROGRAMS}\ncommand={setting.children['beat']}\n")
    with running(server, setting, programs) as up:
        up.wait_running()
        # let what follows a start come to rest
        time.sleep(2)
        before = _switches(up.pid)
        time.sleep(seconds)
        after = _switches(up.pid)
    return {"wake-ups": [(after - before) / seconds]}


def _switches(pid):
    """Voluntary and other context switches of all threads so far."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as file:
            total += sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return total


CASE = Case("idle", "wake-ups a second while idle", (
    Figure("wake-ups", "per s", aims=(Aim("static", limit=0), Aim("ordinary", limit=0))),
), measure)
