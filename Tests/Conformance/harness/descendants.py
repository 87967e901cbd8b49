"""Ends everything a trial started, daemonised or not: only this process's own descendants, by pid."""

import ctypes
import os
import signal
import time

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """Become the parent of whatever loses its parent below this process (Linux)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def below(pid):
    """The pids of all living descendants of `pid`."""
    children = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found, queue = [], [pid]
    while queue:
        born = children.get(queue.pop(), [])
        found.extend(born)
        queue.extend(born)
    return found


def end_all(seconds=5):
    """Kill every descendant of this process and reap it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        living = below(os.getpid())
        for pid in living:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)
    raise RuntimeError(f"processes that cannot be ended: {below(os.getpid())}")


def _parents():
    """(pid, parent) of every process but zombies, which only wait to be reaped."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            yield int(entry), int(parent)
