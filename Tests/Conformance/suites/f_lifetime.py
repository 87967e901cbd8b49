"""F. The daemon's life: signals, restart, second instance, sockets, pidfile, detaching."""

import os
import signal
import subprocess
import time

from harness import rpc
from harness.programs import QUICK, serve_deaf, sleeper
from harness.registry import suite

scenario = suite("F")

SLEEPER = sleeper("a")


def _daemon_story(sv):
    """The main log's lines about signals and restarts."""
    words = ("received SIG", "ignored SIG", "logreopen", "reopen")
    return "\n".join(line[24:] for line in sv.log().splitlines() if any(word in line for word in words))


def _remains(t):
    return {name: t.exists(name) for name in ("s.sock", "d.pid", "d.log")}


@scenario(tier="all")
def ended_by_signals(t):
    """TERM, INT and QUIT stop the programs, remove socket and pidfile, and exit 0."""
    for name in ("TERM", "INT", "QUIT"):
        sv = t.serve(SLEEPER)
        child = sv.wait("a", "RUNNING")["pid"]
        t.record("pidfile", t.read("d.pid") == f"{sv.process.pid}\n")
        with t.timed(f"end by {name}"):
            sv.stop(name)
        t.record(f"remains after {name}", _remains(t))
        t.record(f"its program after {name}", "alive" if os.path.exists(f"/proc/{child}") else "gone")
        t.record(f"log about {name}", _daemon_story(sv))
        sv.record_story("a")
        os.unlink(t.path("d.log"))


@scenario
def ended_while_nothing_runs(t):
    """Without programs the end comes at once."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nautostart=false\n")
    with t.timed("the end"):
        sv.stop()


@scenario
def ended_with_a_deaf_program(t):
    """The end waits stopwaitsecs, then kills."""
    sv = serve_deaf(t, 2)
    with t.timed("the end"):
        sv.stop()
    sv.record_story("deaf")


@scenario
def ended_in_backoff(t):
    """A program in BACKOFF does not hold up the end."""
    t.script("quick", QUICK)
    sv = t.serve("[program:quick]\ncommand=%(here)s/quick\nstartsecs=30\nstartretries=50\n")
    t.until(lambda: sv.story("quick").count("spawned") == 2, "the second run")
    sv.wait("quick", "BACKOFF")
    with t.timed("the end"):
        sv.stop()
    sv.record_story("quick")


@scenario
def hangup_restarts(t):
    """HUP restarts in the same process, with new children and the file as it is now."""
    sv = t.serve(SLEEPER)
    before = sv.wait("a", "RUNNING")["pid"]
    t.config(SLEEPER.replace("300", "301") + SLEEPER.replace(":a", ":b"), daemon="identifier=second")
    sv.signal("HUP")
    def again():
        try:
            return sv.ask("getIdentification") == "second"
        except (OSError, rpc.Refused, rpc.Fault):
            return False
    t.until(again, "it has read the new file")
    sv.replaced("a", before)
    sv.wait("b", "RUNNING")
    t.record("same process", sv.process.poll() is None and sv.ask("getPID") == sv.process.pid)
    t.record("remains", _remains(t))
    t.record("pidfile", t.read("d.pid") == f"{sv.process.pid}\n")
    sv.ctl("status")
    sv.stop()
    t.record("log", _daemon_story(sv))


def _end_of(sv):
    """The exit status, or that it goes on."""
    try:
        return sv.ended(6)
    except TimeoutError:
        return "goes on"


@scenario
def hangup_with_a_wrong_file(t):
    """HUP with a file that no longer parses: the reference stops everything, exit 2."""
    sv = t.serve(SLEEPER)
    sv.wait("a", "RUNNING")
    t.config("[program:a]\ncommand=/bin/sleep 300\nstartretries=x\n")
    sv.signal("HUP")
    t.record("exit", _end_of(sv))
    t.record("stderr", "".join(sv.stderr().splitlines(True)[:1]))
    t.record("remains", _remains(t))


@scenario
def hangup_during_the_end(t):
    """HUP while the end is under way is ignored."""
    sv = serve_deaf(t, 30)
    program = sv.pid("deaf")
    sv.signal("TERM")
    t.until(lambda: "waiting for deaf to die" in sv.log(), "it waits")
    sv.signal("HUP")
    t.wait_for("d.log", "ignored SIGHUP")
    os.kill(program, signal.SIGKILL)
    t.record("exit", sv.ended())
    t.record("log", _daemon_story(sv))


@scenario
def terminated_during_a_restart(t):
    """TERM while HUP is under way wins."""
    sv = serve_deaf(t, 30)
    program = sv.pid("deaf")
    sv.signal("HUP")
    t.until(lambda: "waiting for deaf to die" in sv.log(), "it waits")
    sv.signal("TERM")
    t.wait_for("d.log", "received SIGTERM")
    os.kill(program, signal.SIGKILL)
    t.record("exit", sv.ended())
    t.record("log", _daemon_story(sv))
    t.record("remains", _remains(t))


@scenario
def logs_reopened(t):
    """USR2 after the files were renamed: new files, nothing lost."""
    t.script("talk", 'while read -r word; do echo "$word"; done\n')
    sv = t.serve("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\n"
                 "stdout_logfile=%(here)s/talk.out\nstderr_logfile=NONE\n")
    sv.wait("talk", "RUNNING")
    sv.ask("sendProcessStdin", "talk", "before\n")
    t.wait_for("talk.out", "before\n")
    for name in ("talk.out", "d.log"):
        os.rename(t.path(name), t.path(name + ".old"))
    sv.ask("sendProcessStdin", "talk", "between\n")
    t.wait_for("talk.out.old", "between\n")
    sv.signal("USR2")
    t.until(lambda: t.exists("talk.out") == "there" and t.exists("d.log") == "there",
            "the new files")
    sv.ask("sendProcessStdin", "talk", "after\n")
    t.wait_for("talk.out", "after\n")
    t.record("old file", t.read("talk.out.old"))
    t.record("new file", t.read("talk.out"))
    t.record("end of the old log", t.read("d.log.old").splitlines()[-1])
    t.record("new log", t.read("d.log"))


@scenario
def user_signal_one_kills(t):
    """USR1 has its default action: the daemon dies, pidfile, socket and children stay."""
    sv = t.serve(SLEEPER)
    child = sv.wait("a", "RUNNING")["pid"]
    sv.signal("USR1")
    t.record("exit", _end_of(sv))
    t.record("remains", _remains(t))
    t.record("its program", "alive" if os.path.exists(f"/proc/{child}") else "gone")


@scenario
def second_instance(t):
    """On the same socket a second instance refuses with exit 2; the first is unharmed."""
    sv = t.serve(SLEEPER)
    pid = sv.wait("a", "RUNNING")["pid"]
    t.refused("second instance")
    t.record("the first answers", sv.ask("getPID") == sv.process.pid)
    t.record("its program", sv.pid("a") == pid)
    t.record("its files", _remains(t))
    t.record("pidfile", t.read("d.pid") == f"{sv.process.pid}\n")


@scenario
def second_instance_on_a_port(t):
    """On the same TCP port a second instance refuses with exit 2."""
    port = t.port()
    server = f"[inet_http_server]\nport=127.0.0.1:{port}\n"
    sv = t.serve(server)
    t.config(server)
    text = t.read("d.conf").replace("s.sock", "other.sock").replace("d.pid", "other.pid")
    t.write("other.conf", text)
    t.refused("second instance", config="other.conf")
    t.record("the first answers", sv.ask("getPID") == sv.process.pid)
    t.record("left behind", t.exists("other.sock"))


@scenario(tier="all")
def stale_socket(t):
    """After kill -9 the socket is stale: a new instance takes its place; old children live on."""
    sv = t.serve(SLEEPER)
    child = sv.wait("a", "RUNNING")["pid"]
    sv.signal("KILL")
    t.record("exit", sv.ended())
    t.record("remains", _remains(t))
    t.record("its program", "alive" if os.path.exists(f"/proc/{child}") else "gone")
    again = t.serve(SLEEPER)
    t.record("stderr", again.stderr())
    again.wait("a", "RUNNING")
    t.record("another program", again.pid("a") != child)
    t.record("pidfile", t.read("d.pid") == f"{again.process.pid}\n")
    os.kill(child, signal.SIGKILL)
    again.stop()


@scenario(tier="all")
def socket_file_deleted(t):
    """A deleted socket file: clients find none; HUP brings it back."""
    sv = t.serve(SLEEPER)
    sv.wait("a", "RUNNING")
    os.unlink(t.path("s.sock"))
    sv.ctl("status")
    sv.signal("HUP")
    t.until(lambda: t.exists("s.sock") == "there", "the socket is back")
    sv.ready()
    sv.wait("a", "RUNNING")
    sv.ctl("status")


@scenario
def files_it_makes(t):
    """Modes and contents of socket, pidfile and log; chmod of the socket."""
    sv = t.serve("", unix="chmod=0722")
    for name in ("s.sock", "d.pid", "d.log"):
        t.record(f"mode of {name}", t.mode(name))
    t.record("pidfile", t.read("d.pid") == f"{sv.process.pid}\n")
    t.record("directory", sorted(os.listdir(t.directory)))
    sv.stop()


@scenario
def pidfile_it_cannot_write(t):
    """An unwritable pidfile is said in the log and does no harm."""
    os.mkdir(t.path("taken"))
    t.config("")
    t.write("d.conf", t.read("d.conf").replace("/d.pid", "/taken"))
    sv = t.launch().ready()
    t.record("log", "\n".join(line[24:] for line in sv.log().splitlines() if "pidfile" in line))
    sv.stop()


@scenario
def main_log_of_a_life(t):
    """The main log from start to end, without its times."""
    sv = t.serve(SLEEPER)
    sv.wait("a", "RUNNING")
    sv.stop()
    kept = [line for line in sv.log().splitlines() if "waiting for" not in line
            and "RLIMIT" not in line]
    t.record("log", "\n".join(kept))
    t.record("stdout", "same" if t.read("d.out") == sv.log() else t.read("d.out"))
    t.record("stderr", sv.stderr())


@scenario
def silent(t):
    """With -s nothing is said on standard output."""
    sv = t.serve("", "-s")
    sv.stop()
    t.record("stdout", t.read("d.out"))
    t.record("log", len(sv.log()) > 100)


def _detached(t, keys=""):
    """Start without nodaemon; the daemon's pid once its pidfile and socket are there."""
    t.config(SLEEPER + "[program:look]\ncommand=%(here)s/look\nstartsecs=0\n", daemon=keys)
    t.write("d.conf", t.read("d.conf").replace("nodaemon=true", ""))
    t.script("look", 'umask > "$0.seen"; pwd >> "$0.seen"; : > "$0.done"; exec sleep 300\n')
    sv = t.launch()
    t.record("exit of the parent", sv.ended())
    t.wait_for("d.pid", "\n")
    sv.process = _Other(int(t.read("d.pid")))
    return sv.ready()


class _Other:
    """A process that is not this one's child, as far as a scenario needs it."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        """None while it lives."""
        return None if os.path.exists(f"/proc/{self.pid}") else 0

    def wait(self, seconds):
        """Wait for its end; being adopted it is this process's to reap."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise subprocess.TimeoutExpired("supervisord", seconds)


@scenario
def detached(t):
    """Without nodaemon: own session, /dev/null, umask 022, directory, the parent exits 0."""
    os.umask(0o077)
    os.mkdir(t.path("home"))
    sv = _detached(t, "directory=%(here)s/home\numask=027\n")
    pid = sv.process.pid
    sv.wait("a", "RUNNING")
    t.wait_for("look.done")
    t.record("what a program saw", t.read("look.seen"))
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    t.record("leads its session", int(fields[3]) == pid)
    t.record("its directory", os.readlink(f"/proc/{pid}/cwd"))
    for number in (0, 1, 2):
        t.record(f"descriptor {number}", os.readlink(f"/proc/{pid}/fd/{number}"))
    t.record("parent's words", (t.read("d.out"), t.read("d.err")))
    sv.stop()
    t.record("remains", _remains(t))


@scenario(tier="all")
def detached_and_shut_down(t):
    """Detached, the daemon answers and is ended through its client."""
    sv = _detached(t)
    sv.wait("a", "RUNNING")
    sv.ctl("pid", order=lambda lines: [lines[0], str(lines[1] == str(sv.process.pid))])
    sv.ctl("shutdown")
    t.record("exit", sv.ended())
    t.record("remains", _remains(t))


@scenario
def order_of_the_end(t):
    """At the end groups go one after the other, the lowest priority last."""
    t.script("slow", "trap 'sleep 0.3; exit 0' TERM\n: > \"$0.$1\"\nwhile :; do sleep 0.05; done\n")
    sv = t.serve("".join(f"[program:{name}]\ncommand=%(here)s/slow {name}\nstartsecs=0\n"
                         f"priority={priority}\n" for name, priority in (("x", 1), ("y", 2), ("z", 3))))
    for name in "xyz":
        t.wait_for(f"slow.{name}")
    with t.timed("the end"):
        sv.stop()
    t.record("order", [line.split("stopped: ")[1].split()[0]
                       for line in sv.log().splitlines() if "stopped: " in line])


@scenario(needs_root=True)
def dropped_privileges(t):
    """user= in [supervisord]: the daemon and its programs run as that user."""
    os.chmod(t.path("."), 0o777)
    os.chmod(t.path("logs"), 0o777)
    t.config(SLEEPER)
    t.write("d.conf", t.read("d.conf").replace("user=root", "user=nobody"))
    sv = t.launch().ready()
    child = sv.wait("a", "RUNNING")["pid"]
    for who, pid in (("daemon", sv.process.pid), ("program", child)):
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            t.record(f"ids of the {who}", [line.split() for line in file
                                           if line.startswith(("Uid", "Gid", "Groups"))])
    t.record("owner of the socket", os.stat(t.path("s.sock")).st_uid)
    sv.stop()


@scenario(tier="all", needs_root=True)
def adopted_orphans(t):
    """As process 1 of a namespace it reaps what it never started."""
    t.script("orphan", "(sh -c 'sleep 0.3' &)\nexec sleep 300\n")
    t.config("[program:orphan]\ncommand=%(here)s/orphan\nstartsecs=0\n")
    space = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    process = subprocess.Popen([*space, t.subject.supervisord, "-c", t.path("d.conf")],
                               env=t.environment(), cwd=t.directory, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    t.wait_for("d.log", "reaped unknown pid")
    t.record("log", [line[24:].replace(line.split("pid ")[1].split()[0], "N")
                     for line in t.read("d.log").splitlines() if "reaped unknown" in line])
    process.kill()
    process.wait()
