"""prometheus-node-exporter's collector of supervisord: what a scrape tells of every program."""

import re
import subprocess
import urllib.request

from proof import program, proof

FIXTURE = """
[program:running]
command=/bin/sleep 1000
startsecs=0
[program:starting]
command=/bin/sleep 1000
startsecs=600
[program:stopped]
command=/bin/sleep 1000
autostart=false
[program:stopping]
command=/bin/sh -c "trap '' TERM; touch %(here)s/deaf; while :; do sleep 1; done"
startsecs=0
stopwaitsecs=600
[program:ended]
command=/bin/sh -c "exit 3"
autorestart=false
startsecs=0
[program:killed]
command=/bin/sh -c "kill -9 $$"
autorestart=false
startsecs=0
[program:fatal]
command=/bin/false
startsecs=600
startretries=0
[program:backoff]
command=/bin/false
startsecs=600
startretries=1000000
[group:many]
programs=one,two
[program:one]
command=/bin/sleep 1000
startsecs=0
[program:two]
command=/bin/sleep 1000
startsecs=600
"""

_METRIC = re.compile(r"^((?:# \w+ )?node_(?:supervisord_|scrape_collector_success).*)$", re.MULTILINE)
_MOMENT = re.compile(r"(start_time_seconds\{.*\}) [1-9][\d.e+]+$", re.MULTILINE)


def _serve(t, inet=""):
    t.config(FIXTURE + inet)
    sv = t.launch().ready()
    sv.wait_all(running="RUNNING", starting="STARTING", ended="EXITED", killed="EXITED", fatal="FATAL",
                stopping="RUNNING")
    sv.wait("many:one", "RUNNING")
    t.wait_for("deaf")
    sv.ask("stopProcess", "stopping", False)
    sv.wait("backoff", "BACKOFF")
    return sv


def _scrape(t, place):
    """The collector's lines, sorted; start times only as such."""
    port = t.port()
    with open(t.path("exporter.log"), "wb") as log:
        subprocess.Popen(
            [program("node-exporter", "prometheus-node-exporter"), "--collector.disable-defaults",
             "--collector.supervisord", f"--collector.supervisord.url={place}",
             f"--web.listen-address=127.0.0.1:{port}", "--web.disable-exporter-metrics"],
            cwd=t.directory, env=t.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    found = []

    def answered():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                found[:] = [answer.read().decode()]
        except OSError:
            return False
        # a program that is tried again and again counts once it waits for its next try
        return 'state{group="backoff",name="backoff"} 30' in found[0] or "node_supervisord_state" not in found[0]

    t.until(answered, lambda: f"a scrape: {t.read('exporter.log')[-1000:]}")
    return "\n".join(sorted(_MOMENT.sub(r"\1 MOMENT", line) for line in _METRIC.findall(found[0])))


@proof("node-exporter")
def over_tcp(t):
    """Over TCP every program's state, whether it is up, its exit status and its start."""
    port = t.port()
    _serve(t, f"[inet_http_server]\nport=127.0.0.1:{port}\n")
    t.record("metrics", _scrape(t, f"http://127.0.0.1:{port}/RPC2"))


@proof("node-exporter")
def over_a_unix_socket(t):
    """The same over a unix socket."""
    _serve(t)
    t.record("metrics", _scrape(t, f"unix://{t.path('s.sock')}"))


@proof("node-exporter")
def without_a_daemon(t):
    """Once the daemon has ended the collector says that it failed."""
    sv = _serve(t)
    sv.ask("signalProcess", "stopping", "KILL")
    sv.stop()
    t.record("metrics", _scrape(t, f"unix://{t.path('s.sock')}"))
