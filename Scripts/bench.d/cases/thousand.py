"""A thousand programs in one group: started, listed, left alone, stopped; each once a run, on one server."""

import time

from fleet import fleet
from measuring import Aim, Case, Figure, asked, both, static
from . import memory, status, wakeups

COUNT = 1000


def measure(server, setting):
    """The idle time is ten seconds (quick: three)."""
    with fleet(server, setting, COUNT) as started:
        samples = {"1000 up": [started.up]}
        if not server.tree:
            started.running.wait_running()
            calls = asked(started.running, setting, "getAllProcessInfo", seconds=1, states=COUNT)
            samples["getAllProcessInfo, 1000 programs"] = [calls.median]
            samples["status, 1000 programs"] = status.times(server, started.running, COUNT, 2)
            # let what follows a conversation come to rest
            time.sleep(2)
        samples |= {f"{kind}, 1000 programs": [size] for kind, size in memory.sizes(started).items()}
        samples |= wakeups.samples(started, 3 if setting.quick else 10)
        samples["1000 stopped"] = [started.stop()]
    return samples


FIGURES = (
    Figure("1000 up", "s", aims=static(ratio=0.6, peer="dinit", estimate=("s6", 0.40 / 0.84)), drawn=True),
    Figure("1000 stopped", "s", aims=static(limit=0.1), drawn=True),
    Figure("resident, 1000 programs", "MB", aims=(Aim("static", limit=12), Aim("ordinary", limit=18)), drawn=True),
    Figure("anonymous, 1000 programs", "MB", aims=both(limit=2 + 1000 * 3 / 1024)),
    Figure("wake-ups, 1000 programs", "per s", aims=both(limit=0)),
    Figure("processor time at rest, 1000 programs", "ms per s", aims=both(limit=0)),
    Figure("getAllProcessInfo, 1000 programs", "ms", aims=static(ratio=0.01), drawn=True),
    Figure("status, 1000 programs", "ms", aims=static(ratio=1 / 20), drawn=True),
)
CASE = Case("thousand", "1000 programs in one group: up, at rest, listed, stopped", FIGURES, measure,
            runs=(5, 1), peers=("s6", "runit", "dinit"))
