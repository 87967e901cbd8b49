"""pidproxy in front of a server that detaches: redis-server --daemonize, found by its pid file."""

import subprocess

from proof import beside, program, proof


def _redis(t):
    """A script that runs redis detached for as long as the detached one lives, and how to ask redis."""
    socket = t.path("r.sock")
    server, client = program("redis", "redis-server"), program("redis", "redis-cli")
    t.script("launch", f"""
        {server} --port 0 --unixsocket {socket} --daemonize yes --pidfile {t.path('r.pid')} \\
            --save '' --logfile {t.path('r.log')} --dir {t.directory}
        while [ ! -s {t.path('r.pid')} ]; do sleep 0.05; done
        while kill -0 "$(cat {t.path('r.pid')})" 2>/dev/null; do sleep 0.05; done
    """)

    def ask(*words):
        done = subprocess.run([client, "-s", socket, *words], capture_output=True, text=True, check=False,
                              timeout=10)
        return done.stdout.strip()

    return ask


def _detached(t):
    """The pid in redis' pid file, 0 without."""
    return int(t.read("r.pid").strip() or 0)


def _alive(pid):
    """Whether a process is there that is more than a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _serve(t, *keys):
    ask = _redis(t)
    sv = t.serve("\n".join([
        "[program:redis]", f"command={beside(t, 'pidproxy')} %(here)s/r.pid %(here)s/launch", "startsecs=1", *keys, ""]))
    sv.wait("redis", "RUNNING")
    t.until(lambda: ask("ping") == "PONG", "redis answers")
    return sv, ask


@proof("redis")
def stopping(t):
    """stop ends the detached server gracefully: its log says so, its pid file and socket are gone."""
    sv, _ = _serve(t)
    pid = _detached(t)
    t.record("behind the proxy", sv.pid("redis") != pid and _alive(pid))
    sv.ctl("stop", "redis")
    t.until(lambda: not _alive(pid), "redis has ended")
    t.record("said goodbye", "bye bye" in t.read("r.log"))
    t.record("pid file and socket", t.exists("r.pid") + " " + t.exists("r.sock"))
    sv.record_story("redis")


@proof("redis")
def restarting(t):
    """restart replaces the detached server by another one that answers."""
    sv, ask = _serve(t)
    pid = _detached(t)
    sv.ctl("restart", "redis")
    t.until(lambda: _detached(t) not in (0, pid) and ask("ping") == "PONG", "another redis answers")
    t.record("the first one", "alive" if _alive(pid) else "ended")
    sv.ctl("stop", "redis")


@proof()
def signalling(t):
    """A signal reaches the detached server and leaves the proxy alone; a quitting one ends both."""
    t.script("server", f"""
        echo $$ > {t.path('s.pid')}
        for name in HUP USR1 USR2 TERM; do trap "echo $name >> {t.path('seen')}" $name; done
        echo ready >> {t.path('seen')}
        while [ ! -e {t.path('enough')} ]; do sleep 0.05; done
    """)
    t.script("launch", f"""
        setsid {t.path('server')} >/dev/null 2>&1 </dev/null &
        wait
    """)
    sv = t.serve(f"[program:p]\ncommand={beside(t, 'pidproxy')} %(here)s/s.pid %(here)s/launch\nstartsecs=0\n"
                 "autorestart=false\n")
    sv.wait("p", "RUNNING")
    t.wait_for("seen", "ready")
    for name in ("HUP", "USR1", "USR2"):
        sv.ctl("signal", name, "p")
        t.wait_for("seen", name)
    sv.record_info("p")
    sv.ctl("signal", "TERM", "p")
    t.wait_for("seen", "TERM")
    sv.wait("p", "EXITED")
    sv.record_story("p")
    t.record("the server", "alive" if _alive(int(t.read("s.pid"))) else "ended")
    t.write("enough", "")


@proof()
def launcher_that_ends(t):
    """When the proxied command ends the proxy ends too, within its five seconds, with status 0."""
    sv = t.serve(f"[program:p]\ncommand={beside(t, 'pidproxy')} %(here)s/r.pid /bin/sleep 0.1\nstartsecs=0\n"
                 "autorestart=false\n")
    sv.wait("p", "EXITED", seconds=15)
    sv.record_story("p")


@proof()
def usage(t):
    """Without arguments it says how it is used; a command that is not there, a pid file that is not there."""
    for words in ([], [t.path("x.pid")]):
        done = subprocess.run([beside(t, "pidproxy"), *words], capture_output=True, text=True, check=False,
                              timeout=20, stdin=subprocess.DEVNULL, env=t.environment())
        # the words are each one's own, the usage line is not
        usage_line = [line.partition("pidproxy ")[2] for line in done.stdout.splitlines() if "sage: " in line]
        t.record(f"{len(words)} words", f"exit {done.returncode} {usage_line}")
    done = subprocess.Popen([beside(t, "pidproxy"), t.path("no.pid"), "/bin/sleep", "100"], stdout=subprocess.PIPE,
                            text=True, env=t.environment({"PYTHONUNBUFFERED": "1"}))
    t.until(lambda: _children(done.pid), "the command runs")
    done.terminate()
    t.record("a missing pid file", done.stdout.readline())
    t.record("then", "alive" if done.poll() is None else "ended")


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return file.read().split()
    except OSError:
        return []
