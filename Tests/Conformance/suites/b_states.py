"""B. The state machine: when a program counts as running, comes back, is given up, stops."""

from harness.programs import COUNTING, FIRST_RUN
from harness.registry import suite

scenario = suite("B")


# becoming RUNNING

@scenario
def running_after_startsecs(t):
    """A program is STARTING until it has lived startsecs."""
    sv = t.serve("""
        [program:a]
        command=/bin/sleep 300
        startsecs=2
    """)
    t.until(lambda: sv.pid("a"), "its process")
    sv.record_info("a")
    with t.timed("until it is RUNNING"):
        sv.wait("a", "RUNNING")
    sv.ctl("status")
    sv.record_info("a")
    sv.record_story("a")


@scenario
def running_at_once_without_startsecs(t):
    """startsecs=0 makes the start itself a success."""
    sv = t.serve("""
        [program:a]
        command=/bin/sleep 300
        startsecs=0
    """)
    sv.wait("a", "RUNNING")
    sv.record_story("a")


@scenario
def not_started_without_autostart(t):
    """autostart=false leaves a program STOPPED, Not started."""
    sv = t.serve("""
        [program:a]
        command=/bin/sleep 300
        autostart=false
        [program:b]
        command=/bin/sleep 300
        startsecs=0
    """)
    sv.wait("b", "RUNNING")
    sv.record_info("a")
    sv.ctl("status")


# giving up

def _given_up(t, retries):
    t.script("quick", COUNTING + "exit 3\n")
    sv = t.serve(f"""
        [program:quick]
        command=%(here)s/quick
        startretries={retries}
    """)
    with t.timed("until FATAL"):
        sv.wait("quick", "FATAL")
    t.record("runs", t.read("quick.n"))
    sv.record_info("quick")
    sv.record_story("quick")


@scenario
def fatal_after_one_retry(t):
    """startretries=1 means two runs, then FATAL."""
    _given_up(t, 1)


@scenario
def fatal_without_retries(t):
    """startretries=0 means one run."""
    _given_up(t, 0)


@scenario
def fatal_with_negative_retries(t):
    """startretries=-1 behaves as 0."""
    _given_up(t, -1)


@scenario
def backoff_between_tries(t):
    """Between two tries a program is in BACKOFF and says why."""
    t.script("quick", "exit 0\n")
    sv = t.serve("""
        [program:quick]
        command=%(here)s/quick
        startretries=20
        startsecs=5
    """)
    # the fifth pause is five seconds long: time to look, and for three clients
    t.until(lambda: sv.story("quick").count("spawned") == 5, "the fifth run", 30)
    sv.wait("quick", "BACKOFF")
    sv.record_info("quick")
    sv.ctl("status")
    sv.ctl("start", "quick")
    sv.ctl("signal", "HUP", "quick")
    sv.ctl("stop", "quick")
    sv.record_info("quick")


# coming back

def _once(t, autorestart, code, codes="0"):
    """A program whose first run ends with `code` and whose second lives; records what came of it."""
    t.script("once", FIRST_RUN + f"exit {code}\n")
    sv = t.serve(f"""
        [program:once]
        command=%(here)s/once
        startsecs=0
        autorestart={autorestart}
        exitcodes={codes}
    """)
    t.wait_for("once.n")
    if autorestart == "false" or (autorestart == "unexpected" and str(code) in codes.split(",")):
        sv.wait("once", "EXITED")
    else:
        t.wait_for("once.n", "2")
        sv.wait("once", "RUNNING")
    t.record("runs", t.read("once.n"))
    sv.record_info("once")
    sv.record_story("once", successes=False)


@scenario
def autorestart_false(t):
    """Whatever the exit code, the program stays EXITED."""
    _once(t, "false", 3)


@scenario
def autorestart_true(t):
    """An expected exit is followed by another run."""
    _once(t, "true", 0)


@scenario
def autorestart_unexpected_expected_exit(t):
    """An exit code on the list leaves the program EXITED."""
    _once(t, "unexpected", 2, codes="0,2")


@scenario
def autorestart_unexpected_other_exit(t):
    """An exit code off the list brings the program back."""
    _once(t, "unexpected", 1, codes="0,2")


@scenario
def autorestart_unexpected_without_codes(t):
    """With an empty list every exit is unexpected."""
    _once(t, "unexpected", 0, codes="")


@scenario
def killed_is_never_expected(t):
    """Death by a signal counts as status -1; it brings the program back."""
    sv = t.serve("""
        [program:a]
        command=/bin/sleep 300
        startsecs=0
        [program:b]
        command=/bin/sleep 300
        startsecs=0
        autorestart=false
        [program:c]
        command=/bin/sleep 300
        startsecs=0
        autorestart=true
    """)
    first = {name: sv.wait(name, "RUNNING")["pid"] for name in "abc"}
    for name, number in (("a", "KILL"), ("b", "TERM"), ("c", "SEGV")):
        sv.ask("signalProcess", name, number)
    sv.replaced("a", first["a"])
    sv.replaced("c", first["c"])
    sv.wait("b", "EXITED")
    for name in "abc":
        sv.record_info(name)
        sv.record_story(name)


@scenario
def exit_without_startsecs_is_no_failure(t):
    """startsecs=0 with exit 1: started says the client, EXITED is the end."""
    t.script("quick", "sleep 0.2\nexit 1\n")
    sv = t.serve("""
        [program:quick]
        command=%(here)s/quick
        startsecs=0
        autorestart=false
        autostart=false
    """)
    sv.ctl("start", "quick")
    sv.wait("quick", "EXITED")
    sv.record_info("quick")
    sv.record_story("quick")


@scenario
def crash_loop_never_fatal(t):
    """startsecs=0 with autorestart=true starts again and again and is not given up, whatever the exit code."""
    codes = (0, 1)
    for code in codes:
        t.script(f"quick{code}", COUNTING + f"exit {code}\n")
    sv = t.serve("".join(f"[program:quick{code}]\ncommand=%(here)s/quick{code}\nstartsecs=0\nstartretries=0\n"
                         "autorestart=true\n" for code in codes))
    for code in codes:
        t.until(lambda: int(t.read(f"quick{code}.n") or 0) > 4 or not sv.info("quick0"), "five runs")
    t.record("given up", "gave up" in sv.log())
    for code in codes:
        sv.ctl("stop", f"quick{code}", order=lambda lines: ["stopped or just ended"])
