"""System calls of a process that the test answers in the kernel's place (seccomp_unotify(2)): they fail, or never end."""

import ctypes
import fcntl
import functools
import os
import platform
import select
import socket
import struct
import subprocess
import threading

#: asm/unistd.h
NUMBERS = {
    "x86_64": {"write": 1, "pwrite64": 18, "writev": 20, "clone": 56, "vfork": 58, "execve": 59, "chdir": 80, "flock": 73,
               "fsync": 74, "rename": 82, "mkdir": 83, "rmdir": 84, "symlink": 88, "unlink": 87, "chmod": 90,
               "setgroups": 116, "chroot": 161, "openat": 257, "mkdirat": 258, "unlinkat": 263, "renameat": 264,
               "symlinkat": 266, "fchmodat": 268, "renameat2": 316, "getrandom": 318, "seccomp": 317, "clone3": 435,
               "open": 2, "fchmod": 91, "fchown": 93, "fork": 57, "sendto": 44, "newfstatat": 262, "stat": 4,
               "ftruncate": 77, "creat": 85, "link": 86, "linkat": 265, "fdatasync": 75, "splice": 275},
    "aarch64": {"write": 64, "pwrite64": 68, "writev": 66, "clone": 220, "execve": 221, "chdir": 49, "flock": 32,
                "fsync": 82, "setgroups": 159, "chroot": 51, "openat": 56, "mkdirat": 34, "unlinkat": 35, "renameat": 38,
                "symlinkat": 36, "fchmodat": 53, "renameat2": 276, "getrandom": 278, "seccomp": 277, "clone3": 435,
                "fchmod": 52, "fchown": 55, "sendto": 206, "newfstatat": 79, "ftruncate": 46, "linkat": 37,
                "fdatasync": 83, "splice": 76},
}.get(platform.machine(), {})

SET_FILTER, NEW_LISTENER, NO_NEW_PRIVILEGES = 1, 8, 38
ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
RECEIVE, SEND, GO_ON = 0xC0502100, 0xC0182101, 1
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06

#: What a handler returns for a call that gets no answer before `release`.
HOLD = "hold"

_libc = ctypes.CDLL(None, use_errno=True)


class Call:
    """One call that waits for its answer."""

    def __init__(self, name, pid, arguments):
        self.name, self.pid, self.arguments = name, pid, arguments

    def text(self, place):
        """The text that an argument points to."""
        with open(f"/proc/{self.pid}/mem", "rb") as file:
            file.seek(self.arguments[place])
            return file.read(4096 - self.arguments[place] % 4096).split(b"\0")[0].decode(errors="replace")

    def file(self, place=0):
        """What a descriptor leads to."""
        try:
            return os.readlink(f"/proc/{self.pid}/fd/{self.arguments[place]}")
        except OSError:
            return ""


class Intruder:
    """`handler` is asked about each call of these names: None lets it go on, an error number fails it, HOLD holds it."""

    def __init__(self, names, handler):
        # a machine has some of the older calls no more
        self.names = {NUMBERS[name]: name for name in names if name in NUMBERS}
        self.handler = handler
        self.held = []
        self.lock = threading.Lock()
        self.ours, self.theirs = socket.socketpair()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def install(self):
        """In the child, before it becomes the program."""
        steps = [(LOAD, 0, 0, 0)]
        numbers = list(self.names)
        steps += [(EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
        steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, NOTIFY)]
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
        program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
        _libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        listener = _libc.syscall(NUMBERS["seccomp"], SET_FILTER, NEW_LISTENER, program)
        if listener < 0:
            raise OSError(ctypes.get_errno(), "seccomp")
        socket.send_fds(self.theirs, [b"x"], [listener])
        os.close(listener)

    def serve(self):
        _, descriptors, _, _ = socket.recv_fds(self.ours, 1, 1)
        if not descriptors:
            return
        self.listener, = descriptors
        events = select.poll()
        events.register(self.listener, select.POLLIN)
        while True:
            ready = events.poll()
            if not ready or not ready[0][1] & select.POLLIN:
                return
            buffer = bytearray(80)
            try:
                fcntl.ioctl(self.listener, RECEIVE, buffer)
            except OSError:
                continue  # whoever asked is gone
            number, pid, _, call, _, _, *arguments = struct.unpack("QIIiIQ6Q", buffer)
            asked = Call(self.names[call], pid, arguments)
            with self.lock:
                try:
                    answer = self.handler(asked)
                except OSError:
                    answer = None
                if answer == HOLD:
                    self.held.append(number)
                else:
                    self.answer(number, answer)

    def answer(self, number, error):
        try:
            reply = struct.pack("QqiI", number, 0, -error if error else 0, 0 if error else GO_ON)
            fcntl.ioctl(self.listener, SEND, reply)
        except OSError:
            pass  # whoever asked is gone

    def release(self, handler=lambda call: None):
        """Lets go on what is held, and asks another handler from now on."""
        with self.lock:
            self.handler = handler
            for number in self.held:
                self.answer(number, None)
            self.held.clear()

    def close(self):
        self.theirs.close()
        self.release()
        self.ours.close()


@functools.cache
def unavailable():
    """Why no calls can be answered here; None where they can."""
    if not NUMBERS:
        return f"the numbers of the system calls of {platform.machine()} are not in the table"
    try:
        asked = []
        intruder = Intruder(["getrandom", "openat"], lambda call: asked.append(call.name))
        done = subprocess.run(["/bin/true"], preexec_fn=intruder.install, timeout=20)
        return None if done.returncode == 0 and asked else "system calls are not told"
    except (OSError, subprocess.SubprocessError) as error:
        return f"a filter of system calls that asks us is refused: {error}"
