"""The table of surprises: ninety things supervisord 4.3.0 does that nobody would guess, each with what shows it."""

import dataclasses
import json
import os

COUNT = 90
"""How many there are; the table has a row for each."""

_KEYS = {"number", "what", "scenarios"}


@dataclasses.dataclass(frozen=True)
class Edge:
    """One row: a behaviour in a few words, the scenarios that observe it, files of other tests that hold it."""

    number: int
    what: str
    scenarios: tuple
    tests: tuple


def read(path):
    """The rows of the table. ValueError for one that is not as it must be."""
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        if set(entry) - {"tests"} != _KEYS or not all(entry.values()):
            raise ValueError(f"{path}: a row has number, what and scenarios, and may have tests: {entry}")
    return [Edge(entry["number"], entry["what"], tuple(entry["scenarios"]), tuple(entry.get("tests", ())))
            for entry in entries]


def problems(rows, scenarios, root):
    """What is wrong with the table, a line each. `scenarios`: the names there are; `root`: where test files lie."""
    found = []
    if [row.number for row in rows] != list(range(1, COUNT + 1)):
        found.append(f"the rows are not numbered 1 to {COUNT}")
    for row in rows:
        found += [f"{row.number}: no such scenario: {name}" for name in row.scenarios if name not in scenarios]
        found += [f"{row.number}: no such file: {path}" for path in row.tests
                  if not os.path.isfile(os.path.join(root, path))]
    return found
