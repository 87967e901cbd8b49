"""supervisorctl as a client: the stock one or an executable to be compared with it.

The stock client runs its own `main` in a forked copy of this process, which has the module loaded:
the same code as the installed script without a tenth of a second for each start of Python.
"""

import dataclasses
import os
import select
import signal
import sys
import time
import traceback


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What one command printed and how it ended; a signal that ended it counts negative.

    Of a client that was interrupted after the awaited text only what it printed until then counts:
    where the interrupt hits it is chance.
    """

    code: int | str
    out: str
    err: str

    def __str__(self):
        text = f"exit {self.code}\n{self.out}"
        return text + (f"--- stderr\n{self.err}" if self.err else "")


class Client:
    """Runs supervisorctl. `executable` None means the stock client of the reference."""

    def __init__(self, executable=None):
        self.executable = executable

    @property
    def path(self):
        """The program, as a person would start it."""
        return self.executable or os.path.join(os.path.dirname(sys.executable), "supervisorctl")

    def run(self, args, stdin=b"", until=None, seconds=20, environment=(), directory=None):
        """Run it with `args`. With `until`, it is interrupted once it has printed that text, and
        its standard input stays open until then. `environment`: variables besides our own."""
        program = self.path
        given, pipes = os.pipe(), (os.pipe(), os.pipe())
        pid = os.fork()
        if pid == 0:
            os.environ.update(environment)
            os.chdir(directory or os.getcwd())
            _become(program, args, (given[0], pipes[0][1], pipes[1][1]), self.executable is None)
        for end in (given[0], pipes[0][1], pipes[1][1]):
            os.close(end)
        os.write(given[1], stdin)
        if until is None:
            os.close(given[1])
        out, err = _collect(pid, (pipes[0][0], pipes[1][0]), until, seconds)
        if until is not None:
            os.close(given[1])
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        text = out.decode("utf-8", "backslashreplace")
        if until is not None and until in text:
            return Outcome("interrupted", text[:text.index(until) + len(until)], "")
        return Outcome(code, text, err.decode("utf-8", "backslashreplace"))


def _become(program, args, ends, stock):
    """In the child: be the client. Never returns."""
    status = 1
    try:
        for number, end in enumerate(ends):
            os.dup2(end, number)
        os.closerange(3, 256)
        for number in (signal.SIGALRM, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not stock:
            os.execv(program, [program, *args])
        from supervisor import supervisorctl
        sys.argv = [program, *args]
        sys.stdin = os.fdopen(0, "r", closefd=False)
        try:
            supervisorctl.main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _collect(pid, ends, until, seconds):
    """Both streams until they end; interrupts or, in the end, kills the client."""
    streams = {ends[0]: b"", ends[1]: b""}
    is_open, deadline = set(ends), time.monotonic() + seconds
    while is_open:
        ready, _, _ = select.select(sorted(is_open), [], [], max(0, deadline - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            streams[ends[1]] += f"killed after {seconds} s\n".encode()
            break
        for end in ready:
            data = os.read(end, 65536)
            streams[end] += data
            if not data:
                is_open.discard(end)
        if until is not None and until.encode() in streams[ends[0]]:
            os.kill(pid, signal.SIGINT)
            until = None
    for end in ends:
        os.close(end)
    return streams[ends[0]], streams[ends[1]]
