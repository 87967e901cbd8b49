"""From exec to the first answered getState, on a configuration without programs."""

import os
import subprocess

from measuring import Aim, Case, Figure, end, place


def measure(server, setting):
    """Three starts a run."""
    samples = []
    for _ in range(3):
        with place(setting) as (directory, path):
            started = subprocess.run(
                [setting.children["firstanswer"], os.path.join(directory, "s.sock"),
                 *server.command, "-c", path],
                cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, check=False)
            if started.returncode:
                raise RuntimeError(f"{server.name} does not answer")
            nanoseconds, pid = map(int, started.stdout.split()[-2:])
            end(pid)
            samples.append(nanoseconds / 1e6)
    return {"exec to first answer": samples}


CASE = Case("start", "exec to the first answered getState", (
    Figure("exec to first answer", "ms", aims=(Aim("static", ratio=1 / 15),), drawn=True),
), measure, runs=(7, 3))
