"""B. The state machine: when a program counts as running, comes back, is given up, stops."""

import os

from harness.registry import suite

scenario = suite("B")

STUBBORN = """
trap 'echo got TERM >> "$0.got"' TERM
: > "$0.ready"
while :; do sleep 0.1; done
"""
"""A script that only KILL ends."""

COUNTING = """
n=$(cat "$0.n" 2> /dev/null || echo 0)
echo $((n + 1)) > "$0.n"
"""
"""Start of a script that counts its runs."""


# becoming RUNNING

@scenario
def running_after_startsecs(t):
    """A program is STARTING until it has lived startsecs."""
    sv = t.serve("""
        [program:a]
        command=/bin/sleep 300
        startsecs=1
    """)
    sv.wait("a", "STARTING")
    sv.ctl("status")
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
    # the second pause is two seconds long: time to look
    t.until(lambda: sv.story("quick").count("spawned") == 2, "the second run")
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
    t.script("once", COUNTING + f"[ $n -gt 0 ] && exec sleep 300\nexit {code}\n")
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
    sv.record_story("once")


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
    t.script("quick", "exit 1\n")
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
    """startsecs=0 with autorestart=true starts again and again and is not given up."""
    t.script("quick", COUNTING + "exit 1\n")
    sv = t.serve("""
        [program:quick]
        command=%(here)s/quick
        startsecs=0
        startretries=0
        autorestart=true
    """)
    t.until(lambda: int(t.read("quick.n") or 0) > 4 or not sv.info("quick"), "five runs")
    t.record("given up", "gave up" in sv.log())
    sv.ctl("stop", "quick", order=lambda lines: ["stopped or just ended"])


# stopping

@scenario
def stop_in_every_state(t):
    """stop of what runs, starts, pauses, has ended, was given up, never ran."""
    t.script("quick", "exit 1\n")
    sv = t.serve("""
        [program:running]
        command=/bin/sleep 300
        startsecs=0
        [program:starting]
        command=/bin/sleep 300
        startsecs=60
        [program:backoff]
        command=%(here)s/quick
        startsecs=60
        startretries=60
        [program:exited]
        command=%(here)s/quick
        startsecs=0
        autorestart=false
        [program:fatal]
        command=%(here)s/quick
        startsecs=60
        startretries=0
        [program:never]
        command=/bin/sleep 300
        autostart=false
    """)
    names = "running starting exited fatal never backoff".split()
    sv.wait_all(running="RUNNING", starting="STARTING", exited="EXITED", fatal="FATAL")
    t.until(lambda: sv.story("backoff").count("spawned") == 2, "its second run")
    sv.wait("backoff", "BACKOFF")
    for name in reversed(names):
        sv.ctl("stop", name)
    sv.ctl("status")
    sv.record_info(*names)
    sv.record_story("running")
    sv.record_story("starting")


@scenario
def stopped_by_hand_stays_stopped(t):
    """autorestart=true does not undo a stop."""
    sv = t.serve("""
        [program:a]
        command=/bin/sleep 300
        startsecs=0
        autorestart=true
    """)
    sv.wait("a", "RUNNING")
    sv.ctl("stop", "a")
    for _ in range(20):
        sv.info("a")
    sv.record_info("a")
    sv.record_story("a")


@scenario
def stopwaitsecs_ends_in_kill(t):
    """A program deaf to its stop signal is killed after stopwaitsecs."""
    t.script("deaf", STUBBORN)
    sv = t.serve("""
        [program:deaf]
        command=%(here)s/deaf
        startsecs=0
        stopwaitsecs=1
    """)
    sv.wait("deaf", "RUNNING")
    t.wait_for("deaf.ready")
    sv.ask("stopProcess", "deaf", False)
    sv.wait("deaf", "STOPPING")
    sv.record_info("deaf")
    with t.timed("until it is killed"):
        sv.wait("deaf", "STOPPED")
    t.record("signals met", t.read("deaf.got"))
    sv.record_info("deaf")
    sv.record_story("deaf")


@scenario
def stop_signals(t):
    """Each stopsignal reaches the program."""
    names = "TERM HUP INT QUIT USR1 USR2".split()
    programs = []
    for name in names:
        t.script(name.lower(), f"""
            trap 'echo got {name} > "$0.got"; kill $!; exit 0' {name}
            sleep 300 &
            : > "$0.ready"
            wait
        """)
        programs.append(f"[program:{name.lower()}]\ncommand=%(here)s/{name.lower()}\n"
                        f"startsecs=0\nstopsignal={name}\n")
    sv = t.serve("\n".join(programs) + "[program:kill]\ncommand=/bin/sleep 300\nstopsignal=9\n"
                 "startsecs=0\n")
    for name in names:
        t.wait_for(f"{name.lower()}.ready")
    sv.wait("kill", "RUNNING")
    sv.ctl("stop", "all", order=sorted)
    for name in names:
        t.record(f"{name} met", t.read(f"{name.lower()}.got"))
    sv.record_story("kill")


def _family(t, keys):
    """A program with a child of its own, both deaf where `keys` says so; which of them are left?"""
    t.script("family", """
        trap '' $2
        sh -c 'trap "" '"$2"'; echo $$ > "$1"; exec sleep 300' sh "$1" &
        : > "$0.ready"
        wait
        while :; do sleep 0.1; done
    """)
    deaf = "TERM" if "stopwaitsecs" in keys else "WINCH"
    sv = t.serve(f"[program:family]\ncommand=%(here)s/family %(here)s/child {deaf}\nstartsecs=0\n{keys}")
    sv.wait("family", "RUNNING")
    t.wait_for("child", "\n")
    child = int(t.read("child"))
    t.until(lambda: b"sleep" in _command(child), "the child's exec")
    sv.ctl("stop", "family")
    gone = not _command(child)
    if not gone:
        # a signal to the group may need a moment to be delivered
        for _ in range(10):
            sv.info("family")
        gone = not _command(child)
    t.record("its child", "gone" if gone else "alive")
    sv.record_story("family")


def _command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


@scenario
def stop_reaches_the_leader_only(t):
    """Without stopasgroup a grandchild outlives the stop."""
    _family(t, "")


@scenario
def stopasgroup_reaches_the_group(t):
    """stopasgroup=true sends the stop signal to the whole process group."""
    _family(t, "stopasgroup=true\n")


@scenario
def kill_reaches_the_leader_only(t):
    """Without killasgroup a deaf grandchild outlives the SIGKILL."""
    _family(t, "stopwaitsecs=1\n")


@scenario
def killasgroup_reaches_the_group(t):
    """killasgroup=true sends SIGKILL to the whole process group."""
    _family(t, "stopwaitsecs=1\nkillasgroup=true\n")


@scenario
def start_while_stopping(t):
    """start of a program that is being stopped."""
    t.script("deaf", STUBBORN)
    sv = t.serve("""
        [program:deaf]
        command=%(here)s/deaf
        startsecs=0
        stopwaitsecs=2
    """)
    sv.wait("deaf", "RUNNING")
    t.wait_for("deaf.ready")
    sv.ask("stopProcess", "deaf", False)
    sv.wait("deaf", "STOPPING")
    sv.ctl("start", "deaf")
    sv.rpc("supervisor.stopProcess", "deaf")
    sv.ctl("signal", "HUP", "deaf")
    sv.ctl("status")


# what cannot be started

@scenario
def missing_binary(t):
    """A command that does not exist: FATAL by autostart, an error by start."""
    sv = t.serve("""
        [program:auto]
        command=/no/such/binary --flag
        startretries=1
        [program:manual]
        command=nosuchbinary
        autostart=false
        [program:good]
        command=/bin/sleep 300
        startsecs=0
    """)
    sv.wait("auto", "FATAL")
    sv.wait("good", "RUNNING")
    sv.ctl("start", "manual")
    sv.ctl("start", "auto")
    sv.ctl("status")
    sv.record_info("auto", "manual")
    sv.record_story("auto")
    sv.record_story("manual")


@scenario
def failures_to_spawn(t):
    """Directory, mode, quotes, interpreter, empty command, missing directory: each with its words."""
    t.write("plain", "exit 0\n")
    t.write("badinterpreter", "#!/no/such/interpreter\n")
    t.script("fine", "exit 0\n")
    os.chmod(t.path("badinterpreter"), 0o755)
    commands = {
        "directory": "/tmp",
        "mode": "%(here)s/plain",
        "interpreter": "%(here)s/badinterpreter",
        "quotes": "/bin/sh -c 'echo foo ; echo bar'",
        "empty": "",
        "chdir": "%(here)s/fine\ndirectory=/no/such/directory",
    }
    sv = t.serve("".join(f"[program:{name}]\ncommand={command}\nstartretries=0\n"
                         f"stderr_logfile=%(here)s/{name}.err\n"
                         for name, command in commands.items()))
    for name in commands:
        sv.wait(name, "FATAL")
    for name in commands:
        info = sv.info(name)
        t.record(f"spawnerr of {name}", info["spawnerr"])
        t.record(f"stderr of {name}", t.read(f"{name}.err"))
        sv.record_story(name)
        sv.ctl("start", name)


# order

def _spawned(sv):
    """Program names in the order of their first messages of one kind."""
    order = {"spawned": [], "stopped": []}
    for line in sv.log().splitlines():
        for kind, names in order.items():
            if f" {kind}: " in line:
                names.append(line.split(f"{kind}: ")[1].split()[0].strip("'"))
    return order


@scenario
def priorities_order_groups(t):
    """Boot in ascending, shutdown in descending order of priority."""
    sv = t.serve("".join(f"""
        [program:{name}]
        command=/bin/sleep 300
        startsecs=0
        priority={priority}
    """ for name, priority in (("late", 30), ("early", 10), ("middle", 20), ("usual", 999))))
    sv.wait_all(late="RUNNING", early="RUNNING", middle="RUNNING", usual="RUNNING")
    sv.ctl("avail")
    sv.stop()
    for kind, names in _spawned(sv).items():
        t.record(kind, " ".join(names))


@scenario
def boot_order_within_a_group(t):
    """At boot a group follows its programs= list, start g:* follows the priorities."""
    sv = t.serve("[group:g]\nprograms=p3,p1,p2\n" + "".join(
        f"[program:p{number}]\ncommand=/bin/sleep 300\nstartsecs=0\npriority={number}\n"
        for number in (1, 2, 3)))
    for name in ("g:p1", "g:p2", "g:p3"):
        sv.wait(name, "RUNNING")
    t.record("boot", " ".join(_spawned(sv)["spawned"]))
    sv.ctl("stop", "g:*", order=sorted)
    sv.ctl("start", "g:*", order=sorted)
    t.record("start", " ".join(_spawned(sv)["spawned"][3:]))


# what a program is given

@scenario
def environment_of_a_program(t):
    """The variables a program gets and how environment= is layered."""
    t.script("show", 'env | sort | grep -v "^_=\\|^PWD=\\|^SHLVL=" > "$0.$1"\nexec sleep 300\n')
    sv = t.serve("""
        [program:plain]
        command=%(here)s/show plain
        startsecs=0
        [program:own]
        command=%(here)s/show own
        startsecs=0
        environment=A="over",B='two, three',SUPERVISOR_ENABLED=no,EMPTY="",C="100%%"
        [program:many]
        command=%(here)s/show %(process_num)d
        process_name=%(program_name)s_%(process_num)02d
        numprocs=2
        startsecs=0
        serverurl=http://example.invalid:1
    """, daemon='environment=A="base",D="d"', env={"INHERITED": "yes"})
    for name in ("plain", "own", "0", "1"):
        t.wait_for(f"show.{name}", "TZ=")
        t.record(f"environment of {name}", t.read(f"show.{name}"))
    sv.record_info("own")


@scenario
def command_words(t):
    """How a command line is split and what argv a program sees."""
    t.script("words", 'name=$1; shift; for word; do echo "<$word>"; done > "$0.$name"\n: > "$0.$name.done"\n'
             "exec sleep 300\n")
    lines = {
        "plain": "one two  three",
        "quotes": "'single quoted' \"double quoted\" mi'x'\"e\"d",
        "escapes": r"a\ b \"c\" 'd\e'",
        "comment": "a;b a#b c ; dropped",
        "hash": "a #b",
        "percent": "100%% %(program_name)s %(group_name)s",
        "empty": "'' \"\"",
        "shell": "$HOME * ~ `id` | cat",
        "lines": "one\n    two\n    three",
    }
    t.serve("".join(f"[program:{name}]\ncommand=%(here)s/words {name} {line}\nstartsecs=0\n"
                    for name, line in lines.items()))
    for name in lines:
        t.wait_for(f"words.{name}.done")
        t.record(f"words of {name}", t.read(f"words.{name}"))


@scenario
def surroundings_of_a_program(t):
    """Working directory, umask, argv[0], PATH search, process group, session, stdin, open files."""
    t.write("place/tool", "#!/bin/sh\n: > \"$1\"\nexec sleep 300\n")
    os.chmod(t.path("place/tool"), 0o755)
    t.script("look", """
        {
            pwd
            umask
            echo "$0"
            read -r pid name state parent group session rest < /proc/$$/stat
            [ $pid = $group ] && echo "leads its group"
            read -r a b c d e other rest < /proc/$parent/stat
            [ $session = $other ] && echo "in its parent's session"
            ls /proc/self/fd
            readlink /proc/$$/fd/0 | sed 's/[0-9]//g'
        } > "$1.part" 2>&1
        mv "$1.part" "$1"
        exec sleep 300
    """)
    os.mkdir(t.path("elsewhere"))
    t.serve("""
        [program:plain]
        command=%(here)s/look %(here)s/plain.seen
        startsecs=0
        [program:moved]
        command=%(here)s/look %(here)s/moved.seen
        directory=%(here)s/elsewhere
        umask=077
        startsecs=0
        [program:found]
        command=tool %(here)s/found.seen
        environment=PATH="%(here)s/place:/usr/bin:/bin"
        startsecs=0
    """)
    for name in ("plain", "moved", "found"):
        t.wait_for(f"{name}.seen")
        t.record(f"what {name} saw", t.read(f"{name}.seen"))


@scenario(needs_root=True)
def user_of_a_program(t):
    """user= changes ids and groups, not HOME and USER."""
    t.script("who", 'id > "$1"; echo "$HOME $USER" >> "$1"; : > "$1.done"; exec sleep 300\n')
    os.mkdir(t.path("open"))
    os.chmod(t.path("open"), 0o777)
    sv = t.serve("""
        [program:who]
        command=%(here)s/who %(here)s/open/who
        user=nobody
        startsecs=0
    """)
    t.wait_for("open/who.done")
    t.record("who", t.read("open/who"))
    sv.ctl("status")
