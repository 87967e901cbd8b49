"""F. The daemon's surroundings: limits, user, directory, descriptors, files of others, being process 1."""

import os
import resource
import signal
import subprocess

from harness.programs import serve_deaf, sleeper
from harness.registry import suite

scenario = suite("F")

SLEEPER = sleeper("a")


def _limit(pid, words):
    """Soft and hard limit of a process by its name in /proc."""
    with open(f"/proc/{pid}/limits", encoding="utf-8") as file:
        for line in file:
            if line.startswith(words):
                return line[len(words):].split()[:2]
    return None


@scenario
def raised_limits(t):
    """minfds and minprocs raise the daemon's soft limits; its programs inherit them."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 2000))
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (5000, hard))
    sv = t.serve(SLEEPER, daemon="minfds=300\nminprocs=6000")
    child = sv.wait("a", "RUNNING")["pid"]
    for who, pid in (("daemon", sv.process.pid), ("program", child)):
        t.record(f"open files of the {who}", _limit(pid, "Max open files"))
        t.record(f"processes of the {who}", _limit(pid, "Max processes")[0])
    t.record("log", [line[24:] for line in sv.log().splitlines() if "RLIMIT" in line])


@scenario
def limits_that_suffice(t):
    """Limits above minfds and minprocs stay as they are."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (1500, 2000))
    sv = t.serve(SLEEPER, daemon="minfds=1024\nminprocs=200")
    child = sv.wait("a", "RUNNING")["pid"]
    t.record("open files", [_limit(pid, "Max open files") for pid in (sv.process.pid, child)])
    t.record("log", [line[24:] for line in sv.log().splitlines() if "RLIMIT" in line])


@scenario(needs_root=True)
def limits_nobody_may_raise(t):
    """Without the right to raise a hard limit the daemon does not start, and says what to do."""
    for name in (".", "logs"):
        os.chmod(t.path(name), 0o777)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
    t.config(SLEEPER, daemon="minfds=4000")
    t.write("d.conf", t.read("d.conf").replace("user=root", "user=nobody"))
    t.refused("minfds=4000")
    resource.setrlimit(resource.RLIMIT_NPROC, (3000, 3000))
    t.config(SLEEPER, daemon="minfds=100\nminprocs=4000")
    t.write("d.conf", t.read("d.conf").replace("user=root", "user=nobody"))
    t.refused("minprocs=4000")


@scenario(tier="all", needs_root=True)
def started_by_another_user(t):
    """Started without root's rights: user= of somebody else is refused, one's own is not."""
    for name in (".", "logs"):
        os.chmod(t.path(name), 0o777)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    t.config(SLEEPER)
    process = t.launch(before=nobody)
    t.record("user=root", [process.ended(), process.stderr().splitlines()[:1]])
    for name in ("d.err", "d.log"):
        if t.exists(name) == "there":
            os.unlink(t.path(name))
    for user in ("user=nobody\n", ""):
        t.write("d.conf", t.read("d.conf").replace("user=root\n", user))
        sv = t.launch(before=nobody).ready()
        sv.wait("a", "RUNNING")
        t.record(f"log with {user!r}", [line[24:] for line in sv.log().splitlines() if "uid" in line or "root" in line])
        sv.stop()
        os.unlink(t.path("d.log"))
        t.config(SLEEPER)


@scenario(needs_root=True)
def log_directory_of_another_user(t):
    """user= without the right to write the log: no start."""
    os.mkdir(t.path("closed"))
    os.chmod(t.path("."), 0o777)
    t.config(SLEEPER)
    t.write("d.conf", t.read("d.conf").replace("user=root", "user=nobody").replace("/d.log", "/closed/d.log"))
    sv = t.launch()
    t.record("exit", sv.ended())
    t.record("the log is named", "closed/d.log" in sv.stderr())
    t.record("remains", {name: t.exists(name) for name in ("s.sock", "d.pid", "closed/d.log")})


@scenario
def in_the_foreground(t):
    """nodaemon: session, group, standard input, directory and umask stay as they were."""
    os.umask(0o027)
    os.mkdir(t.path("home"))
    t.script("look", 'umask > "$0.part"; pwd >> "$0.part"; mv "$0.part" "$0.seen"; exec sleep 300\n')
    given, kept = os.pipe()
    t.config("[program:look]\ncommand=%(here)s/look\nstartsecs=0\n", daemon="directory=%(here)s/home\numask=077")
    sv = t.launch(stdin=given).ready()
    t.wait_for("look.seen")
    t.record("a program saw", t.read("look.seen"))
    pid = sv.process.pid
    t.record("session", os.getsid(pid) == os.getsid(0))
    t.record("group", os.getpgid(pid) == os.getpgid(0))
    t.record("directory", os.readlink(f"/proc/{pid}/cwd"))
    t.record("standard input", os.readlink(f"/proc/{pid}/fd/0") == os.readlink(f"/proc/self/fd/{given}"))
    t.record("mode of the log", t.mode("d.log"))
    sv.stop()
    os.close(kept)


@scenario
def options_before_the_file(t):
    """Options of the command line win over the file, before and after a restart."""
    for name in ("optlogs", "home"):
        os.mkdir(t.path(name))
    t.config(SLEEPER)
    t.write("d.conf", t.read("d.conf").replace("nodaemon=true", "nodaemon=false"))
    options = ("-n", "-l", t.path("opt.log"), "-j", t.path("opt.pid"), "-i", "opt", "-q", t.path("optlogs"),
               "-e", "debug", "-y", "10MB", "-z", "3", "-a", "100", "--minprocs", "10", "-k")
    sv = t.launch(*options).ready()
    first = sv.wait("a", "RUNNING")["pid"]
    for round_ in ("first", "second"):
        t.record(f"files: {round_}", {name: t.exists(name) for name in ("d.log", "d.pid", "opt.log", "opt.pid")})
        t.record(f"logs: {round_}", sorted({name.split("---")[0] + name.split("---")[1][:3]
                                            for name in os.listdir(t.path("optlogs"))}))
        t.record(f"debug: {round_}", "DEBG" in t.read("opt.log"))
        sv.rpc("supervisor.getIdentification")
        if round_ == "first":
            sv.signal("HUP")
            t.until(lambda: t.read("opt.log").count("supervisord started") == 2, "it has begun anew")
            sv.ready()
            sv.replaced("a", first)


@scenario(tier="all")
def standard_descriptors_closed(t):
    """Started without any standard descriptor the daemon serves, and logs, and its programs have theirs."""
    t.script("talk", 'echo "out"; echo "err" >&2; ls /proc/self/fd | tr "\\n" " " > "$0.part"; mv "$0.part" "$0.seen"\n'
             "exec sleep 300\n")
    t.config("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=%(here)s/out.log\n"
             "stderr_logfile=%(here)s/err.log\n")
    sv = t.launch(before=("sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-')).ready()
    sv.wait("talk", "RUNNING")
    t.wait_for("talk.seen")
    t.wait_for("err.log", "err")
    t.wait_for("out.log", "out")
    t.record("its log", [t.read("out.log"), t.read("err.log")])
    t.record("its descriptors", t.read("talk.seen"))
    sv.ctl("status")
    sv.signal("TERM")
    # The reference may stumble over its missing standard output at the very end.
    sv.ended()
    t.record("remains", {name: t.exists(name) for name in ("s.sock", "d.pid")})


@scenario
def pidfile_of_before(t):
    """A pidfile that is there is overwritten: garbage, another's pid, a link; its mode stays."""
    t.write("target", "x" * 200)
    befores = {
        "garbage": lambda path: t.write("d.pid", "garbage that is longer than a pid\n"),
        "another's": lambda path: t.write("d.pid", f"{os.getpid()}\n"),
        "a link": lambda path: os.symlink("target", path),
    }
    for field, prepare in befores.items():
        prepare(t.path("d.pid"))
        os.chmod(t.path("d.pid"), 0o600)
        sv = t.serve("")
        t.record(f"pidfile: {field}", t.read("d.pid") == f"{sv.process.pid}\n")
        t.record(f"mode: {field}", t.mode("d.pid"))
        sv.stop()
        t.record(f"afterwards: {field}", [t.exists("d.pid"), t.exists("target")])


@scenario
def pidfile_taken_away(t):
    """A pidfile that somebody removed or rewrote does not disturb the end."""
    sv = t.serve("")
    os.unlink(t.path("d.pid"))
    sv.stop()
    t.record("log", [line[24:] for line in sv.log().splitlines() if "pid" in line and "started" not in line])
    sv = t.serve("")
    t.write("d.pid", "1\n")
    sv.stop()
    t.record("rewritten", t.exists("d.pid"))


@scenario
def pidfile_in_a_missing_directory(t):
    """A pidfile whose directory is missing is refused; it is not made."""
    t.config("")
    t.write("d.conf", t.read("d.conf").replace("/d.pid", "/none/d.pid"))
    t.refused("pidfile")
    t.record("made", t.exists("none"))


@scenario(tier="all")
def what_stands_where_the_socket_goes(t):
    """An empty file or one with content in the socket's place, or no directory around it."""
    t.config("")
    t.write("s.sock", "")
    sv = t.launch().ready()
    t.record("an empty file", sv.stderr())
    sv.stop()
    t.write("s.sock", "somebody's\n")
    t.refused("a file with content")
    os.unlink(t.path("s.sock"))
    t.write("d.conf", t.read("d.conf").replace("/s.sock", "/none/s.sock"))
    t.refused("a missing directory")


@scenario
def socket_taken_away_before_the_end(t):
    """A socket that somebody deleted does not disturb the end."""
    sv = t.serve(SLEEPER)
    sv.wait("a", "RUNNING")
    os.unlink(t.path("s.sock"))
    sv.stop()
    t.record("remains", {name: t.exists(name) for name in ("s.sock", "d.pid")})


@scenario(tier="all")
def shutdown_by_its_client(t):
    """shutdown answers at once; a second one meets a daemon on its way down."""
    sv = serve_deaf(t, 60)
    program = sv.pid("deaf")
    with t.timed("the answer"):
        sv.ctl("shutdown")
    t.until(lambda: "waiting for deaf to die" in sv.log(), "it waits")
    sv.ctl("shutdown")
    sv.ctl("status")
    sv.ctl("reload")
    os.kill(program, signal.SIGKILL)
    t.record("exit", sv.ended())


@scenario(tier="all")
def detached_restart(t):
    """A detached daemon restarts where it was, with /dev/null on its standard descriptors."""
    os.mkdir(t.path("home"))
    t.config(SLEEPER, daemon="directory=%(here)s/home")
    t.write("d.conf", t.read("d.conf").replace("nodaemon=true", ""))
    status = subprocess.run([t.subject.supervisord, "-c", t.path("d.conf")], cwd=t.directory, env=t.environment(),
                            stdin=subprocess.DEVNULL, capture_output=True, check=False)
    t.record("the parent", [status.returncode, status.stdout, status.stderr])
    t.wait_for("d.pid", "\n")
    pid = int(t.read("d.pid"))
    t.wait_for("d.log", "success: a")
    os.kill(pid, signal.SIGHUP)
    t.until(lambda: t.read("d.log").count("supervisord started") == 2, "it has begun anew")
    t.record("same process", t.read("d.pid") == f"{pid}\n")
    t.until(lambda: t.read("d.log").count("success: a") == 2, "its program is back")
    t.record("descriptors", [os.readlink(f"/proc/{pid}/fd/{number}") for number in range(3)])
    os.kill(pid, signal.SIGTERM)
    t.until(lambda: t.exists("d.pid") == "gone", "its end")
    t.record("log", "\n".join(line[24:] for line in t.read("d.log").splitlines() if "waiting" not in line
                              and "RLIMIT" not in line and "SIGKILL" not in line))


@scenario
def relative_path_of_the_file(t):
    """Detached from a relative -c into another directory: at HUP the reference looks for its file there and ends."""
    os.mkdir(t.path("home"))
    t.config(SLEEPER, daemon="directory=%(here)s/home")
    t.write("d.conf", t.read("d.conf").replace("nodaemon=true", ""))
    subprocess.run([t.subject.supervisord, "-c", "d.conf"], cwd=t.directory, env=t.environment(),
                   stdin=subprocess.DEVNULL, capture_output=True, check=True)
    t.wait_for("d.pid", "\n")
    pid = int(t.read("d.pid"))
    t.wait_for("d.log", "spawned")
    os.kill(pid, signal.SIGHUP)
    t.until(lambda: t.exists("d.pid") == "gone" or t.read("d.log").count("supervisord started") == 2,
            "it has begun anew or ended")
    t.record("after HUP", "begun anew" if t.read("d.log").count("supervisord started") == 2 else "ended")


@scenario(needs_root=True)
def user_at_a_restart(t):
    """HUP with another user= in the file: rights are dropped then; they never come back."""
    for name in (".", "logs"):
        os.chmod(t.path(name), 0o777)
    sv = t.serve(SLEEPER)
    first = sv.wait("a", "RUNNING")["pid"]
    t.write("d.conf", t.read("d.conf").replace("user=root", "user=nobody"))
    os.chmod(t.path("d.log"), 0o666)
    sv.signal("HUP")
    t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
    sv.ready()
    second = sv.replaced("a", first)["pid"]
    for who, pid in (("daemon", sv.process.pid), ("program", second)):
        t.record(f"user of the {who}", os.stat(f"/proc/{pid}").st_uid)
    t.record("log", [line[24:] for line in sv.log().splitlines() if "uid" in line])
    t.write("d.conf", t.read("d.conf").replace("user=nobody", "user=root"))
    sv.signal("HUP")
    t.until(lambda: sv.process.poll() is not None or sv.log().count("supervisord started") == 3, "its answer")
    t.record("user=root again", "ended" if sv.process.poll() is not None else "goes on as it is")


@scenario
def second_instance_on_the_pidfile(t):
    """Two daemons with one pidfile: under the reference the second takes it, and the first can no longer be found."""
    sv = t.serve(SLEEPER)
    t.write("other.conf", t.read("d.conf").replace("/s.sock", "/o.sock").replace("/d.log", "/o.log"))
    second = t.launch(config="other.conf")
    t.until(lambda: second.process.poll() is not None or t.exists("o.sock") == "there" and "started" in t.read("o.log"),
            "the second has started or given up")
    t.record("the second", "refused" if second.process.poll() is not None else "started")
    t.record("pidfile of the first", t.read("d.pid") == f"{sv.process.pid}\n")


@scenario
def start_that_fails_while_detaching(t):
    """What is wrong before the detaching is said by the parent, with its exit status."""
    t.config(SLEEPER)
    t.write("d.conf", t.read("d.conf").replace("nodaemon=true", "").replace("/s.sock", "/none/s.sock"))
    t.refused("a socket without directory")
    t.record("remains", {name: t.exists(name) for name in ("d.pid", "s.sock")})


SPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
"""Makes the server process 1 of a namespace; its programs die with it."""


def _running(t, sv, name):
    """Wait without a look at the program's pid, which is another one outside of its namespace."""
    t.until(lambda: sv.info(name)["statename"] == "RUNNING", f"{name} runs")
    return sv.info(name)["pid"]


@scenario(needs_root=True)
def process_one_reaps(t):
    """As process 1 it reaps orphans, whatever they died of, and goes on serving its programs."""
    t.script("orphans", "(sh -c 'sleep 0.2; exit 3' &)\n(sh -c 'sleep 0.3; kill -KILL $$' &)\nexec sleep 300\n")
    t.config("[program:orphans]\ncommand=%(here)s/orphans\nstartsecs=0\nstopsignal=KILL\n")
    sv = t.launch(before=SPACE).ready()
    first = _running(t, sv, "orphans")
    t.until(lambda: sv.log().count("reaped unknown pid") >= 2, "both were reaped")
    t.record("log", sorted({line[24:].split("pid ")[1].split(" ", 1)[1] for line in sv.log().splitlines()
                            if "reaped unknown" in line}))
    sv.rpc("supervisor.getPID")
    t.record("pidfile", t.read("d.pid"))
    sv.ctl("restart", "orphans")
    t.record("another process", _running(t, sv, "orphans") != first)
    sv.rpc("supervisor.shutdown")
    t.record("exit", sv.ended())


@scenario(needs_root=True)
def process_one_hears_signals(t):
    """As process 1, for which no signal has a default action, HUP restarts and TERM ends it."""
    t.config(SLEEPER)
    sv = t.launch(before=SPACE).ready()
    _running(t, sv, "a")
    inside = _only_child(sv.process.pid)
    os.kill(inside, signal.SIGUSR1)
    t.record("after USR1", [sv.ask("getState")["statename"] for _ in range(3)])
    os.kill(inside, signal.SIGUSR2)
    t.wait_for("d.log", "log reopen request")
    os.kill(inside, signal.SIGHUP)
    t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
    sv.ready()
    _running(t, sv, "a")
    os.kill(inside, signal.SIGTERM)
    t.record("exit", sv.ended())
    t.record("log", [line[24:] for line in sv.log().splitlines() if "received" in line])


def _only_child(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return int(file.read().split()[0])
