"""Which processes of the matrix run, under whom. A manager is told by its mount namespace, which is its own."""

import collections
import os
import threading
import time

import rules

_FRESH = 0.15
"""Seconds for which one look at all processes serves every manager."""

_lock = threading.Lock()
_seen = (0.0, {})


def running(namespaces):
    """The monotonic time of a look, and {case: [(role, pid)]} of the processes in a manager's namespaces."""
    global _seen
    with _lock:
        if time.monotonic() - _seen[0] > _FRESH:
            _seen = (time.monotonic(), _look())
        seen, found = _seen
        return seen, {case: processes for space in namespaces for case, processes in found.get(space, {}).items()}


def namespace(pid):
    """The mount namespace of a process, None for one that is gone."""
    try:
        return os.readlink(f"/proc/{pid}/ns/mnt")
    except OSError:
        return None


def _look():
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if len(words) > 4 and words[1] == rules.ACTOR:
            cases = found.setdefault(namespace(entry), collections.defaultdict(list))
            cases[words[2]].append((words[3], int(entry)))
    return found
