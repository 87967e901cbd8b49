"""C. The other programs: pidproxy, echo_supervisord_conf, and supervisord's command line."""

import os
import re
import signal
import subprocess
import sys

from harness.daemon import Daemon
from harness.registry import suite

scenario = suite("C")

DAEMON = """#!{python}
# Detaches a process that does the work, and waits for its end as start scripts of servers do.
import os, signal, sys, time

base = sys.argv[0]
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    def seen(number, _):
        with open(base + ".seen", "a") as file:
            print(signal.Signals(number).name, file=file)
        if number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            os._exit(0)
    for name in ("HUP", "USR1", "USR2", "TERM", "INT", "QUIT"):
        signal.signal(getattr(signal, "SIG" + name), seen)
    with open(base + ".new", "w") as file:
        print(os.getpid(), file=file)
    os.rename(base + ".new", base + ".pid")
    while True:
        signal.pause()
os.wait()
while not os.path.exists(base + ".pid"):
    time.sleep(0.02)
def lives(pid):
    try:
        return open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
pid = int(open(base + ".pid").read())
while lives(pid):
    time.sleep(0.02)
"""

# What svinstall's sample shows besides.
NEW_KEYS = {f"program:theprogramname {key}" for key in ("numprocs_start", "restart_delay", "restart_throttle")} | {
    f"fcgi-program:thefcgiprogram {key}" for key in ("command", "socket", "socket_owner", "socket_mode")}


def _run(t, program, *words, **options):
    """One of the subject's programs, to its end; its status, what it printed, what it complained of."""
    done = subprocess.run([t.tool(program), *words], cwd=t.directory, env=t.environment(), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=20, text=True, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def _proxy(t, *words):
    return subprocess.Popen([t.tool("pidproxy"), *words], cwd=t.directory, env=t.environment(),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@scenario
def pidproxy_hands_signals_on(t):
    """Signals go to the detached process; those that end it end the proxy at once."""
    script = _daemon(t)
    for last in ("TERM", "INT", "QUIT"):
        for name in ("daemon.pid", "daemon.seen"):
            if os.path.exists(t.path(name)):
                os.unlink(t.path(name))
        proxy = _proxy(t, t.path("daemon.pid"), script)
        t.wait_for("daemon.pid", "\n")
        t.until(lambda: _hears_signals(proxy.pid), "it hears signals")
        for name in ("HUP", "USR1", "USR2", last):
            proxy.send_signal(getattr(signal, "SIG" + name))
            t.wait_for("daemon.seen", f"SIG{name}\n")
        out, err = proxy.communicate(timeout=20)
        t.record(last, (proxy.returncode, out, err, t.read("daemon.seen").split()))
        t.until(lambda: not _lives(int(t.read("daemon.pid"))), "the daemon has ended")


def _daemon(t):
    path = t.write("daemon", DAEMON.format(python=sys.executable))
    os.chmod(path, 0o755)
    return path


def _hears_signals(pid):
    """Whether the process has taken care of SIGUSR1, by a handler or by holding it back."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file)
    return any(int(fields[key], 16) & 1 << signal.SIGUSR1 - 1 for key in ("SigCgt", "SigBlk"))


def _lives(pid):
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@scenario
def pidproxy_without_a_pid(t):
    """A pidfile that is missing, empty, or no number: the proxy says so and goes on."""
    script = t.script("stay", ": > \"$0.there\"\nexec sleep 300\n")
    t.write("text.pid", "some text\n")
    t.write("empty.pid", "")
    for name in ("missing.pid", "text.pid", "empty.pid"):
        proxy = _proxy(t, t.path(name), script)
        t.wait_for("stay.there")
        t.until(lambda: _hears_signals(proxy.pid), "it hears signals")
        proxy.send_signal(signal.SIGTERM)
        t.until(lambda: not _pending(proxy.pid), "the signal has arrived")
        t.record(name, "runs" if proxy.poll() is None else "ended")
        os.unlink(t.path("stay.there"))
        for child in _children(proxy.pid):
            os.kill(child, signal.SIGKILL)
        out, err = proxy.communicate(timeout=20)
        t.record(f"{name}, in the end", (proxy.returncode, out, err))


def _pending(pid):
    """Whether a signal waits for the process."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["ShdPnd"], 16) != 0


def _children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return [int(word) for word in file.read().split()]


@scenario
def pidproxy_commands(t):
    """The command's status is not the proxy's; its arguments arrive as they are; no search in $PATH."""
    t.script("fails", 'printf "%s|" "$0" "$@"; exit 3\n')
    t.record("a path from here", _run(t, "pidproxy", "x.pid", "./fails", "one", "two words", ""))
    t.record("a path from the root", _run(t, "pidproxy", "x.pid", t.path("fails")))


@scenario
def pidproxy_of_nothing(t):
    """A command that is not there: status 0 after the first look."""
    code, out, _ = _run(t, "pidproxy", "x.pid", "/no/such/command")
    t.record("no such command", (code, out))


@scenario
def pidproxy_usage(t):
    """Too few words: a usage text on standard output, status 1."""
    for words in ((), ("x.pid",)):
        code, out, err = _run(t, "pidproxy", *words)
        usage = [line.replace(t.tool("pidproxy"), "pidproxy") for line in out.splitlines() if "Usage" in line]
        t.record(f"pidproxy {' '.join(words)}", (code, usage, err))


@scenario
def pidproxy_under_the_daemon(t):
    """A program behind pidproxy: signal, stop and restart reach the process that detached itself."""
    script = _daemon(t)
    sv = t.serve(f"[program:behind]\ncommand={t.tool('pidproxy')} %(here)s/daemon.pid {script}\nstartsecs=0\n"
                 "autorestart=false\n")
    sv.wait("behind", "RUNNING")
    t.wait_for("daemon.pid", "\n")
    first = int(t.read("daemon.pid"))
    sv.ctl("signal", "HUP", "behind")
    t.wait_for("daemon.seen", "HUP")
    sv.ctl("stop", "behind")
    t.until(lambda: not _lives(first), "the daemon has ended")
    t.record("seen", t.read("daemon.seen").split())
    sv.ctl("status")


@scenario
def sample_configuration(t):
    """echo_supervisord_conf prints a configuration: every section and key of the original's; words change nothing."""
    code, out, err = _run(t, "echo_supervisord_conf")
    t.record("exit", (code, err))
    section, keys = "", set()
    for line in out.splitlines():
        if found := re.match(r";?\[([a-z_:-]+)\]$", line):
            section = found[1]
        elif (found := re.match(r";?([a-z_.]+) *=", line)) and f"{section} {found[1]}" not in NEW_KEYS:
            keys.add(f"{section} {found[1]}")
    t.record("keys", "\n".join(sorted(keys)))
    for words in (("-h",), ("--help",), ("a", "b"), ("--nope",)):
        t.record(" ".join(words), _run(t, "echo_supervisord_conf", *words) == (code, out, err))


@scenario
def sample_configuration_loads(t):
    """The printed configuration is accepted as it is."""
    _, out, _ = _run(t, "echo_supervisord_conf")
    t.write("d.conf", re.sub(r"/tmp/", f"{t.directory}/", out) + "\n[supervisord]\nnodaemon=true\nchildlogdir=logs\n")
    text = t.read("d.conf").replace("supervisor.sock", "s.sock")
    t.write("d.conf", text)
    sv = t.launch().ready()
    sv.ctl("version")
    sv.ctl("status")
    sv.stop()


@scenario(tier="all", seconds=150)
def supervisord_usage(t):
    """supervisord's command line: what it does not take, in the order in which it is looked at."""
    t.config("")
    for words in ("--nope", "-Z", "-c", "--configuration", "--conf", "--no", "--nodaemon=1", "--log=x", "--logfile",
                  "-n -n", "-n --nodaemon", "-l a -l b", "--logfile_maxbytes=1 -y 2", "-n x", "x", "x -n", "a b c", "it's",
                  "-e zz", "--loglevel=zz", "-e zz -c /nope", "-c /nope -e zz", "-y zz", "-z zz", "-m 9", "-m zz",
                  "-a zz", "--minprocs=zz", "-d /no/such", "-q /no/such", "-c /nope", "-c .",
                  "-c /nope -n -n", "-h x", "-v x", "-n -n -v", "-nZ", "-nc", "--minf=x", "--mi=5", "--s", "--"):
        code, out, err = _run(t, "supervisord", *(["-c", t.path("d.conf")] if words == "--" else words.split()),
                              *(["--", "word"] if words == "--" else []))
        t.record(words, f"exit {code}\n{out}\n{err}".replace(t.tool("supervisord"), "supervisord"))


@scenario(tier="all", seconds=120)
def supervisord_help(t):
    """-h, --help, -? and prefixes print the options; -v the version; they come before anything else is looked at."""
    options = re.compile(r"^-(?:./)?-?[a-z_]+", re.MULTILINE)
    for words in ("-h", "--help", "--he", "-?", "-nh", "-h -n -n", "-c /nope -h", "-e debug -?"):
        code, out, err = _run(t, "supervisord", *words.split())
        t.record(words, (code, "\n".join(sorted(options.findall(out))), err))
    for words in ("-v", "--version", "--ver", "-nv", "-v -h", "-v -n -n", "-c /nope -v"):
        t.record(words, _run(t, "supervisord", *words.split()))


@scenario
def supervisord_without_configuration(t):
    """Without -c and without a file in the usual places: the places are named."""
    code, out, err = _run(t, "supervisord")
    # to root both say first that a place such as the working directory is not safe
    warnings = [line for line in err.splitlines() if "UserWarning" in line or "warnings.warn" in line]
    lines = [line for line in err.splitlines() if line not in warnings]
    prefix = os.path.dirname(os.path.dirname(t.tool("supervisord"))) + "/"
    t.record("warned", bool(warnings))
    t.record("supervisord", f"exit {code}\n{out}\n" + "\n".join(lines).replace(
        t.tool("supervisord"), "supervisord").replace(prefix, "PREFIX/"))


@scenario
def supervisord_finds_its_file(t):
    """supervisord.conf and etc/supervisord.conf of the working directory, the first before the second."""
    for places in (("etc/supervisord.conf",), ("supervisord.conf",), ("supervisord.conf", "etc/supervisord.conf")):
        for number, place in enumerate(places):
            t.config(f"[program:p{number}]\ncommand=/bin/sleep 300\nstartsecs=0\n")
            text = t.read("d.conf").replace("%(here)s", t.directory)
            t.write(place, text)
        with open(t.path("d.err"), "ab") as err:
            process = subprocess.Popen([t.tool("supervisord")], cwd=t.directory, env=t.environment(),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        sv = Daemon(t, process, t.path("d.conf")).ready()
        sv.wait("p0", "RUNNING")
        sv.ctl("avail", field=f"avail with {' '.join(places)}")
        sv.signal("TERM")
        sv.ended()
        for place in places:
            os.unlink(t.path(place))


@scenario(client_only=True)
def client_finds_its_file(t):
    """supervisorctl looks in the working directory; a file it cannot use is refused."""
    sv = t.serve("")
    client = t.subject.client
    for place in ("supervisord.conf", "etc/supervisord.conf"):
        t.write(place, t.read("d.conf").replace("%(here)s", t.directory))
        t.record(place, client.run(["version"], directory=t.directory))
        t.write(place, "[supervisord]\n")
        t.record(f"{place} without a section", client.run(["version"], directory=t.directory))
        os.unlink(t.path(place))
    t.write("none.conf", "[supervisorctl]\n")
    t.record("nothing in it", client.run(["-c", "none.conf", "version"], directory=t.directory))
    t.record("no file", client.run(["-c", "nope.conf", "version"], directory=t.directory))
    t.record("a directory", client.run(["-c", ".", "version"], directory=t.directory))
    assert sv.process.poll() is None


@scenario(client_only=True)
def client_meets_a_broken_file(t):
    """A file that is no configuration breaks the stock client, which shows where in Python; svinstall's refuses it."""
    frame = re.compile(r"^(?:Traceback .*?^[\w.]+: |Error: )|^For help, .*\n", re.MULTILINE | re.DOTALL)
    for field, content in (("no header", "words\n"), ("no delimiter", "[supervisorctl]\nwords\n")):
        done = t.subject.client.run(["-c", t.write("broken.conf", content), "version"])
        t.record(f"{field}: status", done.code)
        t.record(f"{field}: how", "a traceback" if "Traceback" in done.err else "no traceback")
        t.record(f"{field}: what it says", done.out + frame.sub("", done.err))


@scenario(client_only=True)
def client_usage(t):
    """supervisorctl's command line: what it does not take, in the order in which it is looked at."""
    t.config("")
    own = ["-c", t.path("d.conf")]
    for words in ("--nope", "-Z", "--history-file=x", "--history_file", "--hist=x version", "-r", "-s", "--ser",
                  "-i -i", "-u a -u b", "-u a --username=b", "-s foo version", "--serverurl=foo version",
                  "-i -i -s foo", "-s foo -i -i", "-p", "--pass", "--in version", "--interactive=1", "-isfoo", "-", "--",
                  "-r x -r y version", "-c /nope version", "-c /nope -s foo version"):
        given = words.split()
        t.record(words, t.subject.client.run(given if "-c" in given else own + given))


@scenario(client_only=True)
def client_help(t):
    """-h and its relatives print the options, before anything else is looked at."""
    options = re.compile(r"^-./--[a-z_-]+", re.MULTILINE)
    for words in ("-h", "--help", "--he", "-?", "-ih", "-h -i -i", "-c /nope -h", "-h status"):
        done = t.subject.client.run(words.split())
        found = sorted(word.replace("history-file", "history_file") for word in options.findall(done.out))
        t.record(words, (done.code, found, done.err))


@scenario(client_only=True)
def client_plugins(t):
    """A [ctlplugin:x] whose factory is Python's: svinstall names the section, skips it and does its work."""
    sv = t.serve("")
    for number, keys in enumerate(("supervisor.ctl_factory=no.such:thing\n", "", "other=1\n")):
        t.write("c.conf", f"[supervisorctl]\nserverurl=unix://%(here)s/s.sock\n[ctlplugin:mine]\n{keys}")
        t.record(f"plugin {number}", t.subject.client.run(["-c", t.path("c.conf"), "version"]))
    assert sv.process.poll() is None
