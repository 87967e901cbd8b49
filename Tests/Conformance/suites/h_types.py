"""H. Events: which there are, who gets them, and what they say."""

import os
import signal
import time

from harness import programs
from harness.listening import Listener, serve
from harness.registry import suite

scenario = suite("H")


@scenario
def exits(t):
    """PROCESS_STATE events of programs that end: as expected, otherwise, by a signal."""
    listener = Listener(t, "l", "PROCESS_STATE")
    sv = serve(t, listener, """
[program:good]
command=/bin/sh -c "sleep 0.3"
startsecs=0
autostart=false
autorestart=false
[program:bad]
command=/bin/sh -c "sleep 0.3; exit 3"
startsecs=0
autostart=false
autorestart=false
[program:long]
command=/bin/sleep 300
startsecs=0
autostart=false
autorestart=false
""")
    listener.wait(2)
    sv.ask("startProcess", "good")
    sv.wait("good", "EXITED")
    sv.ask("startProcess", "bad")
    sv.wait("bad", "EXITED")
    sv.ask("startProcess", "long")
    sv.wait("long", "RUNNING")
    sv.ask("signalProcess", "long", "KILL")
    sv.wait("long", "EXITED")
    listener.wait(11)
    listener.record()


@scenario(tier="all")
def tries(t):
    """STARTING and BACKOFF count the tries, FATAL does not."""
    listener = Listener(t, "l", "PROCESS_STATE_STARTING,PROCESS_STATE_BACKOFF,PROCESS_STATE_FATAL")
    sv = serve(t, listener, """
[program:quick]
command=/bin/sh -c "sleep 0.3"
startsecs=5
startretries=1
autostart=false
""")
    # not at once: a busy machine sees the end of a quicker program before the start is answered
    sv.ask("startProcess", "quick", False)
    listener.wait_for("FATAL")
    listener.record()
    sv.ask("startProcess", "quick", False)
    t.until(lambda: listener.names().count("PROCESS_STATE_FATAL") == 2, "it gives up again")
    listener.record("after another start")


@scenario(tier="all")
def stopped_while_waiting_for_another_try(t):
    """From BACKOFF to STOPPED."""
    listener = Listener(t, "l", "PROCESS_STATE")
    sv = serve(t, listener, """
[program:quick]
command=/bin/sh -c "sleep 0.3; exit 1"
startsecs=5
startretries=50
autostart=false
""")
    sv.ask("startProcess", "quick", False)
    # The longest pause so far, so that the stop meets it.
    t.until(lambda: "tries:2" in str(listener.events()), "a second try")
    t.until(lambda: sv.info("quick")["statename"] == "BACKOFF", "it waits")
    sv.ask("stopProcess", "quick")
    listener.wait_for("STATE_STOPPED")
    t.record("the last", listener.told().splitlines()[-1])


@scenario(tier="all")
def stopped_while_starting(t):
    """From STARTING to STOPPED."""
    listener = Listener(t, "l", "PROCESS_STATE")
    sv = serve(t, listener, """
[program:slow]
command=/bin/sleep 300
startsecs=30
autostart=false
""")
    sv.ask("startProcess", "slow", False)
    sv.wait("slow", "STARTING")
    sv.ask("stopProcess", "slow")
    listener.wait_for("STATE_STOPPED")
    listener.record()


@scenario(tier="all")
def commands_that_cannot_be_executed(t):
    """A program that has no command to execute goes the way of one that ends at once."""
    listener = Listener(t, "l", "PROCESS_STATE")
    serve(t, listener, """
[program:missing]
command=/nowhere/program
startretries=0
""")
    listener.wait_for("FATAL")
    t.record("of the program", "\n".join(
        line for line in listener.told().splitlines() if "processname:missing" in line))


@scenario(tier="all")
def restarts(t):
    """An unexpected end and the start that follows it."""
    t.script("once", "test -e there && exec sleep 300\n: > there\nsleep 0.3\nexit 7\n")
    listener = Listener(t, "l", "PROCESS_STATE")
    serve(t, listener, """
[program:once]
command=%(here)s/once
directory=%(here)s
startsecs=0
""")
    t.until(lambda: sum("processname:once" in payload for _, _, payload in listener.events()) == 5, "both runs")
    t.record("of the program", "\n".join(
        line for line in listener.told().splitlines() if "processname:once" in line))


@scenario(tier="all")
def one_type_each(t):
    """Who subscribes to one type gets that alone."""
    listeners = [Listener(t, name, f"PROCESS_STATE_{name.upper()}") for name in ("running", "stopping", "stopped")]
    sv = t.serve("\n".join(map(str, listeners)) + """
[program:a]
command=/bin/sleep 300
startsecs=0
autostart=false
""")
    sv.wait_all(running="RUNNING", stopping="RUNNING", stopped="RUNNING")
    sv.ask("startProcess", "a")
    sv.wait("a", "RUNNING")
    sv.ask("stopProcess", "a")
    for listener in listeners:
        listener.wait_for("processname:a ")
        t.record(listener.name, "\n".join(
            line for line in listener.told().splitlines() if "processname:a " in line))


@scenario(tier="all")
def everything(t):
    """EVENT stands for all types."""
    listener = Listener(t, "l", "EVENT")
    sv = serve(t, listener, """
[program:a]
command=/bin/sh -c "echo out; exec sleep 300"
startsecs=0
autostart=false
stdout_events_enabled=true
""")
    listener.wait_for("PROCESS_STATE_RUNNING")
    sv.ask("startProcess", "a")
    listener.wait_for("PROCESS_LOG_STDOUT")
    sv.ask("sendRemoteCommEvent", "t", "d")
    sv.ask("stopProcess", "a")
    listener.wait_for("PROCESS_STATE_STOPPED")
    told = [line for line in listener.told().splitlines() if not line.startswith("TICK")]
    t.record("in order of their names", "\n".join(sorted(told)))


@scenario(tier="all")
def names_in_any_case(t):
    """Types may be written in lower case and with blanks around."""
    listener = Listener(t, "l", "remote_communication ,  Process_State_Stopped")
    sv = serve(t, listener, "[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    sv.wait("a", "RUNNING")
    sv.ask("sendRemoteCommEvent", "t", "d")
    listener.wait(1)
    sv.ask("stopProcess", "a")
    listener.wait(2)
    listener.record()


@scenario(tier="all")
def subscribed_twice(t):
    """Who subscribes to a type and to its parent gets the event twice, under one number."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION,EVENT")
    sv = serve(t, listener)
    sv.ask("sendRemoteCommEvent", "first", "")
    sv.ask("sendRemoteCommEvent", "second", "")
    t.until(lambda: listener.names().count("REMOTE_COMMUNICATION") == 4, "four times")
    serials = [header["serial"] for _, header, _ in listener.events() if header["eventname"].startswith("REMOTE")]
    t.record("numbers", f"{len(set(serials))} of {len(serials)}")
    t.record("order", "\n".join(line for line in listener.told().splitlines() if line.startswith("REMOTE")))


@scenario
def groups_that_come_and_go(t):
    """PROCESS_GROUP events of update: of other groups and of the pool's own."""
    listener = Listener(t, "l", "PROCESS_GROUP")
    program = "[program:{0}]\ncommand=/bin/sleep 300\nautostart=false\n"
    sv = serve(t, listener, program.format("a") + program.format("b"))
    listener.wait(3)
    listener.record("at the start")
    t.config(str(listener) + program.format("a") + program.format("c"))
    sv.ctl("update")
    listener.wait(5)
    listener.record("after update")


@scenario(tier="all")
def remote_texts(t):
    """REMOTE_COMMUNICATION with all sorts of texts."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION")
    sv = serve(t, listener)
    texts = [("", ""), ("type", ""), ("", "data"), ("two words", " blanks "), ("t", "line\nline\n"),
             ("t", "len:7\nREADY\n"), ("t", "x" * 200_000)]
    for kind, data in texts:
        sv.rpc("sendRemoteCommEvent", kind, data, field=f"sent {kind!r} {len(data)}")
    listener.wait(len(texts))
    t.record("told", "\n".join(line[:200] for line in listener.told().splitlines()))


@scenario
def length_in_characters(t):
    """The header's length counts characters: a listener that reads text gets all of it."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION")
    sv = serve(t, listener)
    for data in ("prüfung", "€uro", "日本語", "😀", "e\u0301"):
        sv.ask("sendRemoteCommEvent", "ü", data)
    listener.wait(5)
    listener.record()


@scenario(tier="all")
def length_in_characters_for_bytes(t):
    """A listener that reads bytes finds UTF-8 behind the header."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION", mode="bytes")
    sv = serve(t, listener)
    for data in ("prüfung", "日本語", "😀"):
        sv.ask("sendRemoteCommEvent", "ü", data)
    listener.wait(3)
    listener.record()


@scenario(tier="all")
def the_start(t):
    """What a listener hears of the daemon's own start."""
    listener = Listener(t, "l", "SUPERVISOR_STATE_CHANGE,PROCESS_GROUP")
    serve(t, listener, "[program:a]\ncommand=/bin/sleep 300\nautostart=false\n")
    listener.wait(3)
    listener.record(None, "pool", "poolserial", "serial")


@scenario
def the_end(t):
    """SUPERVISOR_STATE_CHANGE_STOPPING comes first, and listeners hear of what ends before them."""
    t.script("slow", programs.SLOW)
    listener = Listener(t, "l", "SUPERVISOR_STATE_CHANGE,PROCESS_STATE_STOPPING,PROCESS_STATE_STOPPED")
    sv = serve(t, listener, """
[program:last]
command=%(here)s/slow
startsecs=0
priority=1
[program:first]
command=%(here)s/slow
startsecs=0
priority=2
""")
    t.wait_for("slow.ready")
    sv.wait_all(first="RUNNING", last="RUNNING")
    time.sleep(0.3)
    sv.stop()
    listener.record()


@scenario(tier="all")
def remote_while_shutting_down(t):
    """A daemon that shuts down still hands remote events on."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION,SUPERVISOR_STATE_CHANGE_STOPPING")
    sv = programs.serve_deaf(t, 60, str(listener))
    sv.wait("l", "RUNNING")
    deaf = sv.pid("deaf")
    sv.signal("TERM")
    listener.wait_for("STOPPING")
    sv.rpc("sendRemoteCommEvent", "not too", "late")
    t.until(lambda: sv.ask("system.listMethods") and len(listener.events()) == 2, "it is told")
    os.kill(deaf, signal.SIGKILL)
    t.record("exit", sv.ended())
    listener.record()


@scenario(tier="all")
def ticks(t):
    """TICK_5 tells multiples of five seconds, when they come; TICK_3600 tells nothing meanwhile."""
    five = Listener(t, "five", "TICK_5")
    hour = Listener(t, "hour", "TICK_3600")
    sv = t.serve(f"{five}\n{hour}")
    sv.wait_all(five="RUNNING", hour="RUNNING")
    five.wait(2, seconds=20)
    now = time.time()
    first, second = (int(payload.strip("'").split(":")[1]) for _, _, payload in five.events()[:2])
    t.record("multiples", f"{first % 5} {second % 5}")
    t.record("apart", second - first)
    t.record("in time", -0.5 < now - second < 3)
    t.record("names", sorted(set(five.names() + hour.names()) - {"TICK_3600"}))


@scenario
def numbers(t):
    """serial counts the events that any pool took, poolserial those of a pool."""
    first = Listener(t, "first", "REMOTE_COMMUNICATION")
    second = Listener(t, "second", "PROCESS_STATE_STOPPED,REMOTE_COMMUNICATION")
    program = "[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\n"
    sv = t.serve(f"{first}\n{program}")
    sv.wait_all(first="RUNNING", a="RUNNING")
    sv.ask("sendRemoteCommEvent", "one", "")
    first.wait(1)
    t.config(f"{first}\n{second}\n{program}")
    sv.ask("reloadConfig")
    sv.ask("addProcessGroup", "second")
    sv.wait("second", "RUNNING")
    sv.ask("stopProcess", "a")
    second.wait(1)
    sv.ask("sendRemoteCommEvent", "two", "")
    first.wait(2)
    second.wait(2)
    first.record(None, "serial", "poolserial")
    second.record(None, "serial", "poolserial")


@scenario(tier="all", seconds=60)
def numbers_over_a_restart(t):
    """serial goes on when the daemon restarts itself; poolserial begins anew."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION")
    sv = serve(t, listener)
    sv.ask("sendRemoteCommEvent", "before", "")
    listener.wait(1)
    sv.signal("HUP")
    t.until(lambda: sv.log().count("success: l entered RUNNING") == 2, "its second life")
    sv.ask("sendRemoteCommEvent", "after", "")
    listener.wait(2)
    listener.record(None, "serial", "poolserial")


@scenario(tier="all")
def identifier(t):
    """The header names the daemon."""
    listener = Listener(t, "l", "REMOTE_COMMUNICATION")
    sv = serve(t, listener, daemon="identifier=somebody")
    sv.ask("sendRemoteCommEvent", "t", "")
    listener.wait(1)
    listener.record(None, "ver", "server", "pool")


@scenario(tier="all")
def names_in_payloads(t):
    """Processes of a group and of numprocs, and names that are not ASCII."""
    listener = Listener(t, "l", "PROCESS_STATE_STOPPED")
    sv = serve(t, listener, """
[program:many]
command=/bin/sleep 300
process_name=%(program_name)s_%(process_num)d
numprocs=2
startsecs=0
[program:prög]
command=/bin/sleep 300
startsecs=0
[group:both]
programs=prög
""")
    for name in ("many:many_0", "many:many_1", "both:prög"):
        sv.wait(name, "RUNNING")
        sv.ask("stopProcess", name)
        listener.wait_for(name.split(":")[1])
    listener.record()
