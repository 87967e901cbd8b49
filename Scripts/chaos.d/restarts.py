"""Programs that end at once, restarted very often: what the daemon holds afterwards."""

import os
import signal
import subprocess
import time

import checks
from daemon import Daemon

HERE = os.path.dirname(os.path.abspath(__file__))
#: So many programs side by side.
PROGRAMS = 50
#: The daemon may hold so many bytes more after the restarts than before.
GROWTH = 1 << 20
#: Seconds a restart may take on average, on a machine that has other things to do.
PACE = 0.02


class Brief:
    """A program that lives for one line and is restarted without pause."""

    present = True

    def __init__(self, number):
        self.name = f"brief{number}"

    def section(self, directory):
        return (f"[program:{self.name}]\ncommand={directory}/worker {directory}/count\nautostart=false\nautorestart=true\n"
                f"startsecs=0\nrestart_delay=0\nstdout_logfile={directory}/{self.name}.log\n"
                "stdout_logfile_maxbytes=20000\nstdout_logfile_backups=1\n")


def _let_run(daemon, directory, count):
    """Lets the programs run until there were so many lives, or time is up; how many there were."""
    path = f"{directory}/count"
    begin = os.path.getsize(path)
    end = time.monotonic() + 30 + count * PACE
    daemon.call("supervisor.startAllProcesses", False)
    while os.path.getsize(path) < begin + count and time.monotonic() < end and daemon.process.poll() is None:
        time.sleep(0.05)
    return os.path.getsize(path) - begin


def run(svinstall, directory, count):
    """Every complaint."""
    os.makedirs(directory)
    subprocess.run(["cc", "-O1", "-static", "-o", f"{directory}/worker", os.path.join(HERE, "brief.c")], check=True)
    open(f"{directory}/count", "wb").close()
    daemon = Daemon(svinstall, directory, [Brief(number) for number in range(PROGRAMS)])
    try:
        if not daemon.wait_until_it_answers():
            return ["the daemon of the restarts does not answer"]
        _let_run(daemon, directory, count // 5)
        before = daemon.empty()
        begun = time.monotonic()
        done = _let_run(daemon, directory, count)
        took = time.monotonic() - begun
        complaints = [] if done >= count else [f"{done} restarts of {count} in {took:.0f} s"]
        if daemon.process.poll() is not None:
            return complaints + [f"the daemon of the restarts ended with {daemon.process.returncode}"]
        after = daemon.empty()
        if after[0].total() > before[0].total():
            complaints.append(f"descriptors left open by restarts: {dict(after[0] - before[0])}")
        if after[1] > before[1] + GROWTH:
            complaints.append(f"memory of restarts: {before[1] >> 10} KiB before, {after[1] >> 10} KiB after")
        complaints += [f"a child is left: {pid} ({state})" for pid, state in daemon.children()]
        print(f"chaos: {done} restarts in {took:.0f} s: {before[0].total()} descriptors and {before[1] >> 10} KiB before, "
              f"{after[0].total()} and {after[1] >> 10} after")
        return complaints
    finally:
        daemon.end()
        checks.send_all(directory, signal.SIGKILL)
