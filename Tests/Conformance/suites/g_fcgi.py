"""G. FastCGI programs: the socket that they share."""

import os
import pwd
import socket
import time

from harness.registry import suite

scenario = suite("G")

# What a FastCGI server does with its standard input, without the protocol: says who answers.
RESPONDER = r"""
import fcntl, os, socket, stat, sys
listener = socket.socket(fileno=0)
blocking = not fcntl.fcntl(0, fcntl.F_GETFL) & os.O_NONBLOCK
listens = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
names = ("SUPERVISOR_ENABLED", "SUPERVISOR_PROCESS_NAME", "SUPERVISOR_GROUP_NAME", "SUPERVISOR_SERVER_URL")
print(stat.S_ISSOCK(os.fstat(0).st_mode), listener.family.name, listens, blocking, flush=True)
print([os.environ.get(name) for name in names], flush=True)
open(sys.argv[1] + "." + os.environ["SUPERVISOR_PROCESS_NAME"], "w").close()
while True:
    connection, _ = listener.accept()
    connection.sendall(os.environ["SUPERVISOR_PROCESS_NAME"].encode())
    connection.close()
"""

LINES = ("socket", "spawn", "exited", "stopped", "FATAL", "gave up")


def _section(t, name, *keys, process="%(program_name)s"):
    t.write("responder.py", RESPONDER)
    return "\n".join([f"[fcgi-program:{name}]", "command=python3 %(here)s/responder.py %(here)s/up",
                      f"process_name={process}", "startsecs=0", *keys, ""])


def _up(t, *names):
    """Wait until the processes have said that they are there, and forget it."""
    for name in names:
        t.wait_for(f"up.{name}")
        os.unlink(t.path(f"up.{name}"))


def _answer(address):
    """Who answers at a path or (host, port)."""
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as link:
        link.settimeout(5)
        link.connect(address)
        return link.recv(100).decode()


def _story(t, sv):
    """The main log's lines about sockets and processes."""
    t.record("log", "\n".join(line[24:] for line in sv.log().splitlines()
                              if any(word in line for word in LINES) and "waiting" not in line))


@scenario(tier="all")
def fcgi_on_a_unix_socket(t):
    """The socket is standard input, made at the first start, closed after the last, its file left behind."""
    sv = t.serve(_section(t, "f", "socket=unix://%(here)s/f.sock", "autostart=false",
                          "stdout_logfile=%(here)s/f.out"))
    t.record("before", t.exists("f.sock"))
    for _ in range(2):
        sv.ctl("start", "f")
        _up(t, "f")
        t.record("answers", _answer(t.path("f.sock")))
        t.record("mode", t.mode("f.sock"))
        sv.ctl("stop", "f")
        t.record("after", t.exists("f.sock"))
        try:
            t.record("answers", _answer(t.path("f.sock")))
        except OSError as error:
            t.record("nobody answers", type(error).__name__)
    t.record("child", t.read("f.out"))
    t.until(lambda: sv.log().count("Closing socket") == 3, "closed")
    _story(t, sv)


@scenario(tier="all")
def fcgi_on_a_tcp_socket(t):
    """tcp://host:port."""
    port = t.port()
    sv = t.serve(_section(t, "f", f"socket=tcp://127.0.0.1:{port}", "stdout_logfile=%(here)s/f.out"))
    _up(t, "f")
    t.record("answers", _answer(("127.0.0.1", port)))
    t.wait_for("f.out", "]\n")
    t.record("child", t.read("f.out"))
    sv.ctl("stop", "f")
    t.until(lambda: sv.log().count("Closing socket") == 2, "closed")
    _story(t, sv)


@scenario(tier="all")
def fcgi_by_name(t):
    """tcp://localhost:port is an IPv4 address; capitals in it are none."""
    port = t.port()
    t.serve(_section(t, "f", f"socket=tcp://LocalHost:{port}"))
    _up(t, "f")
    t.record("answers", _answer(("127.0.0.1", port)))


@scenario
def fcgi_shared_by_several(t):
    """numprocs: one socket for all of them; it stays until the last one has ended."""
    sv = t.serve(_section(t, "f", "socket=unix://%(here)s/f.sock", "numprocs=3",
                          process="%(program_name)s_%(process_num)d"))
    _up(t, "f_0", "f_1", "f_2")
    who = set()
    t.until(lambda: who.add(_answer(t.path("f.sock"))) or len(who) == 3, "all three answer")
    t.record("who answers", sorted(who))
    sv.ctl("stop", "f:f_0", "f:f_1")
    t.record("who is left", {_answer(t.path("f.sock")) for _ in range(3)})
    t.record("made", sv.log().count("Creating socket"))
    t.record("closed", sv.log().count("Closing socket"))
    sv.ctl("stop", "f:*")
    t.until(lambda: sv.log().count("Closing socket") == 2, "closed")
    sv.ctl("start", "f:f_1")
    _up(t, "f_1")
    t.record("who answers again", _answer(t.path("f.sock")))
    t.record("made again", sv.log().count("Creating socket"))


@scenario(tier="all")
def fcgi_restarts_with_its_child(t):
    """A child that ends alone takes the socket with it; the next one gets a new one at the same place."""
    sv = t.serve(_section(t, "f", "socket=unix://%(here)s/f.sock", "autorestart=true"))
    _up(t, "f")
    pid = sv.pid("f")
    os.kill(pid, 9)
    sv.replaced("f", pid)
    _up(t, "f")
    t.record("answers", _answer(t.path("f.sock")))
    t.until(lambda: sv.log().count("Creating socket") == 3, "made again")
    _story(t, sv)


@scenario(needs_root=True)
def fcgi_owner_and_mode(t):
    """socket_mode and socket_owner; without them 0700 and the program's user."""
    keys = {"a": ("socket_mode=0666", "socket_owner=nobody"), "b": ("socket_owner=nobody:root",),
            "c": ("user=nobody",), "d": ("socket_mode=0770",), "e": ("user=nobody", "socket_owner=root:root")}
    os.chmod(t.directory, 0o755)
    for name in keys:
        os.mkdir(t.path(name))
        os.chmod(t.path(name), 0o777)
    sections = "".join("\n".join([f"[fcgi-program:{name}]", "command=/bin/sleep 300", "startsecs=0",
                                  f"socket=unix://%(here)s/{name}/s", *extra, ""])
                       for name, extra in keys.items())
    sv = t.serve(sections)
    for name in keys:
        sv.wait(name, "RUNNING")
        status = os.stat(t.path(name, "s"))
        groups = "its group" if status.st_gid == pwd.getpwuid(status.st_uid).pw_gid else "another group"
        t.record(name, f"{t.mode(name + '/s')} {pwd.getpwuid(status.st_uid).pw_name} {groups}")


@scenario(tier="all")
def fcgi_backlog(t):
    """socket_backlog is what listen(2) gets."""
    port = t.port()
    t.write("show.py", "import socket, struct, sys\n"
            "info = socket.socket(fileno=0).getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)\n"
            "open(sys.argv[1], 'w').write(str(struct.unpack_from('I', info, 28)[0]))\n"
            "import time; time.sleep(300)\n")
    t.serve(f"[fcgi-program:f]\ncommand=python3 %(here)s/show.py %(here)s/backlog\nstartsecs=0\n"
            f"socket=tcp://127.0.0.1:{port}\nsocket_backlog=17\n")
    t.until(lambda: t.read("backlog"), "told")
    t.record("backlog", t.read("backlog"))


@scenario(tier="all")
def fcgi_standard_input(t):
    """Nobody can write to a FastCGI program's standard input."""
    sv = t.serve(_section(t, "f", "socket=unix://%(here)s/f.sock"))
    _up(t, "f")
    sv.rpc("sendProcessStdin", "f", "words\n")
    sv.ctl("stop", "f")
    sv.rpc("sendProcessStdin", "f", "words\n")
    sv.record_info("f")


@scenario(tier="all")
def fcgi_replaces_what_is_there(t):
    """A socket or a file of an earlier time makes room."""
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(t.path("socket"))
    t.write("file", "words\n")
    sv = t.serve(_section(t, "f", "socket=unix://%(here)s/socket") +
                 _section(t, "g", "socket=unix://%(here)s/file"))
    _up(t, "f", "g")
    for name in ("socket", "file"):
        t.record(name, _answer(t.path(name)))
    sv.stop()
    t.record("afterwards", (t.exists("socket"), t.exists("file")))


@scenario
def fcgi_in_a_group(t):
    """A group of FastCGI programs has no socket: they are programs like others."""
    sv = t.serve("[group:g]\nprograms=f\n[fcgi-program:f]\ncommand=/bin/cat\nstartsecs=0\n"
                 "socket=unix://%(here)s/f.sock\nstdout_logfile=%(here)s/f.out\n")
    sv.wait("g:f", "RUNNING")
    sv.rpc("sendProcessStdin", "g:f", "words\n")
    t.wait_for("f.out", "words")
    t.record("socket", t.exists("f.sock"))
    _story(t, sv)


@scenario(tier="all")
def fcgi_updated(t):
    """update with another socket: the old one is closed, the new one made."""
    sv = t.serve(_section(t, "f", "socket=unix://%(here)s/one.sock"))
    _up(t, "f")
    t.config(_section(t, "f", "socket=unix://%(here)s/two.sock"))
    sv.ctl("reread")
    sv.ctl("update")
    _up(t, "f")
    t.record("answers", _answer(t.path("two.sock")))
    t.until(lambda: sv.log().count("Creating socket") == 4, "all made")
    _story(t, sv)
    t.config("")
    sv.ctl("update")
    sv.ctl("status")


@scenario(tier="all")
def fcgi_that_cannot_be(t):
    """Sockets that cannot be made end the daemon's start."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        t.normaliser.add(f"127.0.0.1:{port}", "127.0.0.1:PORT")
        os.mkdir(t.path("directory"))
        for place in (f"tcp://127.0.0.1:{port}", "unix://%(here)s/missing/f.sock", "unix://%(here)s/directory",
                      "unix://%(here)s/" + "x" * 120, "tcp://nosuchhost.invalid:1"):
            t.config(f"[fcgi-program:f]\ncommand=/bin/sleep 300\nsocket={place}\n")
            sv = t.launch("-s")
            status = sv.ended()
            said = [line for line in sv.stderr().splitlines() if "Could not create" in line][-1]
            t.record(place, f"exit {status}\n{said.partition(': ')[2]}")
            os.unlink(t.path("d.err"))


@scenario(tier="all")
def fcgi_that_cannot_be_added(t):
    """add and update of a group whose socket cannot be made, and a start that finds its place gone."""
    sv = t.serve("[program:other]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    t.config("[program:other]\ncommand=/bin/sleep 300\nstartsecs=0\n"
             "[fcgi-program:f]\ncommand=/bin/sleep 300\nstartsecs=0\nstartretries=0\n"
             "socket=unix://%(here)s/missing/f.sock\n")
    sv.ask("reloadConfig")
    sv.rpc("addProcessGroup", "f")
    sv.ctl("status", order=lambda lines: [" ".join(line.split()[:2]) for line in lines])
    os.mkdir(t.path("missing"))
    sv.ctl("add", "f")
    sv.wait("f", "RUNNING")
    sv.ctl("stop", "f")
    os.rename(t.path("missing"), t.path("moved"))
    sv.rpc("startProcess", "f")
    time.sleep(0.1)
    os.rename(t.path("moved"), t.path("missing"))
    sv.ctl("start", "f")
    sv.wait_all(f="RUNNING", other="RUNNING")
