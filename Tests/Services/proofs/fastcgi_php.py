"""PHP behind [fcgi-program:x]: two processes share one listening socket and answer FastCGI requests."""

import os
import signal
import threading

import fastcgi
from proof import program, proof

SCRIPT = """<?php
header('X-Method: ' . $_SERVER['REQUEST_METHOD']);
if (isset($_GET['slow'])) { usleep(300000); }
echo getmypid(), ' says hello to ', $_GET['name'] ?? file_get_contents('php://input'), "\\n";
"""


def _program(t, socket, *keys):
    t.write("hello.php", SCRIPT)
    return "\n".join([
        "[fcgi-program:php]", f"command={program('php-cgi', 'php-cgi')} -n", f"socket={socket}",
        "process_name=%(program_name)s_%(process_num)d", "numprocs=2", "startsecs=1",
        'environment=PHP_FCGI_CHILDREN="0",PHP_FCGI_MAX_REQUESTS="0"', *keys, ""])


def _request(t, query="", body=b""):
    return {
        "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "POST" if body else "GET",
        "SCRIPT_FILENAME": t.path("hello.php"), "SCRIPT_NAME": "/hello.php", "QUERY_STRING": query,
        "REDIRECT_STATUS": "200", "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": str(len(body))}


def _serve(t, socket, *keys, **sections):
    sv = t.serve(_program(t, socket, *keys), **sections)
    sv.wait_all(**{"php:php_0": "RUNNING", "php:php_1": "RUNNING"})
    return sv


def _answers(t, sv, address):
    """What both kinds of request are answered with; both processes answer in the end."""
    status, headers, body, errors = fastcgi.ask(address, _request(t, "name=svinstall"))
    t.record("GET", f"{status} {headers.get('X-Method')} {body.split(' ', 1)[1]}{errors}")
    status, headers, body, errors = fastcgi.ask(address, _request(t, body=b"a body"), b"a body")
    t.record("POST", f"{status} {headers.get('X-Method')} {body.split(' ', 1)[1]}{errors}")
    pids = {sv.pid("php:php_0"), sv.pid("php:php_1")}
    answered = set()

    def both():
        answered.add(_who(t, address))
        return answered == pids

    # while one is busy the other one answers
    t.until(lambda: _busy(t, address, both), "both have answered")
    t.record("those who answered", f"{len(answered)}, all ours: {answered == pids}")


def _who(t, address, query="name=x"):
    return int(fastcgi.ask(address, _request(t, query))[2].split()[0])


def _busy(t, address, meanwhile):
    """Occupy one process with a slow request while something else is asked."""
    slow = threading.Thread(target=_who, args=(t, address, "slow=1&name=x"))
    slow.start()
    try:
        return meanwhile()
    finally:
        slow.join()


@proof("php-cgi")
def over_a_unix_socket(t):
    """Requests over a unix socket, whose mode is the configured one."""
    sv = _serve(t, "unix://%(here)s/php.sock", "socket_mode=0660")
    t.record("mode", t.mode("php.sock"))
    _answers(t, sv, t.path("php.sock"))
    sv.ctl("status")
    sv.stop()
    t.record("socket at the end", t.exists("php.sock"))


@proof("php-cgi")
def over_tcp(t):
    """Requests over TCP; the port is free again once the daemon has ended."""
    port = t.port()
    sv = _serve(t, f"tcp://127.0.0.1:{port}")
    _answers(t, sv, ("127.0.0.1", port))
    sv.stop()
    try:
        fastcgi.ask(("127.0.0.1", port), _request(t))
    except ConnectionRefusedError:
        t.record("port at the end", "closed")


@proof("php-cgi")
def one_dies_nobody_notices(t):
    """While one process is killed the socket stays and the other one answers; the killed one comes back."""
    sv = _serve(t, "unix://%(here)s/php.sock")
    inode, killed = os.stat(t.path("php.sock")).st_ino, sv.pid("php:php_0")
    os.kill(killed, signal.SIGKILL)
    # a request that the dying one has just taken is lost, whoever supervises it
    t.until(lambda: sv.pid("php:php_0") != killed, "its end is known")
    answers = [fastcgi.ask(t.path("php.sock"), _request(t, "name=x"))[0] for _ in range(20)]
    t.record("answers", " ".join(answers))
    sv.replaced("php:php_0", killed)
    t.record("socket", "the same" if os.stat(t.path("php.sock")).st_ino == inode else "another")
    sv.record_story("php_0", "php_1")


@proof("php-cgi")
def stopped_and_started(t):
    """With all its processes stopped nobody listens; the first one to start listens again."""
    sv = _serve(t, "unix://%(here)s/php.sock")
    sv.ctl("stop", "php:php_0")
    t.record("with one left", fastcgi.ask(t.path("php.sock"), _request(t, "name=x"))[0])
    sv.ctl("stop", "php:php_1")
    try:
        t.record("with none left", fastcgi.ask(t.path("php.sock"), _request(t, "name=x"))[0])
    except OSError as error:
        t.record("with none left", type(error).__name__)
    t.record("socket with none left", t.exists("php.sock"))
    sv.ctl("start", "php:php_1")
    t.record("answer of the second", fastcgi.ask(t.path("php.sock"), _request(t, "name=x"))[0])
    sv.ctl("restart", "php:*", order=sorted)
    t.record("answer of either", fastcgi.ask(t.path("php.sock"), _request(t, "name=x"))[0])
