"""The daemon under test: its configuration of fifty programs, its clients' calls, what it holds."""

import collections
import http.client
import os
import re
import signal
import socket
import struct
import subprocess
import time
import xmlrpc.client

#: Longest time in which any call must be answered.
PATIENCE = 60


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        return _Connection(self.path)


class Program:
    """One program of the configuration."""

    def __init__(self, name, pause, life=0, status=0, ignores_term=False, place="logs", small=False, user=None):
        self.name, self.pause, self.life, self.status = name, pause, life, status
        self.ignores_term, self.place, self.small, self.user = ignores_term, place, small, user
        self.edition = 0
        self.present = True

    def section(self, directory):
        words = [f"{directory}/worker", f"{directory}/lives", self.name, self.pause, self.life, self.status,
                 int(self.ignores_term)]
        size, backups = (20_000, 3) if self.small else (500_000, 10)
        return (f"[program:{self.name}]\ncommand={' '.join(map(str, words))}\nautorestart=true\n"
                f"startsecs={0 if self.life else 1}\nstartretries=1000\nstopwaitsecs={1 if self.ignores_term else 10}\n"
                f"stdout_logfile={directory}/{self.place}/{self.name}.log\nstdout_logfile_maxbytes={size}\n"
                f"stdout_logfile_backups={backups}\nredirect_stderr=true\nenvironment=EDITION=\"{self.edition}\"\n"
                + (f"user={self.user}\n" if self.user else ""))


def fifty(chance):
    """Thirty-five that run for ever (five of them as another user), five that rotate often, five that end, five on the
    small disk; ten ignore TERM."""
    # Limits of processes count for those who are not root.
    stranger = "nobody" if os.geteuid() == 0 else None
    programs = []
    for number in range(50):
        kind = "steady" if number < 35 else "turning" if number < 40 else "ending" if number < 45 else "cramped"
        programs.append(Program(
            f"{kind}{number}", pause=1 if kind == "turning" else chance.randint(5, 60),
            life=chance.choice([200, 700, 1500, 3000]) if kind == "ending" else 0, status=chance.choice([0, 1]),
            ignores_term=number % 5 == 0, place="small" if kind == "cramped" else "logs", small=kind == "turning",
            user=stranger if 30 <= number < 35 else None))
    return programs


class Daemon:
    def __init__(self, svinstall, directory, programs, clock=None):
        """`clock`: a library to load before the daemon; its wall clock is then off by what `step_clock` says."""
        self.svinstall, self.directory, self.programs = svinstall, directory, programs
        self.has_clock = clock is not None
        self.socket = f"{directory}/s.sock"
        self.write()
        environment = dict(os.environ, SVINSTALL_STATE_DIR=f"{directory}/state", HOME=directory)
        if clock:
            self.step_clock(0)
            environment.update(LD_PRELOAD=clock, CHAOS_CLOCK=f"{directory}/clock")
        self.process = subprocess.Popen([svinstall, "run", "-c", f"{directory}/c.conf"], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pid = self.process.pid

    def write(self):
        """The configuration as it is now, in one step."""
        text = (f"[supervisord]\nlogfile={self.directory}/d.log\nlogfile_maxbytes=0\npidfile={self.directory}/d.pid\n"
                f"[unix_http_server]\nfile={self.socket}\n[rpcinterface:supervisor]\n"
                "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n")
        text += "".join(program.section(self.directory) for program in self.programs if program.present)
        with open(f"{self.directory}/c.conf.new", "w") as file:
            file.write(text)
        os.rename(f"{self.directory}/c.conf.new", f"{self.directory}/c.conf")

    def call(self, method, *arguments):
        """The answer; a fault is one. Anything else is a failure of the daemon."""
        server = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(self.socket), allow_none=True)
        try:
            return getattr(server, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            return fault

    def states(self):
        """State names and pids by program."""
        answer = self.call("supervisor.getAllProcessInfo")
        if isinstance(answer, xmlrpc.client.Fault):
            return {}
        return {row["name"]: (row["statename"], row["pid"]) for row in answer}

    def wait_until_it_answers(self, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if not isinstance(self.call("supervisor.getState"), xmlrpc.client.Fault):
                    return True
            except OSError:
                pass
            except http.client.HTTPException:
                pass
            time.sleep(0.05)
        return False

    def update(self):
        """`supervisorctl update`: stops and removes, then adds."""
        answer = self.call("supervisor.reloadConfig")
        if isinstance(answer, xmlrpc.client.Fault):
            return
        added, changed, removed = answer[0]
        for name in changed + removed:
            self.call("supervisor.stopProcessGroup", name)
            self.call("supervisor.removeProcessGroup", name)
        for name in changed + added:
            self.call("supervisor.addProcessGroup", name)

    def step_clock(self, seconds):
        """The daemon's wall clock is so far off the machine's from now on."""
        with open(f"{self.directory}/clock", "r+b" if os.path.exists(f"{self.directory}/clock") else "wb") as file:
            file.write(struct.pack("=q", seconds))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def kinds(self):
        """How many descriptors of each kind it has open."""
        found = collections.Counter()
        for name in os.listdir(f"/proc/{self.pid}/fd"):
            try:
                found[re.sub(r"\[\d+\]", "", os.readlink(f"/proc/{self.pid}/fd/{name}"))] += 1
            except OSError:
                pass
        return found

    def memory(self):
        """Bytes that are its own and not a copy of a file's."""
        with open(f"/proc/{self.pid}/smaps_rollup") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Private_Dirty")) * 1024

    def empty(self):
        """All programs stopped: the kinds of descriptors and the memory that it then holds at least."""
        self.call("supervisor.stopAllProcesses")
        held = self.kinds(), self.memory()
        for _ in range(20):
            time.sleep(0.3)
            held = min(held[0], self.kinds(), key=collections.Counter.total), min(held[1], self.memory())
        return held

    def children(self):
        """Pid, state letter and first word of each child."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/stat") as file:
                    words = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[1]) == self.pid:
                found.append((int(name), words[0]))
        return found

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return False
        return self.process.returncode == 0
