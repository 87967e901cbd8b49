"""A real systemd: booted once in a container whose /usr is the unpacked packages' and all else its own."""

import os
import shutil
import signal
import subprocess
import time

import census

_ACCOUNTS = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
              "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": "root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n",
    "machine-id": "0123456789abcdef0123456789abcdef\n",
    "hostname": "matrix\n",
}
_MASKED = ("systemd-logind.service", "getty.target", "systemd-userdbd.socket", "dbus.socket", "dbus.service",
           "systemd-resolved.service", "systemd-networkd.service", "systemd-timesyncd.service",
           "systemd-pstore.service")
"""What a container for tests has no use for."""

_APART = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$0" "$@"']
"""Before a command: what it notes below /run does not reach the machine's own."""

_UP = {("active", "running"): "up", ("active", "exited"): "down", ("inactive", "dead"): "down",
       ("failed", "failed"): "down"}


class Unable(Exception):
    """No container can be booted on this machine."""


class Container:
    """systemd as process 1."""

    name, form = "systemd", "systemd"

    def __init__(self, peer, view, directory):
        self.peer, self.view, self.directory = peer, view, directory
        self._process, self._leader = None, None
        # of its own, in every hierarchy that systemd uses: those of two containers collide otherwise
        bases = [f"/sys/fs/cgroup/{name}" for name in ("systemd", "unified")]
        group = f"matrix-{os.getpid()}-{os.path.basename(os.path.dirname(directory))}"
        self._groups = [os.path.join(base, group) for base in filter(os.path.isdir, bases)]
        self._groups = self._groups or [os.path.join("/sys/fs/cgroup", group)]

    def boot(self, files):
        """Boot with all units installed. Raises Unable where that cannot be done here."""
        root = self._root(files)
        self._enable(root, [os.path.basename(path) for path in files])
        self._start(root)
        deadline = time.monotonic() + 60
        while True:
            # nspawn has another child at first, which makes the namespaces
            self._leader = self._child()
            if self._leader and self._systemctl("is-system-running", check=False).strip() in ("running", "degraded"):
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.directory, "console"), encoding="utf-8", errors="replace") as said:
                    raise Unable(f"systemd does not boot in a container here: {said.read().strip()[-400:]}")
            time.sleep(0.1)

    def takes(self, case):
        return True

    def namespaces(self):
        return [census.namespace(self._leader)]

    def admit(self, names):
        """Start what boot would start: the units that are enabled."""
        enabled = [name for name in names if os.path.lexists(
            os.path.join(self.directory, "root/etc/systemd/system/multi-user.target.wants", name + ".service"))]
        if enabled:
            self._systemctl("start", "--no-block", *(name + ".service" for name in enabled))

    def stop(self, names):
        """Ask for the end of units; all of them, since systemd also ends the wait between two runs."""
        self._systemctl("stop", "--no-block", *(name + ".service" for name in names))
        return names

    def states(self):
        states = {}
        for line in self._systemctl("list-units", "--all", "--plain", "--no-legend", "?_*.service").splitlines():
            unit, _, active, sub, *_ = line.split()
            states[unit.removesuffix(".service")] = _UP.get((active, sub), "between")
        return states

    def end(self):
        """The container's process 1 first: nspawn's death alone can leave it alive."""
        for pid in (self._leader, self._process and self._process.pid):
            if pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        if self._process:
            self._process.wait()
        for group in self._groups:
            _remove_group(group)

    def _root(self, files):
        """The container's own directory."""
        root = os.path.join(self.directory, "root")
        units = os.path.join(root, "etc/systemd/system")
        os.makedirs(units)
        for name in ("usr", "var/log", "root", "mnt", "dev", "proc", "sys", "run", "tmp"):
            os.makedirs(os.path.join(root, name))
        for name in ("bin", "sbin", "lib", "lib64"):
            os.symlink("usr/" + name, os.path.join(root, name))
        for name, text in _ACCOUNTS.items():
            with open(os.path.join(root, "etc", name), "w", encoding="utf-8") as file:
                file.write(text)
        shutil.copy(os.path.join(self.peer, "root/usr/lib/os-release"), os.path.join(root, "etc/os-release"))
        for name in _MASKED:
            os.symlink("/dev/null", os.path.join(units, name))
        for path in files:
            shutil.copy(path, units)
        return root

    def _enable(self, root, names):
        """As an installation does it: by systemctl, without a running systemd."""
        done = subprocess.run([*_APART, os.path.join(self.peer, "bin/systemctl"), "--root", root, "enable", *names],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unable("systemctl enable: " + done.stderr.strip()[-400:])

    def _start(self, root):
        words = ["--quiet", "--directory", root, "--boot", "--register=no", "--keep-unit", "--console=pipe",
                 "--machine=matrix", f"--bind-ro={self.peer}/root/usr:/usr", f"--bind={self.view}:/mnt",
                 # what is enabled is started by `admit`
                 "systemd.unit=basic.target", "systemd.show_status=0"]
        # cgroup v1 does not tell a container's systemd when a group becomes empty
        environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        with open(os.path.join(self.directory, "console"), "wb") as console:
            self._process = subprocess.Popen(
                [*_APART, os.path.join(self.peer, "bin/systemd-nspawn"), *words], env=environment,
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, preexec_fn=self._enter_groups)

    def _enter_groups(self):
        for group in self._groups:
            os.makedirs(group, exist_ok=True)
            with open(os.path.join(group, "cgroup.procs"), "w", encoding="utf-8") as file:
                file.write(str(os.getpid()))

    def _child(self):
        """The pid of the container's process 1, None while there is none."""
        path = f"/proc/{self._process.pid}/task/{self._process.pid}/children"
        try:
            with open(path, encoding="utf-8") as file:
                children = file.read().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def _systemctl(self, *words, check=True):
        done = subprocess.run(["nsenter", "--target", str(self._leader), "--mount", "--uts", "--ipc", "--pid", "--net",
                               "--cgroup", "--", "/usr/bin/systemctl", *words],
                              capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"systemctl {words[0]}: {done.stderr.strip()[-400:]}")
        return done.stdout


def _remove_group(path):
    """A control group and those in it; the last processes may still be on their way out."""
    deadline = time.monotonic() + 5
    while os.path.isdir(path) and time.monotonic() < deadline:
        for directory, _, _ in os.walk(path, topdown=False):
            try:
                os.rmdir(directory)
            except OSError:
                time.sleep(0.02)
