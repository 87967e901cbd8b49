"""Five thousand programs in one group, started and stopped."""

from fleet import fleet
from measuring import REFERENCE, Case, Figure, static

COUNT = 5000


def measure(server, setting):
    """Once a run. A quick run leaves the reference out, which takes a minute and a half, and s6."""
    if setting.quick and server.name in (REFERENCE, "s6"):
        return {}
    with fleet(server, setting, COUNT) as started:
        return {"5000 up": [started.up], "5000 stopped": [started.stop()]}


CASE = Case("5000", "5000 programs in one group: up, stopped", (
    Figure("5000 up", "s", aims=static(ratio=0.5, peer="dinit", estimate=("s6", 3.0 / 3.4)), drawn=True),
    Figure("5000 stopped", "s", aims=static(limit=0.5), drawn=True),
), measure, runs=(2, 1), peers=("s6", "dinit"))
