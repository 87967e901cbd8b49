"""Ordinary servers as ordinary programs: nginx and redis, started, told to end, told to read again, killed."""

import os
import signal
import subprocess
import urllib.request

from proof import program, proof

NGINX = """
daemon off;
{user}worker_processes 2;
pid {here}/nginx.pid;
error_log {here}/nginx.log notice;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "{words}\\n"; }}
    }}
}}
"""


def _nginx(t, port, words="one"):
    user = "user root;\n" if os.geteuid() == 0 else ""
    return t.write("nginx.conf", NGINX.format(here=t.directory, port=port, words=words, user=user))


def _page(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return answer.read().decode().strip()
    except OSError:
        return None


def _serve_nginx(t, *keys):
    port = t.port()
    _nginx(t, port)
    sv = t.serve("\n".join([
        "[program:nginx]", f"command={program('nginx', 'nginx')} -c %(here)s/nginx.conf -e %(here)s/nginx.log",
        "startsecs=1", *keys, ""]))
    sv.wait("nginx", "RUNNING")
    t.until(lambda: _page(port) == "one", lambda: f"nginx answers: {t.read('nginx.log')}")
    return sv, port


def _workers(t):
    """The pids of nginx' workers."""
    master = t.read("nginx.pid").strip()
    with open(f"/proc/{master}/task/{master}/children", encoding="ascii") as file:
        return file.read().split()


@proof("nginx")
def nginx_ends_gracefully(t):
    """stopsignal=QUIT lets nginx finish its work: status 0, no worker is left, its pid file is gone."""
    sv, port = _serve_nginx(t, "stopsignal=QUIT")
    workers = _workers(t)
    t.record("pid file", int(t.read("nginx.pid")) == sv.pid("nginx"))
    sv.ctl("stop", "nginx")
    t.record("workers left", [pid for pid in workers if os.path.exists(f"/proc/{pid}")])
    t.record("pid file at the end", t.exists("nginx.pid"))
    t.record("page at the end", _page(port))
    sv.record_story("nginx")


@proof("nginx")
def nginx_reads_its_file_again(t):
    """supervisorctl signal HUP makes nginx serve its new configuration under the same pid."""
    sv, port = _serve_nginx(t)
    pid = sv.pid("nginx")
    _nginx(t, port, "two")
    sv.ctl("signal", "HUP", "nginx")
    t.until(lambda: _page(port) == "two", "the new page")
    t.record("pid", "the same" if sv.pid("nginx") == pid else "another")
    sv.ctl("restart", "nginx")
    t.until(lambda: _page(port) == "two", "the page after a restart")
    sv.ctl("status", "nginx")


@proof("nginx")
def nginx_ends_with_its_whole_group(t):
    """stopasgroup and killasgroup leave no worker behind when the daemon ends."""
    sv, _ = _serve_nginx(t, "stopasgroup=true", "killasgroup=true")
    workers = _workers(t)
    sv.stop()
    t.record("workers left", [pid for pid in workers if os.path.exists(f"/proc/{pid}")])


def _serve_redis(t, *keys):
    socket = t.path("r.sock")
    sv = t.serve("\n".join([
        "[program:redis]", f"command={program('redis', 'redis-server')} --port 0 --unixsocket {socket} --dir %(here)s "
        "--save '' --appendonly yes", "startsecs=1", "redirect_stderr=true", "stdout_logfile=%(here)s/redis.out",
        *keys, ""]))
    sv.wait("redis", "RUNNING")

    def ask(*words):
        return subprocess.run([program("redis", "redis-cli"), "-s", socket, *words], capture_output=True, text=True,
                              check=False, timeout=10).stdout.strip()

    t.until(lambda: ask("ping") == "PONG", "redis answers")
    return sv, ask


@proof("redis")
def redis_keeps_what_it_was_given(t):
    """stop lets redis write what it holds; after a start it has it again, and its log was kept."""
    sv, ask = _serve_redis(t)
    t.record("set", ask("set", "key", "value"))
    sv.ctl("stop", "redis")
    t.record("said goodbye", "bye bye" in t.read("redis.out"))
    sv.ctl("start", "redis")
    t.until(lambda: ask("ping") == "PONG", "redis answers again")
    t.record("get", ask("get", "key"))
    sv.ctl("restart", "redis")
    t.until(lambda: ask("ping") == "PONG", "redis answers again")
    t.record("get after a restart", ask("get", "key"))
    sv.record_story("redis")


@proof("redis")
def redis_comes_back(t):
    """Killed and told to shut down behind the daemon's back, redis is back each time."""
    sv, ask = _serve_redis(t, "autorestart=true")
    ask("set", "key", "value")
    for way in ("kill", "shutdown"):
        pid = sv.pid("redis")
        if way == "kill":
            os.kill(pid, signal.SIGKILL)
        else:
            ask("shutdown")
        with t.timed(f"back after {way}"):
            sv.replaced("redis", pid)
            t.until(lambda: ask("ping") == "PONG", "redis answers again")
        t.record(f"get after {way}", ask("get", "key"))
    sv.record_story("redis")
