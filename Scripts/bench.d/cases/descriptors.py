"""As many programs as the machine's limit of descriptors allows, up to 10,000, both outputs of each piped."""

import os
import random
import resource
import statistics
import time

from fleet import fleet
from measuring import REFERENCE, Case, Figure, asked, both, static
from . import memory

MOST = 10_000
# three pipes and a pidfd; while it starts also its two log files
DESCRIPTORS_EACH = 6
OWN = 256
KILLS = 40


def measure(server, setting):
    """Once a run; the reference takes minutes for it and is left out.

    A program is killed now and then while all run: what a replacement costs with so many descriptors open, against what
    it costs with one program.
    """
    if server.name == REFERENCE:
        return {}
    few = _memory_and_restart(server, setting, 1)
    many = _memory_and_restart(server, setting, _count())
    return {
        "programs that fit": [many["count"]],
        "most programs up": [many["up"]],
        "most programs listed": [many["listed"]],
        "most programs stopped": [many["stopped"]],
        "memory a program": [(many["resident"] - few["resident"]) * 1024 / (many["count"] - 1)],
        "descriptors open": [many["descriptors"]],
        "restart, of that with one program": [many["restart"] / few["restart"]],
    }


def _count():
    """How many fit; the limit is raised first where that is allowed."""
    wanted = MOST * DESCRIPTORS_EACH + OWN
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    except (ValueError, OSError):
        pass
    return min(MOST, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - OWN) // DESCRIPTORS_EACH)


def _memory_and_restart(server, setting, count):
    settings = "autorestart=true\nrestart_delay=0\n"
    with fleet(server, setting, count, settings=settings) as started:
        started.running.wait_running(60)
        seen = {"count": count, "up": started.up,
                "descriptors": len(os.listdir(f"/proc/{started.running.pid}/fd"))}
        seen["restart"] = statistics.median(_restarts(started))
        seen["listed"] = asked(started.running, setting, "getAllProcessInfo", states=count).median
        # what a start and a client needed is given back when they are gone
        time.sleep(2)
        seen["resident"] = memory.sizes(started)["resident"]
        seen["stopped"] = started.stop()
    return seen


def _restarts(started):
    """Milliseconds from kill -9 to the replacement's first instruction."""
    for _ in range(KILLS):
        time.sleep(random.uniform(0.01, 0.03))
        yield started.kill_one()


CASE = Case("descriptors", "as many programs as descriptors allow, at most 10,000, with both outputs piped", (
    Figure("programs that fit", "", more=True),
    Figure("descriptors open", ""),
    Figure("most programs up", "s"),
    Figure("most programs listed", "ms"),
    Figure("most programs stopped", "s"),
    Figure("memory a program", "KB", aims=both(limit=6)),
    Figure("restart, of that with one program", "times", aims=static(limit=2)),
), measure, runs=(3, 1))
