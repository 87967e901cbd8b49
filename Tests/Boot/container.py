"""A Debian 12 that is booted with its own systemd, in a tree of its own (systemd-nspawn)."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Unavailable(Exception):
    """No container can be booted here; the text says why."""


def fetch(*words):
    """The directory of what Tests/Boot/fetch makes."""
    if os.getuid() != 0:
        raise Unavailable("a container can only be booted by root")
    done = subprocess.run([os.path.join(HERE, "fetch"), *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(done.stderr.strip()[-300:] or "Tests/Boot/fetch failed")
    return done.stdout.strip().splitlines()[-1]


class Container:
    """One machine; `close` ends and removes it."""

    def __init__(self, kind="tree", unified=False):
        #: Control groups of the second version alone, whatever the host has.
        self.unified = unified
        self.place = fetch(*(["--bare"] if kind == "bare" else []))
        self.name = f"svboot-{os.getpid()}-{time.monotonic_ns() % 1000000}"
        self.tree = tempfile.mkdtemp(prefix="machine.", dir=self.place)
        self.process = None
        subprocess.run(["cp", "-a", "--reflink=auto", os.path.join(self.place, kind) + "/.", self.tree], check=True)
        os.chmod(self.tree, 0o755)

    # MARK: What is in the tree

    def path(self, name):
        return os.path.join(self.tree, name.lstrip("/"))

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def install(self, program, name="/usr/bin/svinstall"):
        """Copies a program with the libraries that the tree does not have."""
        target = self.path(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(program, target)
        os.chmod(target, 0o755)
        listing = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
        for library in re.findall(r"=> (/\S+)", listing):
            if not os.path.exists(self.path(library)):
                os.makedirs(os.path.dirname(self.path(library)), exist_ok=True)
                shutil.copy(os.path.realpath(library), self.path(library))

    def install_package(self, package):
        """Installs a Debian package into the tree, before it is booted."""
        shutil.copy(package, self.path("/root/svinstall.deb"))
        done = subprocess.run(["chroot", self.tree, "dpkg", "-i", "/root/svinstall.deb"], capture_output=True, text=True,
                              env={"PATH": PATH, "LC_ALL": "C"})
        if done.returncode != 0:
            raise AssertionError(f"dpkg -i: {done.returncode}\n{done.stdout}{done.stderr}")

    def files(self, *directories):
        """Every path below some directories, with what links lead to and what files hold."""
        found = {}
        for directory in directories:
            for base, folders, names in os.walk(self.path(directory)):
                for name in folders + names:
                    path = os.path.join(base, name)
                    shown = path[len(self.tree):]
                    if os.path.islink(path):
                        found[shown] = os.readlink(path)
                    elif os.path.isfile(path):
                        with open(path, "rb") as file:
                            found[shown] = file.read()
                    else:
                        found[shown] = None
        return found

    # MARK: Life

    def boot(self, seconds=60):
        """Starts the machine and waits until its systemd says that it has."""
        # a control group of its own in whichever hierarchies there are
        script = 'for h in systemd unified .; do [ -e "/sys/fs/cgroup/$h/cgroup.procs" ] || continue;' \
                 ' mkdir -p "/sys/fs/cgroup/$h/$0" && echo $$ >"/sys/fs/cgroup/$h/$0/cgroup.procs"; done; exec "$@"'
        libraries = [self.place + "/root" + path for path in
                     ("/usr/lib/x86_64-linux-gnu/systemd", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu")]
        self.output = open(os.path.join(self.place, self.name + ".console"), "ab")
        self.process = subprocess.Popen(
            ["sh", "-c", script, self.name, self.place + "/root/usr/bin/systemd-nspawn", "-q", "-D", self.tree, "-b",
             "--register=no", "--keep-unit", "--console=pipe", "--private-network", "--machine", self.name],
            stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, start_new_session=True,
            env=dict(os.environ, LD_LIBRARY_PATH=":".join(libraries),
                     **({"UNIFIED_CGROUP_HIERARCHY": "1"} if self.unified else {})))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Unavailable(f"systemd-nspawn ended with {self.process.returncode}: {self.console()}")
            if self.leader():
                # 'degraded' is up as well: a unit of the container's own may fail for want of hardware
                done = self.run("systemctl", "is-system-running", check=False)
                if done.stdout.strip() in ("running", "degraded"):
                    return
            time.sleep(0.1)
        raise Unavailable(f"no systemd came up in {seconds} s: {self.console()}")

    def console(self):
        with open(os.path.join(self.place, self.name + ".console"), errors="replace") as file:
            return " ".join(file.read().split())[-300:]

    def leader(self):
        """The pid of the machine's process 1."""
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                children = file.read().split()
        except OSError:
            return None
        return int(children[0]) if children else None

    def run(self, *words, user=None, check=True, timeout=120, **environment):
        """Runs a command in the machine, as root or as somebody else."""
        variables = {"PATH": PATH, "LC_ALL": "C", "HOME": f"/home/{user}" if user else "/root", **environment}
        command = ["nsenter", "-t", str(self.leader()), "-m", "-u", "-i", "-p", "-n", "-C", "--wd=/", "--"]
        if user:
            command += ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"]
            variables["USER"] = user
        done = subprocess.run(command + list(words), capture_output=True, text=True, timeout=timeout, env=variables)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def down(self, verb):
        """Switches the machine off; systemd-nspawn's status: 0 after poweroff, 133 after reboot."""
        self.run("systemctl", verb, check=False)
        try:
            self.process.wait(90)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"systemctl {verb} did not end the machine within 90 s")
        self.output.close()

    def reboot(self):
        self.down("reboot")
        self.boot()

    def close(self):
        """Ends the machine, its process 1 first: killing systemd-nspawn alone would leave it."""
        if self.process is not None and self.process.poll() is None:
            leader = self.leader()
            if leader:
                os.kill(leader, signal.SIGKILL)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process is not None:
            self.output.close()
            os.unlink(os.path.join(self.place, self.name + ".console"))
        shutil.rmtree(self.tree, ignore_errors=True)
        for hierarchy in ("systemd", "unified", "."):
            for base, folders, _ in os.walk(f"/sys/fs/cgroup/{hierarchy}/{self.name}", topdown=False):
                try:
                    os.rmdir(base)
                except OSError:
                    pass
