"""D. Logs as streams: what comes first, what follows, rotation, clearing, many followers."""

import os

from harness import rpc
from harness.registry import suite

scenario = suite("D")

TALK = """
[program:talk]
command=/bin/cat
startsecs=0
stdout_logfile=%(here)s/talk.out
redirect_stderr=true
"""


class Follower:
    """A client of one stream. Chunks are put together: where one ends is chance."""

    def __init__(self, sv, path):
        self.link = rpc.connect(sv.address)
        self.stream = self.link.makefile("rb")
        self.link.sendall(rpc.request("GET", path))
        self.answer = rpc.read_answer(self.stream, bodiless=True)
        self.text = b""

    def until(self, end):
        """Everything up to the given bytes, or up to the end of the stream."""
        while end not in self.text:
            size = int(self.stream.readline().split(b";")[0] or b"0", 16)
            if size == 0:
                break
            self.text += self.stream.read(size)
            self.stream.readline()
        before, found, self.text = self.text.partition(end)
        return (before + found).decode("utf-8", "backslashreplace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.link.close()


def _told(answer):
    return f"{answer.line}\n{answer.header('Content-Type')}"


def _say(sv, text):
    sv.ask("sendProcessStdin", "talk", text)


@scenario
def stream_sizes(t):
    """The last 1024 bytes come first, all of a shorter log."""
    blocks = []
    for size in (1, 1023, 1024, 1025, 5000):
        t.write(f"{size}.out", ("0123456789" * 500)[:size - 1] + "\n")
        blocks.append(f"[program:p{size}]\ncommand=/bin/sleep 300\nstartsecs=0\nstdout_logfile=%(here)s/{size}.out\n")
    sv = t.serve("".join(blocks))
    for size in (1, 1023, 1024, 1025, 5000):
        with Follower(sv, f"/logtail/p{size}") as follower:
            text = follower.until(b"\n")
            t.record(f"log of {size}", f"{len(text)} {text[:4]!r}")


@scenario
def stream_goes_on(t):
    """What the program writes comes to every follower, line by line and in bulk."""
    sv = t.serve(TALK)
    sv.wait("talk", "RUNNING")
    _say(sv, "first\n")
    t.wait_for("talk.out", "first")
    followers = [Follower(sv, "/logtail/talk") for _ in range(5)]
    for follower in followers:
        t.record("first", follower.until(b"first\n"))
    for text in ("second\n", "grüße 😀\n", "x" * 20000 + "\n"):
        _say(sv, text)
        for follower in followers:
            seen = follower.until(b"\n")
            t.record(text[:9].strip(), f"{len(seen)} {seen[:9]}")
    for follower in followers:
        follower.__exit__()
    t.record("still there", sv.ask("getState"))


@scenario
def stream_of_a_truncated_log(t):
    """A log that is emptied in its place: the stream says so and goes on."""
    t.write("talk.out", "old line\n" * 10)
    sv = t.serve("[program:talk]\ncommand=/bin/sleep 300\nstartsecs=0\nstdout_logfile=%(here)s/talk.out\n")
    with Follower(sv, "/logtail/talk") as follower:
        t.record("first", follower.until(b"old line\n" * 10))
        with open(t.path("talk.out"), "wb"):
            pass
        t.record("then", follower.until(b"<==\n"))
        with open(t.path("talk.out"), "ab") as log:
            log.write(b"new line\n")
        t.record("new", follower.until(b"new line\n"))
    t.record("still there", sv.ask("getState"))


@scenario
def stream_of_a_cleared_log(t):
    """clearProcessLogs: the stream goes on with the new file."""
    sv = t.serve(TALK)
    sv.wait("talk", "RUNNING")
    _say(sv, "before\n")
    t.wait_for("talk.out", "before")
    with Follower(sv, "/logtail/talk") as follower:
        t.record("before", follower.until(b"before\n"))
        sv.rpc("supervisor.clearProcessLogs", "talk")
        _say(sv, "after\n")
        t.record("after", follower.until(b"after\n"))


@scenario
def stream_over_a_rotation(t):
    """A log that reaches its size: the stream goes on with the new file."""
    sv = t.serve(TALK + "stdout_logfile_maxbytes=100\nstdout_logfile_backups=2\n")
    sv.wait("talk", "RUNNING")
    _say(sv, "begin\n")
    t.wait_for("talk.out", "begin")
    with Follower(sv, "/logtail/talk") as follower:
        follower.until(b"begin\n")
        _say(sv, "x" * 120 + "\n")
        t.until(lambda: t.exists("talk.out.1") == "there", "the rotation")
        _say(sv, "after\n")
        t.record("after", follower.until(b"after\n").endswith("after\n"))
    t.record("rotated", t.exists("talk.out.1"))


@scenario
def stream_of_a_renamed_log(t):
    """A log that somebody renames and USR2 opens anew."""
    sv = t.serve(TALK)
    sv.wait("talk", "RUNNING")
    _say(sv, "one\n")
    t.wait_for("talk.out", "one")
    with Follower(sv, "/logtail/talk") as follower:
        t.record("one", follower.until(b"one\n"))
        os.rename(
            t.path("talk.out"), t.path("talk.old"))
        sv.signal("USR2")
        t.until(lambda: t.exists("talk.out") == "there", "the new log")
        _say(sv, "two\n")
        t.record("two", follower.until(b"two\n"))


@scenario
def stream_of_the_main_log(t):
    """The daemon's own log, as it is written."""
    sv = t.serve("[program:off]\ncommand=/bin/sleep 300\nautostart=false\nstartsecs=0\n")
    with Follower(sv, "/mainlogtail") as follower:
        t.record("head", _told(follower.answer))
        follower.until(b"supervisord started with pid")
        sv.ask("startProcess", "off")
        t.record("start", "spawned" in follower.until(b"spawned: 'off'"))
        sv.ask("stopProcess", "off")
        t.record("stop", "stopped" in follower.until(b"stopped: off"))


@scenario
def stream_addresses(t):
    """Which addresses are streams: channels, groups, encoded names; the others are not found."""
    t.script("talk", "echo out; echo err >&2; exec sleep 300\n")
    sv = t.serve("""
        [program:my talk]
        command=/bin/true
        autostart=false
        [group:grp]
        programs=talk
        [program:talk]
        command=%(here)s/talk
        startsecs=0
        stdout_logfile=%(here)s/talk.out
        stderr_logfile=%(here)s/talk.err
        [program:joined]
        command=%(here)s/talk
        startsecs=0
        redirect_stderr=true
        stdout_logfile=%(here)s/joined.out
    """.replace("[program:my talk]", "[program:mine]"))
    t.wait_for("talk.out", "out")
    t.wait_for("talk.err", "err")
    t.wait_for("joined.out", "err")
    for path in ("/logtail/grp:talk", "/logtail/grp%3Atalk/stdout", "/logtail/grp:talk/stderr", "/logtail/joined",
                 "//logtail/joined", "/logtailx/joined", "/logtail/joined?x=1", "/logtail/joined#x", "/mainlogtail/x",
                 "/mainlogtailx"):
        with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
            link.sendall(rpc.request("GET", path))
            t.record(path, _told(rpc.read_answer(stream, bodiless=True)))
    for path in ("/logtail/talk", "/logtail/grp", "/logtail/grp:", "/logtail/grp:*", "/logtail/joined/stderr",
                 "/logtail/joined/", "/logtail/joined/stdin", "/logtail/joined/stdout/x", "/logtail/", "/logtail",
                 "/logtail/zz/stdout", "/logtail/..%2Fd.log", "/logtail/talk:grp"):
        answer, = rpc.exchange(sv.address, rpc.request("GET", path))
        t.record(path, _told(answer))


@scenario
def stream_behind_a_password(t):
    """Streams ask for it too."""
    sv = t.serve("", login=("me", "secret"))
    for field, headers in {"without": [], "wrong": [rpc.authorization("me", "x")],
                           "right": [rpc.authorization("me", "secret")]}.items():
        with rpc.connect(sv.address) as link, link.makefile("rb") as stream:
            link.sendall(rpc.request("GET", "/mainlogtail", headers=headers))
            t.record(field, _told(rpc.read_answer(stream, bodiless=True)))


@scenario
def stream_with_a_log_that_comes_later(t):
    """A log that is not there yet is not found; once the program has written, it is."""
    sv = t.serve("[program:late]\ncommand=/bin/sh -c 'echo words; exec sleep 300'\nautostart=false\nstartsecs=0\n"
                 "stdout_logfile=%(here)s/late.out\n")
    answer, = rpc.exchange(sv.address, rpc.request("GET", "/logtail/late"))
    t.record("before", _told(answer))
    sv.ask("startProcess", "late")
    t.wait_for("late.out", "words")
    with Follower(sv, "/logtail/late") as follower:
        t.record("after", follower.until(b"words\n"))


@scenario
def stream_with_a_slow_follower(t):
    """A follower that does not read holds up neither the program nor other clients, and misses nothing."""
    t.script("flood", "read go; seq 1 200000; echo end; exec cat\n")
    sv = t.serve("[program:talk]\ncommand=%(here)s/flood\nstartsecs=0\nstdout_logfile=%(here)s/talk.out\n"
                 "stdout_logfile_maxbytes=0\n")
    sv.wait("talk", "RUNNING")
    with Follower(sv, "/logtail/talk") as lazy, Follower(sv, "/logtail/talk") as busy:
        _say(sv, "go\n")
        t.record("busy", len(busy.until(b"end\n")))
        t.record("meanwhile", sv.ask("getState"))
        t.record("lazy", len(lazy.until(b"end\n")))
