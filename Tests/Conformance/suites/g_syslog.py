"""G. Syslog: programs' lines and the main log at a collector of the scenario's own."""

import os
import re
import socket
import threading

from harness.registry import suite

scenario = suite("G")

# Run in a mount namespace: a /dev with nothing in it but what programs need, and $1 as its log.
PRIVATE_DEV = r"""
    log=$1
    shift
    mount -t tmpfs none /dev
    mknod -m 666 /dev/null c 1 3
    ln -s /proc/self/fd /dev/fd
    ln -s fd/1 /dev/stdout
    ln -s fd/2 /dev/stderr
    ln -s "$log" /dev/log
    exec "$@"
"""

ECHO = "[program:echo]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/echo.out\n"

_STAMP = re.compile(r"^(<\d+>)[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")


class Collector:
    """Keeps what is sent to DIR/log."""

    def __init__(self, t):
        self.t = t
        self.lines = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(t.path("log"))
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self):
        while True:
            data = self.socket.recv(1 << 18)
            text = data.decode("utf-8", "backslashreplace")
            self.lines.append(_STAMP.sub(r"\1WHEN ", text))

    def wait_for(self, text):
        """Wait until a line holds the text."""
        self.t.until(lambda: any(text in line for line in self.lines), lambda: f"{text!r} in {self.lines}")

    def record(self, field, prefix=None):
        """Record the lines, those of one program or all."""
        chosen = [line for line in self.lines if prefix is None or f": {prefix} " in line]
        self.t.record(field, "\n".join(map(repr, chosen)))


def _serve(t, programs, *args, **sections):
    """A server whose /dev/log leads to DIR/log, whether somebody collects there or not."""
    t.config(programs, **sections)
    return t.launch(*args, before=("unshare", "-m", "sh", "-c", PRIVATE_DEV, "sh", t.path("log"))).ready()


@scenario(needs_root=True)
def syslog_of_a_program(t):
    """Each line with the program's name before it, both channels, beside the file; empty lines count."""
    collector = Collector(t)
    t.script("talk", r"""
        printf 'one\ntwo\n\nthree\n\n'
        printf 'trouble\n' >&2
        printf 'caf\303\251 %%s %%d\n' > /dev/null
        exec sleep 300
    """)
    _serve(t, """
        [program:talk]
        command=%(here)s/talk
        startsecs=0
        stdout_logfile=%(here)s/talk.out
        stdout_syslog=true
        stderr_syslog=true
    """)
    collector.wait_for("three")
    collector.wait_for("trouble")
    t.wait_for("talk.out", "three\n\n")
    t.record("file", t.read("talk.out"))
    t.record("lines", "\n".join(sorted(map(repr, collector.lines))))


@scenario(needs_root=True)
def syslog_without_a_file(t):
    """stdout_logfile=NONE and redirect_stderr=true: syslog alone gets both channels, in their order."""
    collector = Collector(t)
    t.script("talk", "echo out; echo err >&2; echo last; exec sleep 300\n")
    sv = _serve(t, """
        [program:talk]
        command=%(here)s/talk
        startsecs=0
        redirect_stderr=true
        stdout_logfile=NONE
        stdout_syslog=true
    """)
    collector.wait_for("last")
    collector.record("lines")
    sv.ctl("tail", "talk")
    t.record("logs", os.listdir(t.path("logs")))


@scenario(needs_root=True)
def syslog_as_a_file_name(t):
    """stdout_logfile=syslog, the old way, with its warning."""
    collector = Collector(t)
    sv = _serve(t, "[program:cat]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=syslog\nstderr_logfile=syslog\n")
    sv.wait("cat", "RUNNING")
    sv.ask("sendProcessStdin", "cat", "through\n")
    collector.wait_for("through")
    collector.record("lines")
    t.record("warnings", "\n".join(line[24:] for line in sv.log().splitlines() if " WARN " in line))
    sv.ctl("tail", "cat")
    t.record("logs", os.listdir(t.path("logs")))


@scenario(needs_root=True)
def main_log_to_syslog(t):
    """logfile=syslog: the daemon's own lines, stamps included."""
    collector = Collector(t)
    sv = _serve(t, "[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\nautostart=false\n",
                daemon="logfile=syslog")
    sv.ask("startProcess", "a")
    sv.wait("a", "RUNNING")
    sv.ask("stopProcess", "a")
    collector.wait_for("stopped: a")
    t.record("lines", "\n".join(repr(line) for line in collector.lines
                                if "RLIMIT" not in line and "waiting for" not in line))
    for method in ("readLog", "clearLog"):
        sv.rpc(method, *((0, 0) if method == "readLog" else ()))
    sv.ctl("maintail")


@scenario(needs_root=True)
def syslog_without_a_collector(t):
    """Nobody collects: programs and their files do not notice; lines come once somebody does."""
    sv = _serve(t, ECHO + "stdout_syslog=true\n")
    sv.wait("echo", "RUNNING")
    sv.ask("sendProcessStdin", "echo", "lost\n")
    t.wait_for("echo.out", "lost")
    if t.subject.name == "svinstall":
        # it sends in a thread of its own, and the log says when that was in vain
        t.until(lambda: "syslog does not take lines" in sv.log(), "the line is lost")
    collector = Collector(t)
    sv.ask("sendProcessStdin", "echo", "found\n")
    collector.wait_for("found")
    collector.record("lines")
    t.record("file", t.read("echo.out"))


@scenario(needs_root=True)
def syslog_with_stripped_escapes(t):
    """strip_ansi counts for syslog too."""
    collector = Collector(t)
    t.script("talk", r"printf 'a\033[1mbold\033[0m b\n'; exec sleep 300")
    _serve(t, "[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=NONE\nstdout_syslog=true\n",
           daemon="strip_ansi=true")
    collector.wait_for("bold")
    collector.record("lines")


@scenario(needs_root=True)
def clear_beside_syslog(t):
    """clear on a running program with syslog."""
    Collector(t)
    sv = _serve(t, ECHO + "stdout_syslog=true\n")
    sv.wait("echo", "RUNNING")
    sv.ask("sendProcessStdin", "echo", "before\n")
    t.wait_for("echo.out", "before")
    sv.ctl("clear", "echo")
    t.record("file", repr(t.read("echo.out")))
    sv.ask("sendProcessStdin", "echo", "after\n")
    t.wait_for("echo.out", "after")
    sv.rpc("clearAllProcessLogs", order=lambda all: [(one["name"], one["status"]) for one in all])
