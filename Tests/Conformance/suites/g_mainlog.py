"""G. The daemon's own log: its lines, where they go, who reads and clears it."""

import os
import re
import xmlrpc.client

from harness import rpc
from harness.registry import suite

scenario = suite("G")

SLEEP = "[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\nautostart=false\n"


def _lines(text):
    return "\n".join(line for line in text.splitlines() if "RLIMIT" not in line and "waiting for" not in line)


@scenario
def lines_of_a_life(t):
    """Every line from the start to the end of a daemon with one program."""
    sv = t.serve(SLEEP)
    sv.ask("startProcess", "a")
    sv.wait("a", "RUNNING")
    sv.ask("stopProcess", "a")
    sv.stop()
    t.record("log", _lines(sv.log()))
    t.record("standard output", _lines(t.read("d.out")))


@scenario(tier="all")
def silent(t):
    """silent=true and -s keep standard output empty; the log stays as it is."""
    for how, words, key in (("-s", ("-s",), ""), ("silent=true", (), "silent=true")):
        sv = t.serve(SLEEP, *words, daemon=key)
        sv.stop()
        t.record(f"{how}: standard output", t.read("d.out"))
        t.record(f"{how}: log", _lines(sv.log()))
        os.unlink(t.path("d.log"))


@scenario
def no_log_at_all(t):
    """logfile=/dev/null: lines still go to standard output."""
    sv = t.serve(SLEEP, daemon="logfile=/dev/null\nlogfile_maxbytes=0")
    sv.rpc("readLog", 0, 0)
    sv.stop()
    t.record("standard output", _lines(t.read("d.out")))


@scenario
def main_log_read_and_cleared(t):
    """readLog, maintail and clearLog; the cleared log goes on."""
    sv = t.serve(SLEEP)
    t.record("readLog", _lines(sv.ask("readLog", 0, 0)))
    sv.rpc("readLog", -1, 0)
    sv.rpc("clearLog")
    t.record("cleared", _lines(sv.log()))
    sv.ask("startProcess", "a")
    t.wait_for("d.log", "spawned")
    t.record("afterwards", _lines(sv.log()))
    os.unlink(t.path("d.log"))
    sv.rpc("clearLog")
    sv.rpc("readLog", 0, 0)


@scenario(tier="all")
def main_log_appends(t):
    """A second daemon goes on in the file of the first."""
    for _ in range(2):
        sv = t.serve(SLEEP)
        sv.stop()
    t.record("log", _lines(sv.log()))
    t.record("mode", t.mode("d.log"))


@scenario
def output_in_the_main_log(t):
    """loglevel=debug shows what programs write."""
    t.script("talk", "printf 'one\\ntwo\\n'; exec sleep 300\n")
    sv = t.serve("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=NONE\n",
                 daemon="loglevel=debug")
    t.wait_for("d.log", "two")
    lines = sv.log().splitlines()
    at = next(number for number, line in enumerate(lines) if "output:" in line)
    t.record("lines", "\n".join(lines[at:at + 3]))


def _call(method, *params):
    return rpc.request("POST", "/RPC2", xmlrpc.client.dumps(params, method).encode())


#: A request a line: what the log tells of it is the same in both, but for Python's tracebacks.
REQUESTS = {
    "a call": _call("supervisor.getState"),
    "a fault": _call("supervisor.getProcessInfo", "nobody"),
    "no such method": _call("a.b.c"),
    "several calls": _call("system.multicall", [
        {"methodName": "supervisor.getPID", "params": []}, {"methodName": "supervisor.x", "params": []}]),
    "no XML": rpc.request("POST", "/RPC2", b"<no"),
    "no method": rpc.request("POST", "/RPC2", b"<methodCall><params/></methodCall>"),
    "a page": rpc.request("GET", "/ok.html"),
    "no page": rpc.request("GET", "/nowhere?a=b"),
    "the word error": rpc.request("GET", "/an-error-of-mine"),
    "another verb": rpc.request("DELETE", "/RPC2"),
}


def _told(log):
    """The lines about requests, without their times; a body is shown up to its beginning."""
    found = re.findall(r"^\S+ \S+ ((?:TRAC|ERRO|CRIT) .*)$", log, re.MULTILINE)
    return [re.sub(r"\[\d\d/\w{3}/\d{4}:[\d:]{8} \+0000\]|(?<=started at ).*", "[time]", line) for line in found]


def _record_requests(t, level):
    sv = t.serve("", daemon=f"loglevel={level}")
    for request in REQUESTS.values():
        rpc.exchange(sv.address, request)
    sv.stop()
    t.record("log", "\n".join(_told(sv.log())))


@scenario
def requests_at_trace(t):
    """loglevel=trace tells of every call and every answer."""
    _record_requests(t, "trace")


@scenario(tier="all")
def requests_at_info(t):
    """Requests that are none are errors at any level."""
    _record_requests(t, "info")


@scenario(tier="all")
def requests_over_tcp_in_the_log(t):
    """A client's address and port are told."""
    port = t.port()
    sv = t.serve(f"[inet_http_server]\nport=127.0.0.1:{port}\n", daemon="loglevel=trace")
    rpc.exchange(("127.0.0.1", port), REQUESTS["a call"])
    t.until(lambda: "127.0.0.1:" in "".join(_told(sv.log())[-1:]) and '"POST' in _told(sv.log())[-1], "its line")
    t.record("line", re.sub(r"127\.0\.0\.1:\d+", "client", _told(sv.log())[-1]))
