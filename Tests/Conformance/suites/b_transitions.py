"""B. Every transition as an event listener is told of it: name, from_state, expected, tries."""

import os
import re

from harness.programs import DEAF, LISTENER, QUICK, SLOW, SOON
from harness.registry import suite

scenario = suite("B")


def _watched(t, programs):
    """A daemon with programs and a listener that notes every transition; waits until the listener does."""
    t.script("listen", LISTENER)
    sv = t.serve(programs + "\n[eventlistener:watch]\ncommand=%(here)s/listen\nevents=PROCESS_STATE\nstartsecs=0\n"
                 "buffer_size=1000\n")
    sv.wait("watch", "RUNNING")
    t.wait_for("listen.seen", "PROCESS_STATE_RUNNING processname:watch")
    return sv


def _told(t, name, last):
    """What the listener was told of a program, once it has heard of the state `last` often enough."""
    def lines():
        return [line for line in t.read("listen.seen").splitlines() if f"processname:{name} " in line]
    state, _, count = last.partition("*")
    t.until(lambda: sum(f"PROCESS_STATE_{state} " in line for line in lines()) >= int(count or 1),
            lambda: f"{name} is told to be {last}: {lines()}")
    t.record(f"told of {name}", re.sub(r"pid:[1-9]\d*", "pid:N", "\n".join(lines())))


STEADY = "command=/bin/sleep 300\nautostart=false\n"


@scenario
def told_of_a_stop(t):
    """STARTING, RUNNING, STOPPING, STOPPED: by signal, by itself, by KILL."""
    t.script("ends", "trap 'exit 3' TERM\n: > \"$0.ready\"\nwhile :; do sleep 0.05; done\n")
    t.script("deaf", DEAF)
    sv = _watched(t, f"[program:a]\n{STEADY}startsecs=1\n"
                  "[program:ends]\ncommand=%(here)s/ends\nautostart=false\nstartsecs=0\n"
                  "[program:deaf]\ncommand=%(here)s/deaf\nautostart=false\nstartsecs=0\nstopwaitsecs=1\n")
    for name in ("a", "ends", "deaf"):
        sv.ask("startProcess", name)
        if name != "a":
            t.wait_for(f"{name}.ready")
        sv.ask("stopProcess", name)
        _told(t, name, "STOPPED")


@scenario(tier="all")
def told_of_exits(t):
    """EXITED with expected:1 and expected:0, and what comes after."""
    t.script("once", 'n=$(cat "$0.$2" 2> /dev/null || echo 0)\necho $((n + 1)) > "$0.$2"\n'
             "[ $n -gt 0 ] && exec sleep 300\nsleep 0.3\nexit $1\n")
    cases = {"well": "0 well\nautorestart=unexpected", "badly": "3 badly\nautorestart=unexpected",
             "never": "3 never\nautorestart=false", "always": "0 always\nautorestart=true"}
    sv = _watched(t, "".join(f"[program:{name}]\nautostart=false\nstartsecs=0\ncommand=%(here)s/once {keys}\n"
                             for name, keys in cases.items()))
    for name in cases:
        sv.ask("startProcess", name)
        _told(t, name, "RUNNING*2" if name in ("badly", "always") else "EXITED")


@scenario
def told_of_giving_up(t):
    """STARTING and BACKOFF with their tries, then FATAL; a command that is not there goes the same way."""
    t.script("quick", SOON)
    sv = _watched(t, "[program:quick]\ncommand=%(here)s/quick\nautostart=false\nstartsecs=20\nstartretries=1\n"
                  "[program:missing]\ncommand=/no/such\nstartsecs=20\nstartretries=1\n")
    sv.ask("startProcess", "quick", False)
    _told(t, "quick", "FATAL")
    _told(t, "missing", "FATAL")


@scenario
def told_of_stops_of_what_does_not_run(t):
    """BACKOFF to STOPPED, STARTING to STOPPING, killed while STARTING to BACKOFF."""
    t.script("quick", SOON)
    sv = _watched(t, "[program:backoff]\ncommand=%(here)s/quick\nautostart=false\nstartsecs=20\nstartretries=9\n"
                  f"[program:starting]\n{STEADY}startsecs=60\n[program:killed]\n{STEADY}startsecs=60\nstartretries=0\n")
    for name in ("backoff", "starting", "killed"):
        sv.ask("startProcess", name, False)
    sv.wait("backoff", "BACKOFF")
    t.until(lambda: sv.story("backoff").count("spawned") == 2, "its second run")
    sv.wait("backoff", "BACKOFF")
    sv.ask("stopProcess", "backoff")
    sv.wait("starting", "STARTING")
    sv.ask("stopProcess", "starting")
    sv.wait("killed", "STARTING")
    sv.ask("signalProcess", "killed", "KILL")
    for name, last in (("backoff", "STOPPED"), ("starting", "STOPPED"), ("killed", "FATAL")):
        _told(t, name, last)


@scenario
def told_of_giving_up_at_the_end(t):
    """The end of the daemon meets a program between two tries: BACKOFF to FATAL, and no further try."""
    t.script("quick", QUICK)
    t.script("slow", SLOW)
    # The slow one ends after the other and before the listener, which so has the time to note what it is told.
    sv = _watched(t, "[program:quick]\ncommand=%(here)s/quick\nstartsecs=20\nstartretries=9\n"
                  "[program:slow]\ncommand=%(here)s/slow\nstartsecs=0\npriority=1\n")
    sv.wait("slow", "RUNNING")
    t.wait_for("slow.ready")
    t.until(lambda: sv.story("quick").count("spawned") == 3, "its third run")
    sv.wait("quick", "BACKOFF")
    sv.stop()
    _told(t, "quick", "FATAL")


@scenario
def told_of_an_end_by_others(t):
    """A program killed from outside, and one whose binary is gone when it is to come back."""
    os.symlink("/bin/sleep", t.path("gone"))
    sv = _watched(t, f"[program:a]\n{STEADY}startsecs=0\n"
                  "[program:gone]\ncommand=%(here)s/gone 300\nautostart=false\nstartsecs=0\nstartretries=0\n")
    for name in ("a", "gone"):
        sv.ask("startProcess", name)
        sv.wait(name, "RUNNING")
    os.unlink(t.path("gone"))
    for name, last in (("a", "RUNNING*2"), ("gone", "FATAL")):
        sv.ask("signalProcess", name, "KILL")
        _told(t, name, last)
