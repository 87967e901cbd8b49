"""The programs of the matrix, as words of `actor`."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Program:
    """`words`: what it does. `roles`: its processes that stay."""

    name: str
    words: str
    roles: tuple = ()


SOON = "after 0.2"
"""Before supervisord's startsecs of one second."""
LATER = "after 1.6"

ENDINGS = {"exit0": "exit 0", "exit3": "exit 3", "term": "die TERM", "kill": "die KILL", "segv": "die SEGV"}

ENDS_SOON = [Program(f"{name}_soon", f"{SOON} {end}") for name, end in ENDINGS.items()]
ENDS_LATER = [Program(f"{name}_later", f"{LATER} {end}") for name, end in ENDINGS.items()]
ENDS = ENDS_SOON + ENDS_LATER

STAYS = [
    Program("stays", "stay", ("main",)),
    Program("deaf", "deaf stay", ("main",)),
    Program("parent", "child stay", ("main", "child")),
    Program("parent_of_deaf", "deaf-child stay", ("main", "child")),
    Program("deaf_parent", "child deaf stay", ("main", "child")),
    Program("parent_of_away", "away stay", ("main", "away")),
]

LEAVES = [
    Program("leaves_child", "child exit 0", ("child",)),
    Program("leaves_deaf", "deaf-child exit 0", ("child",)),
    Program("leaves_away", "away exit 0", ("away",)),
]

TELLS = [Program("tells", "tell stay", ("main",))]

SMALL = {"exit0_soon", "exit3_soon", "exit3_later", "term_later", "stays", "deaf", "parent", "tells"}
"""Those of the small part of the matrix."""

ALL = {program.name: program for program in ENDS + STAYS + LEAVES + TELLS}
