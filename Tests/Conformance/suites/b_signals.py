"""B. Signals that clients send to programs, and stops that meet them."""

import os
import signal

from harness import programs
from harness.registry import suite

scenario = suite("B")

HEARS = """
for name in HUP USR1 USR2 INT QUIT WINCH; do
    trap "echo $name >> '$0.got'" $name
done
: > "$0.ready"
while :; do sleep 0.05; done
"""
"""A script that notes the signals it gets; TERM ends it."""


def _listener(t, keys=""):
    t.script("hears", HEARS)
    sv = t.serve("[program:hears]\ncommand=%(here)s/hears\nstartsecs=0\n" + keys)
    sv.wait("hears", "RUNNING")
    t.wait_for("hears.ready")
    return sv


@scenario(tier="all")
def signal_names_and_numbers(t):
    """signal takes names in any spelling and numbers; anything else is a bad signal name."""
    sv = _listener(t)
    for count, word in enumerate(("HUP", "SIGUSR1", "usr2", "sigint", "3", "28"), 1):
        sv.ctl("signal", word, "hears")
        t.until(lambda expected=count: len(t.read("hears.got").splitlines()) == expected, f"{word} has come")
    for word in ("FOO", "99", "-1", "0", "SIG", "HUPP", "", " HUP", "65"):
        sv.rpc("supervisor.signalProcess", "hears", word)
    t.until(lambda: len(t.read("hears.got").splitlines()) == 7, "the HUP with a blank before it")
    t.record("got", t.read("hears.got"))


@scenario(tier="all")
def signal_to_each_state(t):
    """signal of what starts, runs, stops; of what pauses, ended, was given up, never ran."""
    sv = programs.serve_in_each_state(t, "running", "starting", "stopping", "exited", "fatal", "never", "backoff")
    for name in ("backoff", "exited", "fatal", "never", "running", "starting", "stopping", "nosuch"):
        sv.ctl("signal", "CONT", name)
        sv.rpc("supervisor.signalProcess", name, "CONT")
    sv.ctl("signal", "CONT", "all")


@scenario(tier="all")
def signal_to_a_group(t):
    """signal g:* goes to those that can be signalled."""
    t.script("hears", HEARS.replace("$0", "$0.$1"))
    sv = t.serve("[group:g]\nprograms=a,b,c\n" + "".join(
        f"[program:{name}]\ncommand=%(here)s/hears {name}\nstartsecs=0\n" for name in "abc"))
    for name in "abc":
        t.wait_for(f"hears.{name}.ready")
        sv.wait(f"g:{name}", "RUNNING")
    sv.ctl("stop", "g:b")
    sv.ctl("signal", "HUP", "g:*")
    sv.rpc("supervisor.signalProcessGroup", "g", "USR1")
    sv.rpc("supervisor.signalAllProcesses", "USR2")
    for name in "ac":
        t.wait_for(f"hears.{name}.got", "USR2")
        t.record(f"{name} got", sorted(t.read(f"hears.{name}.got").split()))
    t.record("b got", t.read("hears.b.got"))


@scenario(tier="all")
def signal_reaches_the_leader_only(t):
    """A client's signal goes to the program alone, even with stopasgroup."""
    t.script("family", """
        sh -c 'trap "echo child >> $1" HUP; : > "$2"; while :; do sleep 0.05; done' sh "$0.got" "$0.child" &
        trap 'echo leader >> "$0.got"' HUP
        : > "$0.ready"
        while :; do sleep 0.05; done
    """)
    sv = t.serve("[program:family]\ncommand=%(here)s/family\nstartsecs=0\nstopasgroup=true\n")
    sv.wait("family", "RUNNING")
    t.wait_for("family.child")
    t.wait_for("family.ready")
    sv.ctl("signal", "HUP", "family")
    t.wait_for("family.got", "leader")
    for _ in range(10):
        sv.info("family")
    t.record("got", t.read("family.got"))


@scenario
def signal_that_ends_a_program(t):
    """A TERM by signal is an end like any other: the program comes back."""
    sv = t.serve(programs.sleeper("a"))
    first = sv.wait("a", "RUNNING")["pid"]
    sv.ctl("signal", "TERM", "a")
    with t.timed("until it is back"):
        sv.replaced("a", first)
    sv.record_story("a")


@scenario
def killed_while_stopping(t):
    """Somebody else's KILL during a stop ends the stop."""
    sv = programs.serve_deaf(t, 60)
    pid = sv.pid("deaf")
    sv.ask("stopProcess", "deaf", False)
    sv.wait("deaf", "STOPPING")
    os.kill(pid, signal.SIGKILL)
    with t.timed("until it is stopped"):
        sv.wait("deaf", "STOPPED")
    sv.record_info("deaf")
    sv.record_story("deaf")


@scenario(tier="all")
def exit_code_of_a_stop(t):
    """stopped: is INFO where the exit code is an expected one, WARN otherwise."""
    t.script("ends", 'trap "exit $1" TERM\n: > "$0.$1"\nwhile :; do sleep 0.05; done\n')
    codes = (0, 3, 9)
    sv = t.serve("".join(f"[program:e{code}]\ncommand=%(here)s/ends {code}\nstartsecs=0\nexitcodes=0,3\n"
                         for code in codes))
    for code in codes:
        t.wait_for(f"ends.{code}")
        sv.wait(f"e{code}", "RUNNING")
        with t.timed(f"the stop of {code}"):
            sv.ctl("stop", f"e{code}")
        sv.record_info(f"e{code}")
        sv.record_story(f"e{code}")


@scenario
def stopwaitsecs_zero(t):
    """stopwaitsecs=0 kills what does not end at once."""
    sv = programs.serve_deaf(t, 0)
    with t.timed("the stop"):
        sv.rpc("supervisor.stopProcess", "deaf")
    sv.record_info("deaf")
    # The reference says once for every turn of its loop that it kills.
    t.record("log", sorted(set(sv.story("deaf").splitlines())))


@scenario
def stop_by_kill_of_the_group(t):
    """stopsignal=KILL with stopasgroup ends the whole group."""
    t.script("family", 'sleep 300 &\necho $! > "$0.pid"\nwait\n')
    sv = t.serve("[program:family]\ncommand=%(here)s/family\nstartsecs=0\nstopsignal=KILL\nstopasgroup=true\n")
    sv.wait("family", "RUNNING")
    t.wait_for("family.pid", "\n")
    child = int(t.read("family.pid"))
    sv.ctl("stop", "family")
    t.until(lambda: not os.path.exists(f"/proc/{child}") or _state(child) == "Z", "the child is gone")
    sv.record_story("family")


def _state(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


@scenario(tier="all")
def stopped_program_is_frozen(t):
    """A program that was halted by STOP cannot take TERM: it is killed after stopwaitsecs."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\nstopwaitsecs=1\n")
    pid = sv.wait("a", "RUNNING")["pid"]
    sv.ctl("signal", "STOP", "a")
    t.until(lambda: _state(pid) == "T", "it is halted")
    sv.ctl("status")
    with t.timed("the stop"):
        sv.ctl("stop", "a")
    sv.record_story("a")
