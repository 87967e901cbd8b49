"""A service manager's descriptor store (sd_notify(3), FDSTORE=1) and the parent of orphans, as systemd is both."""

import ctypes
import os
import select
import socket
import stat
import sys
import threading

PR_SET_CHILD_SUBREAPER = 36

#: Puts the descriptors it is given where sd_listen_fds(3) has them, and becomes the program.
LAUNCHER = """\
import os, sys
numbers, names = [int(word) for word in sys.argv[1].split(",") if word], sys.argv[2]
import fcntl
high = [fcntl.fcntl(number, fcntl.F_DUPFD, 1000 + len(numbers)) for number in numbers]
for index, number in enumerate(high):
    os.dup2(number, 3 + index)
    os.close(number)
os.environ["SYSTEMD_EXEC_PID"] = str(os.getpid())
if numbers:
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(numbers)), LISTEN_FDNAMES=names)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Keeper:
    """Keeps what a daemon gives it, and gives it to the next one. It is asked not to watch them (FDPOLL=0)."""

    def __init__(self, path, size=1000):
        self.size = size
        self.path = path
        #: (name, descriptor), in the order in which they came.
        self.kept = []
        #: Whoever did not ask for FDPOLL=0, which would lose bytes.
        self.unasked = []
        self.messages = 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(path)
        self.lock = threading.Lock()
        self.stopping, self.stop = os.pipe()
        self.reads = True
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def environment(self, environment):
        return dict(environment, NOTIFY_SOCKET=self.path, FDSTORE=str(self.size))

    def launch(self, program, *words):
        """The command that starts a daemon with what is kept, and the descriptors that it inherits."""
        self.take_in()
        with self.lock:
            numbers = [str(descriptor) for _, descriptor in self.kept]
            names = ":".join(name for name, _ in self.kept)
            command = [sys.executable, "-c", LAUNCHER, ",".join(numbers), names, program, *words]
            return command, [descriptor for _, descriptor in self.kept]

    def names(self):
        self.take_in()
        with self.lock:
            return [name for name, _ in self.kept]

    def take_in(self):
        """Everything that was sent by now."""
        while self.reads and select.select([self.listener], [], [], 0)[0]:
            self.receive()

    def forget_births(self):
        """As if the daemon had been killed right after it made its processes: no handles, and nothing written of them."""
        self.take_in()
        with self.lock:
            for name, descriptor in list(self.kept):
                kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
                if name.startswith("+") and kind == stat.S_IFREG:
                    length = int.from_bytes(os.pread(descriptor, 4, 0), "little")
                    os.ftruncate(descriptor, 4 + length)
                elif name.startswith("+") and kind == 0:
                    os.close(descriptor)
                    self.kept.remove((name, descriptor))

    def serve(self):
        while True:
            ready = select.select([self.listener, self.stopping] if self.reads else [self.stopping], [], [], 0.05)[0]
            if self.stopping in ready:
                return
            if self.reads and ready:
                self.receive()
            self.reap()

    def receive(self):
        with self.lock:
            try:
                text, passed, _, _ = socket.recv_fds(self.listener, 65536, 16, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            self.messages += 1
            lines = text.decode().split("\n")
            name = next((line[7:] for line in lines if line.startswith("FDNAME=")), None)
            if "FDSTOREREMOVE=1" in lines:
                for kept, descriptor in self.kept:
                    if kept == name:
                        os.close(descriptor)
                self.kept = [entry for entry in self.kept if entry[0] != name]
            if "FDSTORE=1" in lines:
                if "FDPOLL=0" not in lines:
                    self.unasked.append(text)
                room = self.size - len(self.kept)
                self.kept += [(name, descriptor) for descriptor in passed[:room]]
                passed = passed[room:]
            for descriptor in passed:
                os.close(descriptor)

    def reap(self):
        """Programs of daemons that were killed: they lead process groups, unlike what a test starts itself."""
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            for pid in [int(word) for word in file.read().split()]:
                try:
                    with open(f"/proc/{pid}/stat") as file:
                        fields = file.read().rsplit(")", 1)[1].split()
                    if fields[0] == "Z" and int(fields[2]) == pid:
                        os.waitpid(pid, os.WNOHANG)
                except OSError:
                    continue

    def close(self):
        os.write(self.stop, b"x")
        self.thread.join()
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0)
        for _, descriptor in self.kept:
            os.close(descriptor)
        for descriptor in (self.stopping, self.stop):
            os.close(descriptor)
        self.listener.close()
