"""Compares two results, minus the written list of intended differences."""

import dataclasses
import difflib
import json

MARGIN = 1.5
"""Seconds by which a timed step of the candidate may exceed the reference's: its loop turns once a
second, so that by chance it may have been early by as much, and the machine may be busy."""


@dataclasses.dataclass
class Allowed:
    """The list of intended differences: one scenario, one field, one reason an entry, and what the candidate shows in
    that field where it always shows the same."""

    reasons: dict
    ours: dict
    used: set = dataclasses.field(default_factory=set)

    @classmethod
    def read(cls, path, section):
        """`section`: "server" or "client", what is being compared. ValueError for a bad entry."""
        with open(path, encoding="utf-8") as file:
            entries = json.load(file)[section]
        reasons, ours = {}, {}
        for entry in entries:
            needed = [entry.get(key) for key in ("scenario", "field", "reason")]
            if set(entry) - {"ours"} != {"scenario", "field", "reason"} or not all(needed):
                raise ValueError(f"{path}: an entry has scenario, field and reason, and may have ours: {entry}")
            key = entry["scenario"], entry["field"]
            if key in reasons:
                raise ValueError(f"{path}: {key} stands twice")
            reasons[key] = entry["reason"]
            if "ours" in entry:
                ours[key] = entry["ours"]
        return cls(reasons, ours)

    @classmethod
    def nothing(cls):
        """No difference is intended."""
        return cls({}, {})

    def covers(self, scenario, field):
        """Whether this difference is intended; remembers that it was met."""
        key = scenario, field
        if key in self.reasons:
            self.used.add(key)
        return key in self.reasons

    def expected(self, scenario, field, text):
        """What an intended difference was to show, where that is written down; else `text`, what it shows."""
        return self.ours.get((scenario, field), text)

    def idle(self, scenarios):
        """Entries of the given scenarios, all of which have run, that no longer differ."""
        return sorted(key for key in self.reasons if key[0] in scenarios and key not in self.used)

    def unknown(self, scenarios):
        """Entries that name no existing scenario."""
        return sorted(key for key in self.reasons if key[0] not in scenarios)


def problems(scenario, left, right, allowed):
    """Every difference that is not intended, as text; empty when the candidate passes."""
    if left.failure:
        return [f"the first server failed:\n{left.failure}"]
    found = []
    first, second = dict(left.transcript), dict(right.transcript)
    for field in dict.fromkeys([*first, *second]):
        missing = right.failure and field not in second
        if first.get(field) != second.get(field) and not missing:
            if not allowed.covers(scenario, field):
                found.append(_difference(field, first.get(field), second.get(field)))
            elif allowed.expected(scenario, field, second.get(field)) != second.get(field):
                found.append("not as differences.json has it: "
                             + _difference(field, allowed.ours[scenario, field], second.get(field)))
    if right.failure and not allowed.covers(scenario, "failure"):
        found.append(f"the second server failed:\n{right.failure}")
    slower = dict(right.timings)
    for field, seconds in left.timings:
        if field in slower and slower[field] > seconds + MARGIN:
            if not allowed.covers(scenario, f"time: {field}"):
                found.append(f"field {field!r} took {slower[field]:.2f} s instead of {seconds:.2f} s")
    return found


def _difference(field, first, second):
    def lines(text):
        return ["(no such field)"] if text is None else text.splitlines()

    delta = difflib.unified_diff(lines(first), lines(second), lineterm="", n=2)
    # the first two lines of a unified diff name files
    return f"field {field!r}\n" + "\n".join("    " + line for line in list(delta)[2:])
