"""What every case uses: figures, servers, a running server in a directory of its own."""

import contextlib
import dataclasses
import os
import signal
import statistics
import subprocess
import tempfile
import time
import typing

from harness import rpc


@dataclasses.dataclass(frozen=True)
class Server:
    """A server to measure. `command` comes before `-c FILE`; the peer's `name` is REFERENCE."""

    name: str
    command: tuple


REFERENCE = "supervisord"


@dataclasses.dataclass(frozen=True)
class Aim:
    """What a server should reach: at most `ratio` of the reference or at most `limit` units."""

    server: str
    ratio: float | None = None
    limit: float | None = None


def at_percentile(percent):
    """The value below which this share of the samples lies."""
    def value(samples):
        ordered = sorted(samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
    return value


@dataclasses.dataclass(frozen=True)
class Figure:
    """One line of the table. `of` makes it from the samples of all runs; `peer` is whose samples
    the reference's column holds."""

    name: str
    unit: str
    of: typing.Callable = statistics.median
    aims: tuple = ()
    peer: str = REFERENCE


@dataclasses.dataclass(frozen=True)
class Case:
    """`measure(server, setting)` gives samples by the figures' names, for one run of one server."""

    name: str
    title: str
    figures: tuple
    measure: typing.Callable

    def figure(self, name):
        """The figure of that name."""
        return next(figure for figure in self.figures if figure.name == name)


@dataclasses.dataclass(frozen=True)
class Setting:
    """Where to work, the C children by name, whether samples may be shorter, how many runs."""

    directory: str
    children: dict
    quick: bool
    runs: int


class Running:
    """A running server with its control socket."""

    def __init__(self, pid, directory):
        self.pid = pid
        self.address = os.path.join(directory, "s.sock")

    def ask(self, method, *params):
        """One call of the supervisor namespace."""
        return rpc.call(self.address, f"supervisor.{method}", *params)

    def wait_running(self, seconds=30):
        """Wait until every program runs."""
        wait_until(lambda: all(info["statename"] == "RUNNING"
                               for info in self.ask("getAllProcessInfo")), seconds)


def wait_until(condition, seconds=30):
    """Look every 20 ms; RuntimeError when it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"a server did not get ready within {seconds} s")
        time.sleep(0.02)


@contextlib.contextmanager
def place(setting, programs=""):
    """A fresh directory with a configuration; yields (directory, path of the configuration)."""
    with tempfile.TemporaryDirectory(prefix="b", dir=setting.directory) as directory:
        os.mkdir(os.path.join(directory, "logs"))
        path = os.path.join(directory, "b.conf")
        owner = "user=root\n" if os.geteuid() == 0 else ""
        with open(path, "w", encoding="utf-8") as file:
            file.write("[unix_http_server]\nfile=%(here)s/s.sock\n"
                       "[supervisord]\nlogfile=%(here)s/d.log\npidfile=%(here)s/d.pid\n"
                       f"childlogdir=%(here)s/logs\n{owner}"
                       "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = "
                       "supervisor.rpcinterface:make_main_rpcinterface\n" + programs)
        yield directory, path


@contextlib.contextmanager
def running(server, setting, programs=""):
    """A server on a configuration, answering; stopped in the end."""
    with place(setting, programs) as (directory, path):
        process = subprocess.Popen([*server.command, "-c", path], cwd=directory,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   env={**os.environ, "SVINSTALL_STATE_DIR": f"{directory}/state"})
        up = Running(process.pid, directory)
        try:
            wait_until(lambda: _answers(process, up, server))
            yield up
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(process, up, server):
    if process.poll() is not None:
        raise RuntimeError(f"{server.name} ended with {process.returncode}")
    try:
        return bool(up.ask("getState"))
    except (OSError, rpc.Refused):
        return False


def end(pid, seconds=30):
    """TERM for a server that is not this process's child, then KILL; waits until it is gone."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while os.path.exists(f"/proc/{pid}") and not _zombie(pid):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _zombie(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
