"""The client process: exec to exit of `status`."""

import subprocess
import time

from measuring import Case, Figure, running, static


def measure(server, setting):
    """Ten programs, five times a run."""
    programs = ("[program:n]\nstartsecs=0\nprocess_name=%(process_num)02d\n"
                f"numprocs=10\ncommand={setting.children['beat']}\n")
    with running(server, setting, programs) as up:
        up.wait_running()
        return {"status, 10 programs": times(server, up, 10, 5)}


def times(server, up, count, repetitions):
    """Milliseconds of each; every program must be shown as running."""
    taken = []
    for _ in range(repetitions):
        begun = time.perf_counter()
        done = subprocess.run([*server.client, "-c", up.configuration, "status"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, check=False)
        taken.append((time.perf_counter() - begun) * 1000)
        if done.returncode != 0 or done.stdout.count(b"RUNNING") != count:
            raise RuntimeError(f"{server.name}: status ended with {done.returncode}, "
                               f"{done.stdout.count(b'RUNNING')} of {count} programs shown as running")
    return taken


CASE = Case("status", "`status` of 10 programs, the whole client process", (
    Figure("status, 10 programs", "ms", aims=static(ratio=1 / 20), drawn=True),
), measure, runs=(5, 2))
