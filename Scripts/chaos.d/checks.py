"""What must hold afterwards."""

import os
import re
import struct


#: What the daemon says in the log of a program for which the limit of processes left no place.
NOT_STARTED = re.compile(rb"supervisor: (couldn't exec \S+: EAGAIN|child process was not spawned)")


def certain(directory, name):
    """For each life of a program how many lines it has written for certain."""
    try:
        with open(f"{directory}/lives/{name}.lives", "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return []
    return [count for count, in struct.iter_unpack("<Q", content[:len(content) // 8 * 8])]


def log_files(path):
    """The log's files, oldest first."""
    place, name = os.path.split(path)
    numbers = sorted((int(found.group(1)) for found in
                      (re.fullmatch(re.escape(name) + r"\.(\d+)", entry) for entry in os.listdir(place)) if found),
                     reverse=True)
    return [f"{path}.{number}" for number in numbers] + [path]


def log_of(program, directory, lossy):
    """Every complaint about a program's log. `lossy`: its disk was full, so gaps may be; order and form hold."""
    path = f"{directory}/{program.place}/{program.name}.log"
    lives = certain(directory, program.name)
    if not os.path.exists(path):
        return [f"{program.name}: no log, {sum(lives)} lines written"] if sum(lives) and not lossy else []
    files = log_files(path)
    content = b"".join(open(file, "rb").read() for file in files)
    # what is past the last backup is gone by intent
    is_cut = len(files) - 1 >= (3 if program.small else 10)
    complaints = []
    previous, seen = None, {}
    for row in content.splitlines():
        if program.user and NOT_STARTED.fullmatch(row):
            continue
        match = re.fullmatch(rb"(\S+) (\d+) (\d+) (.*)\.", row)
        if not match or match[1].decode() != program.name:
            if not (lossy or (is_cut and previous is None)):
                complaints.append(f"{program.name}: no line of its own: {row[:80]!r} after {previous}")
            continue
        life, line = int(match[2]), int(match[3])
        if not lossy and len(match[4]) != min((line - 1) % 40, 43):
            complaints.append(f"{program.name}: a torn line {life}.{line}: {row[:80]!r}")
        if previous is None:
            if not (is_cut or lossy) and line != 1:
                complaints.append(f"{program.name}: begins with line {life}.{line}")
        elif (life, line) <= previous:
            complaints.append(f"{program.name}: line {life}.{line} after {previous[0]}.{previous[1]}")
        elif not lossy and (life, line) != (previous[0], previous[1] + 1) and not (line == 1 and life > previous[0]):
            complaints.append(f"{program.name}: line {life}.{line} after {previous[0]}.{previous[1]}: some are lost")
        previous = (life, line)
        seen[life] = line
    if not lossy:
        first = min(seen, default=0)
        for life, count in enumerate(lives):
            if count > seen.get(life, 0) and (life >= first or not is_cut):
                complaints.append(f"{program.name}: life {life} wrote {count} lines, {seen.get(life, 0)} are there")
    return complaints


def twice(directory):
    return [f"{name[:-6]} ran twice" for name in os.listdir(f"{directory}/lives") if name.endswith(".twice")]


def processes(directory):
    """Pids of all workers of this run, whoever their parent is."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if words[0].decode(errors="replace") == f"{directory}/worker":
                found.setdefault(words[2].decode(), []).append(int(name))
    return found


def send_all(directory, number):
    """A signal to each of them."""
    for pids in processes(directory).values():
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
