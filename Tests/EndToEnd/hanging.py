"""File systems that hang or fail: one of our own (fuse(4)) that answers as the test says, and a disk that is frozen."""

import ctypes
import errno
import functools
import os
import select
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading

NEW_MOUNTS, PRIVATE, RECURSIVE = 0x20000, 1 << 18, 1 << 14
LOOKUP, FORGET, GETATTR, SETATTR, OPEN, READ, WRITE, RELEASE, FLUSH, INIT = 1, 2, 3, 4, 14, 15, 16, 18, 25, 26
OPENDIR, RELEASEDIR, ACCESS, CREATE, INTERRUPT, BATCH_FORGET = 27, 29, 34, 35, 36, 42
FREEZE, THAW = 0xC0045877, 0xC0045878

_libc = ctypes.CDLL(None, use_errno=True)


def private_mounts():
    """From now on this process mounts for itself and its children alone."""
    if _libc.unshare(NEW_MOUNTS) or _libc.mount(b"none", b"/", None, PRIVATE | RECURSIVE, None):
        raise OSError(ctypes.get_errno(), "mount namespace")


def mount(source, target, kind=None, flags=0, data=None):
    words = [word if word is None else os.fsencode(word) for word in (source, target, kind)]
    if _libc.mount(*words, flags, data and data.encode()):
        raise OSError(ctypes.get_errno(), f"mount {kind or source} at {target}")


class Files:
    """A directory whose files nobody can have: looking one up is never answered, from then on until `close`.

    As over a dead NFS, whoever asks waits until it is killed.
    """

    def __init__(self, place):
        self.place = place
        self.asked = threading.Event()
        self.ours, self.theirs = socket.socketpair()
        self.descriptor = None
        threading.Thread(target=self.serve, daemon=True).start()

    def install(self):
        """In the child that is to have the directory, before it becomes the program."""
        private_mounts()
        descriptor = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        mount("hanging", self.place, "fuse", 0, f"fd={descriptor},rootmode=40000,user_id=0,group_id=0,allow_other")
        socket.send_fds(self.theirs, [b"x"], [descriptor])
        os.close(descriptor)

    def serve(self):
        _, descriptors, _, _ = socket.recv_fds(self.ours, 1, 1)
        if not descriptors:
            return
        self.descriptor, = descriptors
        self.stopping, self.stop = os.pipe()
        while True:
            ready = select.select([self.descriptor, self.stopping], [], [])[0]
            if self.stopping in ready:
                os.close(self.descriptor)  # whoever waits is told that nobody is there any more
                return
            try:
                request = os.read(self.descriptor, 1 << 18)
            except OSError:
                return
            _, code, number, node = struct.unpack_from("IIQQ", request)
            self.answer(code, number, node, request[40:])

    def answer(self, code, number, node, body):
        if code == INIT:
            self.reply(number, struct.pack("IIIIHHIIHHI28x", 7, 31, 65536, 0, 12, 10, 65536, 1, 0, 0, 0))
        elif code == GETATTR:
            self.reply(number, struct.pack("QII", 0, 0, 0) + self.attributes(node))
        elif code in (OPENDIR, OPEN):
            self.reply(number, struct.pack("QII", 1, 0, 0))
        elif code in (RELEASE, RELEASEDIR, FLUSH, ACCESS):
            self.reply(number, b"")
        elif code == LOOKUP:
            self.asked.set()
        elif code not in (FORGET, BATCH_FORGET, INTERRUPT):
            self.reply(number, b"", errno.ENOSYS)

    def attributes(self, node):
        return struct.pack("QQQQQQIIIIIIIIII", node, 0, 0, 0, 0, 0, 0, 0, 0, stat.S_IFDIR | 0o755, 2, 0, 0, 0, 4096, 0)

    def reply(self, number, body, error=0):
        os.write(self.descriptor, struct.pack("IiQ", 16 + len(body), -error, number) + body)

    def close(self):
        if self.descriptor is not None:
            os.write(self.stop, b"x")
        self.theirs.close()


#: Thaws what its standard input holds when whoever froze it is gone.
THAWER = f"""\
import fcntl, os, sys
place = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(place, {FREEZE}, 0)
print("frozen", flush=True)
sys.stdin.read()
fcntl.ioctl(place, {THAW}, 0)
"""


class Disk:
    """A small ext4 of its own in a file, mounted for one process. Whoever writes while it is frozen waits and cannot even
    be killed: it sleeps uninterruptibly (D)."""

    def __init__(self, image, place):
        self.image, self.place = image, place
        self.holder = None
        with open(image, "wb") as file:
            file.truncate(16 << 20)
        subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)

    def install(self):
        private_mounts()
        subprocess.run(["mount", "-o", "loop", self.image, self.place], check=True, capture_output=True)

    def freeze(self, pid):
        """`pid` is of a process that has it mounted."""
        self.holder = subprocess.Popen([sys.executable, "-c", THAWER, f"/proc/{pid}/root{self.place}"], text=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != "frozen\n":
            self.thaw()
            raise OSError("the disk cannot be frozen")

    def thaw(self):
        if self.holder:
            self.holder.communicate()
            self.holder = None


@functools.cache
def no_mounts():
    """Why nothing can be mounted for one process alone here; None where it can."""
    try:
        with tempfile.TemporaryDirectory() as place:
            def install():
                private_mounts()
                mount("small", place, "tmpfs")
            subprocess.run(["/bin/true"], preexec_fn=install, timeout=20, check=True)
            return None
    except (OSError, subprocess.SubprocessError) as error:
        return f"nothing can be mounted for one process alone: {error}"


@functools.cache
def no_files():
    """Why there can be no file system of our own here; None where there can."""
    with tempfile.TemporaryDirectory() as place:
        files = Files(place)
        try:
            done = subprocess.run(["/usr/bin/stat", "-f", place], preexec_fn=files.install, timeout=20, capture_output=True)
            return None if done.returncode == 0 or files.descriptor is not None else "no file system of our own"
        except (OSError, subprocess.SubprocessError) as error:
            return f"a file system of our own is refused: {error}"
        finally:
            files.close()


@functools.cache
def no_disk():
    """Why there can be no disk of our own here; None where there can."""
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(f"{place}/disk")
        try:
            disk = Disk(f"{place}/image", f"{place}/disk")
            subprocess.run(["/bin/true"], preexec_fn=disk.install, timeout=20, check=True)
            return None
        except (OSError, subprocess.SubprocessError) as error:
            return f"a disk of our own is refused: {error}"
