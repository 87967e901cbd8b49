"""One scenario on one server: a private directory, a transcript, timings."""

import contextlib
import dataclasses
import os
import socket
import stat
import subprocess
import textwrap
import time

from . import rpc
from .clients import Client
from .daemon import STEP, Daemon
from .normalise import Normaliser
from .terminal import Terminal


@dataclasses.dataclass(frozen=True)
class Subject:
    """A server under test and the client that drives it."""

    name: str
    supervisord: str
    client: Client


class Trial:
    """What a scenario gets. `transcript` is a list of (field, text), `timings` of (field, seconds)."""

    def __init__(self, subject, directory):
        self.subject = subject
        self.directory = directory
        self.transcript = []
        self.timings = []
        self.normaliser = Normaliser([
            (directory, "DIR"),
            (subject.supervisord, "supervisord"),
        ])
        self.normaliser.add(subject.client.path, "supervisorctl")
        os.makedirs(self.path("logs"))

    # the transcript

    def record(self, field, text):
        """Add to the transcript; a field met again gets a number."""
        field = self.normaliser.text(field)
        same = sum(1 for name, _ in self.transcript if name.split(" #")[0] == field)
        name = f"{field} #{same + 1}" if same else field
        self.transcript.append((name, self.normaliser.text(str(text))))

    @contextlib.contextmanager
    def timed(self, field):
        """Measure the block; the candidate must not be slower than the reference."""
        start = time.monotonic()
        yield
        self.timings.append((field, time.monotonic() - start))

    # files

    def path(self, *names):
        """A path in the private directory."""
        return os.path.join(self.directory, *names)

    def write(self, name, text):
        """Write a file, text dedented; its path."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = text if isinstance(text, bytes) else textwrap.dedent(text).encode()
        with open(path, "wb") as file:
            file.write(data)
        return path

    def script(self, name, text):
        """Write an executable sh script."""
        path = self.write(name, "#!/bin/sh\n" + textwrap.dedent(text))
        os.chmod(path, 0o755)
        return path

    def read(self, name):
        """A file's text, empty when it is missing."""
        try:
            with open(self.path(name), encoding="utf-8", errors="backslashreplace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def exists(self, name):
        """Whether a file is there, as a word for the transcript."""
        return "there" if os.path.lexists(self.path(name)) else "gone"

    def mode(self, name):
        """A file's permission bits in octal."""
        return oct(stat.S_IMODE(os.stat(self.path(name)).st_mode))

    # clients

    def terminal(self, *args, **options):
        """The client at a pseudo-terminal."""
        return Terminal(self, args, **options)

    def tool(self, name):
        """The path of another of the subject's programs, such as pidproxy."""
        return os.path.join(os.path.dirname(self.subject.supervisord), name)

    # waiting

    def until(self, condition, what, seconds=15):
        """Look again and again until the condition holds; TimeoutError otherwise."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds} s: {what() if callable(what) else what}")
            time.sleep(STEP)

    def wait_for(self, name, text="", seconds=15):
        """Wait until a file exists and contains the text."""
        self.until(lambda: os.path.exists(self.path(name)) and text in self.read(name),
                   f"{name} contains {text!r}", seconds)

    # servers

    def port(self):
        """A free TCP port on loopback."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number = probe.getsockname()[1]
        self.normaliser.add(f"127.0.0.1:{number}", "127.0.0.1:PORT")
        self.normaliser.add(f"localhost:{number}", "localhost:PORT")
        return number

    def config(self, programs="", daemon="", unix="", client=""):
        """Write d.conf: the sections every scenario needs plus the given keys and sections."""
        owner = "user=root\n" if os.geteuid() == 0 else ""
        blocks = (
            ("unix_http_server", "file=%(here)s/s.sock\n", unix),
            ("supervisord", "logfile=%(here)s/d.log\npidfile=%(here)s/d.pid\n"
             "childlogdir=%(here)s/logs\nnodaemon=true\n" + owner, daemon),
            ("rpcinterface:supervisor", "supervisor.rpcinterface_factory = "
             "supervisor.rpcinterface:make_main_rpcinterface\n", ""),
            ("supervisorctl", "serverurl=unix://%(here)s/s.sock\n", client),
        )
        text = "".join(f"[{name}]\n{base}{textwrap.dedent(extra).strip()}\n"
                       for name, base, extra in blocks)
        return self.write("d.conf", text + textwrap.dedent(programs))

    def launch(self, *args, config="d.conf", env=None, stdin=subprocess.DEVNULL, before=(), **surroundings):
        """Start the server on a configuration that is already written; does not wait for it.

        `before`: the words of a command that becomes the server, such as setpriv(1).
        `surroundings`: what else subprocess.Popen takes.
        """
        with open(self.path("d.out"), "ab") as out, open(self.path("d.err"), "ab") as err:
            process = subprocess.Popen(
                [*before, self.subject.supervisord, "-c", self.path(config), *args],
                **{"cwd": self.directory, "env": self.environment(env), "stdin": stdin, "stdout": out,
                   "stderr": err, **surroundings})
        return Daemon(self, process, self.path(config))

    def serve(self, programs="", *args, env=None, login=None, **sections):
        """Write the configuration, start the server and wait until it answers. `login`: the name and the password
        that its socket asks for."""
        if login:
            sections["unix"] = sections.get("unix", "") + "username={}\npassword={}\n".format(*login)
        self.config(programs, **sections)
        daemon = self.launch(*args, env=env)
        daemon.login = login
        return daemon.ready()

    def refused(self, field, *args, config="d.conf"):
        """Run the server to its end and record status and first line on standard error. It is
        expected to refuse; one that answers or stays for long has accepted, and is killed."""
        words = [*(["-c", self.path(config)] if config else []), *args]
        occupied = self.exists("s.sock") == "there"
        with open(self.path("refused.err"), "w+", encoding="utf-8", errors="backslashreplace") as err:
            process = subprocess.Popen(
                [self.subject.supervisord, *words], cwd=self.directory, env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
            deadline = time.monotonic() + 10
            while process.poll() is None and time.monotonic() < deadline:
                if not occupied and self._listens():
                    break
                time.sleep(0.01)
            accepted = process.poll() is None
            if accepted:
                process.kill()
            status = process.wait()
            err.seek(0)
            first = err.readline().rstrip("\n")
        if not occupied and self._listens() is not None:
            os.unlink(self.path("s.sock"))
        self.record(field, "accepted" if accepted else f"exit {status}\n{first}")

    def _listens(self):
        """Whether someone answers at s.sock; None when there is no such file."""
        if self.exists("s.sock") == "gone":
            return None
        try:
            rpc.exchange(self.path("s.sock"), rpc.request("GET", "/"))
        except OSError:
            return False
        return True

    def environment(self, extra=None):
        """The small environment every server starts with."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": self.directory,
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            # svinstall's private sockets; beside the directory that scenarios list.
            "SVINSTALL_STATE_DIR": os.path.join(os.path.dirname(self.directory), "state"),
            **(extra or {}),
        }
