"""H. Event listeners: what they are told and what becomes of their answers."""

import re

from harness.registry import suite

scenario = suite("H")

LISTENER = r"""
# $1: the file to write to; $2: how many events are answered with FAIL first
left=${2:-0}
printf 'READY\n'
while IFS= read -r header; do
    length=${header##*len:}
    payload=$(head -c "$length")
    printf '%s\n%s\n' "$header" "$payload" >> "$1"
    if [ "$left" -gt 0 ]; then
        left=$((left - 1))
        printf 'RESULT 4\nFAIL'
    else
        printf 'RESULT 2\nOK'
    fi
    printf 'READY\n'
done
"""

_NUMBERS = re.compile(r"\b(serial|poolserial|pid|when):\d+")


def _listener(t, name, events, *extra):
    t.script("listen", LISTENER)
    return "\n".join([f"[eventlistener:{name}]", f"command=%(here)s/listen %(here)s/{name}.seen",
                      f"events={events}", "startsecs=0", "buffer_size=100", *extra, ""])


def _seen(t, name):
    return _NUMBERS.sub(r"\1:N", t.read(f"{name}.seen"))


@scenario(tier="all")
def states_of_a_process(t):
    """PROCESS_STATE events of a program's life, with their payloads."""
    t.script("quick", "sleep 0.3\nexit 3\n")
    sv = t.serve(_listener(t, "l", "PROCESS_STATE") + """
[program:a]
command=/bin/sleep 300
startsecs=0
autostart=false
[program:quick]
command=%(here)s/quick
startsecs=5
startretries=1
autostart=false
""")
    sv.wait("l", "RUNNING")
    t.wait_for("l.seen", "PROCESS_STATE_RUNNING")
    for method in ("startProcess", "stopProcess"):
        sv.ask(method, "a")
    sv.ask("startProcess", "quick", False)
    sv.wait("quick", "FATAL")
    t.wait_for("l.seen", "PROCESS_STATE_FATAL")
    t.record("events", _seen(t, "l"))


@scenario(tier="all")
def groups_and_remote(t):
    """PROCESS_GROUP, REMOTE_COMMUNICATION and SUPERVISOR_STATE_CHANGE events."""
    sv = t.serve(_listener(t, "l", "PROCESS_GROUP,REMOTE_COMMUNICATION,SUPERVISOR_STATE_CHANGE")
                 + "[program:a]\ncommand=/bin/sleep 300\nautostart=false\n")
    sv.wait("l", "RUNNING")
    sv.ask("sendRemoteCommEvent", "kind", "some data")
    sv.ask("removeProcessGroup", "a")
    sv.ask("addProcessGroup", "a")
    t.wait_for("l.seen", "PROCESS_GROUP_REMOVED")
    sv.ask("sendRemoteCommEvent", "last", "word")
    t.wait_for("l.seen", "type:last")
    t.record("events", _seen(t, "l"))


@scenario(tier="all")
def rejected_events(t):
    """A rejected event comes again."""
    sv = t.serve(_listener(t, "l", "REMOTE_COMMUNICATION").replace("l.seen", "l.seen 2"))
    sv.wait("l", "RUNNING")
    sv.ask("sendRemoteCommEvent", "a", "b")
    t.until(lambda: t.read("l.seen").count("type:a") == 3 or not sv.ask("getState"), "three tries")
    t.record("events", _seen(t, "l"))
    t.record("log", [line[24:] for line in sv.log().splitlines() if "rejected" in line])


@scenario(tier="all")
def output_as_events(t):
    """PROCESS_LOG events and captured PROCESS_COMMUNICATION."""
    t.script("talk", """
        echo plain
        sleep 0.3
        printf '<!--XSUPERVISOR:BEGIN-->captured<!--XSUPERVISOR:END-->'
        sleep 0.3
        echo 'and a line that is longer than any token'
        exec sleep 300
    """)
    sv = t.serve(_listener(t, "l", "PROCESS_LOG,PROCESS_COMMUNICATION") + """
[program:talk]
command=%(here)s/talk
startsecs=0
autostart=false
stdout_capture_maxbytes=1KB
stdout_logfile=%(here)s/talk.out
[program:logged]
command=%(here)s/talk
startsecs=0
autostart=false
stdout_events_enabled=true
""")
    sv.wait("l", "RUNNING")
    sv.ask("startProcess", "talk")
    t.wait_for("l.seen", "captured")
    t.wait_for("talk.out", "token")
    t.record("captured", _seen(t, "l"))
    t.record("log", t.read("talk.out"))
    sv.ask("startProcess", "logged")
    t.wait_for("l.seen", "any token")
    t.record("with events", _seen(t, "l"))


@scenario(tier="all")
def broken_protocol(t):
    """A listener that says what it should not is told nothing any more."""
    t.script("stray", "echo hello there\nexec sleep 300\n")
    sv = t.serve("[eventlistener:stray]\ncommand=%(here)s/stray\nevents=TICK_5\nstartsecs=0\n")
    t.wait_for("d.log", "UNKNOWN")
    sv.ctl("status")
    t.record("log", "\n".join(line[24:] for line in sv.log().splitlines() if "UNKNOWN" in line))
