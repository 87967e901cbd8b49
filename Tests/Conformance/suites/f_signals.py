"""F. Signals to the daemon: which end it, which do not, and when they meet."""

import os
import signal
import time

from harness import rpc
from harness.programs import SLOW, serve_deaf, sleeper
from harness.registry import suite

scenario = suite("F")

SLEEPER = sleeper("a")


def _after(t, sv, number):
    """What became of the daemon after a signal."""
    os.kill(sv.process.pid, number)
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and sv.process.poll() is None:
        try:
            # Answered calls show that it lives on; a few, so that the signal surely was delivered.
            for _ in range(3):
                sv.ask("getState")
            return "goes on"
        except (OSError, rpc.Refused):
            pass
    return f"ends with {sv.process.poll()}"


def _signal_scenario(name):
    """A scenario for a signal whose default action ends the reference."""
    def body(t):
        sv = t.serve(SLEEPER)
        child = sv.wait("a", "RUNNING")["pid"]
        t.record("the daemon", _after(t, sv, getattr(signal, name)))
        t.record("remains", {file: t.exists(file) for file in ("s.sock", "d.pid")})
        t.record("its program", "alive" if os.path.exists(f"/proc/{child}") else "gone")
    body.__name__ = f"unasked_{name.lower()}"
    body.__doc__ = f"{name} ends the reference and orphans its programs; ours goes on."
    scenario(body)


for _name in ("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGPWR", "SIGXCPU", "SIGSTKFLT", "SIGRTMIN", "SIGRTMAX"):
    _signal_scenario(_name)


@scenario
def signals_without_effect(t):
    """PIPE, CONT, URG, WINCH, CHLD and XFSZ change nothing."""
    sv = t.serve(SLEEPER)
    child = sv.wait("a", "RUNNING")["pid"]
    for name in ("PIPE", "CONT", "URG", "WINCH", "CHLD", "XFSZ"):
        t.record(f"after {name}", _after(t, sv, getattr(signal, "SIG" + name)))
    t.record("undisturbed", sv.pid("a") == child)
    sv.stop()
    t.record("log", [line[24:] for line in sv.log().splitlines() if "SIG" in line])


@scenario
def programs_after_usr1(t):
    """After USR1 the reference's programs are orphans; ours still come back and stop."""
    sv = t.serve(SLEEPER)
    first = sv.wait("a", "RUNNING")["pid"]
    sv.signal("USR1")
    try:
        for _ in range(3):
            sv.ask("getState")
        os.kill(first, signal.SIGKILL)
        sv.replaced("a", first)
        sv.ask("stopProcess", "a")
        t.record("they", "come back and stop")
    except OSError:
        t.record("they", "are orphans")


@scenario
def halted_and_continued(t):
    """After STOP and CONT the daemon sees what ended meanwhile."""
    sv = t.serve(SLEEPER)
    first = sv.wait("a", "RUNNING")["pid"]
    sv.signal("STOP")
    os.kill(first, signal.SIGKILL)
    time.sleep(0.1)
    sv.signal("CONT")
    with t.timed("until it is back"):
        sv.replaced("a", first)
    sv.record_story("a")


@scenario
def interrupt_from_the_keyboard(t):
    """INT to the daemon's process group reaches the daemon alone; it stops its programs in order."""
    t.script("hears", "trap 'echo INT >> \"$0.got\"' INT\ntrap 'echo TERM >> \"$0.got\"; exit 0' TERM\n"
             ": > \"$0.ready\"\nwhile :; do sleep 0.05; done\n")
    t.config("[program:hears]\ncommand=%(here)s/hears\nstartsecs=0\n")
    sv = t.launch(process_group=0).ready()
    sv.wait("hears", "RUNNING")
    t.wait_for("hears.ready")
    os.killpg(sv.process.pid, signal.SIGINT)
    t.record("exit", sv.ended())
    t.record("the program got", t.read("hears.got"))


@scenario
def signals_ignored_before(t):
    """Whoever started the daemon may have ignored or blocked signals, as nohup does: it hears them."""
    names = ("HUP", "INT", "QUIT", "TERM", "USR2", "CHLD")
    numbers = [getattr(signal, "SIG" + name) for name in names]
    t.config(SLEEPER)
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        sv = t.launch(restore_signals=False)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    sv.ready()
    first = sv.wait("a", "RUNNING")["pid"]
    os.kill(first, signal.SIGKILL)
    second = sv.replaced("a", first)["pid"]
    sv.ctl("stop", "a")
    sv.ctl("start", "a")
    sv.signal("USR2")
    t.wait_for("d.log", "log reopen request")
    sv.signal("HUP")
    t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
    sv.ready()
    sv.replaced("a", second)
    sv.stop("INT")
    sv.record_story("a")


@scenario
def two_signals_to_end(t):
    """A second signal to end changes nothing: the first end goes on."""
    t.script("slow", SLOW)
    sv = t.serve("[program:slow]\ncommand=%(here)s/slow\nstartsecs=0\n")
    sv.wait("slow", "RUNNING")
    t.wait_for("slow.ready")
    sv.signal("INT")
    t.wait_for("d.log", "received SIGINT")
    sv.signal("TERM")
    sv.signal("TERM")
    t.record("exit", sv.ended())
    sv.record_story("slow")
    t.record("first words", [line[24:] for line in sv.log().splitlines() if "received SIG" in line][0])


@scenario
def two_hangups(t):
    """A second HUP while the first restart is under way makes no second restart."""
    t.script("slow", SLOW)
    sv = t.serve("[program:slow]\ncommand=%(here)s/slow\nstartsecs=0\n")
    first = sv.wait("slow", "RUNNING")["pid"]
    t.wait_for("slow.ready")
    sv.signal("HUP")
    t.wait_for("d.log", "received SIGHUP")
    sv.signal("HUP")
    t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
    sv.ready()
    sv.replaced("slow", first)
    t.record("starts", sv.log().count("supervisord started"))
    t.record("signals", sv.log().count("received SIGHUP"))
    t.record("same process", sv.ask("getPID") == sv.process.pid)


@scenario
def ended_right_after_the_start(t):
    """TERM as soon as the daemon answers: the reference may lose the programs' TERM between fork and exec and wait
    for stopwaitsecs; ours never takes longer."""
    sv = t.serve("".join(f"[program:p{number}]\ncommand=/bin/sleep 300\nstopwaitsecs=4\n" for number in range(5)))
    with t.timed("the end"):
        sv.signal("TERM")
        t.record("exit", sv.ended())
    t.record("left", [name for name in ("s.sock", "d.pid") if t.exists(name) == "there"])


@scenario
def hangup_with_a_deaf_program(t):
    """A restart waits for its programs as the end does."""
    sv = serve_deaf(t, 1)
    first = sv.pid("deaf")
    sv.signal("HUP")
    with t.timed("until it is back"):
        t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
        sv.ready()
        sv.replaced("deaf", first)
    t.until(lambda: sv.story("deaf").count("success:") == 2, "the log says so")
    sv.record_story("deaf")


@scenario
def log_of_a_restart(t):
    """The main log across a HUP, line by line."""
    sv = t.serve(SLEEPER)
    first = sv.wait("a", "RUNNING")["pid"]
    sv.signal("HUP")
    t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
    sv.ready()
    sv.replaced("a", first)
    sv.stop()
    t.record("log", "\n".join(line for line in sv.log().splitlines() if "waiting for" not in line
                              and "RLIMIT" not in line))


@scenario
def hangup_changes_the_daemon(t):
    """HUP: socket, pidfile, log and environment are those of the file as it is now."""
    t.script("show", 'env | grep "^[VW]_" | sort > "$0.$1.part"; mv "$0.$1.part" "$0.$1"; exec sleep 300\n')
    program = "[program:show]\ncommand=%(here)s/show {}\nstartsecs=0\n"
    sv = t.serve(program.format("first"), daemon='environment=V_A="1",W_B="1"')
    t.wait_for("show.first")
    sv.wait("show", "RUNNING")
    t.config(program.format("second"), daemon='environment=V_A="2"\nidentifier=other')
    text = t.read("d.conf")
    for old, new in (("/s.sock", "/new.sock"), ("/d.pid", "/new.pid"), ("/d.log", "/new.log")):
        text = text.replace(old, new)
    t.write("d.conf", text)
    sv.signal("HUP")
    sv.address = t.path("new.sock")
    t.wait_for("show.second")
    sv.ready()
    t.record("files", {name: t.exists(name) for name in ("s.sock", "d.pid", "new.sock", "new.pid", "new.log")})
    t.record("pidfile", t.read("new.pid") == f"{sv.process.pid}\n")
    for which in ("first", "second"):
        t.record(f"environment of the {which}", t.read(f"show.{which}"))
    sv.rpc("supervisor.getIdentification")
    sv.stop()
    t.record("files at last", {name: t.exists(name) for name in ("s.sock", "d.pid", "new.sock", "new.pid")})


@scenario
def reload_with_a_broken_file(t):
    """reload with a file that cannot be read: the reference stops everything and ends; ours goes on and says why."""
    sv = t.serve(SLEEPER)
    child = sv.wait("a", "RUNNING")["pid"]
    t.write("client.conf", t.read("d.conf"))
    t.config("[program:a]\ncommand=/bin/sleep 300\nstartsecs=x\n")
    sv.config = t.path("client.conf")
    sv.ctl("reload")
    t.record("the daemon", _end_of(sv))
    t.record("its program", "undisturbed" if os.path.exists(f"/proc/{child}") else "gone")


def _end_of(sv):
    """Whether the daemon is still there a while after; the reference has ended by then."""
    try:
        return f"exit {sv.ended(4)}"
    except TimeoutError:
        return f"goes on, {sv.ask('getState')['statename']}"


@scenario
def hangup_after_a_broken_file(t):
    """HUP with a broken file and again with a right one: the second restarts."""
    sv = t.serve(SLEEPER)
    child = sv.wait("a", "RUNNING")["pid"]
    t.config("[program:a]\ncommand=/bin/sleep 300\nstartsecs=x\n")
    sv.signal("HUP")
    t.record("the first", _end_of(sv))
    t.record("the reason", "startsecs" in sv.log() + sv.stderr() or "invalid literal" in sv.log() + sv.stderr())
    t.record("its program", "undisturbed" if os.path.exists(f"/proc/{child}") else "gone")
    t.config(SLEEPER.replace("300", "301"))
    if sv.process.poll() is None:
        sv.signal("HUP")
        t.until(lambda: sv.log().count("supervisord started") == 2, "it has begun anew")
    else:
        sv = t.launch()
    sv.ready()
    sv.replaced("a", child)
    sv.ctl("status")
