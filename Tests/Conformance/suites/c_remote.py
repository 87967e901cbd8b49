"""C. supervisorctl and daemons elsewhere: URLs, names and passwords, daemons that are not there."""

import os
import socket

from harness.programs import sleeper
from harness.registry import suite

scenario = suite("C")

RUN = sleeper("run")


def _tcp(t, keys=""):
    """A daemon that listens on TCP too; its port."""
    port = t.port()
    sv = t.serve(f"{RUN}[inet_http_server]\nport=127.0.0.1:{port}\n{keys}")
    sv.wait("run", "RUNNING")
    return sv, port


@scenario(tier="all")
def remote_url_forms(t):
    """Ways to write one address."""
    sv, port = _tcp(t)
    for url in (f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/RPC2",
                f"http://127.0.0.1:{port}/nothing/there?x#y", f"http://localhost:{port}",
                f"http://someone:secret@127.0.0.1:{port}", f"unix://{t.path('s.sock')}"):
        for words in ("status", "pid zz", "tail zz"):
            sv.ctl("-s", url, *words.split(), field=f"-s {url} {words}")


@scenario(tier="all")
def remote_url_in_the_file(t):
    """serverurl= of every kind."""
    sv, port = _tcp(t)
    for url in (f"http://127.0.0.1:{port}", f"unix://{t.path('s.sock')}", "unix://%(here)s/s.sock",
                "unix://%(here)s/./x/../s.sock", "unix://%(ENV_HOME)s/s.sock", "foo", "foo://bar", "http",
                "https://127.0.0.1:1", "unix:s.sock", "http://127.0.0.1:1", ""):
        t.write("c.conf", f"[supervisorctl]\nserverurl={url}\n")
        outcome = t.subject.client.run(["-c", t.path("c.conf"), "version"],
                                       environment={"HOME": t.directory})
        t.record(f"serverurl={url}", outcome)
    assert sv.process.poll() is None


@scenario(tier="all", client_only=True)
def remote_refused_urls(t):
    """URLs that -s refuses, and those that fail later."""
    t.config("")
    for url in ("foo", "", ":", "http:", "http://", "unix://", "foo:", "foo:bar", "://x", "http//x", "1http://x",
                "https://127.0.0.1:1", "http://[::1", "http://::1]", "unix:relative", "http:/x", "HTTP://127.0.0.1:1",
                "http://127.0.0.1:x", "http://127.0.0.1:70000", "it's://"):
        t.record(f"-s {url}", t.subject.client.run(["-c", t.path("d.conf"), "-s", url, "version"]))


@scenario(tier="all", seconds=240, client_only=True)
def remote_nobody_there(t):
    """Every command without a socket file, with a dead one, without a TCP server."""
    t.config("")
    dead = f"http://127.0.0.1:{t.port()}"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(t.path("left.sock"))
    with socket.socket(socket.AF_UNIX) as inside:
        inside.bind(t.path("file.sock"))
    os.unlink(t.path("file.sock"))
    t.write("file.sock", "text")
    for path in ("left.sock", "file.sock", "file.sock/below"):
        for words in ("status", "start a", "avail", "shutdown"):
            url = f"unix://{t.path(path)}"
            t.record(f"{url}: {words}",
                     t.subject.client.run(["-c", t.path("d.conf"), "-s", url, *words.split()]))
    for url in (dead, f"unix://{t.path('none.sock')}"):
        for words in ("status", "status a", "start", "start a", "stop a", "restart a", "signal HUP a", "pid", "pid a",
                      "tail a", "tail -f a", "tail", "maintail", "maintail -f", "clear a", "clear all", "fg a", "fg",
                      "reread", "update", "add a", "add", "remove a", "avail", "version", "version x", "shutdown",
                      "reload", f"open {url}", "help status"):
            t.record(f"{url}: {words}",
                     t.subject.client.run(["-c", t.path("d.conf"), "-s", url, *words.split()]))


@scenario(tier="all", seconds=120)
def remote_passwords_in_the_file(t):
    """username= and password= of [supervisorctl]; the command line goes before them."""
    sv, port = _tcp(t, "username=me\npassword=secret\n")
    for keys in ("username=me\npassword=secret\n", "username=me\npassword=wrong\n", "username=me\n",
                 "password=secret\n", ""):
        t.write("c.conf", f"[supervisorctl]\nserverurl=http://127.0.0.1:{port}\n{keys}")
        for words in ("version", "-u me -p secret version", "-u me -p wrong version", "-u you version",
                      "-p secret version", "-p wrong version"):
            t.record(f"{keys.split()}: {words}",
                     t.subject.client.run(["-c", t.path("c.conf"), *words.split()]))
    assert sv.process.poll() is None


@scenario(tier="all", seconds=120)
def remote_wrong_password(t):
    """Every command with a wrong password."""
    sv, port = _tcp(t, "username=me\npassword=secret\n")
    for words in ("status", "start run", "stop run", "restart run", "signal HUP run", "pid", "tail run", "maintail",
                  "clear run", "fg run", "reread", "update", "add run", "remove run", "avail", "version",
                  "shutdown", "reload", "tail -f run", "maintail -f", "help pid", "nonsense", "start", "version x"):
        sv.ctl("-s", f"http://127.0.0.1:{port}", "-u", "me", "-p", "wrong", *words.split(), field=words)
    t.record("state", sv.info("run")["statename"])


@scenario(tier="all")
def remote_odd_passwords(t):
    """Passwords with colons, blanks and umlauts; an empty one."""
    for password in ("a:b:c", "two words", "gr\u00fcn", "x" * 200):
        sv = t.serve(RUN, login=("me", password))
        sv.ctl("-u", "me", "-p", password, "version", field=f"right: {password}")
        sv.ctl("-u", "me", "-p", password + "x", "version", field=f"wrong: {password}")
        sv.signal("TERM")
        sv.ended()


@scenario(tier="all")
def remote_streams(t):
    """tail -f and maintail -f over TCP, with name and password."""
    sv, port = _tcp(t, "username=me\npassword=secret\n")
    url = f"http://127.0.0.1:{port}"
    login = ("-s", url, "-u", "me", "-p", "secret")
    shown = sv.client(*login, "maintail", "-f", until="entered RUNNING")
    t.record("maintail -f", (shown.code, shown.out.splitlines()[0]))
    sv.ctl(*login, "tail", "-f", "zz", field="tail -f zz")
    sv.ctl(*login, "tail", "-f", "run", "stdin", field="tail -f run stdin")
    sv.ctl("-s", url, "tail", "-f", "run", field="tail -f run without a password")


@scenario(tier="all")
def remote_socket_without_permission(t):
    """A socket whose mode shuts other users out still lets its owner in; one that is a directory."""
    sv = t.serve(RUN, unix="chmod=0600\n")
    sv.ctl("version")
    sv.ctl("-s", f"unix://{t.directory}", "version", field="a directory")
    sv.ctl("-s", f"unix://{t.path('d.conf')}", "version", field="a file")
    sv.ctl("-s", "unix:///" + "x" * 200, "version", field="a path that is too long")
