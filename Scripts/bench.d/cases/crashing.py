"""200 programs that end at once and are started again without delay."""

import time

from fleet import beats
from measuring import Case, Figure, asked, processor_seconds, running, static

COUNT = 200


def measure(server, setting):
    """Four seconds (quick: two) a run; a start counts when the program itself has told of it."""
    seconds = 2 if setting.quick else 4
    with beats(setting) as fifo:
        programs = (f"[program:n]\nprocess_name=%(process_num)03d\nnumprocs={COUNT}\n"
                    f"command={setting.children['beat']} {fifo.path} once\n"
                    "startsecs=0\nautorestart=true\nrestart_delay=0\n")
        with fifo.draining(), running(server, setting, programs) as up:
            time.sleep(0.5)
            starts, used = fifo.count, processor_seconds(up.pid)
            calls = asked(up, setting, "getState", seconds=seconds, pause=1000, states=1)
            starts, used = fifo.count - starts, processor_seconds(up.pid) - used
    return {"crash storm, starts": [starts / seconds], "crash storm, processor time a start": [used / starts * 1e6],
            "crash storm, getState, median": [calls.median], "crash storm, getState, 99th percentile": [calls.late]}


CASE = Case("crashing", f"{COUNT} programs that crash without delay", (
    Figure("crash storm, starts", "per s", more=True),
    Figure("crash storm, processor time a start", "µs", aims=static(ratio=1 / 3)),
    Figure("crash storm, getState, median", "ms"),
    Figure("crash storm, getState, 99th percentile", "ms", aims=static(limit=5), drawn=True),
), measure, runs=(5, 1))
