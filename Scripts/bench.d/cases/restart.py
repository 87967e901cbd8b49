"""From kill -9 of a program to the first instruction of its replacement."""

import os
import random
import select
import signal
import statistics
import struct
import time

from measuring import REFERENCE, Aim, Case, Figure, at_percentile, running

KILLS = 100
BEAT = struct.Struct("=qq")


def measure(server, setting):
    """Kills 20 to 70 ms after the last replacement. supervisord needs a second for each, so its
    hundred kills are spread over the runs; the others get a hundred (quick: forty) a run."""
    kills = -(-KILLS // setting.runs) if server.name == REFERENCE else KILLS
    if setting.quick:
        kills = min(kills, 10 if server.name == REFERENCE else 40)
    fifo = os.path.join(setting.directory, "beats")
    os.mkfifo(fifo)
    try:
        reader = os.open(fifo, os.O_RDWR)
        try:
            programs = (f"[program:n]\ncommand={setting.children['beat']} {fifo}\nstartsecs=0\n"
                        "autorestart=true\nrestart_delay=0\n")
            with running(server, setting, programs):
                samples = list(_latencies(reader, kills, server))
        finally:
            os.close(reader)
    finally:
        os.unlink(fifo)
    return {"restart, median": samples, "restart, 99th percentile": samples}


def _latencies(reader, kills, server):
    _, pid = _beat(reader, server)
    for _ in range(kills):
        time.sleep(random.uniform(0.02, 0.07))
        killed = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        os.kill(pid, signal.SIGKILL)
        began, pid = _beat(reader, server)
        yield (began - killed) / 1e6


def _beat(reader, server):
    """(time of its first instruction in ns, pid) of the next program that starts."""
    if not select.select([reader], [], [], 30)[0]:
        raise RuntimeError(f"{server.name} did not start the program again within 30 s")
    return BEAT.unpack(os.read(reader, BEAT.size))


CASE = Case("restart", "kill -9 to the first instruction of the replacement", (
    Figure("restart, median", "ms", of=statistics.median),
    Figure("restart, 99th percentile", "ms", of=at_percentile(99), aims=(Aim("static", limit=2),)),
), measure)
