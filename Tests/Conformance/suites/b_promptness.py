"""B. What the reference does a second late, for its loop turns once a second while nobody asks it anything.

Nothing here looks at the daemon while it is measured: every look would wake the reference.
"""

import os
import signal
import time

from harness.registry import suite

scenario = suite("B")

LATE = 0.9
"""Seconds. The reference needs one at least; ours needs a few milliseconds, however busy the machine is."""


def _mark(t, seconds=10):
    """The time at which a program wrote its mark, as it says itself."""
    t.until(lambda: t.read("mark").endswith("\n"), "the mark", seconds)
    text = t.read("mark")
    os.unlink(t.path("mark"))
    return float(text.split()[0])


def _marking(t, then="exec sleep 300"):
    t.script("marks", f'date +%s.%N > "$0.part"\nmv "$0.part" {t.path("mark")}\n{then}\n')


def _in_time(since, until):
    return "at once" if until - since < LATE else "late"


@scenario
def first_start(t):
    """Programs start when the daemon does, not a second later."""
    _marking(t)
    t.config("[program:a]\ncommand=%(here)s/marks\nstartsecs=0\n")
    t.launch()
    t.wait_for("d.log", "supervisord started")
    since = time.time()
    t.record("the first start", _in_time(since, _mark(t)))


@scenario
def coming_back(t):
    """A program that ended is back at once, not a second later."""
    _marking(t)
    sv = t.serve("[program:a]\ncommand=%(here)s/marks\nstartsecs=0\n")
    _mark(t)
    pid = sv.wait("a", "RUNNING")["pid"]
    # The reference shall be in the middle of a turn, neither early nor late.
    time.sleep(0.3)
    since = time.time()
    os.kill(pid, signal.SIGKILL)
    t.record("the next start", _in_time(since, _mark(t)))
    sv.record_story("a", successes=False)


@scenario
def answer_of_a_stop(t):
    """stop is answered when the program has ended, not a second later; of several answers the reference may be late
    with one."""
    t.script("ends", 'trap "sleep 0.2; exit 0" TERM\n: > "$0.ready"\nwhile :; do sleep 0.05; done\n')
    sv = t.serve("[program:a]\ncommand=%(here)s/ends\nstartsecs=0\n")
    taken = 0
    for _ in range(6):
        sv.wait("a", "RUNNING")
        t.wait_for("ends.ready")
        os.unlink(t.path("ends.ready"))
        since = time.monotonic()
        sv.ask("stopProcess", "a")
        taken += time.monotonic() - since
        sv.ask("startProcess", "a")
    # Together, for a single one may be late by more than a second before it counts as slower.
    t.timings.append(("six answers", taken))


@scenario
def answer_of_a_start(t):
    """start of a program that cannot start is answered as soon as it has failed; the reference is late by chance."""
    t.script("quick", "sleep 0.1\nexit 1\n")
    sv = t.serve("[program:a]\ncommand=%(here)s/quick\nautostart=false\nstartretries=0\nstartsecs=5\n")
    with t.timed("the answer"):
        sv.rpc("supervisor.startProcess", "a")


@scenario
def end_of_the_daemon(t):
    """The daemon ends when its last program has ended, though there are several groups."""
    sv = t.serve("".join(f"[program:p{number}]\ncommand=/bin/sleep 300\nstartsecs=0\n" for number in range(6)))
    for number in range(6):
        sv.wait(f"p{number}", "RUNNING")
    with t.timed("the end"):
        sv.signal("TERM")
        sv.ended()


@scenario(tier="all")
def clearing_many_logs(t):
    """clearAllProcessLogs is answered when the logs are clear, not a second later for each program."""
    sv = t.serve("".join(f"[program:p{number}]\ncommand=/bin/sleep 300\nstartsecs=0\n" for number in range(4)))
    for number in range(4):
        sv.wait(f"p{number}", "RUNNING")
    since = time.time()
    sv.ask("clearAllProcessLogs")
    t.record("the answer", _in_time(since, time.time()))


@scenario(tier="all")
def brake_of_a_crash_loop(t):
    """Five immediate restarts, then one a second: the only place where ours may be slower than the reference."""
    t.script("crash", 'date +%s.%N >> "$0.times"\nexit 1\n')
    t.serve("[program:crash]\ncommand=%(here)s/crash\nstartsecs=0\nautorestart=true\n")
    t.until(lambda: len(t.read("crash.times").split()) >= 8, "eight runs")
    times = [float(line) for line in t.read("crash.times").split()]
    pauses = [later - earlier for earlier, later in zip(times, times[1:])]
    t.record("the first five restarts", _in_time(times[0], times[5]))
    t.record("a second between later ones", all(pause > LATE for pause in pauses[5:7]))
