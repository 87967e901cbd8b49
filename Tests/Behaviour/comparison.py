"""Compares two stories, and reads in the fidelity report whether a difference was announced."""

import dataclasses

DIFFERENT_PAUSE = 1.7
"""Seconds by which pauses must differ to count: supervisord looks once a second, and machines are slow."""
DIFFERENT_END = 2.7
"""The same for the time from a stop to the kill; less than the rules' three seconds."""


@dataclasses.dataclass(frozen=True)
class Aspect:
    """One thing that is seen of a case, and where a report speaks of it.

    `topics`: last words of a report's codes. `keys`: keys of a definition, for what is told with the key itself.
    `see`: what a story shows of it, None where it shows nothing.
    """

    name: str
    see: object
    topics: tuple = ()
    keys: tuple = ()
    equal: object = lambda left, right: left == right

    def announced(self, items):
        """The items of a report that say that this will differ: those that warn, and what is only carried."""
        return tuple(item for item in items
                     if item["severity"] != "note" or item["grade"] == "carried"
                     if any(item["code"].endswith("-" + topic) for topic in self.topics)
                     or any(key in item.get("key", "") for key in self.keys))


def _started(case, story):
    return "started" if story.starts else "not started"


def _restarted(case, story):
    if case.program.roles or not story.starts:
        return None
    return "started again" if len(story.before_stop()) > 1 else "not started again"


def _gives_up(case, story):
    if len(story.before_stop()) < 2 or case.program.roles:
        return None
    return "goes on" if story.steady == "goes on" else f"{len(story.before_stop())} starts"


def _pauses(case, story):
    return story.pauses()[:case.rule.starts - 1] or None


def _same_if_both(left, right):
    """What one of them does not show at all is another aspect's difference."""
    return left is None or right is None or left == right


def _same_pauses(left, right):
    return left is None or right is None or all(abs(one - other) < DIFFERENT_PAUSE for one, other in zip(left, right))


def _stopped(case, story):
    if not case.stays or story.asked is None:
        return None
    return {role: story.fate(role, True, story.left) for role in case.program.roles}


def _kill_time(case, story):
    if not case.stays or story.asked is None or "main" in story.left:
        return None
    return round(story.alive - story.asked, 2), round(story.gone - story.asked, 2)


def _same_time(left, right):
    """Whether two spans, each known to lie between two values, may be the same."""
    return left is None or right is None or max(left[0], right[0]) - min(left[1], right[1]) < DIFFERENT_END


def _stays_down(case, story):
    late = [one for one in story.starts if story.asked is not None and one > story.asked + case.rule.quiet]
    return "started after its stop" if late else "stays down"


def _abandoned(case, story):
    if case.stays or not case.program.roles:
        return None
    return {role: story.fate(role, False, story.left_by_itself) for role in case.program.roles}


def _told(*names):
    return lambda case, story: {name: story.told()[name] for name in names if name in story.told()} or None


RESTART = ("restart", "keep-alive", "autorestart", "exitcodes", "success")
SCOPE = ("kill-mode", "stop-scope", "stopasgroup", "killasgroup", "stragglers")

ASPECTS = (
    Aspect("start", _started, ("autostart", "install", "run-at-load", "disabled"), ("KeepAlive.", "RunAtLoad")),
    Aspect("restart", _restarted, RESTART + ("startsecs", "readiness", "give-up"),
           ("KeepAlive.", "LaunchOnlyOnce", "RuntimeMaxSec", "RemainAfterExit")),
    Aspect("end of restarts", _gives_up, ("startsecs", "readiness", "startretries", "give-up"), equal=_same_if_both),
    Aspect("pauses", _pauses, ("restart-delay", "throttle"), equal=_same_pauses),
    Aspect("stop", _stopped, SCOPE + ("stop-signal", "stopsignal", "stop-timeout", "stopwaitsecs"),
           ("SendSIG", "FinalKillSignal", "KillMode")),
    Aspect("time to the end", _kill_time,
           ("stop-timeout", "stopwaitsecs", "exit-time-out", "stop-signal", "stopsignal"),
           ("SendSIG", "FinalKillSignal", "KillMode"), equal=_same_time),
    Aspect("after the stop", _stays_down),
    Aspect("what it leaves", _abandoned, SCOPE, ("KillMode",)),
    Aspect("environment", _told("COLOUR", "EMPTY", "QUOTED"), (), ("environment", "Environment")),
    Aspect("surroundings", _told("PATH", "HOME", "USER"), ("environment",)),
    Aspect("directory", _told("directory"), ("directory",)),
    Aspect("umask", _told("umask"), ("umask",)),
    Aspect("user", _told("user"), ("user", "group")),
    Aspect("output", lambda case, story: story.output or None, ("output", "logfile", "redirect")),
)


@dataclasses.dataclass(frozen=True)
class Difference:
    """`announced`: the report's items that had said so; empty means that nobody was told."""

    aspect: str
    expected: object
    seen: object
    announced: tuple


def broken_promises(case, seen, items):
    """Where a launchd job behaves otherwise than launchd.plist(5) says, the only reference there is here."""
    if case.rule.restarts is None or case.program.roles or not seen.starts:
        return []
    end = case.program.name.partition("_")[0]
    promised = "started again" if end in case.rule.restarts else "not started again"
    restart = next(aspect for aspect in ASPECTS if aspect.name == "restart")
    found = restart.see(case, seen)
    return [] if found == promised else [Difference("restart", promised, found, restart.announced(items))]


def differences(case, expected, seen, items):
    """Everything in which two stories of a case differ. `items`: of the reports that lie between them."""
    found = []
    for aspect in ASPECTS:
        left, right = aspect.see(case, expected), aspect.see(case, seen)
        if not aspect.equal(left, right):
            found.append(Difference(aspect.name, left, right, aspect.announced(items)))
    return found
