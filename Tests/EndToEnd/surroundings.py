"""What a test makes around a process: a control group with a limit, a stranger with a certain pid."""

import ctypes
import os
import struct

CLONE3 = 435
_libc = ctypes.CDLL(None, use_errno=True)


class Group:
    """A control group of our own with a limit, of whichever version the machine has; OSError where there can be none."""

    #: The file of a limit: of the first version, of the second.
    LIMITS = {"memory": ("memory.limit_in_bytes", "memory.max"), "pids": ("pids.max", "pids.max")}
    #: Where the kernel counts whom it has killed for want of memory.
    KILLS = ("memory.oom_control", "memory.events")

    def __init__(self, controller, limit):
        self.path, self.version = self.place(controller)
        os.mkdir(self.path)
        try:
            self.write(self.LIMITS[controller][self.version], limit)
        except OSError:
            os.rmdir(self.path)
            raise

    @staticmethod
    def place(controller):
        with open("/proc/self/cgroup") as file:
            for line in file:
                _, names, path = line.rstrip("\n").split(":", 2)
                if controller in names.split(","):
                    places = [f"/sys/fs/cgroup/{names}{path}", f"/sys/fs/cgroup/{names}"]
                    # our own group may be out of our sight, in a container
                    found = next((place for place in places if os.path.isdir(place)), places[0])
                    return f"{found}/svinstall-test-{os.getpid()}", 0
                if not names:
                    own = f"/sys/fs/cgroup{path}".rstrip("/")
        with open(f"{own}/cgroup.subtree_control") as file:
            if controller not in file.read().split():
                raise OSError(f"the controller {controller} is not handed down")
        return f"{own}/svinstall-test-{os.getpid()}", 1

    def write(self, name, value):
        with open(f"{self.path}/{name}", "w") as file:
            file.write(str(value))

    def join(self):
        """In the child, before it becomes the program."""
        self.write("cgroup.procs", os.getpid())

    def pids(self):
        with open(f"{self.path}/cgroup.procs") as file:
            return [int(line) for line in file]

    def killed_for_memory(self):
        with open(f"{self.path}/{self.KILLS[self.version]}") as file:
            return dict(line.split() for line in file).get("oom_kill", "0") != "0"

    def close(self):
        os.rmdir(self.path)


def stranger(pid, *words):
    """A child of ours with this very pid (clone(2), set_tid), which becomes a program. OSError where it cannot be had."""
    wanted = ctypes.c_int(pid)
    arguments = ctypes.create_string_buffer(struct.pack("11Q", 0, 0, 0, 0, 17, 0, 0, 0, ctypes.addressof(wanted), 1, 0))
    made = _libc.syscall(CLONE3, arguments, 88)
    if made == 0:
        try:
            os.execv(words[0], words)
        finally:
            os._exit(127)
    if made < 0:
        raise OSError(ctypes.get_errno(), f"a process with the pid {pid}")
    return made
