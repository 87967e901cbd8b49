"""G. Where programs' output goes: descriptors of the daemon, pipes, terminals, odd paths, names."""

import fcntl
import os
import pty
import socket
import subprocess
import tty

from harness.registry import suite

scenario = suite("G")

OUT = "[program:echo]\ncommand=/bin/cat\nstartsecs=0\nstdout_logfile={}\nstdout_logfile_maxbytes={}\n"


class Reader:
    """The reading end of something that a server gets as a descriptor."""

    def __init__(self, end, other):
        self.end = end
        self.other = other
        self.seen = b""
        os.set_blocking(end, False)
        self.flags = self._flags()

    def _flags(self):
        return fcntl.fcntl(self.other, fcntl.F_GETFL)

    def read(self):
        """Everything so far."""
        try:
            while piece := os.read(self.end, 65536):
                self.seen += piece
        except BlockingIOError:
            pass
        return self.seen.decode("utf-8", "backslashreplace")

    def untouched(self):
        """Whether the other end's flags, O_NONBLOCK among them, are as they were."""
        return self._flags() == self.flags


def _pipe():
    return Reader(*os.pipe())


def _pair():
    ours, theirs = socket.socketpair()
    return Reader(ours.detach(), theirs.detach())


def _terminal():
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    return Reader(ours, theirs)


def _through(t, reader, path, maxbytes, **surroundings):
    """Send lines through cat to `path` and record what came out and how everybody fares."""
    t.config(OUT.format(path, maxbytes))
    sv = t.launch("-s", **surroundings).ready()
    sv.wait("echo", "RUNNING")
    sv.ask("sendProcessStdin", "echo", "one\n")
    t.until(lambda: "one\n" in reader.read(), "the first line")
    for word in ("two", "three"):
        sv.ask("sendProcessStdin", "echo", word + "\n")
    t.until(lambda: "three\n" in reader.read() or maxbytes, "the last line", seconds=3)
    t.record("came out", reader.read())
    t.record("flags as before", reader.untouched())
    # nobody clears here: the original would remove /dev/stdout of this machine, and reading it would
    # take bytes out of the pipe
    sv.record_info("echo")


@scenario
def standard_output_is_a_pipe(t):
    """stdout_logfile=/dev/stdout, which is a pipe."""
    reader = _pipe()
    _through(t, reader, "/dev/stdout", 0, stdout=reader.other)


@scenario(tier="all")
def standard_error_is_a_pipe(t):
    """stdout_logfile=/dev/stderr, which is a pipe."""
    reader = _pipe()
    _through(t, reader, "/dev/stderr", 0, stderr=reader.other)


@scenario
def standard_output_is_a_terminal(t):
    """stdout_logfile=/dev/stdout, which is a terminal."""
    reader = _terminal()
    _through(t, reader, "/dev/stdout", 0, stdout=reader.other)


@scenario(tier="all")
def a_descriptor_by_number(t):
    """stdout_logfile=/dev/fd/N, inherited from whoever started the daemon."""
    reader = _pipe()
    os.dup2(reader.other, 57)
    _through(t, reader, "/dev/fd/57", 0, pass_fds=(57,))


@scenario(tier="all")
def a_descriptor_by_proc(t):
    """stdout_logfile=/proc/self/fd/1."""
    reader = _pipe()
    _through(t, reader, "/proc/self/fd/1", 0, stdout=reader.other)


@scenario
def a_descriptor_that_is_not_open(t):
    """stdout_logfile=/dev/fd/N where nothing is open: the start fails."""
    sv = t.serve(OUT.format("/dev/fd/91", 0) + "startretries=0\n")
    sv.wait("echo", "FATAL")
    sv.record_story("echo")


@scenario
def standard_output_is_a_socket(t):
    """stdout_logfile=/dev/stdout, which is a socket: under systemd it is."""
    reader = _pair()
    t.config(OUT.format("/dev/stdout", 0) + "startretries=0\n")
    sv = t.launch("-s", stdout=reader.other).ready()
    sv.wait("echo", "RUNNING", "FATAL")
    sv.ctl("status", "echo", order=lambda lines: [" ".join(line.split()[:2]) for line in lines])
    t.record("flags as before", reader.untouched())


@scenario
def rotation_of_a_pipe(t):
    """The default size on /dev/stdout that is a pipe: a pipe has no position that could be too far."""
    reader = _pipe()
    t.config(OUT.format("/dev/stdout", "50MB"))
    sv = t.launch("-s", stdout=reader.other).ready()
    sv.wait("echo", "RUNNING")
    sv.ask("sendProcessStdin", "echo", "one\n")
    t.until(lambda: "one\n" in reader.read(), "the first line")
    sv.ask("sendProcessStdin", "echo", "two\n")
    t.until(lambda: "two\n" in reader.read() or sv.info("echo")["statename"] != "RUNNING"
            or "closing channel" in sv.log(), "the second line or the end")
    t.record("channel closed", "closing channel" in sv.log())
    # Whether the reference gets the second line out before it notices is chance.
    t.record("came out first", reader.read().splitlines()[:1])


@scenario
def main_log_to_a_pipe(t):
    """logfile=/dev/stdout and standard output a pipe, with logfile_maxbytes=0."""
    reader = _pipe()
    t.config("", daemon="logfile=/dev/stdout\nlogfile_maxbytes=0")
    sv = t.launch(stdout=reader.other).ready()
    t.until(lambda: "started with pid" in reader.read(), "it has started")
    sv.stop()
    t.record("lines", "\n".join(line for line in reader.read().splitlines() if "RLIMIT" not in line))
    t.record("flags as before", reader.untouched())


@scenario
def main_log_to_a_pipe_with_a_size(t):
    """logfile=/dev/stdout and standard output a pipe, with the default size."""
    reader = _pipe()
    t.config("", daemon="logfile=/dev/stdout")
    sv = t.launch("-s", stdout=reader.other)
    try:
        sv.ready()
        t.record("it", "runs")
        sv.stop()
    except RuntimeError:
        t.record("it", f"ended with {sv.process.returncode}")
    t.record("first line", reader.read().split("\n")[0])


@scenario
def main_log_to_a_file_by_descriptor(t):
    """logfile=/dev/stdout and standard output a file: every line stands there twice."""
    sv = t.serve("", daemon="logfile=/dev/stdout\nlogfile_maxbytes=0")
    sv.stop()
    t.record("lines", "\n".join(line for line in t.read("d.out").splitlines() if "RLIMIT" not in line))


@scenario
def both_into_one_pipe(t):
    """stdout and stderr of several programs in one pipe: every line once."""
    reader = _pipe()
    t.script("talk", 'echo "out $1"; echo "err $1" >&2; exec sleep 300\n')
    t.config("".join(f"""
        [program:{name}]
        command=%(here)s/talk {name}
        startsecs=0
        stdout_logfile=/dev/stdout
        stdout_logfile_maxbytes=0
        stderr_logfile=/dev/stdout
        stderr_logfile_maxbytes=0
    """ for name in "abc"))
    t.launch("-s", stdout=reader.other).ready()
    t.until(lambda: len(reader.read().splitlines()) == 6, lambda: reader.read())
    t.record("lines", "\n".join(sorted(reader.read().splitlines())))


@scenario
def paths_of_logs(t):
    """Relative paths, the expansions, and a log in a directory of another name."""
    os.mkdir(t.path("sub"))
    sv = t.serve("""
        [program:many]
        command=/bin/sh -c "echo words of %(process_num)d; exec sleep 300"
        process_name=%(program_name)s_%(process_num)02d
        numprocs=2
        startsecs=0
        stdout_logfile=sub/%(program_name)s-%(process_num)d.out
        stderr_logfile=%(here)s/sub/../%(group_name)s.err
    """)
    for number in range(2):
        t.wait_for(f"sub/many-{number}.out", "words")
        t.record(f"file {number}", t.read(f"sub/many-{number}.out"))
    t.record("stderr", t.exists("many.err"))
    sv.wait("many:many_00", "RUNNING")
    sv.record_info("many:many_00")


@scenario(tier="all")
def names_of_no_log(t):
    """NONE, none and off write nowhere; reading them is an empty answer or NO_FILE."""
    sv = t.serve("".join(f"[program:{name}]\ncommand=/bin/sh -c \"echo words; exec sleep 300\"\nstartsecs=0\n"
                         f"stdout_logfile={name}\nstderr_logfile={name}\n" for name in ("NONE", "none", "off")))
    for name in ("NONE", "none", "off"):
        sv.wait(name, "RUNNING")
        sv.ctl("tail", name)
        sv.rpc("readProcessStdoutLog", name, 0, 0)
        sv.rpc("tailProcessStderrLog", name, 0, 10)
        sv.record_info(name)
    t.record("logs", os.listdir(t.path("logs")))


@scenario
def automatic_logs_of_another_identifier(t):
    """identifier= is part of AUTO names and decides which old ones go."""
    old = ("b-stdout---mine-abcdefgh.log", "b-stdout---supervisor-abcdefgh.log", "b-stdout---mine-x.log.3",
           "b-stdout---mine-x y.log", "---mine-abcdefgh.log", "c-stdout---mine2-abcdefgh.log")
    for name in old:
        t.write(f"logs/{name}", "old\n")
    t.serve("[program:a]\ncommand=/bin/sleep 300\nautostart=false\n", daemon="identifier=mine")
    found = os.listdir(t.path("logs"))
    t.record("old ones left", "\n".join(sorted(repr(name) for name in found if name in old)))
    t.record("new ones", "\n".join(sorted(t.normaliser.text(name) for name in found if name not in old)))


@scenario
def automatic_logs_stay(t):
    """AUTO logs are there after the daemon's end, with what was written."""
    sv = t.serve("[program:a]\ncommand=/bin/sh -c \"echo words; exec sleep 300\"\nstartsecs=0\n")
    sv.wait("a", "RUNNING")
    t.until(lambda: any(os.path.getsize(t.path("logs", name)) for name in os.listdir(t.path("logs"))), "written")
    sv.stop()
    t.record("files", "\n".join(f"{name} {os.path.getsize(t.path('logs', name))} {t.mode('logs/' + name)}"
                                for name in sorted(os.listdir(t.path("logs")))))


@scenario
def redirected_and_split(t):
    """Order within one channel holds whatever the pieces; a daemon's debug log shows the output too."""
    t.script("talk", r"""
        printf 'a'; printf 'b' >&2; printf 'c\n'
        printf 'no end'
        exec sleep 300
    """)
    sv = t.serve("[program:talk]\ncommand=%(here)s/talk\nstartsecs=0\nredirect_stderr=true\n"
                 "stdout_logfile=%(here)s/talk.out\n", daemon="loglevel=debug")
    t.wait_for("talk.out", "no end")
    t.record("file", repr(t.read("talk.out")))
    t.record("announced", "'talk' stdout output:" in sv.log())


@scenario
def late_words_of_a_grandchild(t):
    """What a grandchild writes after its parent's end."""
    t.script("parent", "(sleep 1; echo late; : > \"$0.late\") & echo early\n")
    sv = t.serve("[program:parent]\ncommand=%(here)s/parent\nstartsecs=0\nautorestart=false\n"
                 "stdout_logfile=%(here)s/parent.out\n")
    sv.wait("parent", "EXITED")
    t.wait_for("parent.out", "early")
    subprocess.run(["sleep", "1.6"], check=True)
    t.record("file", t.read("parent.out"))
