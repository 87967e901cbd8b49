"""Replaces what may differ between two runs of the same server; everything else stays byte for byte."""

import json
import re

_RULES = [
    # descriptions and log lines
    (re.compile(r"\bpid \d+"), "pid N"),
    (re.compile(r"\(\d+\) with SIG"), "(N) with SIG"),
    (re.compile(r"uptime (\d+ days?, )?\d+:\d\d:\d\d"), "uptime T"),
    (re.compile(r"\b[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M"), "DATE"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"), "STAMP"),
    # names of AUTO logs
    (re.compile(r"---(\w+)-[\w]{8}\.log"), r"---\1-RANDOM.log"),
    # where the harness lets svinstall keep its private sockets
    (re.compile(r"SVINSTALL_STATE_DIR=\S+"), "SVINSTALL_STATE_DIR=STATE"),
    # where in the client's source an error was met
    (re.compile(r": file: \S+ line: \d+"), ": file: F line: N"),
    # Python object addresses
    (re.compile(r" at 0x[0-9a-f]+"), " at ADDRESS"),
]

_TIMES = {"start", "stop", "now"}


class Normaliser:
    """The rules above, plus the paths and ports of one trial."""

    def __init__(self, replacements):
        """`replacements`: (literal, name) pairs, tried longest first."""
        self._literals = sorted(replacements, key=lambda pair: -len(pair[0]))

    def add(self, literal, name):
        """One more literal to replace, such as a port number in its URL."""
        self._literals.append((literal, name))
        self._literals.sort(key=lambda pair: -len(pair[0]))

    def text(self, text):
        """The text with every volatile part replaced."""
        for literal, name in self._literals:
            text = text.replace(literal, name)
        for pattern, name in _RULES:
            text = pattern.sub(name, text)
        return text

    def value(self, value):
        """An XML-RPC result as stable text that still tells an int from a boolean from a string."""
        return self.text(json.dumps(_steady(value), indent=1, sort_keys=True, ensure_ascii=False))


def _steady(value):
    if isinstance(value, dict):
        return {key: _member(key, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_steady(item) for item in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return f"{type(value).__name__}: {value}"


def _member(key, item):
    counted = isinstance(item, int) and not isinstance(item, bool) and item > 0
    if counted and key in _TIMES:
        return "TIME"
    if counted and key == "pid":
        return "PID"
    return _steady(item)
