"""Many programs at once: from exec until the first instruction of the last, and from TERM until all are gone.

Every program is beat.c, so each start is seen by the program itself; nothing is taken from what a server says of it.
"""

import contextlib
import os
import random
import select
import signal
import struct
import tempfile
import threading
import time

from measuring import REFERENCE, Running, place, wait_until

BEAT = struct.Struct("=qq")
NO_LOGS = "stdout_logfile=NONE\nstderr_logfile=NONE\n"


class Beats:
    """A FIFO that programs write their first instruction's time and pid to. `times` by pid."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "beats")
        os.mkfifo(self.path)
        self._reader = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self.times = {}
        self.count = 0

    def close(self):
        """Forget the FIFO."""
        os.close(self._reader)
        os.unlink(self.path)

    def take(self, seconds):
        """Take in what comes within so many seconds; whether anything came."""
        if not select.select([self._reader], [], [], seconds)[0]:
            return False
        content = os.read(self._reader, 1 << 16)
        for began, pid in BEAT.iter_unpack(content):
            self.times[pid] = began
            self.count += 1
        return True

    def wait(self, count, server, seconds=None):
        """Wait until so many programs run; RuntimeError when they do not."""
        seconds = seconds or 20 + count / 50
        deadline = time.monotonic() + seconds
        while len(self.times) < count:
            if not self.take(1) and time.monotonic() > deadline:
                raise RuntimeError(f"{server.name}: {len(self.times)} of {count} programs ran within {seconds} s")

    @contextlib.contextmanager
    def draining(self):
        """Take in all the time, in a thread, while the body runs."""
        done = threading.Event()

        def drain():
            while not done.is_set():
                self.take(0.05)
        thread = threading.Thread(target=drain)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextlib.contextmanager
def beats(setting):
    """A FIFO for the time of the body."""
    with tempfile.TemporaryDirectory(prefix="f", dir=setting.directory) as directory:
        fifo = Beats(directory)
        try:
            yield fifo
        finally:
            fifo.close()


class Fleet:
    """A server and its programs, begun at a monotonic time in nanoseconds."""

    def __init__(self, server, running, fifo, begun):
        self._server, self._fifo, self._begun = server, fifo, begun
        self.running = running
        self._stopped = False

    @property
    def up(self):
        """Seconds from exec to the first instruction of the last program."""
        return (max(self._fifo.times.values()) - self._begun) / 1e9

    def processes(self):
        """The pids of the server and of its helpers, the programs left out."""
        known, programs = [self.running.pid], set(self._fifo.times)
        for pid in known:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                known.extend(child for child in map(int, file.read().split()) if child not in programs)
        return known

    def kill_one(self):
        """Milliseconds from kill -9 of any one program to the first instruction of its replacement."""
        pid = random.choice(list(self._fifo.times))
        killed = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        os.kill(pid, signal.SIGKILL)
        self._fifo.wait(len(self._fifo.times) + 1, self._server, 30)
        del self._fifo.times[pid]
        return (max(self._fifo.times.values()) - killed) / 1e6

    def stop(self):
        """TERM for the server; seconds until it and every program is gone."""
        pids = list(self._fifo.times)
        begun = time.monotonic()
        # runsvdir ends its services on HUP only
        os.kill(self.running.pid, signal.SIGHUP if self._server.name == "runit" else signal.SIGTERM)
        _wait_for_end(self.running.pid, 180)
        self._stopped = True
        wait_until(lambda: not any(map(_lives, pids)), 60)
        return time.monotonic() - begun

    def clear(self):
        """End what has not been stopped."""
        if not self._stopped:
            for pid in (self.running.pid, *self._fifo.times):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            _wait_for_end(self.running.pid, 60)


@contextlib.contextmanager
def fleet(server, setting, count, *, separate=False, settings=NO_LOGS):
    """A server with so many programs, each of which has run its first instruction. The peers keep no logs here, so
    nobody does where `settings` do not say so."""
    with beats(setting) as fifo:
        words = [setting.children["beat"], fifo.path]
        with _configured(server, setting, count, words, separate, settings) as (directory, command):
            begun = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            started = Fleet(server, Running(_spawn(command, directory, server), directory), fifo, begun)
            try:
                fifo.wait(count, server)
                yield started
            finally:
                started.clear()


@contextlib.contextmanager
def _configured(server, setting, count, words, separate, settings):
    """(directory, words that start the server) for so many programs."""
    if server.tree:
        with tempfile.TemporaryDirectory(prefix="b", dir=setting.directory) as directory:
            yield directory, server.tree(directory, {f"n{number:05}": words for number in range(count)})
        return
    common = f"startsecs=0\ncommand={' '.join(words)}\n{settings}"
    if separate:
        programs = "".join(f"[program:n{number:05}]\n{common}" for number in range(count))
    else:
        programs = f"[program:n]\nprocess_name=%(process_num)05d\nnumprocs={count}\n{common}"
    with place(setting, programs, 1024 if server.name != REFERENCE else max(1024, 3 * count + 256)) as (directory, path):
        yield directory, [*server.command, "-c", path]


def _spawn(command, directory, server):
    """posix_spawn is the quickest way Python has; the pid."""
    nothing = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in range(3)]
    environment = {**os.environ, "SVINSTALL_STATE_DIR": f"{directory}/state", **server.environment}
    return os.posix_spawn(command[0], command, environment, file_actions=nothing)


def _wait_for_end(pid, seconds):
    """Wait for a child of ours."""
    deadline = time.monotonic() + seconds
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > deadline:
            raise RuntimeError(f"a server did not end within {seconds} s")
        time.sleep(0.001)


def _lives(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
