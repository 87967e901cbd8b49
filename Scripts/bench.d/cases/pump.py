"""What programs write goes into log files: how fast, and at what cost, with every byte looked at afterwards."""

import dataclasses
import glob
import os
import struct
import subprocess
import time

from fleet import beats
from measuring import Case, Figure, asked, processor_seconds, running, static

POURED = struct.Struct("=qqq")
MEGABYTE = 1_000_000


@dataclasses.dataclass(frozen=True)
class Stream:
    """What is poured: `megabytes` by each of `programs`, in pieces of `piece` bytes, lines of `line` bytes."""

    name: str
    megabytes: int
    piece: int
    line: int = 1024
    programs: int = 1
    settings: str = "stdout_logfile_maxbytes=0\n"
    faster: float = 1
    cheaper: float | None = None


ROTATED = "stdout_logfile_maxbytes=50MB\nstdout_logfile_backups=10\n"
STREAMS = (
    Stream("64 KB writes", 1000, 65536, faster=1.4, cheaper=0.9),
    Stream("4 KB writes", 1000, 4096, faster=1.4, cheaper=0.9),
    Stream("rotated at 50 MB", 1000, 65536, settings=ROTATED),
    Stream("100-byte lines", 100, 100, line=100, cheaper=0.5),
    Stream("100 programs", 10, 65536, programs=100, faster=1.4),
)


def measure(server, setting):
    """Every stream once a run; a quick run pours a quarter."""
    samples = {}
    for stream in STREAMS:
        speed, cost = _pour(server, setting, stream)
        samples[_speed(stream)], samples[_cost(stream)] = [speed], [cost]
    samples["getState while it pours, 99th percentile"] = [_late(server, setting, 1 if setting.quick else 3)]
    return samples


def _pour(server, setting, stream):
    """(megabytes a second, seconds of processor time a gigabyte) of one stream."""
    size = stream.megabytes * MEGABYTE // (4 if setting.quick and stream.programs == 1 else 1)
    size -= size % stream.line
    with beats(setting) as fifo:
        with running(server, setting, _program(setting, stream, fifo, size)) as up:
            used = processor_seconds(up.pid)
            up.ask("startProcessGroup", "n", False)
            # opened for both, so that no writer's end is an end of the file
            with open(fifo.path, "r+b", buffering=0) as reader:
                told = b""
                while len(told) < POURED.size * stream.programs:
                    told += reader.read(1 << 16)
            logs = {number: f"{up.directory}/logs/{number:03}" for number in range(stream.programs)}
            _wait_for_bytes(logs.values(), size, stream)
            ended = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            used = processor_seconds(up.pid) - used
            _check(server, setting, stream, logs, size)
    begun = min(began for began, _, _ in POURED.iter_unpack(told))
    whole = size * stream.programs
    return whole / MEGABYTE / ((ended - begun) / 1e9), used / (whole / MEGABYTE / 1000)


def _program(setting, stream, fifo, size):
    return ("[program:n]\nprocess_name=%(process_num)03d\nstartsecs=0\nautostart=false\nautorestart=false\n"
            f"numprocs={stream.programs}\ncommand={setting.children['pour']} {fifo.path} {size} {stream.piece} {stream.line}\n"
            f"stdout_logfile=%(here)s/logs/%(process_num)03d\n{stream.settings}")


def _wait_for_bytes(logs, size, stream):
    """Until the logs hold all; of a rotated one the last file, whose size follows from the whole."""
    deadline = time.monotonic() + 60
    for log in logs:
        while not _complete(log, size, stream):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{log} never held all that was poured")
            time.sleep(0.001)


def _complete(log, size, stream):
    if stream.settings != ROTATED:
        return os.path.getsize(log) >= size
    # the files' own sizes are the server's affair, their last line is not
    with open(log, "rb") as file:
        length = file.seek(0, os.SEEK_END)
        if length < stream.line:
            return False
        file.seek(-stream.line, os.SEEK_END)
        return file.read(10) == b"%010d" % (size // stream.line - 1)


def _check(server, setting, stream, logs, size):
    """RuntimeError where a byte is lost, torn or out of order."""
    for log in logs.values():
        files = sorted(glob.glob(f"{log}.*"), key=lambda path: -int(path.rpartition(".")[2])) + [log]
        done = subprocess.run([setting.children["checkpour"], str(stream.line), *files],
                              stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{server.name}: {stream.name}: the log is damaged")
        first, last = map(int, done.stdout.split())
        whole = first == 0 or stream.settings == ROTATED
        if not whole or last != size // stream.line - 1:
            raise RuntimeError(f"{server.name}: {stream.name}: lines {first} to {last} of {size // stream.line}")


def _late(server, setting, seconds):
    """How late getState is answered while a program pours without end, in milliseconds."""
    stream = Stream("without end", 0, 65536, settings="stdout_logfile_maxbytes=50MB\nstdout_logfile_backups=1\n")
    with beats(setting) as fifo, running(server, setting, _program(setting, stream, fifo, 0)) as up:
        up.ask("startProcessGroup", "n", False)
        late = asked(up, setting, "getState", seconds=seconds, pause=1000, states=1).late
        if not os.path.exists(f"{up.directory}/logs/000.1"):
            raise RuntimeError(f"{server.name} took in less than 50 MB while it was asked")
    return late


def _speed(stream):
    return f"output, {stream.name}"


def _cost(stream):
    return f"processor time of output, {stream.name}"


def _figures(stream):
    yield Figure(_speed(stream), "MB/s", aims=static(ratio=stream.faster), more=True, drawn=True)
    yield Figure(_cost(stream), "s per GB", aims=static(ratio=stream.cheaper) if stream.cheaper else ())


CASE = Case("pump", "programs' output into log files; how late getState is meanwhile", (
    *(figure for stream in STREAMS for figure in _figures(stream)),
    Figure("getState while it pours, 99th percentile", "ms", aims=static(limit=3), drawn=True),
), measure, runs=(5, 3))
