"""G. Logs of programs: channels, rotation, names, clearing, odd bytes."""

import hashlib
import os
import time

from harness.registry import suite

scenario = suite("G")

ECHO = "[program:echo]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=%(here)s/echo.out\n"


class Lines:
    """Writes through cat one line at a time, each only when the one before is in the file, so that
    every server sees the same pieces."""

    def __init__(self, t, sv):
        self.t = t
        self.sv = sv
        self.count = 0

    def write(self, size=40):
        """Send a line of `size` bytes and wait until it has left the pipe."""
        self.count += 1
        line = f"line {self.count:04} ".ljust(size - 1, ".")
        self.sv.ask("sendProcessStdin", "echo", line + "\n")
        self.t.until(lambda: line in self._all(),
                     f"line {self.count} is logged")

    def files(self):
        """Name, size and line numbers of every log file, once two looks agree: a rotation is several steps."""
        last, now = None, self._look()
        while now is None or last != now:
            time.sleep(0.05)
            last, now = now, self._look()
        return now

    def _look(self):
        try:
            return self._list()
        except FileNotFoundError:
            return None

    def _list(self):
        found = []
        for name in sorted(os.listdir(self.t.directory)):
            if name.startswith("echo.out"):
                text = self.t.read(name)
                numbers = [line.split()[1] for line in text.splitlines() if line.startswith("line")]
                found.append(f"{name} {len(text)} {' '.join(numbers)}".rstrip())
        return "\n".join(found)

    def _all(self):
        try:
            return "".join(self.t.read(name) for name in os.listdir(self.t.directory)
                           if name.startswith("echo.out"))
        except FileNotFoundError:
            # renamed between the list and the look: the caller looks again
            return ""


def _rotated(t, keys, lines, size=40):
    sv = t.serve(ECHO + keys)
    sv.wait("echo", "RUNNING")
    writer = Lines(t, sv)
    for _ in range(lines):
        writer.write(size)
        t.record("files", writer.files())


@scenario
def rotation(t):
    """maxbytes and backups: when a file is full it becomes .1, the last one is dropped."""
    _rotated(t, "stdout_logfile_maxbytes=100\nstdout_logfile_backups=2\n", 11)


@scenario
def rotation_at_the_very_byte(t):
    """A file that is exactly full is rotated."""
    _rotated(t, "stdout_logfile_maxbytes=80\nstdout_logfile_backups=1\n", 5)


@scenario
def rotation_of_big_pieces(t):
    """A piece larger than maxbytes is written whole."""
    _rotated(t, "stdout_logfile_maxbytes=50\nstdout_logfile_backups=2\n", 4, size=200)


@scenario
def rotation_of_a_burst(t):
    """What a program writes at once goes into one file, up to all that a pipe holds, however small its limit."""
    for name, size in (("page", 4096), ("pipe", 65536)):
        t.write(name, "x" * (size - 1) + "\n")
        t.script(f"burst-{name}", f"dd if={t.path(name)} bs={size} count=1 2> /dev/null\nexec sleep 300\n")
    t.serve("".join(f"[program:{name}]\ncommand=%(here)s/burst-{name}\nstartsecs=0\nstdout_logfile=%(here)s/{name}.out\n"
                    "stdout_logfile_maxbytes=100\nstdout_logfile_backups=2\n" for name in ("page", "pipe")))
    for name in ("page", "pipe"):
        t.wait_for(f"{name}.out.1", "\n")
        t.until(lambda: t.exists(f"{name}.out") == "there" and _settled(t.path(f"{name}.out")), "settled")
        t.record(name, sorted(_sizes(t, f"{name}.out").items()))


@scenario
def no_rotation(t):
    """maxbytes=0: one file for ever."""
    _rotated(t, "stdout_logfile_maxbytes=0\nstdout_logfile_backups=2\n", 4)


def _sizes(t, prefix):
    """Size of every file of that beginning; a rotation is several steps, so look until two looks agree."""
    try:
        return {name: os.path.getsize(t.path(name)) for name in os.listdir(t.directory) if name.startswith(prefix)}
    except FileNotFoundError:
        # renamed between the list and the look: another look will tell
        return {}


def _settled(path):
    """Whether the file is the same after a moment."""
    try:
        before = os.stat(path)
        time.sleep(0.15)
        after = os.stat(path)
    except FileNotFoundError:
        return False
    return (before.st_size, before.st_ino) == (after.st_size, after.st_ino)


@scenario
def rotation_without_backups(t):
    """backups=0: a full file starts again from nothing."""
    sv = t.serve(ECHO + "stdout_logfile_maxbytes=100\nstdout_logfile_backups=0\n")
    sv.wait("echo", "RUNNING")
    for number in range(5):
        # the third line empties the file, so wait for its size and not for the line
        sv.ask("sendProcessStdin", "echo", f"line {number} ".ljust(39, ".") + "\n")
        t.until(lambda: sv.ask("tailProcessStdoutLog", "echo", 0, 1000) and _settled(t.path("echo.out")), "written")
        t.record("file", t.read("echo.out"))
    t.record("files", sorted(name for name in os.listdir(t.directory) if name.startswith("echo")))


@scenario
def bytes_untouched(t):
    """All byte values, no newline at the end, a megabyte: what was written is what is there."""
    t.script("bytes", r"""
        printf '\000\001\033[31mred\377\376\r\n\n\ttab'
        : > "$0.done"
        exec sleep 300
    """)
    t.script("much", """
        i=0
        while [ $i -lt 16384 ]; do
            echo "$i ........................................................."
            i=$((i + 1))
        done
        printf end
        : > "$0.done"
        exec sleep 300
    """)
    t.serve("".join(f"[program:{name}]\ncommand=%(here)s/{name}\nstartsecs=0\n"
                    f"stdout_logfile=%(here)s/{name}.out\nstdout_logfile_maxbytes=0\n"
                    for name in ("bytes", "much")))
    t.wait_for("bytes.out", "tab")
    t.wait_for("much.done")
    def tail():
        with open(t.path("much.out"), "rb") as file:
            return file.read()
    t.until(lambda: tail().endswith(b"end"), "all is written")
    t.record("much", (len(tail()), hashlib.sha256(tail()).hexdigest()))
    with open(t.path("bytes.out"), "rb") as file:
        t.record("bytes", repr(file.read()))


@scenario
def last_words(t):
    """What a program wrote before its end is in the log."""
    t.script("quick", "echo out; echo err >&2; printf last\n")
    sv = t.serve("[program:quick]\ncommand=%(here)s/quick\nstartsecs=0\nautorestart=false\n"
                 "stdout_logfile=%(here)s/quick.out\nstderr_logfile=%(here)s/quick.err\n")
    sv.wait("quick", "EXITED")
    t.wait_for("quick.out", "last")
    t.record("stdout", t.read("quick.out"))
    t.record("stderr", t.read("quick.err"))


@scenario(tier="all")
def redirected_errors(t):
    """redirect_stderr joins both channels; a stderr_logfile is then ignored, with a warning."""
    t.script("talk", 'echo one; echo two >&2; echo three; : > "$0.done"; exec sleep 300\n')
    sv = t.serve("""
        [program:talk]
        command=%(here)s/talk
        startsecs=0
        redirect_stderr=true
        stdout_logfile=%(here)s/talk.out
        [program:both]
        command=%(here)s/talk
        startsecs=0
        redirect_stderr=true
        stdout_logfile=%(here)s/both.out
        stderr_logfile=%(here)s/both.err
    """)
    for name in ("talk.out", "both.out"):
        t.wait_for(name, "three")
        t.record(name, t.read(name))
    t.record("both.err", t.exists("both.err"))
    t.record("warning", "\n".join(line[24:] for line in sv.log().splitlines() if "redirect" in line))
    sv.ctl("tail", "talk", "stderr")
    sv.record_info("talk", "both")


@scenario
def names_of_automatic_logs(t):
    """AUTO: name pattern, mode, made even for programs that do not start; old ones are deleted."""
    for name in ("old-stdout---supervisor-abcdefgh.log", "old---supervisor-abcdefgh.log.1",
                 "old-stderr---supervisor-abcdefgh.log.txt", "old-stdout---other-abcdefgh.log",
                 "unrelated.log"):
        t.write(f"logs/{name}", "old\n")
    t.serve("[program:off]\ncommand=/bin/sleep 300\nautostart=false\n")
    found = sorted(os.listdir(t.path("logs")))
    t.record("files", "\n".join(found))
    t.record("modes", {t.mode(f"logs/{name}") for name in found if name.startswith("off")})


@scenario
def kept_automatic_logs(t):
    """nocleanup=true keeps old AUTO logs."""
    t.write("logs/old-stdout---supervisor-abcdefgh.log", "old\n")
    t.serve("", daemon="nocleanup=true")
    t.record("files", "\n".join(sorted(os.listdir(t.path("logs")))))


@scenario
def named_logs(t):
    """Mode of a named log, appending to an old one, two programs in one file, several to NONE."""
    t.write("old.out", "from before\n")
    t.script("talk", 'echo "$1"; : > "$0.$1"; exec sleep 300\n')
    t.serve("".join(f"""
        [program:{name}]
        command=%(here)s/talk {name}
        startsecs=0
        stdout_logfile={log}
    """ for name, log in (("old", "%(here)s/old.out"), ("fresh", "%(here)s/fresh.out"),
                          ("shared1", "%(here)s/shared.out"), ("shared2", "%(here)s/shared.out"),
                          ("none", "NONE"), ("off", "off"))))
    for name in ("old", "fresh", "shared1", "shared2"):
        t.wait_for(f"{name.strip('12')}.out", name)
    t.record("old", t.read("old.out"))
    t.record("shared", sorted(t.read("shared.out").split()))
    t.record("mode", t.mode("fresh.out"))
    t.record("automatic", "\n".join(sorted(os.listdir(t.path("logs")))))


@scenario
def stripped_escapes(t):
    """strip_ansi removes escape sequences from logs."""
    t.script("talk", r"""
        printf 'a\033[1mbold\033[0m \033[31;42mcolour\033[K\033[2Jb\033[5Ac\n'
        printf 'd\033]title\007e\033(Bf\n'
        exec sleep 300
    """)
    t.serve("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nstdout_logfile=%(here)s/talk.out\n",
            daemon="strip_ansi=true")
    t.wait_for("talk.out", "f\n")
    t.record("log", repr(t.read("talk.out")))


@scenario(tier="all")
def cleared_and_cut(t):
    """clear empties and goes on; a file cut by others goes on at its new end; a deleted one is
    made again by clear."""
    sv = t.serve(ECHO)
    sv.wait("echo", "RUNNING")
    def say(word):
        sv.ask("sendProcessStdin", "echo", word + "\n")
    say("one")
    t.wait_for("echo.out", "one\n")
    sv.ctl("clear", "echo")
    t.record("cleared", repr(t.read("echo.out")))
    say("two")
    t.wait_for("echo.out", "two\n")
    os.truncate(t.path("echo.out"), 0)
    say("three")
    t.wait_for("echo.out", "three\n")
    t.record("cut", repr(t.read("echo.out")))
    os.unlink(t.path("echo.out"))
    say("four")
    sv.ctl("tail", "echo")
    sv.ctl("clear", "echo")
    t.record("made again", t.exists("echo.out"))
    say("five")
    t.wait_for("echo.out", "five\n")
    t.record("afterwards", t.read("echo.out").splitlines()[-1])


@scenario(tier="all")
def standard_output_of_the_daemon(t):
    """stdout_logfile=/dev/stdout with maxbytes=0 writes into the daemon's own output."""
    sv = t.serve("[program:echo]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile=/dev/stdout\n"
                 "stdout_logfile_maxbytes=0\n", "-s")
    sv.wait("echo", "RUNNING")
    sv.ask("sendProcessStdin", "echo", "through\n")
    t.wait_for("d.out", "through")
    t.record("its output", t.read("d.out"))
    sv.ctl("tail", "echo")


@scenario
def log_it_cannot_open(t):
    """A log in a place that cannot be opened: the program is not started, the daemon goes on."""
    os.mkdir(t.path("taken"))
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstdout_logfile=%(here)s/taken\n"
                 "startretries=0\n[program:b]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    sv.wait("b", "RUNNING")
    sv.wait("a", "FATAL")
    sv.ctl("status")
    sv.record_story("a")


@scenario(tier="all")
def levels_of_the_main_log(t):
    """loglevel decides what the main log holds."""
    t.script("quick", "exit 3\n")
    for level in ("info", "warn", "error", "critical"):
        sv = t.serve("[program:quick]\ncommand=%(here)s/quick\nstartsecs=0\nautorestart=false\n",
                     daemon=f"loglevel={level}")
        sv.wait("quick", "EXITED")
        sv.stop()
        # whether a program that ends at once is said to have entered RUNNING is chance
        t.record(f"log at {level}", "\n".join(line for line in sv.log().splitlines()
                                              if "RLIMIT" not in line and "success:" not in line))
        os.unlink(t.path("d.log"))


@scenario(tier="all")
def main_log_rotation(t):
    """logfile_maxbytes and logfile_backups of the main log."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\nautostart=false\n",
                 daemon="logfile_maxbytes=600\nlogfile_backups=2")
    for _ in range(8):
        sv.ask("startProcess", "a")
        sv.wait("a", "RUNNING")
        sv.ask("stopProcess", "a")
    sizes = {}
    while not sizes or sizes != _sizes(t, "d.log"):
        sizes = _sizes(t, "d.log")
        time.sleep(0.05)
    t.record("files", sorted(sizes))
    t.record("full ones", all(600 <= sizes[name] < 720 for name in sizes if name != "d.log"))


@scenario(tier="all")
def syslog_lines(t):
    """stdout_syslog=true leaves the file log as it is."""
    sv = t.serve(ECHO + "stdout_syslog=true\n")
    sv.wait("echo", "RUNNING")
    sv.ask("sendProcessStdin", "echo", "through\n")
    t.wait_for("echo.out", "through")
    t.record("file", t.read("echo.out"))
