"""G. Log files that are rotated, renamed, cut, removed and cleared."""

import os
import time

from harness.registry import suite
from suites.g_logs import Lines

scenario = suite("G")

ECHO = "[program:echo]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/echo.out\n"


def _echo(t, keys="", **sections):
    sv = t.serve(ECHO + keys, **sections)
    sv.wait("echo", "RUNNING")
    return sv


def _say(t, sv, word, name="echo.out"):
    """One line through cat; waits until the file has it."""
    sv.ask("sendProcessStdin", "echo", word + "\n")
    t.wait_for(name, word + "\n")


def _table(t, rows, lines):
    """One cat for each (maxbytes, backups); each gets `lines` lines of 40 bytes, one by one."""
    programs = "".join(
        f"[program:p{number}]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/p{number}.out\n"
        f"stdout_logfile_maxbytes={size}\nstdout_logfile_backups={backups}\n"
        for number, (size, backups) in enumerate(rows))
    sv = t.serve(programs)
    for number in range(len(rows)):
        sv.wait(f"p{number}", "RUNNING")
    for line in range(lines):
        word = f"line {line:02} ".ljust(39, ".")
        for number in range(len(rows)):
            sv.ask("sendProcessStdin", f"p{number}", word + "\n")
        for number in range(len(rows)):
            t.until(lambda: any(word in t.read(name) for name in os.listdir(t.directory)
                                if name.startswith(f"p{number}.out")), f"line {line} of p{number}")
    for number, row in enumerate(rows):
        t.record(f"maxbytes={row[0]} backups={row[1]}", _steady(lambda: _listing(t, f"p{number}.out")))


def _listing(t, prefix):
    """Name, size and line numbers of every file of that beginning."""
    found = []
    for name in sorted(os.listdir(t.directory)):
        if name.startswith(prefix):
            text = t.read(name)
            found.append(f"{name} {len(text)} {' '.join(line.split()[1] for line in text.splitlines())}")
    return "\n".join(found)


def _steady(look):
    """What two looks in a row agree on: a rotation is several steps."""
    last, now = None, look()
    while last != now:
        time.sleep(0.1)
        last, now = now, look()
    return now


@scenario
def rotation_table(t):
    """Sizes and numbers of backups against each other, 10 lines of 40 bytes."""
    _table(t, [(1, 1), (40, 1), (41, 2), (80, 3), (100, 1), (100, 5), (399, 1), (400, 1), (401, 1)], 10)


@scenario(tier="all")
def rotation_in_units(t):
    """1KB and 1MB are 1024 and 1048576 bytes."""
    _table(t, [("1KB", 1), ("1MB", 1), ("1kb", 2)], 27)


@scenario
def rotation_meets_old_files(t):
    """A file that was too long before, and backups of a time with more of them."""
    t.write("echo.out", "old " * 50 + "\n")
    for number in range(1, 5):
        t.write(f"echo.out.{number}", f"backup {number}\n")
    sv = _echo(t, "stdout_logfile_maxbytes=100\nstdout_logfile_backups=2\n")
    sv.ask("sendProcessStdin", "echo", "new\n")
    t.until(lambda: os.path.exists(t.path("echo.out")) and "new" in t.read("echo.out.1"), "rotated")
    for name in sorted(os.listdir(t.directory)):
        if name.startswith("echo.out"):
            t.record(name, t.read(name))


@scenario
def rotation_of_the_error_log(t):
    """stderr has its own size and number."""
    t.script("talk", "while read line; do echo \"$line\" >&2; done\n")
    sv = t.serve("[program:echo]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=NONE\n"
                 "stderr_logfile=%(here)s/echo.out\nstderr_logfile_maxbytes=100\nstderr_logfile_backups=1\n")
    sv.wait("echo", "RUNNING")
    writer = Lines(t, sv)
    for _ in range(7):
        writer.write()
    t.record("files", writer.files())


@scenario(tier="all")
def rotation_of_automatic_logs(t):
    """AUTO logs rotate too; the next start of the daemon deletes their backups with them."""
    sv = t.serve("[program:echo]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile_maxbytes=100\n"
                 "stdout_logfile_backups=1\nstderr_logfile=NONE\n")
    sv.wait("echo", "RUNNING")
    def sizes():
        return sorted(os.path.getsize(t.path("logs", name)) for name in os.listdir(t.path("logs")))
    for number in range(4):
        sv.ask("sendProcessStdin", "echo", f"line {number} ".ljust(39, ".") + "\n")
        t.until(lambda: sum(sizes()) == 40 * (number + 1), "written")
    t.record("names", "\n".join(sorted(os.listdir(t.path("logs")))))
    t.record("sizes", sizes())
    sv.stop()
    t.record("afterwards", "\n".join(sorted(os.listdir(t.path("logs")))))
    sv = t.launch().ready()
    sv.wait("echo", "RUNNING")
    t.record("next time", "\n".join(sorted(os.listdir(t.path("logs")))))
    t.record("sizes next time", sizes())


@scenario
def renamed_and_reopened(t):
    """What logrotate does: after the rename the old file is written, after USR2 a new one."""
    sv = _echo(t)
    _say(t, sv, "one")
    os.rename(t.path("echo.out"), t.path("moved"))
    _say(t, sv, "two", "moved")
    t.record("before USR2", t.exists("echo.out"))
    sv.signal("USR2")
    t.wait_for("echo.out")
    _say(t, sv, "three")
    t.record("moved", t.read("moved"))
    t.record("new", t.read("echo.out"))
    t.record("main log", "\n".join(line[24:] for line in sv.log().splitlines() if "reopen" in line))


@scenario
def reopened_in_place(t):
    """USR2 without a rename appends; every program's logs are reopened."""
    sv = t.serve(ECHO + "[program:other]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/other.out\n")
    sv.wait_all(echo="RUNNING", other="RUNNING")
    _say(t, sv, "one")
    os.unlink(t.path("other.out"))
    sv.signal("USR2")
    t.wait_for("other.out")
    _say(t, sv, "two")
    t.record("echo.out", t.read("echo.out"))
    t.record("other.out", repr(t.read("other.out")))


@scenario(tier="all")
def removed_while_in_use(t):
    """A removed file is not made again by writing; the program's next start makes it."""
    sv = _echo(t)
    _say(t, sv, "one")
    os.unlink(t.path("echo.out"))
    sv.ask("sendProcessStdin", "echo", "two\n")
    sv.ctl("tail", "echo")
    t.record("after writing", t.exists("echo.out"))
    sv.ctl("restart", "echo")
    t.wait_for("echo.out")
    _say(t, sv, "three")
    t.record("file", t.read("echo.out"))


@scenario
def removed_and_rotated(t):
    """A removed file's rotation makes a new one."""
    sv = _echo(t, "stdout_logfile_maxbytes=100\nstdout_logfile_backups=1\n")
    _say(t, sv, "one ".ljust(60, "."))
    os.unlink(t.path("echo.out"))
    sv.ask("sendProcessStdin", "echo", "two ".ljust(60, ".") + "\n")
    t.wait_for("echo.out")
    _say(t, sv, "three")
    t.record("files", sorted(name for name in os.listdir(t.directory) if name.startswith("echo.out")))
    t.record("file", t.read("echo.out"))


@scenario
def cut_and_rotated(t):
    """A file cut from outside is rotated when its new content is long enough."""
    sv = _echo(t, "stdout_logfile_maxbytes=100\nstdout_logfile_backups=1\n")
    _say(t, sv, "one ".ljust(79, "."))
    os.truncate(t.path("echo.out"), 0)
    _say(t, sv, "two ".ljust(39, "."))
    t.record("after the cut", (t.read("echo.out"), t.exists("echo.out.1")))
    _say(t, sv, "three ".ljust(69, "."), "echo.out.1")
    t.record("backup", t.read("echo.out.1"))


@scenario
def clear_and_backups(t):
    """clear empties the file in use and leaves backups alone."""
    sv = _echo(t, "stdout_logfile_maxbytes=50\nstdout_logfile_backups=2\n")
    for number in range(3):
        sv.ask("sendProcessStdin", "echo", f"line {number} ".ljust(39, ".") + "\n")
        t.until(lambda: any(f"line {number}" in t.read(name) for name in os.listdir(t.directory)
                            if name.startswith("echo.out")), "written")
    t.wait_for("echo.out.1")
    sv.rpc("clearProcessLogs", "echo")
    for name in sorted(os.listdir(t.directory)):
        if name.startswith("echo.out"):
            t.record(name, t.read(name))


@scenario(tier="all")
def clear_in_every_state(t):
    """clear of programs that never ran, have ended, write nowhere, or are unknown."""
    t.script("quick", "echo words; exit 0\n")
    sv = t.serve("""
        [program:never]
        command=/bin/sleep 300
        autostart=false
        [program:quick]
        command=%(here)s/quick
        startsecs=0
        autorestart=false
        stdout_logfile=%(here)s/quick.out
        [program:none]
        command=/bin/sleep 300
        startsecs=0
        stdout_logfile=NONE
        stderr_logfile=NONE
    """)
    sv.wait_all(quick="EXITED", none="RUNNING")
    t.wait_for("quick.out", "words")
    for name in ("never", "quick", "none", "unknown"):
        sv.ctl("clear", name)
        sv.rpc("clearProcessLogs", name)
    t.record("quick.out", repr(t.read("quick.out")))
    sv.ctl("clear", "all", order=sorted)


@scenario
def shared_by_two(t):
    """Two programs in one file: both go on after a clear and after USR2."""
    both = "".join(f"[program:{name}]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/echo.out\n"
                   "stdout_logfile_maxbytes=0\n" for name in ("echo", "other"))
    sv = t.serve(both)
    sv.wait_all(echo="RUNNING", other="RUNNING")
    def say(name, word):
        sv.ask("sendProcessStdin", name, word + "\n")
        t.wait_for("echo.out", word + "\n")
    say("echo", "one")
    say("other", "two")
    t.record("both", t.read("echo.out"))
    sv.signal("USR2")
    t.until(lambda: "logreopen" in sv.log() or "reopen" in sv.log(), "reopened")
    say("other", "three")
    say("echo", "four")
    t.record("after USR2", t.read("echo.out"))


@scenario
def main_log_without_backups(t):
    """logfile_backups=0: the main log stays within its size."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\nautostart=false\n",
                 daemon="logfile_maxbytes=600\nlogfile_backups=0")
    for _ in range(8):
        sv.ask("startProcess", "a")
        sv.wait("a", "RUNNING")
        sv.ask("stopProcess", "a")
    t.record("no longer than", os.path.getsize(t.path("d.log")) < 700)
    t.record("files", sorted(name for name in os.listdir(t.directory) if name.startswith("d.log")))


@scenario
def main_log_renamed_and_reopened(t):
    """USR2 reopens the main log; that it does stands in the old file."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\nautostart=false\n")
    os.rename(t.path("d.log"), t.path("moved.log"))
    sv.ask("startProcess", "a")
    t.wait_for("moved.log", "spawned: 'a'")
    t.record("before USR2", t.exists("d.log"))
    sv.signal("USR2")
    t.wait_for("d.log")
    sv.wait("a", "RUNNING")
    sv.ask("stopProcess", "a")
    t.wait_for("d.log", "stopped: a")
    t.record("old", "\n".join(line[24:] for line in t.read("moved.log").splitlines()
                              if "RLIMIT" not in line and "waiting" not in line))
    t.record("new", "\n".join(line[24:] for line in sv.log().splitlines() if "waiting" not in line))
