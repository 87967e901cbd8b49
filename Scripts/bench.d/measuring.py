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


@dataclasses.dataclass(frozen=True, eq=False)
class Server:
    """A server to measure. `command` comes before `-c FILE`, `client` before `-c FILE status`; the
    peer's `name` is REFERENCE. A peer that reads another configuration than supervisord's has a
    `tree`: it writes the configuration of programs into a directory and says how to start on it."""

    name: str
    command: tuple
    client: tuple = ()
    tree: typing.Callable | None = None
    environment: dict = dataclasses.field(default_factory=dict)


REFERENCE = "supervisord"
CONFIGURATION = "b.conf"


@dataclasses.dataclass(frozen=True)
class Aim:
    """What a server should reach: at most `ratio` of `peer`'s figure (without: of the reference's)
    or at most `limit` units; at least that much where more is better. A peer that is not there may
    be told from another one: `estimate` is (its name, what part of its figure the peer's was on
    another day)."""

    server: str
    ratio: float | None = None
    limit: float | None = None
    peer: str | None = None
    estimate: tuple | None = None


def static(**aim):
    """An aim of the static build."""
    return (Aim("static", **aim),)


def both(**aim):
    """The same aim for both builds."""
    return (*static(**aim), Aim("ordinary", **aim))


def at_percentile(percent):
    """The value below which this share of the samples lies."""
    def value(samples):
        ordered = sorted(samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
    return value


@dataclasses.dataclass(frozen=True)
class Figure:
    """One line of the table. `of` makes it from the samples of all runs; `peer` is whose samples
    the reference's column holds, `more` whether more is better, `drawn` whether the picture shows it."""

    name: str
    unit: str
    of: typing.Callable = statistics.median
    aims: tuple = ()
    peer: str = REFERENCE
    more: bool = False
    drawn: bool = False


@dataclasses.dataclass(frozen=True)
class Case:
    """`measure(server, setting)` gives samples by the figures' names, for one run of one server;
    none for a server that the case is not for. `runs` is how many runs are enough, (whole, quick);
    `peers` are those measured beside the reference."""

    name: str
    title: str
    figures: tuple
    measure: typing.Callable
    runs: tuple = (7, 3)
    peers: tuple = ()

    def figure(self, name):
        """The figure of that name."""
        return next(figure for figure in self.figures if figure.name == name)


@dataclasses.dataclass(frozen=True)
class Setting:
    """Where to work, the C children by name, whether samples may be shorter, how many runs the case
    at hand has."""

    directory: str
    children: dict
    quick: bool
    runs: int


class Running:
    """A running server with its control socket."""

    def __init__(self, pid, directory):
        self.pid = pid
        self.directory = directory
        self.configuration = os.path.join(directory, CONFIGURATION)
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
def place(setting, programs="", descriptors=1024):
    """A fresh directory with a configuration; yields (directory, path of the configuration).
    `descriptors` is minfds, which supervisord needs said where it has many programs."""
    with tempfile.TemporaryDirectory(prefix="b", dir=setting.directory) as directory:
        os.mkdir(os.path.join(directory, "logs"))
        path = os.path.join(directory, CONFIGURATION)
        owner = "user=root\n" if os.geteuid() == 0 else ""
        with open(path, "w", encoding="utf-8") as file:
            file.write("[unix_http_server]\nfile=%(here)s/s.sock\n"
                       f"[supervisord]\nlogfile=%(here)s/d.log\npidfile=%(here)s/d.pid\nminfds={descriptors}\n"
                       f"childlogdir=%(here)s/logs\n{owner}[supervisorctl]\nserverurl=unix://%(here)s/s.sock\n"
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


def processor_seconds(pid):
    """What all threads of a process have used, in seconds, to the nanosecond."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


@dataclasses.dataclass(frozen=True)
class Calls:
    """What asks.c has seen: a rate, and times of a call in milliseconds."""

    rate: float
    median: float
    late: float


def asked(up, setting, method, *, clients=1, seconds=1.0, pause=0, states=0):
    """Ask a server for a while; `states` is what its answer must tell of."""
    done = subprocess.run(
        [setting.children["asks"], up.address, method, str(clients), str(int(seconds * 1000)), str(pause), str(states)],
        stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"asking {method} failed")
    calls, taken, median, late, _ = map(int, done.stdout.split())
    return Calls(calls / taken * 1e9, median / 1e6, late / 1e6)


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
