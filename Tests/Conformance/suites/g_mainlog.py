"""G. The daemon's own log: its lines, where they go, who reads and clears it."""

import os

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
