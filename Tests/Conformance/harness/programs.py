"""Programs that scenarios have in common: sections of a configuration, the scripts behind them, daemons that run them."""

# Scripts

QUICK = "exit 1\n"
"""Fails at once: a start that somebody asks for may fail with it."""

SOON = "sleep 0.3\nexit 1\n"
"""Fails when the start that was asked for has been answered."""

LISTENER = r"""
printf 'READY\n'
while IFS= read -r header; do
    length=${header##*len:}
    payload=$(head -c "$length")
    name=${header##*eventname:}
    printf '%s %s\n' "${name%% *}" "$payload" >> "$0.seen"
    printf 'RESULT 2\nOKREADY\n'
done
"""
"""Notes every event, a line each."""

DEAF = """
trap '' TERM
: > "$0.ready"
while :; do sleep 0.05; done
"""
"""Only KILL ends it."""

SLOW = """
trap 'sleep 1.5; exit 0' TERM
: > "$0.ready"
while :; do sleep 0.05; done
"""
"""Takes longer to end than the reference's loop to turn."""

COUNTING = """
n=$(cat "$0.n" 2> /dev/null || echo 0)
echo $((n + 1)) > "$0.n"
"""
"""The beginning of a script that counts its runs."""

FIRST_RUN = COUNTING + "[ $n -gt 0 ] && exec sleep 300\n"
"""The beginning of a script whose second run stays; what follows is the first run's."""

# Sections

_SLEEP = "command=/bin/sleep 300\n"


def sleeper(name, *keys, seconds=300):
    """A program that counts as running at once, and stays."""
    return "\n".join([f"[program:{name}]", f"command=/bin/sleep {seconds}", "startsecs=0", *keys, ""])


_SECTIONS = {
    "run": "[program:run]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/run.out\n",
    "off": sleeper("off", "autostart=false"),
    "done": "[program:done]\ncommand=/bin/sleep 0.2\nstartsecs=0\nautorestart=false\n",
    "fatal": "[program:fatal]\ncommand=/bin/false\nstartsecs=60\nstartretries=0\n",
    "missing": "[program:missing]\ncommand=/no/such/file\nautostart=false\n",
    "talk": "[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=%(here)s/talk.out\n"
            "stderr_logfile=%(here)s/talk.err\n",
    "mute": sleeper("mute", "stdout_logfile=NONE", "stderr_logfile=NONE"),
    "many": sleeper("many", "process_name=%(program_name)s_%(process_num)02d", "numprocs=2"),
    "grp": "[group:grp]\nprograms=g1,g2\npriority=50\n" + sleeper("g1") + sleeper("g2", "autostart=false"),
}

_STEADY = {"run": "RUNNING", "done": "EXITED", "fatal": "FATAL", "mute": "RUNNING", "many:many_00": "RUNNING",
           "many:many_01": "RUNNING", "grp:g1": "RUNNING"}
"""What becomes of those that are started."""


def sections(*names):
    """The sections of the table by their names, in that order. `talk` runs a script that its scenario writes."""
    return "".join(_SECTIONS[name] for name in names)


def serve(trial, *names, more="", **others):
    """Serve programs of the table and what `more` adds; waits until those of the table are in their steady states."""
    daemon = trial.serve(sections(*names) + more, **others)
    for process, state in _STEADY.items():
        if process.split(":")[0] in names:
            daemon.wait(process, state)
    return daemon


def serve_deaf(trial, seconds, more="", **others):
    """Serve a program `deaf` that only KILL ends, stopwaitsecs being `seconds`; waits until it is deaf."""
    trial.script("deaf", DEAF)
    daemon = trial.serve(f"[program:deaf]\ncommand=%(here)s/deaf\nstartsecs=0\nstopwaitsecs={seconds}\n{more}", **others)
    daemon.wait("deaf", "RUNNING")
    trial.wait_for("deaf.ready")
    return daemon


_IN_EACH_STATE = {
    "running": _SLEEP + "startsecs=0\n",
    "starting": _SLEEP + "startsecs=60\n",
    "stopping": "command=%(here)s/deaf\nstartsecs=0\nstopwaitsecs=60\n",
    "backoff": "command=%(here)s/quick\nstartsecs=60\nstartretries=60\n",
    "exited": "command=%(here)s/quick\nstartsecs=0\nautorestart=false\n",
    "fatal": "command=%(here)s/quick\nstartsecs=60\nstartretries=0\n",
    "never": _SLEEP + "autostart=false\n",
}


def serve_in_each_state(trial, *names):
    """Serve programs named for a state each, and wait until they are in it: `never` is STOPPED, `backoff` stays in
    BACKOFF for three seconds."""
    trial.script("quick", QUICK)
    trial.script("deaf", DEAF)
    daemon = trial.serve("".join(f"[program:{name}]\n{_IN_EACH_STATE[name]}" for name in names))
    for name in names:
        if name in ("running", "starting", "exited", "fatal"):
            daemon.wait(name, name.upper())
    if "stopping" in names:
        trial.wait_for("deaf.ready")
        daemon.ask("stopProcess", "stopping", False)
        daemon.wait("stopping", "STOPPING")
    if "backoff" in names:
        trial.until(lambda: daemon.story("backoff").count("spawned") == 3, "its third run")
        daemon.wait("backoff", "BACKOFF")
    return daemon
