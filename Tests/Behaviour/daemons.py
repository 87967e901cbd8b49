"""supervisord, and svinstall in its place: each in a mount namespace in which /mnt is its own directory."""

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


class Daemon:
    """A supervisord by the protocol that every supervisord speaks."""

    form = "supervisor"

    def __init__(self, name, command, view):
        self.name, self.command, self.view = name, command, view
        self._process = None

    def boot(self, files):
        """Start without a program, then make the programs known: they can be added one by one."""
        for name in ("conf", "logs", "state"):
            os.mkdir(os.path.join(self.view, name))
        with open(os.path.join(self.view, "d.conf"), "w", encoding="utf-8") as file:
            file.write(_CONFIGURATION)
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "USER": "root", "LC_ALL": "C.UTF-8",
                       "TZ": "UTC", "SVINSTALL_STATE_DIR": os.path.join(self.view, "state")}
        into = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /mnt && exec "$@"', self.view]
        with open(os.path.join(self.view, "console"), "wb") as console:
            self._process = subprocess.Popen([*into, *self.command, "-c", "/mnt/d.conf"], env=environment, cwd="/",
                                             stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        deadline = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.view, "console"), encoding="utf-8", errors="replace") as console:
                    raise RuntimeError(f"{self.name} does not start: {console.read().strip()[-400:]}")
            time.sleep(0.05)
        for path in files:
            shutil.copy(path, os.path.join(self.view, "conf"))
        self._ask("reloadConfig")

    def namespace(self):
        return census.namespace(self._process.pid)

    def admit(self, names):
        """What happens to programs when the manager starts."""
        for name in names:
            self._ask("addProcessGroup", name)

    def stop(self, names):
        """Ask for the end of programs, without waiting for it; those that agree.

        Between two runs a program is not running, and supervisord refuses.
        """
        agreed = []
        for name in names:
            try:
                self._ask("stopProcess", name, False)
                agreed.append(name)
            except rpc.Fault as fault:
                if "NOT_RUNNING" not in fault.faultString:
                    raise
        return agreed

    def states(self):
        """up, down or between, by name."""
        return {one["name"]: _STATES.get(one["statename"], "between") for one in self._ask("getAllProcessInfo")}

    def end(self):
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _answers(self):
        try:
            return bool(self._ask("getState"))
        except (OSError, rpc.Refused):
            return False

    def _ask(self, method, *words):
        return rpc.call(os.path.join(self.view, "s.sock"), "supervisor." + method, *words)
