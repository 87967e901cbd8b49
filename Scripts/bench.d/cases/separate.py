"""A thousand programs, each a section and a group of its own, stopped in the original's order."""

from fleet import fleet
from measuring import REFERENCE, Case, Figure, static


def measure(server, setting):
    """Once a run; a quick run leaves the reference out."""
    if setting.quick and server.name == REFERENCE:
        return {}
    with fleet(server, setting, 1000, separate=True) as started:
        return {"1000 separate up": [started.up], "1000 separate stopped": [started.stop()]}


CASE = Case("separate", "1000 separate programs: up, stopped", (
    Figure("1000 separate up", "s"),
    Figure("1000 separate stopped", "s", aims=static(limit=0.4), drawn=True),
), measure, runs=(3, 1))
