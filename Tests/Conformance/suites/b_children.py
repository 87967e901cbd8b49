"""B. What a program is given: lookup of its command, user, limits, descriptors, signals, environment."""

import os
import signal

from harness.registry import suite

scenario = suite("B")


@scenario(tier="all")
def command_lookup(t):
    """PATH is searched for the first entry of that name, which may be one that cannot run."""
    os.makedirs(t.path("first/folder"))
    os.makedirs(t.path("second"))
    t.write("first/plain", "")
    for name in ("folder", "plain", "good"):
        t.script(f"second/{name}", "exec sleep 300\n")
    t.script("here", "exec sleep 300\n")
    path = 'environment=PATH="%(here)s/first:%(here)s/none:%(here)s/second:/bin:/usr/bin"'
    commands = {
        "found": ("good", path), "folder": ("folder", path), "plain": ("plain", path),
        "elsewhere": ("good", ""), "emptypath": ("sleep 300", 'environment=PATH=""'),
        "relative": ("./here", ""), "moved": ("./here", "directory=/"), "nested": ("second/good", ""),
        "dot": (".", ""), "slash": ("/", ""), "through": ("%(here)s/first/plain/x", ""),
        "spaces": ("   %(here)s/here   ", ""), "tilde": ("~/here", ""),
    }
    sv = t.serve("".join(f"[program:{name}]\ncommand={command}\nstartsecs=1\nstartretries=0\n{keys}\n"
                         for name, (command, keys) in commands.items()))
    for name in commands:
        sv.wait(name, "RUNNING", "FATAL")
        info = sv.info(name)
        t.record(f"command of {name}", [info["statename"], info["spawnerr"]])
        sv.record_story(name)
        sv.ctl("start", name)


@scenario(tier="all")
def quoting_faults(t):
    """Commands that cannot be split into words, each with its reason."""
    lines = {
        "single": "/bin/echo 'a", "double": '/bin/echo "a', "escape": "/bin/echo a\\", "blank": "''",
        "quotes": '/bin/echo "it\'s" \'say "x"\'', "joined": "/bin/ec'ho' x", "comment": "/bin/echo ';' a",
    }
    sv = t.serve("".join(f"[program:{name}]\ncommand={line}\nstartsecs=0\nstartretries=0\nautorestart=false\n"
                         for name, line in lines.items()))
    for name in lines:
        sv.wait(name, "EXITED", "FATAL")
        info = sv.info(name)
        t.record(f"spawnerr of {name}", [info["statename"], info["spawnerr"]])
        if info["statename"] == "FATAL":
            # The answer for one that ends at once depends on when the reference looks.
            sv.ctl("start", name)
            sv.wait(name, "EXITED", "FATAL")


@scenario(needs_root=True)
def failures_under_another_user(t):
    """What the program's user may not do is said in its error log: directory, execution."""
    os.makedirs(t.path("closed"))
    t.script("closed/tool", "exec sleep 300\n")
    t.script("fine", "exec sleep 300\n")
    t.script("rootonly", "exec sleep 300\n")
    os.chmod(t.path("closed"), 0o700)
    os.chmod(t.path("rootonly"), 0o700)
    programs = {
        "cwd": "command=%(here)s/fine\ndirectory=%(here)s/closed",
        "tool": "command=%(here)s/closed/tool",
        "mode": "command=%(here)s/rootonly",
    }
    sv = t.serve("".join(f"[program:{name}]\n{keys}\nuser=nobody\nstartretries=0\n"
                         f"stderr_logfile=%(here)s/{name}.err\n" for name, keys in programs.items()))
    for name in programs:
        sv.wait(name, "FATAL")
        t.record(f"spawnerr of {name}", sv.info(name)["spawnerr"])
        t.record(f"stderr of {name}", t.read(f"{name}.err"))
        sv.record_story(name)


@scenario(needs_root=True)
def user_who_may_not_change(t):
    """A daemon without root's rights cannot become a program's user; its own is no change."""
    for name in (".", "logs"):
        os.chmod(t.path(name), 0o777)
    t.config("".join(f"[program:{name}]\ncommand=/bin/sleep 300\nuser={user}\nstartsecs=1\nstartretries=0\n"
                     f"stderr_logfile=%(here)s/{name}.err\n" for name, user in (("same", "nobody"), ("other", "root"))))
    t.write("d.conf", t.read("d.conf").replace("user=root", "user=nobody", 1))
    sv = t.launch().ready()
    sv.wait_all(same="RUNNING", other="FATAL")
    sv.record_info("other")
    t.record("stderr of other", t.read("other.err"))
    sv.stop()


@scenario(needs_root=True)
def user_by_number(t):
    """user= may be a number, and brings the user's groups."""
    t.script("who", 'id > "$1.part"; mv "$1.part" "$1"; exec sleep 300\n')
    os.mkdir(t.path("open"))
    os.chmod(t.path("open"), 0o777)
    t.serve("".join(f"[program:{name}]\ncommand=%(here)s/who %(here)s/open/{name}\nuser={user}\nstartsecs=0\n"
                    for name, user in (("number", "65534"), ("daemon", "daemon"), ("root", "0"))))
    for name in ("number", "daemon", "root"):
        t.wait_for(f"open/{name}")
        t.record(f"who {name} is", t.read(f"open/{name}"))


@scenario
def umasks(t):
    """umask= is octal; without it the daemon's own holds."""
    t.script("touch", ': > "$1"\n: > "$1.done"\nexec sleep 300\n')
    os.umask(0o027)
    t.serve("".join(f"[program:u{number}]\ncommand=%(here)s/touch %(here)s/made{number}\nstartsecs=0\n{keys}\n"
                    for number, keys in enumerate(("", "umask=000", "umask=077", "umask=22", "umask=0777"))))
    for number in range(4):
        t.wait_for(f"made{number}.done")
        t.record(f"mode {number}", t.mode(f"made{number}"))
    t.until(lambda: t.exists("made4") == "there", "the last")
    t.record("mode 4", t.mode("made4"))


def _status_of(t, name, *keys):
    """Lines of /proc/self/status as a program saw them."""
    return "".join(line + "\n" for line in t.read(name).splitlines() if line.startswith(keys))


LOOK = """
cat /proc/self/status > "$1.part"
ls -l /proc/self/fd | sed -n 's/.* \\([0-9]*\\) -> \\([a-z]*\\).*/\\1 \\2/p' >> "$1.part"
cat /proc/self/limits >> "$1.part"
mv "$1.part" "$1"
exec sleep 300
"""


@scenario
def signals_of_a_program(t):
    """A program starts with no signal blocked, even where the daemon was started with some."""
    t.script("look", LOOK)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGALRM, signal.SIGWINCH})
    try:
        sv = t.serve("[program:look]\ncommand=%(here)s/look %(here)s/seen\nstartsecs=0\n")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1, signal.SIGALRM, signal.SIGWINCH})
    t.wait_for("seen")
    sv.wait("look", "RUNNING")
    t.record("caught", _status_of(t, "seen", "SigCgt"))
    t.record("ignored", _status_of(t, "seen", "SigIgn"))
    sv.ctl("stop", "look")


@scenario
def descriptors_of_a_program(t):
    """A program has its three pipes and nothing of the daemon's or of whoever started that."""
    t.script("look", LOOK)
    given = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
    t.config("[program:look]\ncommand=%(here)s/look %(here)s/seen\nstartsecs=0\n"
             "[program:merged]\ncommand=%(here)s/look %(here)s/merged.seen\nstartsecs=0\nredirect_stderr=true\n")
    t.launch(pass_fds=given).ready()
    for name in ("seen", "merged.seen"):
        t.wait_for(name)
        t.record(f"descriptors in {name}", [line for line in t.read(name).splitlines()
                                            if line[:1].isdigit() and "pipe" in line])
        t.record(f"others in {name}", [line for line in t.read(name).splitlines()
                                       if line[:1].isdigit() and int(line.split()[0]) > 4])


@scenario(tier="all")
def server_url(t):
    """SUPERVISOR_SERVER_URL: the unix socket first, else the port, else absent; serverurl= overrides."""
    t.script("show", 'env | grep "^SUPERVISOR" | sort > "$0.$1.part"; mv "$0.$1.part" "$0.$1"; exec sleep 300\n')
    port = t.port()
    unix = "[unix_http_server]\nfile=%(here)s/s.sock\n"
    servers = {
        "unix": unix,
        "both": f"[inet_http_server]\nport=127.0.0.1:{port}\n" + unix,
        "inet": f"[inet_http_server]\nport=127.0.0.1:{port}\n",
        "anywhere": f"[inet_http_server]\nport=:{port}\n",
        "none": "",
    }
    user = "user=root\n" if os.geteuid() == 0 else ""
    for name, server in servers.items():
        t.write("d.conf", f"""{server}[supervisord]
logfile=%(here)s/d.log
pidfile=%(here)s/d.pid
childlogdir=%(here)s/logs
nodaemon=true
{user}[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:show]
command=%(here)s/show {name}
startsecs=0
[program:own]
command=%(here)s/show {name}.own
serverurl=http://example.invalid:9
startsecs=0
[program:auto]
command=%(here)s/show {name}.auto
serverurl=AUTO
startsecs=0
""")
        sv = t.launch()
        for which in (name, f"{name}.own", f"{name}.auto"):
            t.wait_for(f"show.{which}")
            t.record(f"environment: {which}", t.read(f"show.{which}"))
        sv.stop()


@scenario
def environment_layers(t):
    """The daemon's own environment, [supervisord] environment, the program's: the later wins."""
    t.script("show", 'env | grep "^[ABCDEX]_\\|^SUPERVISOR_PROCESS" | sort > "$0.$1.part"; mv "$0.$1.part" "$0.$1"\n'
             "exec sleep 300\n")
    t.serve("""
        [program:plain]
        command=%(here)s/show plain
        startsecs=0
        [program:own]
        command=%(here)s/show own
        startsecs=0
        environment=C_X="program",D_X="%(ENV_A_X)s-%(program_name)s-%(ENV_B_X)s",E_X="a,b;c='d'",
            X_X="%(here)s"
        [program:clash]
        command=%(here)s/show clash
        startsecs=0
        environment=SUPERVISOR_PROCESS_NAME=other
    """, daemon='environment=B_X="daemon",C_X="daemon"', env={"A_X": "inherited", "B_X": "inherited"})
    for name in ("plain", "own", "clash"):
        t.wait_for(f"show.{name}")
        t.record(f"environment of {name}", t.read(f"show.{name}"))


@scenario
def standard_input(t):
    """Standard input is a pipe that stays open; what a client sends comes through, to the living only."""
    t.script("reader", 'while read -r line; do echo "<$line>" >> "$0.got"; done\n: > "$0.eof"\nexec sleep 300\n')
    t.script("deaf", "exec 0<&-\n: > \"$0.ready\"\nexec sleep 300\n")
    sv = t.serve("[program:reader]\ncommand=%(here)s/reader\nstartsecs=0\n"
                 "[program:deaf]\ncommand=%(here)s/deaf\nstartsecs=0\n"
                 "[program:never]\ncommand=/bin/cat\nautostart=false\n")
    sv.wait_all(reader="RUNNING", deaf="RUNNING")
    t.wait_for("deaf.ready")
    sv.rpc("supervisor.sendProcessStdin", "reader", "one\ntwo\n")
    sv.rpc("supervisor.sendProcessStdin", "reader", "")
    sv.rpc("supervisor.sendProcessStdin", "reader", "pröp\n")
    t.wait_for("reader.got", "pr")
    t.record("got", t.read("reader.got"))
    t.record("end of input", t.exists("reader.eof"))
    sv.rpc("supervisor.sendProcessStdin", "deaf", "x\n")
    sv.rpc("supervisor.sendProcessStdin", "never", "x\n")
    sv.rpc("supervisor.sendProcessStdin", "nosuch", "x\n")


@scenario
def session_and_group(t):
    """Each process leads a group of its own in the daemon's session; grandchildren are in theirs."""
    t.script("family", "sleep 300 &\necho $! > \"$0.$1.part\"\nmv \"$0.$1.part\" \"$0.$1\"\nwait\n")
    sv = t.serve("".join(f"[program:{name}]\ncommand=%(here)s/family {name}\nstartsecs=0\n" for name in "ab"))
    daemon = sv.process.pid
    for name in "ab":
        leader = sv.wait(name, "RUNNING")["pid"]
        t.wait_for(f"family.{name}")
        child = int(t.read(f"family.{name}"))
        t.record(f"{name} leads its group", os.getpgid(leader) == leader)
        t.record(f"{name} is in the daemon's session", os.getsid(leader) == os.getsid(daemon))
        t.record(f"{name}'s child is in its group", os.getpgid(child) == leader)
    t.record("the daemon's group is another", os.getpgid(daemon) not in (sv.pid("a"), sv.pid("b")))
