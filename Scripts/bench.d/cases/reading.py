"""Reading a configuration of ten thousand sections, as a whole process."""

import os
import subprocess
import time

from measuring import REFERENCE, Case, Figure, both, place

COUNT = 10_000
# the reference has no dry run: its option reader is called, as its daemon calls it
PYTHON = ("import sys; from supervisor.options import ServerOptions; o = ServerOptions(); "
          "o.realize(['-n', '-c', sys.argv[1]]); print(len(o.process_group_configs))")


def measure(server, setting):
    """Once a run (svinstall three times, by `check`, which reads as the daemon does and tells all problems)."""
    programs = "".join(f"[program:n{number:05}]\ncommand=/bin/cat {number}\nautostart=false\npriority={number % 1000}\n"
                       for number in range(COUNT))
    with place(setting, programs) as (_, path):
        if server.name == REFERENCE:
            words = [os.path.join(os.path.dirname(server.command[0]), "python"), "-c", PYTHON, path]
        else:
            words = [server.command[0], "check", "--as", "supervisor", path]
        return {"reading 10,000 sections": [_time(server, words) for _ in range(1 if server.name == REFERENCE else 3)]}


def _time(server, words):
    begun = time.perf_counter()
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    taken = (time.perf_counter() - begun) * 1000
    if server.name == REFERENCE and done.stdout.strip() != str(COUNT) or done.returncode != 0:
        raise RuntimeError(f"{server.name} could not read {COUNT} sections: {done.stdout[-200:]} {done.stderr[-200:]}")
    return taken


CASE = Case("reading", "reading a configuration of 10,000 sections", (
    Figure("reading 10,000 sections", "ms", aims=both(ratio=1 / 30), drawn=True),
), measure, runs=(5, 1))
