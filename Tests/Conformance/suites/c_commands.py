"""C. supervisorctl's commands on programs in every state, with words of every kind."""

import os
import signal

from harness import programs
from harness.registry import suite

scenario = suite("C")

SLEEP = "command=/bin/sleep 300\nstartsecs=0\n"


@scenario(tier="all", seconds=90)
def states_in_status(t):
    """status in every state that stays: description and exit status."""
    t.script("deaf", programs.DEAF)
    sv = t.serve(f"""
        [program:running]
        command=/bin/sleep 300
        startsecs=0
        [program:starting]
        command=/bin/sleep 300
        startsecs=600
        [program:stopping]
        command=%(here)s/deaf
        startsecs=0
        stopwaitsecs=600
        [program:stopped]
        command=/bin/sleep 300
        autostart=false
        [program:exited]
        command=/bin/sh -c 'exit 7'
        startsecs=0
        autorestart=false
        [program:killed]
        command=/bin/sh -c 'kill -9 $$'
        startsecs=0
        autorestart=false
        [program:fatal]
        command=/bin/false
        startsecs=60
        startretries=0
        [program:nofile]
        command=/no/such/file
        startretries=0
    """)
    sv.wait_all(running="RUNNING", starting="STARTING", exited="EXITED", killed="EXITED", fatal="FATAL",
                nofile="FATAL")
    t.wait_for("deaf.ready")
    sv.ask("stopProcess", "stopping", False)
    sv.wait("stopping", "STOPPING")
    sv.ctl("status")
    for name in ("running", "starting", "stopping", "stopped", "exited", "killed", "fatal", "nofile"):
        sv.ctl("status", name)
    sv.ctl("status", "running", "starting", "stopping")
    sv.ctl("start", "starting")
    sv.ctl("pid", "stopped", "exited", "fatal", "nofile")
    os.kill(sv.pid("stopping"), signal.SIGKILL)


@scenario(tier="all")
def backoff_in_status(t):
    """A program that waits for its next try: status, pid, signal, remove, stop."""
    sv = t.serve("[program:tries]\ncommand=/bin/false\nstartsecs=60\nstartretries=100\n")
    t.until(lambda: sv.info("tries")["description"] and sv.log().count("spawned: 'tries'") > 2, "it has tried")
    sv.wait("tries", "BACKOFF")
    sv.ctl("status")
    for words in ("pid tries", "signal HUP tries", "remove tries"):
        sv.wait("tries", "BACKOFF")
        sv.ctl(*words.split())
    sv.ctl("stop", "tries")
    sv.ctl("status")


@scenario(tier="all", seconds=90)
def start_failures(t):
    """What cannot be started: words and exit status of each cause."""
    t.write("plain", "text\n")
    os.chmod(t.path("plain"), 0o644)
    t.write("format", "neither a script nor a program\n")
    os.chmod(t.path("format"), 0o755)
    t.write("interpreter", "#!/no/such/interpreter\n")
    os.chmod(t.path("interpreter"), 0o755)
    programs = {
        "nofile": "/no/such/file", "noname": "no-such-program-anywhere", "plain": "%(here)s/plain", "directory": "/etc",
        "interpreter": "%(here)s/interpreter", "false": "/bin/false", "quick": "/bin/sleep 0.01",
        "nowhere": "/bin/sleep 300\ndirectory=/no/such/directory",
    }
    # the reference may look for ends a second late: none of them has stayed up for startsecs even then
    sv = t.serve("".join(
        f"[program:{name}]\ncommand={command}\nautostart=false\nstartsecs=5\nstartretries=0\n"
        for name, command in programs.items()))
    for name in programs:
        sv.ctl("start", name)
    sv.ctl("start", "nofile", "directory", "false")
    sv.ctl("status")


@scenario(tier="all")
def start_that_waits(t):
    """start answers once the program has lived for startsecs."""
    sv = t.serve("[program:run]\ncommand=/bin/sleep 300\nstartsecs=1\nautostart=false\n")
    with t.timed("start"):
        sv.ctl("start", "run")
    sv.ctl("status", "run")


@scenario(tier="all")
def stop_that_waits(t):
    """stop answers once the program has ended, by force if need be."""
    sv = programs.serve_deaf(t, 1)
    with t.timed("stop"):
        sv.ctl("stop", "deaf")
    sv.ctl("status")
    sv.ctl("restart", "deaf")


@scenario(tier="all")
def names_twice(t):
    """A name that is given twice is served twice."""
    sv = t.serve(f"[program:a]\n{SLEEP}[program:b]\n{SLEEP}autostart=false\n")
    sv.wait("a", "RUNNING")
    for words in ("status a a", "status b a b", "start b b", "stop b b", "restart a a", "signal WINCH a a", "clear a a"):
        sv.ctl(*words.split())
    shown = sv.client("pid", "a", "a").out.split()
    t.record("pid a a", (len(shown), len(set(shown))))


@scenario(tier="all")
def words_in_one_argument(t):
    """Arguments are joined and parted at blanks: quotes of the shell change nothing."""
    sv = t.serve(f"[program:a]\n{SLEEP}[program:b]\n{SLEEP}autostart=false\n")
    sv.wait("a", "RUNNING")
    for words in (("status a",), ("status", "a b"), ("status", " a ", ""), ("", "status", "a"), ("  status  a  ",),
                  ("status\ta",), ("start", "a\nb"), ("",), (" ",), ("", ""), ("status", "a,b"), ("status", "'a'"),
                  ("version", ""), ("version", " "), ("avail", " ")):
        sv.ctl(*words, field=f"{words}")


@scenario(tier="all", seconds=90)
def words_with_marks(t):
    """Names that are none: colons, stars, slashes, dashes."""
    sv = t.serve(f"[program:a]\n{SLEEP}[group:g]\nprograms=b\n[program:b]\n{SLEEP}autostart=false\n")
    sv.wait("a", "RUNNING")
    nobody = (":", ":*", "*", "*:*", "a:b", ":a", "g", "g:b:c", "a*", "-a", "--", "a/b", "%s", "A", "all:*", "\u00e4")
    for verb in ("status", "start", "stop", "signal WINCH", "clear", "pid"):
        sv.ctl(*verb.split(), *nobody)
        sv.ctl(*verb.split(), "b")
    for verb in ("status", "start", "stop", "start", "signal WINCH", "clear"):
        for names in ("a: a:* a:a", "g: g:* g:b"):
            sv.ctl(*verb.split(), *names.split())


@scenario(tier="all", seconds=90)
def words_all(t):
    """all among other words means all."""
    sv = t.serve(f"[program:a]\n{SLEEP}")
    sv.wait("a", "RUNNING")
    for words in ("status zz all", "stop zz all", "start all zz", "restart zz all", "signal WINCH zz all",
                  "signal all all", "clear zz all", "update all zz", "add all", "remove all", "tail all", "fg all"):
        sv.ctl(*words.split())
    shown = sv.client("pid", "zz", "all")
    t.record("pid zz all", (shown.code, shown.out == f"{sv.pid('a')}\n"))


@scenario(tier="all", seconds=90)
def tail_amounts(t):
    """tail and maintail with numbers of every kind."""
    t.script("talk", 'echo 0123456789; : > "$0.done"; exec sleep 300\n')
    sv = t.serve("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\n")
    t.wait_for("talk.done")
    t.until(lambda: sv.ask("tailProcessStdoutLog", "talk", 0, 0)[1] > 10, "its output is logged")
    for amount in ("-0", "-1", "-5", "-05", "-11", "-12", "-2147483647", "--5", "-+5", "-5x", "-x", "-", "--", "-f5",
                   "-5.5", "-0x5", "-F"):
        sv.ctl("tail", amount, "talk")
        sv.ctl("tail", amount)
    for amount in ("-x", "-", "--", "x", "5", "-F", "-5x"):
        sv.ctl("maintail", amount)
    shown = sv.client("maintail", "-10")
    t.record("maintail -10", (shown.code, shown.out == sv.log()[-10:] + "\n"))


@scenario(tier="all", seconds=90)
def tail_channels(t):
    """tail of both channels, of one that has no file, of names of groups."""
    t.script("talk", 'echo out; echo err >&2; : > "$0.done"; exec sleep 300\n')
    sv = t.serve("""
        [program:talk]
        command=%(here)s/talk
        startsecs=0
        [program:one]
        command=%(here)s/talk
        startsecs=0
        redirect_stderr=true
        [group:g]
        programs=two
        [program:two]
        command=%(here)s/talk
        startsecs=0
    """)
    for name in ("talk", "one", "g:two"):
        t.until(lambda: sv.ask("tailProcessStdoutLog", name, 0, 0)[1] > 3, "its output is logged")
    t.until(lambda: sv.ask("tailProcessStderrLog", "talk", 0, 0)[1] > 3, "its errors are logged")
    t.until(lambda: sv.ask("tailProcessStdoutLog", "one", 0, 0)[1] > 7, "its errors are logged")
    for words in ("talk", "talk stdout", "talk stderr", "talk STDERR", "talk StdOut", "talk 1", "talk out", "one",
                  "one stderr", "g:two", "two", "g:*", "g", "-2 talk stderr", "talk -2", "talk stderr -2"):
        sv.ctl("tail", *words.split())
    sv.ctl("tail", "-f", "talk", "stderr", until="err\n", field="tail -f talk stderr")


@scenario(tier="all", seconds=90)
def available_after_reread(t):
    """avail, add and remove after a reread: new, changed and removed programs."""
    sv = t.serve(f"[program:old]\n{SLEEP}[program:same]\n{SLEEP}[program:changed]\n{SLEEP}")
    sv.wait_all(old="RUNNING", same="RUNNING", changed="RUNNING")
    t.config(f"[program:same]\n{SLEEP}[program:changed]\n{SLEEP}priority=3\n[program:new]\n{SLEEP}"
             "[program:lazy]\ncommand=/bin/sleep 300\nautostart=false\n")
    for words in ("avail", "add new", "reread", "avail", "add new new", "add lazy", "add changed", "remove old",
                  "stop old", "remove old", "remove old", "add old", "avail", "reread", "update", "reread", "avail"):
        sv.ctl(*words.split(), order=sorted if words == "status" else None)
    sv.wait("new", "RUNNING")
    sv.ctl("status")


@scenario(tier="all")
def update_of_named_groups(t):
    """update with names touches these groups alone."""
    sv = t.serve("".join(f"[program:{name}]\n{SLEEP}" for name in ("a", "b", "c")))
    sv.wait_all(a="RUNNING", b="RUNNING", c="RUNNING")
    t.config(f"[program:a]\n{SLEEP}priority=3\n[program:b]\n{SLEEP}priority=4\n[program:d]\n{SLEEP}[program:e]\n{SLEEP}")
    for words in ("update zz", "update a", "update a", "update c zz", "update d", "update c", "update a b",
                  "update all zz", "update"):
        sv.ctl(*words.split())
    for name in ("a", "b", "d", "e"):
        sv.wait(name, "RUNNING")
    sv.ctl("status")


@scenario(tier="all", seconds=90)
def words_about_a_wrong_file(t):
    """reread, update and avail when the file on disk cannot be used; what runs goes on."""
    sv = t.serve(f"[program:a]\n{SLEEP}")
    sv.wait("a", "RUNNING")
    good = t.read("d.conf")
    client = t.write("client.conf", "[supervisorctl]\nserverurl=unix://%(here)s/s.sock\n")
    for number, text in enumerate(("[program:x]\nautostart=true\n", "[program:x]\ncommand=/bin/cat\npriority=high\n",
                                   "[group:g]\nprograms=nobody\n", "[program:x]\ncommand=/bin/cat %(nothing)s\n")):
        t.write("d.conf", good + text)
        for words in ("reread", "update", "update a", "avail", "status a"):
            t.record(f"{number} {words}", t.subject.client.run(["-c", client, *words.split()]))
    os.unlink(t.path("d.conf"))
    for words in ("reread", "update", "add x"):
        t.record(f"no file: {words}", t.subject.client.run(["-c", client, *words.split()]))


@scenario(tier="all")
def listeners_in_status(t):
    """Event listeners are programs to the client: status, stop, start, tail."""
    t.script("listen", "printf 'READY\\n'; while read -r line; do :; done\n")
    sv = t.serve(f"[eventlistener:ear]\ncommand=%(here)s/listen\nevents=TICK_3600\nstartsecs=0\n[program:a]\n{SLEEP}")
    sv.wait_all(ear="RUNNING", a="RUNNING")
    for words in ("status", "avail", "stop ear", "status ear", "start ear", "restart ear:*", "signal WINCH ear",
                  "fg zz", "clear ear", "remove ear"):
        sv.ctl(*words.split())


@scenario(tier="all")
def numbered_names(t):
    """A program of several processes: its names, a number in the middle, gaps."""
    sv = t.serve("""
        [program:web]
        command=/bin/sleep 300
        process_name=n%(process_num)d-of-%(program_name)s
        numprocs=3
        numprocs_start=8
        startsecs=0
        [program:single]
        command=/bin/sleep 300
        process_name=other
        startsecs=0
    """)
    sv.wait("web:n10-of-web", "RUNNING")
    sv.wait("single:other", "RUNNING")
    for words in ("status", "status web", "status web:*", "status web:n9-of-web", "status single", "status other",
                  "status single:other", "stop single:other", "start single", "start single:*",
                  "stop web:n10-of-web", "start web:n10-of-web", "signal WINCH web:*", "tail web:n8-of-web",
                  "tail web", "avail"):
        sv.ctl(*words.split(), order=sorted if words.startswith("signal") else None)


@scenario(tier="all", client_only=True)
def help_of_every_word(t):
    """help lists the commands and explains each."""
    t.config("")
    for words in ("", "add", "avail", "clear", "exit", "fg", "help", "maintail", "open", "pid", "quit", "reload", "remove",
                  "reread", "restart", "shutdown", "signal", "start", "status", "stop", "tail", "update", "version",
                  "EOF", "bogus", "start stop", "default"):
        t.record(f"help {words}", t.subject.client.run(["-c", t.path("d.conf"), "help", *words.split()]))


@scenario(tier="all", client_only=True)
def unknown_words_alone(t):
    """Words that are no commands, from the command line."""
    t.config("")
    for words in ("bogus", "STATUS", "status;", "sta", "!ls", "?", "?pid", "quit", "exit", "EOF", "-x", "--", "-- version",
                  "/", "start/", "quit x", "start:a"):
        t.record(words, t.subject.client.run(["-c", t.path("d.conf"), *words.split()]))


@scenario
def reload_with_programs(t):
    """reload stops everything and begins anew; the client says so at once."""
    sv = t.serve(f"[program:a]\n{SLEEP}[program:b]\n{SLEEP}autostart=false\n")
    before = sv.wait("a", "RUNNING")["pid"]
    sv.ctl("start", "b")
    sv.ctl("reload")
    t.until(lambda: sv.log().count("supervisord started with pid") == 2, "it has begun anew")
    sv.ready()
    sv.replaced("a", before)
    sv.ctl("status")


@scenario(tier="all")
def shutdown_with_programs(t):
    """shutdown answers at once and stops everything; a second one finds it shutting down or gone."""
    t.script("slow", programs.SLOW)
    sv = t.serve(f"[program:slow]\ncommand=%(here)s/slow\nstartsecs=0\n[program:a]\n{SLEEP}")
    t.wait_for("slow.ready")
    sv.wait_all(slow="RUNNING", a="RUNNING")
    with t.timed("shutdown"):
        sv.ctl("shutdown")
    t.record("exit of the daemon", sv.ended())
    sv.ctl("shutdown")
    sv.ctl("status")


@scenario(tier="all")
def empty_daemon(t):
    """Every command on a daemon without programs."""
    sv = t.serve("")
    for words in ("status", "status all", "status a", "start all", "stop all", "restart all", "signal HUP all",
                  "pid all", "clear all", "avail", "reread", "update", "update all", "tail a", "fg a"):
        sv.ctl(*words.split())
