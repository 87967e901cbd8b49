"""B. Stopping: signals, time-outs, groups of processes."""

from harness import programs
from harness.registry import suite

scenario = suite("B")

@scenario(tier="all")
def stop_in_every_state(t):
    """stop of what runs, starts, pauses, has ended, was given up, never ran."""
    names = "running starting exited fatal never backoff".split()
    sv = programs.serve_in_each_state(t, *names)
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
    t.script("deaf", """
        trap 'echo got TERM >> "$0.got"' TERM
        : > "$0.ready"
        while :; do sleep 0.1; done
    """)
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
    # On a busy machine the reference says twice that it kills.
    t.record("log about deaf", "\n".join(dict.fromkeys(sv.story("deaf").splitlines())))


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


@scenario(tier="all")
def start_while_stopping(t):
    """start of a program that is being stopped."""
    sv = programs.serve_deaf(t, 20)
    sv.ask("stopProcess", "deaf", False)
    sv.wait("deaf", "STOPPING")
    sv.ctl("start", "deaf")
    sv.rpc("supervisor.stopProcess", "deaf")
    sv.ctl("signal", "HUP", "deaf")
    sv.ctl("status")
