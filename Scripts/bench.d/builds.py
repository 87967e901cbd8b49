"""Brings about what is measured: the peer, svinstall's two builds, the C children."""

import os
import subprocess
import sys

import peers
from harness import reference
from measuring import REFERENCE, Server

NAMES = (REFERENCE, *peers.TREES, "static", "ordinary")


def servers(root, options):
    """The servers the options ask for; builds what they do not name."""
    found = []
    for name in NAMES:
        if name not in options.servers:
            continue
        if name == REFERENCE:
            venv = reference.ensure(options.venv)
            found.append(Server(name, (reference.executable(venv, "supervisord"), "-n"),
                                (reference.executable(venv, "supervisorctl"),)))
        elif name in peers.TREES:
            found.extend(peers.find(name, root))
        else:
            path = os.path.abspath(getattr(options, name) or _built(name, root))
            if not os.access(path, os.X_OK):
                raise RuntimeError(f"no executable at {path}; build it or name another by --{name}")
            found.append(Server(name, (path, "run"), (path, "ctl")))
    return found


def children(root, directory):
    """Compile the C children into `directory`; their paths by name."""
    source = os.path.join(root, "Scripts/bench.d")
    flags = {
        "beat": ["-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-pie", "-no-pie"],
        "firstanswer": [],
        "asks": ["-pthread"],
        "pour": [],
        "checkpour": [],
    }
    made = {}
    for name, extra in flags.items():
        made[name] = os.path.join(directory, name)
        _run([os.environ.get("CC", "cc"), "-O2", "-Wall", *extra, "-o", made[name],
              os.path.join(source, f"{name}.c")], root)
    return made


def _built(name, root):
    """Build it; these scripts print the path on their last line."""
    return _run([os.path.join(root, f"Scripts/build-{name}")], root).splitlines()[-1]


def _run(command, root):
    """Run a command, its complaints shown; its standard output."""
    print(f"bench: {' '.join(command)}", file=sys.stderr, flush=True)
    try:
        return subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"{command[0]} failed: {error}") from error
