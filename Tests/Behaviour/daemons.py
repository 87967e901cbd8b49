"""supervisord, and svinstall in its place: each in a mount namespace in which /mnt is its own directory."""

import functools
import glob
import os
import shutil
import subprocess
import time

import census
from harness import rpc

_CONFIGURATION = """\
[unix_http_server]
file=/mnt/s.sock
[supervisord]
logfile=/mnt/d.log
pidfile=/mnt/d.pid
childlogdir=/mnt/logs
nodaemon=true
minfds=8192
user=root
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[include]
files=/mnt/conf/*.conf
"""

_STATES = {"STOPPED": "down", "EXITED": "down", "FATAL": "down", "RUNNING": "up"}
"""In any other state a program is on its way."""


@functools.cache
def seclusion():
    """The words before a command that give it mounts of its own; none where the machine does not allow it."""
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return words
    return []


class _Process:
    """One daemon in a mount namespace of its own, and its control socket."""

    def __init__(self, name, command, view, state):
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "USER": "root", "LC_ALL": "C.UTF-8",
                       "TZ": "UTC", "SVINSTALL_STATE_DIR": os.path.join("/mnt", state)}
        into = [*seclusion(), "sh", "-c", 'mount --bind "$0" /mnt && exec "$@"', view]
        self._name, self._console = name, os.path.join(view, state, "console")
        os.mkdir(os.path.join(view, state))
        with open(self._console, "wb") as console:
            self._process = subprocess.Popen([*into, *command], env=environment, cwd="/", stdin=subprocess.DEVNULL,
                                             stdout=console, stderr=console)

    def ready(self, sockets):
        """Wait until it answers at the socket that a glob pattern finds."""
        deadline = time.monotonic() + 30
        while True:
            self._socket = next(iter(glob.glob(sockets)), None)
            try:
                if self._socket and self.ask("getState"):
                    return self
            except (OSError, rpc.Refused):
                pass
            if self._process.poll() is not None or time.monotonic() > deadline:
                with open(self._console, encoding="utf-8", errors="replace") as console:
                    raise RuntimeError(f"{self._name} does not start: {console.read().strip()[-400:]}")
            time.sleep(0.05)

    def namespace(self):
        return census.namespace(self._process.pid)

    def ask(self, method, *words):
        return rpc.call(self._socket, "supervisor." + method, *words)

    def states(self):
        """up, down or between, by name."""
        return {one["name"]: _STATES.get(one["statename"], "between") for one in self.ask("getAllProcessInfo")}

    def stop(self, names):
        """Ask for the end of programs, without waiting for it; those that agree.

        Between two runs a program is not running, and supervisord refuses.
        """
        agreed = []
        for name in names:
            try:
                self.ask("stopProcess", name, False)
                agreed.append(name)
            except rpc.Fault as fault:
                if "NOT_RUNNING" not in fault.faultString:
                    raise
        return agreed

    def end(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Daemon:
    """A supervisord by the configuration and the protocol that every supervisord speaks."""

    form = "supervisor"

    def __init__(self, name, command, view):
        self.name, self.command, self.view = name, command, view
        self._process = None

    def takes(self, case):
        return True

    def boot(self, files):
        """Start without a program, then make the programs known: they can be added one by one."""
        for name in ("conf", "logs"):
            os.mkdir(os.path.join(self.view, name))
        with open(os.path.join(self.view, "d.conf"), "w", encoding="utf-8") as file:
            file.write(_CONFIGURATION)
        self._process = _Process(self.name, [*self.command, "-c", "/mnt/d.conf"], self.view, "state")
        self._process.ready(os.path.join(self.view, "s.sock"))
        for path in files:
            shutil.copy(path, os.path.join(self.view, "conf"))
        self._process.ask("reloadConfig")

    def namespaces(self):
        return [self._process.namespace()]

    def admit(self, names):
        """What happens to programs when the manager starts."""
        for name in names:
            self._process.ask("addProcessGroup", name)

    def stop(self, names):
        return self._process.stop(names)

    def states(self):
        return self._process.states()

    def end(self):
        if self._process:
            self._process.end()


class Native:
    """svinstall on the definitions themselves, a few to a daemon: it starts all of its programs at once."""

    name, form = "native", None

    def __init__(self, command, view):
        self.command, self.view = command, view
        self._files, self._processes, self._homes = {}, [], {}

    def takes(self, case):
        """What is a configuration already is the other daemon's."""
        return case.dialect.name != "supervisor"

    def boot(self, files):
        os.mkdir(os.path.join(self.view, "definitions"))
        for path in files:
            shutil.copy(path, os.path.join(self.view, "definitions"))
            name = os.path.basename(path)
            self._files[os.path.splitext(name)[0]] = os.path.join("/mnt/definitions", name)

    def namespaces(self):
        return [process.namespace() for process in self._processes]

    def admit(self, names):
        if not names:
            return
        state = f"state{len(self._processes)}"
        process = _Process(self.name, [*self.command, *(self._files[name] for name in names)], self.view, state)
        self._processes.append(process)
        process.ready(os.path.join(self.view, state, "*.sock"))
        self._homes.update((name, process) for name in names)

    def stop(self, names):
        return [name for name in names if self._homes[name].stop([name])]

    def states(self):
        return {name: state for process in self._processes for name, state in process.states().items()}

    def end(self):
        for process in self._processes:
            process.end()
