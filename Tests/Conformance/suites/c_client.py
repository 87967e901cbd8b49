"""C. supervisorctl: every command's words and exit status."""

import os
import socket
import threading
from signal import SIGKILL

from harness import programs, rpc
from harness.registry import suite

scenario = suite("C")

LONG = "[program:a-name-longer-than-the-column-is-wide]\ncommand=/bin/sleep 300\nautostart=false\npriority=5\n"


def _serve(t):
    """One program in each steady state, several of one program, a group of two."""
    return programs.serve(t, "run", "off", "done", "fatal", "missing", "many", "grp", more=LONG)


@scenario(tier="all")
def status(t):
    """status alone and of names, groups, unknown ones; its exit codes."""
    sv = _serve(t)
    for words in ("", "run", "off", "run off", "grp:*", "grp:", "grp:g1", "many:*", "grp", "many",
                  "zz", "zz:*", "grp:zz", "run zz", "off zz", "all", "run all", "fatal", "done"):
        sv.ctl("status", *words.split())


@scenario(tier="all")
def start(t):
    """start: done, already, no such, spawn error, groups, several, none."""
    sv = _serve(t)
    for words in ("", "run", "off", "off", "zz", "zz:*", "grp:zz", "missing", "fatal", "grp:*",
                  "many:*", "grp:", "run zz missing"):
        sv.ctl("start", *words.split())
    sv.ctl("stop", "run", "grp:*", order=sorted)
    sv.ctl("start", "run", "grp:g2", "zz")
    sv.ctl("status")


@scenario(tier="all")
def start_all(t):
    """start all touches only what is not running and tells each result."""
    sv = _serve(t)
    sv.ctl("start", "all", order=sorted)
    sv.wait("done", "EXITED")
    sv.ctl("status")


@scenario(tier="all")
def stop(t):
    """stop: done, not running, no such, groups, several, none."""
    sv = _serve(t)
    for words in ("", "run", "run", "off", "done", "fatal", "zz", "zz:*", "grp:zz", "grp:*",
                  "grp:*", "many:many_01 zz many:many_00"):
        sv.ctl("stop", *words.split())
    sv.ctl("status")


@scenario(tier="all")
def stop_all(t):
    """stop all stops what runs and tells each result."""
    sv = _serve(t)
    sv.ctl("stop", "all", order=sorted)
    sv.ctl("stop", "all")
    sv.ctl("status")


@scenario(tier="all")
def restart(t):
    """restart: all stops first, then all starts; new pids."""
    sv = _serve(t)
    before = sv.pid("run")
    for words in ("", "run", "off", "zz", "zz:*", "missing", "grp:*", "run many:*"):
        sv.ctl("restart", *words.split(), order=sorted if "*" in words else None)
    t.record("run has another pid", sv.pid("run") != before)
    sv.ctl("restart", "all", order=sorted)
    sv.wait_all(done="EXITED", fatal="FATAL")
    sv.ctl("status")


@scenario(tier="all")
def signal(t):
    """signal: names, numbers, bad ones, groups, not running."""
    sv = _serve(t)
    sv.ctl("signal")
    sv.ctl("signal", "HUP")
    for words in ("WINCH run", "SIGWINCH run", "winch run", "28 run", "FOO run", "99 run", "WINCH off",
                  "WINCH zz", "WINCH zz:*", "WINCH grp:zz", "WINCH run off zz", "WINCH many:*",
                  "WINCH grp:*", "FOO many:*"):
        sv.ctl("signal", *words.split())
    sv.ctl("signal", "WINCH", "all", order=sorted)
    sv.ctl("status")


@scenario(tier="all")
def pid(t):
    """pid of the daemon, of names, of all."""
    sv = _serve(t)
    own = sv.client("pid").out
    t.record("pid", own == f"{sv.process.pid}\n")
    shown = sv.client("pid", "run", "grp:g1")
    t.record("pid run grp:g1", (shown.code, shown.out == f"{sv.pid('run')}\n{sv.pid('grp:g1')}\n"))
    for words in ("off", "zz", "zz run", "grp:*", "grp:zz", "many"):
        outcome = sv.client("pid", *words.split())
        t.record(f"pid {words}", str(outcome).replace(str(sv.pid("run")), "PID"))
    shown = sv.client("pid", "all")
    pids = {str(info["pid"]): info["name"] for info in sv.ask("getAllProcessInfo") if info["pid"]}
    t.record("pid all", (shown.code, [pids.get(line, line) for line in shown.out.splitlines()]))


@scenario(tier="all")
def tail(t):
    """tail: the last bytes of either channel, and what it refuses."""
    t.script("talk", """
        for i in 1 2 3 4 5 6 7 8 9; do echo "line $i of standard output"; done
        echo "grüße ohne Zeilenende" >&2
        printf 'no newline at the end'
        : > "$0.done"
        exec sleep 300
    """)
    sv = t.serve("""
        [program:talk]
        command=%(here)s/talk
        startsecs=0
        [program:mute]
        command=/bin/sleep 300
        startsecs=0
        stdout_logfile=NONE
        [program:never]
        command=/bin/sleep 300
        autostart=false
        stdout_logfile=%(here)s/never.log
    """)
    t.wait_for("talk.done")
    sv.wait("talk", "RUNNING")
    t.until(lambda: sv.ask("tailProcessStdoutLog", "talk", 0, 0)[1] > 200, "its output is logged")
    t.until(lambda: sv.ask("tailProcessStderrLog", "talk", 0, 0)[1] > 20, "its errors are logged")
    for words in ("talk", "-10 talk", "-10000 talk", "-0 talk", "talk stdout", "talk stderr",
                  "-8 talk stderr", "talk stdin", "-abc talk", "", "-10", "-f", "talk stdout more x",
                  "zz", "mute", "mute stderr", "never", "talk:*"):
        sv.ctl("tail", *words.split())


@scenario(tier="all")
def tail_follow(t):
    """tail -f shows the end of the log and what is added."""
    t.script("echo", 'echo started; : > "$0.done"; while read -r word; do echo "$word"; done')
    sv = t.serve("""
        [program:echo]
        command=%(here)s/echo
        startsecs=0
        [program:mute]
        command=/bin/sleep 300
        startsecs=0
        stdout_logfile=NONE
    """)
    t.wait_for("echo.done")
    t.until(lambda: sv.ask("tailProcessStdoutLog", "echo", 0, 0)[1] > 0, "its output is logged")
    sv.ctl("tail", "-f", "echo", until="started\n", field="tail -f before")
    sv.ask("sendProcessStdin", "echo", "more\n")
    t.until(lambda: sv.ask("tailProcessStdoutLog", "echo", 0, 0)[1] > 8, "the second line is logged")
    sv.ctl("tail", "-f", "echo", until="more\n", field="tail -f after")
    sv.ctl("tail", "-f", "zz")
    sv.ctl("tail", "-f", "mute")


@scenario
def tail_follow_live(t):
    """tail -f goes on while the program writes."""
    t.script("count", """
        echo first
        until [ -e "$1" ]; do sleep 0.1; done
        echo second
        exec sleep 300
    """)
    sv = t.serve("""
        [program:count]
        command=%(here)s/count %(here)s/go
        startsecs=0
    """)
    sv.wait("count", "RUNNING")
    t.until(lambda: sv.ask("tailProcessStdoutLog", "count", 0, 0)[1] > 0, "its output is logged")
    # the program's second line waits for a client of its own that has seen the first
    threading.Timer(0.5, t.write, ("go", "")).start()
    sv.ctl("tail", "-f", "count", until="second\n")


@scenario(tier="all")
def clear(t):
    """clear: names, all, unknown ones; the log is empty afterwards."""
    t.script("talk", 'echo output; echo errors >&2; : > "$0.done"; exec sleep 300\n')
    sv = t.serve(programs.sections("talk", "off", "grp"))
    t.wait_for("talk.out", "output")
    t.wait_for("talk.err", "errors")
    for words in ("", "zz", "grp:*", "grp:g1", "off", "talk", "talk off zz"):
        sv.ctl("clear", *words.split())
    t.record("files", repr((t.read("talk.out"), t.read("talk.err"))))
    sv.ctl("clear", "all", order=sorted)


@scenario(tier="all")
def maintail(t):
    """maintail shows the end of the main log and refuses what it does not know."""
    sv = t.serve(programs.sleeper("run"))
    sv.wait("run", "RUNNING")
    shown = sv.client("maintail", "-60")
    t.record("maintail -60", (shown.code, shown.out == sv.log()[-60:] + "\n", shown.err))
    whole = sv.client("maintail", "-100000")
    t.record("maintail -100000", (whole.code, whole.out == sv.log() + "\n", whole.err))
    for words in ("-abc", "x", "-10 x", "-f x"):
        sv.ctl("maintail", *words.split())
    followed = sv.client("maintail", "-f", until="entered RUNNING")
    t.record("maintail -f", (followed.code, "entered RUNNING" in followed.out,
                             followed.out.splitlines()[0]))


@scenario
def maintail_without_log(t):
    """maintail when the main log file is gone."""
    sv = t.serve("")
    os.unlink(t.path("d.log"))
    sv.ctl("maintail")


@scenario(tier="all")
def avail(t):
    """avail lists programs with use, start and priorities."""
    sv = _serve(t)
    sv.ctl("avail")
    sv.ctl("remove", "done")
    sv.ctl("avail")


@scenario(tier="all")
def add_and_remove(t):
    """add and remove: done, already, still running, no such."""
    sv = _serve(t)
    for words in ("remove run", "remove off", "remove off", "add off", "add off", "remove zz",
                  "add zz", "remove done fatal", "add done", "remove", "add", "remove grp",
                  "stop run", "remove run", "add run"):
        sv.ctl(*words.split())
    sv.wait_all(run="RUNNING", done="EXITED")
    sv.ctl("status")


@scenario(tier="all")
def version(t):
    """version tells 4.3.0 and takes no words."""
    sv = t.serve("")
    sv.ctl("version")
    sv.ctl("version", "x")


@scenario(tier="all")
def shutdown(t):
    """shutdown ends the daemon; later commands find no socket."""
    sv = _serve(t)
    sv.ctl("shutdown", "x")
    sv.ctl("shutdown")
    t.record("exit of the daemon", sv.ended())
    for words in ("status", "start run", "stop run", "restart run", "signal HUP run", "pid",
                  "tail run", "maintail", "clear run", "reread", "update", "add run", "remove run",
                  "avail", "version", "shutdown", "reload"):
        sv.ctl(*words.split(), field=f"then {words}")


@scenario(tier="all")
def reload(t):
    """reload restarts the daemon in its process and reads the file again."""
    sv = t.serve(programs.sleeper("run"))
    before = sv.wait("run", "RUNNING")["pid"]
    t.config("[program:run]\ncommand=/bin/sleep 301\nstartsecs=0\n"
             "[program:new]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    sv.ctl("reload", "x")
    sv.ctl("reload")
    t.until(lambda: "run" in _names(sv) and "new" in _names(sv), "the new programs are known")
    sv.replaced("run", before)
    sv.wait("new", "RUNNING")
    t.record("same process", sv.process.poll() is None and sv.ask("getPID") == sv.process.pid)
    sv.ctl("status")


def _names(sv):
    try:
        return {info["name"] for info in sv.ask("getAllProcessInfo")}
    except (OSError, rpc.Refused, rpc.Fault):
        return set()


@scenario(tier="all")
def while_shutting_down(t):
    """Every command while the daemon waits for a deaf program."""
    sv = programs.serve_deaf(t, 30)
    pid = sv.pid("deaf")
    sv.ctl("shutdown")
    t.until(lambda: "waiting for deaf to die" in sv.log(), "it waits")
    for words in ("status", "start deaf", "stop deaf", "pid", "tail deaf", "avail", "reread",
                  "update", "version", "reload", "shutdown"):
        sv.ctl(*words.split(), field=f"then {words}")
    os.kill(pid, SIGKILL)
    t.record("exit of the daemon", sv.ended())


@scenario(client_only=True)
def without_daemon(t):
    """Commands without a socket, with a socket nobody listens on, without a TCP server."""
    t.config("")
    client = t.subject.client
    for words in ("status", "start a", "avail", "shutdown"):
        t.record(f"no file: {words}", client.run(["-c", t.path("d.conf"), *words.split()]))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(t.path("s.sock"))
    for words in ("status", "start a", "avail", "shutdown"):
        t.record(f"dead file: {words}", client.run(["-c", t.path("d.conf"), *words.split()]))
    url = f"http://127.0.0.1:{t.port()}"
    for words in ("status", "start a", "avail", "shutdown"):
        t.record(f"TCP: {words}", client.run(["-c", t.path("d.conf"), "-s", url, *words.split()]))


@scenario(tier="all")
def passwords(t):
    """Right, wrong and no password, on the command line and in the file."""
    sv = t.serve(programs.sleeper("run"), login=("me", "secret"))
    sv.wait("run", "RUNNING")
    for words in ("status", "-u me -p secret status", "-u me -p wrong status",
                  "-u you -p secret status", "-u me -p secret start zz", "avail",
                  "-u me -p wrong avail", "-u me -p wrong shutdown"):
        sv.ctl(*words.split())


@scenario
def over_tcp(t):
    """-s http://: the same answers over TCP, hashed password included."""
    port = t.port()
    # sha1 of "secret"
    digest = "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"
    sv = t.serve(f"""
        [inet_http_server]
        port=127.0.0.1:{port}
        username=me
        password={{SHA}}{digest}
        [program:run]
        command=/bin/sleep 300
        startsecs=0
    """)
    sv.wait("run", "RUNNING")
    url = f"http://127.0.0.1:{port}"
    for words in ("-u me -p secret status", "-u me -p wrong status", "status",
                  "-u me -p secret restart run", "-u me -p secret tail run"):
        sv.ctl("-s", url, *words.split(), field=f"ctl {words}")


@scenario(tier="all")
def unknown_words(t):
    """help, unknown commands, open, fg without a process."""
    sv = t.serve("[program:off]\ncommand=/bin/cat\nautostart=false\n")
    for words in ("open ftp://x", "fg", "fg zz", "fg off", "fg off x", "status;", "fg zz:*"):
        sv.ctl(*words.split())


@scenario(tier="all")
def interactive(t):
    """The shell on standard input: status first, then the lines, exit 0."""
    sv = t.serve(programs.sleeper("run"))
    sv.wait("run", "RUNNING")
    sv.ctl(stdin=b"status run\nstop run\n\nstatus zz\nbogus\nexit\n", field="a session")
    sv.ctl("-i", stdin=b"version\n", field="a session that just ends")


@scenario
def shell_asks_before_shutdown(t):
    """In the shell shutdown and reload ask; only y does it."""
    sv = t.serve("")
    sv.ctl(stdin=b"shutdown\nn\nreload\n\nshutdown\ny\n", field="a session")
    t.record("exit of the daemon", sv.ended())


@scenario
def foreground(t):
    """fg shows a program's output and passes typed lines on."""
    t.script("echo", 'while read -r word; do echo "got $word"; done\n')
    sv = t.serve("[program:echo]\ncommand=%(here)s/echo\nstartsecs=0\nautorestart=false\n")
    sv.wait("echo", "RUNNING")
    shown = sv.client("fg", "echo", stdin=b"hello\n", until="got hello")
    t.record("fg", (shown.out.splitlines()[0], "got hello" in shown.out))


@scenario(client_only=True)
def usage_errors(t):
    """Options supervisorctl does not know, files it cannot read."""
    client = t.subject.client
    t.write("nosection.conf", "[supervisord]\n")
    t.write("nothing.conf", "words\n")
    for words in ("--nope", "-c /nope status", "-s ftp://x status", "-c nosection.conf status",
                  "-u", "-s", "-r"):
        given = words.replace("nosection", t.path("nosection")).split()
        outcome = client.run(given)
        t.record(words, outcome)


@scenario(client_only=True)
def help_texts(t):
    """help lists the commands; an unknown topic is no error."""
    sv = t.serve("")
    for words in ("help", "help bogus", "bogus"):
        sv.ctl(*words.split())
