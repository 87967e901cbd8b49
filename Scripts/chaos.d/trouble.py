"""What chance does to the daemon and its programs."""

import errno
import os
import resource
import signal
import socket
import time
import xmlrpc.client


class Trouble:
    """A source of trouble of its own thread; `log` remembers what was done and what went unanswered."""

    def __init__(self, daemon, chance, log, small_disk):
        self.daemon, self.chance, self.log, self.small_disk = daemon, chance, log, small_disk
        self.held = []
        self.deeds = [(30, self.kill), (12, self.stop), (14, self.start), (8, self.restart), (6, self.freeze),
                      (5, self.change), (4, self.leave_or_return), (3, self.reopen), (6, self.slow_client),
                      (8, self.hostile_client), (3, self.follower), (2, self.freeze_daemon), (2, self.few_descriptors),
                      (2, self.few_processes), (1, self.restart_all), (10, self.ask)]
        if daemon.has_clock:
            self.deeds.append((3, self.step_clock))
        if small_disk:
            self.deeds.append((3, self.full_disk))

    def one(self):
        deed = self.chance.choices([deed for _, deed in self.deeds], [weight for weight, _ in self.deeds])[0]
        try:
            deed()
            self.log.did(deed.__name__)
        except (OSError, xmlrpc.client.ProtocolError, EOFError) as error:
            self.log.unanswered(deed.__name__, error)

    def name(self):
        return self.chance.choice(self.daemon.programs).name

    def pid(self):
        """A running program's pid, or 0."""
        running = [pid for state, pid in self.daemon.states().values() if pid and state == "RUNNING"]
        return self.chance.choice(running) if running else 0

    def send(self, number, pid):
        try:
            if pid:
                os.kill(pid, number)
        except ProcessLookupError:
            pass

    def kill(self):
        self.send(self.chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGHUP]), self.pid())

    def stop(self):
        self.daemon.call("supervisor.stopProcess", self.name(), self.chance.random() < 0.5)

    def start(self):
        self.daemon.call("supervisor.startProcess", self.name(), self.chance.random() < 0.5)

    def restart(self):
        name = self.name()
        self.daemon.call("supervisor.stopProcess", name)
        self.daemon.call("supervisor.startProcess", name)

    def freeze(self):
        """A program stands still; now and then it is stopped while it does."""
        pid = self.pid()
        self.send(signal.SIGSTOP, pid)
        if self.chance.random() < 0.3:
            self.stop()
        time.sleep(self.chance.random())
        self.send(signal.SIGCONT, pid)

    def change(self):
        with self.log.editing:
            for _ in range(self.chance.randint(1, 4)):
                self.chance.choice(self.daemon.programs).edition += 1
            self.daemon.write()
            self.daemon.update()

    def leave_or_return(self):
        with self.log.editing:
            program = self.chance.choice(self.daemon.programs)
            program.present = not program.present
            self.daemon.write()
            self.daemon.update()

    def reopen(self):
        self.send(signal.SIGUSR2, self.daemon.pid)

    def connection(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(10)
        connection.connect(self.daemon.socket)
        return connection

    def keep(self, connection):
        self.held.append(connection)
        while len(self.held) > 20:
            self.held.pop(0).close()

    def slow_client(self):
        connection = self.connection()
        connection.sendall(b"POST /RPC2 HTTP/1.1\r\nContent-Length: 100\r\n\r\n<?xml"[:self.chance.randint(1, 50)])
        self.keep(connection)

    def hostile_client(self):
        text = self.chance.choice([
            self.chance.randbytes(self.chance.randint(1, 5000)), b"POST /RPC2 HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
            b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n\r\n", b"POST /RPC2 HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST /RPC2 HTTP/1.1\r\nContent-Length: 9000\r\n\r\n" + b"<a>" * 3000])
        connection = self.connection()
        try:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(100)
        except OSError as error:
            # it may hang up on us, it must not ignore us
            if error.errno not in (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN):
                raise
        finally:
            connection.close()

    def follower(self):
        """Asks for a log without end and does not read it."""
        connection = self.connection()
        connection.sendall(f"GET /logtail/{self.name()}/stdout HTTP/1.1\r\n\r\n".encode())
        self.keep(connection)

    def freeze_daemon(self):
        self.send(signal.SIGSTOP, self.daemon.pid)
        time.sleep(self.chance.random())
        self.send(signal.SIGCONT, self.daemon.pid)

    def few_descriptors(self):
        with self.log.limiting:
            before = resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, (self.daemon.descriptors() + 2, before[1]))
            time.sleep(self.chance.random())
            resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, before)

    def few_processes(self):
        """None may be added for a while: as root, for programs of another user; else for all."""
        with self.log.limiting:
            before = resource.prlimit(self.daemon.pid, resource.RLIMIT_NPROC)
            resource.prlimit(self.daemon.pid, resource.RLIMIT_NPROC, (1, before[1]))
            try:
                end = time.monotonic() + self.chance.random()
                while time.monotonic() < end:
                    self.kill()
                    time.sleep(0.1)
            finally:
                resource.prlimit(self.daemon.pid, resource.RLIMIT_NPROC, before)

    def step_clock(self):
        """The wall clock jumps: a second, an hour, days, years; there or back."""
        self.daemon.step_clock(self.chance.choice([-1, 1]) * self.chance.choice([0, 1, 60, 3600, 86_400 * 3, 86_400 * 3650]))

    def restart_all(self):
        with self.log.editing:
            self.log.restarting = True
            self.daemon.call("supervisor.restart")
            time.sleep(0.2)
            if not self.daemon.wait_until_it_answers():
                raise TimeoutError("the daemon did not come back")
            self.log.restarting = False

    def ask(self):
        self.daemon.call(*self.chance.choice([
            ("supervisor.getAllProcessInfo",), ("supervisor.getAllConfigInfo",), ("system.listMethods",),
            ("supervisor.tailProcessStdoutLog", self.name(), 0, 2000), ("supervisor.readLog", 0, 2000),
            ("supervisor.nonsense",), ("supervisor.getProcessInfo", "nobody")]))

    def full_disk(self):
        filler = os.path.join(self.small_disk, "filler")
        with self.log.limiting:
            try:
                with open(filler, "wb", buffering=0) as file:
                    while True:
                        file.write(bytes(4096))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            time.sleep(self.chance.random())
            os.unlink(filler)

    def finish(self):
        for connection in self.held:
            connection.close()
