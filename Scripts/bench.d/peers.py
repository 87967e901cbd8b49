"""Supervisors that do not read supervisord's configuration: how each is told of programs and started."""

import glob
import os
import shutil
import subprocess
import sys

from measuring import Server


def _s6(program, directory, programs):
    """One service directory a program; s6-svscan ends what it supervises on TERM."""
    for name, words in programs.items():
        _script(os.path.join(directory, name, "run"), words)
    # Debian's knows its helper by an absolute path, where nothing shall be installed: a copy looks beside the services
    helper, scan = b"/usr/bin/s6-supervise", os.path.join(directory, ".s6-svscan-copy")
    with open(program("s6-svscan"), "rb") as original, open(scan, "wb") as copy:
        copy.write(original.read().replace(helper + b"\0", b"./.s6-supervise".ljust(len(helper) + 1, b"\0")))
    os.chmod(scan, 0o755)
    os.symlink(program("s6-supervise"), os.path.join(directory, ".s6-supervise"))
    return [scan, "-c", str(max(500, len(programs) + 1)), directory]


def _runit(program, directory, programs):
    """One service directory a program; runsvdir sees them at once only when they are there first."""
    for name, words in programs.items():
        _script(os.path.join(directory, name, "run"), words)
    return [program("runsvdir"), directory]


def _dinit(program, directory, programs):
    """One file a program, all wanted by the service boot."""
    for name, words in programs.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(f"type = process\ncommand = {' '.join(words)}\nrestart = true\nrestart-delay = 0\nrestart-limit-count = 0\n")
    with open(os.path.join(directory, "boot"), "w", encoding="utf-8") as file:
        file.write("type = internal\n" + "".join(f"waits-for = {name}\n" for name in programs))
    return [program("dinit"), "--user", "--quiet", "--services-dir", directory, "--socket-path",
            os.path.join(directory, "control")]


TREES = {"s6": _s6, "runit": _runit, "dinit": _dinit}


def find(name, root):
    """The peer as a list of one; empty, and said so, where it is not to be had."""
    place = _installed(name) if name == "dinit" else _fetched(name, root)
    if place is None:
        print(f"bench: {name} is left out: "
              + ("not installed, and not among Debian 12's packages" if name == "dinit" else "it cannot be fetched"),
              file=sys.stderr)
        return []
    programs, environment = place

    def program(file):
        return os.path.join(programs, file)

    def tree(directory, services):
        return TREES[name](program, directory, services)
    return [Server(name, (), (), tree, environment)]


def _installed(name):
    path = shutil.which(name)
    return (os.path.dirname(path), {}) if path else None


def _fetched(name, root):
    """(where its programs are, the environment that they need)."""
    done = subprocess.run([os.path.join(root, "Scripts/peers"), name], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return None
    # not the starters in bin/: a shell before every helper would be measured too
    unpacked = os.path.join(done.stdout.strip(), "root/usr")
    libraries = ":".join(glob.glob(f"{unpacked}/lib/*-linux-gnu*"))
    return f"{unpacked}/bin", {"PATH": f"{unpacked}/bin:{os.environ['PATH']}", "LD_LIBRARY_PATH": libraries}


def _script(path, words):
    os.mkdir(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\nexec {' '.join(words)}\n")
    os.chmod(path, 0o755)
