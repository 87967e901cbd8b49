"""B. Starting: what counts as a start, what a client is told of it, what follows."""

import os
import threading

from harness import rpc
from harness.programs import COUNTING, FIRST_RUN
from harness.registry import suite

scenario = suite("B")


# startsecs

@scenario(tier="all")
def long_startsecs(t):
    """startsecs=30: the program stays STARTING, is started all the same, and may be stopped."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=30\nautostart=false\n")
    with t.timed("a start that does not wait"):
        sv.rpc("supervisor.startProcess", "a", False)
    sv.wait("a", "STARTING")
    sv.record_info("a")
    sv.ctl("start", "a")
    sv.ctl("pid", "a", order=lambda lines: [lines[0], str(lines[1] == str(sv.pid("a")))])
    sv.ctl("stop", "a")
    sv.record_info("a")
    sv.record_story("a")


@scenario
def exit_before_startsecs(t):
    """An exit before startsecs is a failed try, be its code expected or not."""
    for code in (0, 3):
        t.script(f"quick{code}", f"exit {code}\n")
    sv = t.serve("".join(f"[program:quick{code}]\ncommand=%(here)s/quick{code}\nstartsecs=20\n"
                         "startretries=0\nexitcodes=0,3\n" for code in (0, 3)))
    sv.wait_all(quick0="FATAL", quick3="FATAL")
    sv.record_info("quick0", "quick3")
    sv.record_story("quick0")
    sv.record_story("quick3")


@scenario(tier="all")
def exit_after_startsecs(t):
    """An exit after startsecs is EXITED: expected stays, unexpected comes back."""
    t.script("later", FIRST_RUN + "sleep 2.4\nexit $1\n")
    os.symlink("later", t.path("other"))
    sv = t.serve("""
        [program:well]
        command=%(here)s/later 5
        startsecs=1
        exitcodes=0,5
        [program:badly]
        command=%(here)s/other 7
        startsecs=1
    """)
    sv.wait_all(well="RUNNING", badly="RUNNING")
    first = sv.pid("badly")
    sv.wait("well", "EXITED")
    sv.replaced("badly", first)
    for name in ("well", "badly"):
        sv.record_info(name)
        sv.record_story(name)
    t.record("runs", t.read("other.n"))


@scenario
def killed_before_startsecs(t):
    """A program killed while it is STARTING has failed a try."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=30\nstartretries=0\n")
    sv.wait("a", "STARTING")
    sv.ask("signalProcess", "a", "KILL")
    sv.wait("a", "FATAL")
    sv.record_info("a")
    sv.record_story("a")


# retries

@scenario(tier="all", seconds=60)
def three_retries(t):
    """startretries=3: four runs with pauses of one, two and three seconds."""
    t.script("quick", 'date +%s.%N >> "$0.times"\nexit 1\n')
    sv = t.serve("[program:quick]\ncommand=%(here)s/quick\n")
    with t.timed("until FATAL"):
        sv.wait("quick", "FATAL", seconds=30)
    times = [float(line) for line in t.read("quick.times").split()]
    t.record("runs", len(times))
    t.record("no pause is shorter than its rule", [later - earlier > rule - 0.01 for rule, earlier, later
                                                   in zip((1, 2, 3), times, times[1:])])
    sv.record_info("quick")
    sv.record_story("quick")


@scenario(tier="all")
def success_after_failed_tries(t):
    """Once RUNNING the failed tries are forgotten: all of them are there again."""
    t.script("third", COUNTING + """
        case $n in 0|2|3) exit 1 ;; esac
        exec sleep 300
    """)
    sv = t.serve("[program:third]\ncommand=%(here)s/third\nstartsecs=1\nstartretries=2\n")
    first = sv.wait("third", "RUNNING")["pid"]
    sv.ask("signalProcess", "third", "KILL")
    sv.replaced("third", first)
    t.record("runs", t.read("third.n"))
    sv.record_story("third")


@scenario(tier="all")
def start_of_a_program_given_up(t):
    """start of a FATAL program begins to count anew."""
    t.script("quick", COUNTING + "exit 1\n")
    sv = t.serve("[program:quick]\ncommand=%(here)s/quick\nstartretries=0\n")
    sv.wait("quick", "FATAL")
    sv.ctl("start", "quick")
    sv.wait("quick", "FATAL")
    t.record("runs", t.read("quick.n"))
    sv.ctl("status")
    sv.record_story("quick")


@scenario
def binary_that_appears(t):
    """A program whose command is missing at first runs once it is there."""
    sv = t.serve("[program:late]\ncommand=%(here)s/late\nstartsecs=0\nstartretries=9\n")
    sv.wait("late", "BACKOFF")
    sv.record_info("late")
    t.script("made", "exec sleep 300\n")
    os.rename(t.path("made"), t.path("late"))
    with t.timed("until it runs"):
        sv.wait("late", "RUNNING")
    sv.record_info("late")


@scenario
def program_that_disappears(t):
    """A program whose command is gone when it is to come back is tried and given up."""
    os.symlink("/bin/sleep", t.path("gone"))
    sv = t.serve("[program:gone]\ncommand=%(here)s/gone 300\nstartsecs=0\nstartretries=0\n")
    sv.wait("gone", "RUNNING")
    os.unlink(t.path("gone"))
    sv.ask("signalProcess", "gone", "KILL")
    sv.wait("gone", "FATAL")
    sv.record_info("gone")
    sv.record_story("gone")
    sv.ctl("start", "gone")


# what a client is told

@scenario
def start_waits_for_running(t):
    """start answers when the program is RUNNING."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=1\nautostart=false\n")
    with t.timed("the start"):
        sv.ctl("start", "a")
    sv.record_info("a")


@scenario(tier="all")
def start_of_what_fails_at_first(t):
    """start is answered with spawn error after the first try while the tries go on."""
    t.script("quick", FIRST_RUN + "exit 1\n")
    sv = t.serve("[program:quick]\ncommand=%(here)s/quick\nautostart=false\nstartretries=2\nstartsecs=3\n")
    answers = []
    call = threading.Thread(target=lambda: answers.append(_outcome(sv, "startProcess", "quick")))
    with t.timed("the answer"):
        call.start()
        # Left alone, the reference turns once a second and may look only after the second try.
        t.until(lambda: sv.ask("getState") and answers, "the answer")
    call.join()
    t.record("the answer", answers[0])
    sv.wait("quick", "RUNNING")
    t.until(lambda: "success: quick" in sv.log(), "the log tells of it")
    t.record("runs", t.read("quick.n"))
    sv.record_story("quick")


def _outcome(sv, method, *params):
    try:
        return sv.ask(method, *params)
    except rpc.Fault as fault:
        return f"fault {fault.faultCode}: {fault.faultString}"


@scenario(tier="all")
def start_of_what_ends_well_before_startsecs(t):
    """A job that exits 0 before startsecs is a spawn error to the client."""
    t.script("job", "exit 0\n")
    sv = t.serve("[program:job]\ncommand=%(here)s/job\nautostart=false\nautorestart=false\nstartretries=0\n"
                 "startsecs=20\n")
    sv.ctl("start", "job")
    sv.wait("job", "FATAL")
    sv.rpc("supervisor.startProcess", "job")
    sv.record_info("job")


@scenario
def restarts(t):
    """restart of what runs, has stopped, has ended, was given up; and of nothing known."""
    t.script("quick", "exit 1\n")
    t.script("once", FIRST_RUN + "exit 0\n")
    sv = t.serve("""
        [program:running]
        command=/bin/sleep 300
        startsecs=0
        [program:never]
        command=/bin/sleep 300
        startsecs=0
        autostart=false
        [program:exited]
        command=%(here)s/once
        startsecs=0
        autorestart=false
        [program:fatal]
        command=%(here)s/quick
        startsecs=60
        startretries=0
    """)
    sv.wait_all(running="RUNNING", exited="EXITED", fatal="FATAL")
    before = sv.pid("running")
    with t.timed("restart of what runs"):
        sv.ctl("restart", "running")
    t.record("another process", sv.pid("running") != before)
    for name in ("never", "exited", "fatal", "nosuch"):
        sv.ctl("restart", name)
    sv.ctl("status")


@scenario(tier="all")
def start_several(t):
    """start all leaves out what runs or pauses; each of the others gets its own answer."""
    t.script("quick", "exit 1\n")
    sv = t.serve("""
        [program:backoff]
        command=%(here)s/quick
        startsecs=60
        startretries=60
        [program:running]
        command=/bin/sleep 300
        startsecs=0
        [program:stopped]
        command=/bin/sleep 300
        startsecs=0
        autostart=false
        [program:missing]
        command=/no/such
        autostart=false
        [program:quick]
        command=%(here)s/quick
        autostart=false
        startretries=0
    """)
    sv.wait("running", "RUNNING")
    t.until(lambda: sv.story("backoff").count("spawned") == 2, "its second run")
    sv.wait("backoff", "BACKOFF")
    sv.ctl("start", "all", order=sorted)
    sv.wait("quick", "FATAL")
    sv.record_info("stopped", "missing", "quick")


@scenario(tier="all")
def order_of_answers(t):
    """Of several started together, those without a wait are told first, then as they become ready."""
    sv = t.serve("""
        [group:g]
        programs=slow,fast,missing,middle
        [program:slow]
        command=/bin/sleep 300
        startsecs=4
        priority=1
        autostart=false
        [program:middle]
        command=/bin/sleep 300
        startsecs=2
        priority=2
        autostart=false
        [program:missing]
        command=/no/such
        priority=3
        autostart=false
        [program:fast]
        command=/bin/sleep 300
        startsecs=0
        priority=4
        autostart=false
    """)
    with t.timed("start g:*"):
        sv.ctl("start", "g:*")


@scenario(tier="all")
def autostart_false_comes_back(t):
    """Started by hand, a program with autorestart=true comes back like any other."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\nautostart=false\nautorestart=true\n")
    sv.ctl("start", "a")
    first = sv.pid("a")
    sv.ask("signalProcess", "a", "TERM")
    with t.timed("until it is back"):
        sv.replaced("a", first)
    sv.record_story("a")


@scenario
def exit_codes(t):
    """What an exit code becomes in status, spawnerr and log."""
    codes = (0, 1, 2, 126, 127, 128, 255)
    t.script("leave", 'exit "$1"\n')
    sv = t.serve("".join(f"[program:c{code}]\ncommand=%(here)s/leave {code}\nstartsecs=0\n"
                         f"autorestart=false\nexitcodes=0, 2\n" for code in codes))
    for code in codes:
        sv.wait(f"c{code}", "EXITED")
        info = sv.info(f"c{code}")
        t.record(f"exit {code}", [info[key] for key in ("state", "exitstatus", "spawnerr", "pid")])
        sv.record_story(f"c{code}", successes=False)


@scenario
def deaths_by_signal(t):
    """How the log names the signal a program died of, real-time ones too."""
    numbers = (1, 2, 3, 6, 9, 10, 14, 15, 16, 31, 34, 40, 64)
    t.script("die", 'ulimit -c 0\nkill -"$1" $$\n')
    sv = t.serve("".join(f"[program:s{number}]\ncommand=%(here)s/die {number}\nstartsecs=0\n"
                         f"autorestart=false\n" for number in numbers))
    for number in numbers:
        sv.wait(f"s{number}", "EXITED")
        info = sv.info(f"s{number}")
        t.record(f"signal {number}", [info[key] for key in ("state", "exitstatus", "spawnerr")])
        sv.record_story(f"s{number}", successes=False)


@scenario
def core_dumped(t):
    """A core dump is mentioned."""
    os.mkdir(t.path("cores"))
    t.script("die", "ulimit -c unlimited\nkill -SEGV $$\n")
    sv = t.serve("[program:die]\ncommand=%(here)s/die\ndirectory=%(here)s/cores\nstartsecs=0\nautorestart=false\n")
    sv.wait("die", "EXITED")
    sv.record_info("die")
    sv.record_story("die", successes=False)


@scenario
def output_outlives_the_leader(t):
    """A grandchild that keeps the output open does not keep its dead parent in RUNNING."""
    t.script("leader", FIRST_RUN + 'sleep 300 &\necho $! > "$0.pid"\nexit 0\n')
    sv = t.serve("[program:leader]\ncommand=%(here)s/leader\nstartsecs=0\nautorestart=true\n")
    t.wait_for("leader.n", "2")
    sv.wait("leader", "RUNNING")
    t.record("the grandchild", "alive" if os.path.exists(f"/proc/{t.read('leader.pid').strip()}") else "gone")
    sv.record_story("leader", successes=False)
