"""From kill -9 of a program to the first instruction of its replacement."""

import random
import statistics
import time

from fleet import NO_LOGS, fleet
from measuring import REFERENCE, Case, Figure, at_percentile, static

KILLS = 100


def measure(server, setting):
    """Kills 20 to 70 ms after the last replacement. supervisord needs a second for each, so its
    hundred kills are spread over the runs; the others get a hundred (quick: forty) a run."""
    kills = -(-KILLS // setting.runs) if server.name == REFERENCE else KILLS
    if setting.quick:
        kills = min(kills, 4 if server.name == REFERENCE else 40)
    samples = []
    with fleet(server, setting, 1, settings=f"{NO_LOGS}autorestart=true\nrestart_delay=0\n") as started:
        for _ in range(kills):
            time.sleep(random.uniform(0.02, 0.07))
            samples.append(started.kill_one())
        started.stop()
    return {"restart, median": samples, "restart, 99th percentile": samples}


CASE = Case("restart", "kill -9 to the first instruction of the replacement", (
    # s6 and runit wait a second for one that lived less: no figure of theirs stands for dinit's
    Figure("restart, median", "ms", of=statistics.median, aims=static(ratio=1, peer="dinit"), drawn=True),
    Figure("restart, 99th percentile", "ms", of=at_percentile(99), aims=static(limit=2)),
), measure, runs=(7, 2), peers=("dinit",))
