"""Watches one manager with all its cases: when each comes to rest, how it is stopped, what is left."""

import collections
import dataclasses
import os
import signal
import time

import census
import story

AT_ONCE = 48
"""Cases under way at a time: more, and a slow machine starts them too late for the clocks that are under test."""
STEP = 0.1
"""Seconds between two looks."""
LONGEST = 60
"""Seconds that a case may take to come to rest, or to stop."""


@dataclasses.dataclass
class _Watch:
    """A case under way."""

    case: object
    story: story.Story
    admitted: float
    down_since: float | None = None
    settled: float | None = None
    asked: float = 0
    """The monotonic time of its stop: a look from before tells nothing of what came of it."""


def observe(manager, cases):
    """The stories of all cases, by name."""
    # the slowest first
    waiting = collections.deque(sorted(filter(manager.takes, cases), key=lambda case: "later" not in case.name))
    under_way, done = {}, {}
    while waiting or under_way:
        admitted = [waiting.popleft() for _ in range(min(len(waiting), AT_ONCE - len(under_way), 6))]
        manager.admit([case.name for case in admitted])
        for case in admitted:
            under_way[case.name] = _Watch(case, story.Story([]), _now())
        states, ask = manager.states(), []
        seen, running = census.running(manager.namespaces())
        for name, watch in list(under_way.items()):
            watch.story.events = story.read(os.path.join(manager.view, "trace", name))
            roles = tuple(sorted({role for role, _ in running.get(name, ())}))
            if watch.story.asked is None:
                _look(watch, states.get(name, "down"), roles)
                if watch.story.steady in ("stays", "goes on"):
                    ask.append(name)
                elif not watch.story.steady:
                    continue
                else:
                    done[name] = under_way.pop(name).story
            elif seen > watch.asked and _is_stopped(watch, states.get(name, "down"), roles):
                watch.story.left = roles
                done[name] = under_way.pop(name).story
            if name in done:
                done[name].output = _output(manager, name)
                _clear(running.get(name, ()))
        now, moment = _now(), time.monotonic()
        for name in manager.stop(ask) if ask else ():
            under_way[name].story.asked, under_way[name].asked = now, moment
        time.sleep(STEP)
    return done


def _look(watch, state, roles):
    """Whether a case has come to rest."""
    now, told, case = _now(), watch.story, watch.case
    watch.down_since = (watch.down_since or now) if state == "down" else None
    if now - watch.admitted > LONGEST:
        told.steady = f"hangs: {state}, {len(told.starts)} starts"
    elif told.steady:
        # the manager has not agreed yet to stop it
        return
    elif case.stays and state == "up" and all(told.times(role, "ready") for role in case.program.roles):
        told.steady = "stays"
    elif len(told.starts) >= case.rule.starts:
        told.steady = "goes on"
    elif watch.down_since and now - max([watch.down_since, *told.starts]) > case.rule.quiet:
        told.steady, told.left_by_itself = "down", roles


def _is_stopped(watch, state, roles):
    """Whether nothing more will happen after a stop."""
    now, told = _now(), watch.story
    if "main" in roles:
        told.alive = now
    elif told.gone is None:
        said = [one for one in told.times("main", "bye") if one >= told.asked]
        told.alive, told.gone = (said[0], said[0]) if said else (told.alive or told.asked, now)
    if watch.settled is None or state != "down":
        watch.settled = now if state == "down" else None
    if now - told.asked > LONGEST:
        told.steady = f"hangs: {state} after the stop"
        return True
    return watch.settled is not None and now - watch.settled > 1


def _output(manager, name):
    """What the files hold into which a rule leads its outputs."""
    found = []
    for suffix in ("out", "err"):
        path = os.path.join(manager.view, "out", f"{name}.{suffix}")
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                found.append((suffix, file.read()))
    return tuple(found)


def _clear(processes):
    """End what a case has left."""
    for _, pid in processes:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _now():
    """Now, on the clock of the traces, which only has hundredths: never later than what happens from here on."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * 100) / 100 - 0.01
