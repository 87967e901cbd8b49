"""What became of one case under one manager, from the lines that its processes wrote."""

import dataclasses
import os


@dataclasses.dataclass
class Story:
    """`seconds` count from the machine's boot, so that all managers' lines are of one clock.

    `steady`: how it went on when nothing more was to be expected: down, stays, goes on, or what hinders.
    `left_by_itself`, `left`: the roles of processes that ran after its own end, and after the stop.
    `alive`, `gone`: after the stop, when its main process was last seen, and first no more.
    """

    events: list
    steady: str = ""
    asked: float | None = None
    left_by_itself: tuple = ()
    left: tuple = ()
    alive: float | None = None
    gone: float | None = None
    output: tuple = ()

    @property
    def starts(self):
        return self.times("main", "start")

    def times(self, role, event):
        """When a role said something."""
        return [seconds for seconds, who, what in self.events if who == role and what == event]

    def before_stop(self):
        """The starts that nobody's stop can have hindered or followed."""
        return [one for one in self.starts if self.asked is None or one <= self.asked]

    def pauses(self):
        """Seconds between each end and the next start."""
        starts, ends = self.before_stop(), self.times("main", "ends")
        return [start - end for end, start in zip(ends, starts[1:])]

    def signals(self, role, after_stop):
        """The signals that a role has seen, before it was to stop or from then on."""
        edge = self.asked if self.asked is not None else float("inf")
        return [what.removeprefix("got ") for seconds, who, what in self.events
                if who == role and what.startswith("got ") and (seconds >= edge) == after_stop]

    def fate(self, role, after_stop, left):
        """The signals that a role has seen and what became of it, in words."""
        said = self.signals(role, after_stop)
        end = "left" if role in left else "ended" if self.times(role, "bye") else "killed"
        return " ".join([*said, end])

    def told(self):
        """What the program told of its surroundings, by name."""
        lines = [what.removeprefix("tells ") for _, _, what in self.events if what.startswith("tells ")]
        return dict(line.split("=", 1) for line in lines)


def read(path):
    """The events of a trace; none where the program never ran."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="backslashreplace") as file:
        # the last line may be on its way
        lines = file.read().rpartition("\n")[0].splitlines()
    found = []
    for line in lines:
        seconds, role, what = line.split(" ", 2)
        found.append((float(seconds), role, what))
    return found
