"""Runs trials side by side, each in a forked process that cleans up after itself."""

import dataclasses
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback

from . import descendants
from .trial import Trial

_GRACE = 20
"""Seconds a trial's process gets beyond the scenario's limit before it is killed."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of one trial; `failure` is None when the scenario reached its end."""

    transcript: list
    timings: list
    failure: str | None


def run(tasks, jobs, root):
    """Yield (key, Result) as trials end. `tasks`: (key, scenario, subject) triples."""
    waiting, running = list(tasks), {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                key, scenario, subject = waiting.pop(0)
                # short names: a socket's path may have 107 bytes
                directory = tempfile.mkdtemp(prefix="t", dir=root)
                running[_fork(scenario, subject, directory)] = (key, directory)
            pid, status = os.waitpid(-1, 0)
            key, directory = running.pop(pid)
            yield key, _collect(directory, status)
            shutil.rmtree(directory, ignore_errors=True)
    finally:
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            os.waitpid(pid, 0)


def _fork(scenario, subject, directory):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _trial(scenario, subject, directory)
            status = 0
        except KeyboardInterrupt:
            pass
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    return pid


def _trial(scenario, subject, directory):
    """In the trial's process."""
    def too_long(_signal, _frame):
        raise TimeoutError(f"the scenario took more than {scenario.seconds} s")

    def unwanted(_signal, _frame):
        raise KeyboardInterrupt

    descendants.adopt_orphans()
    os.umask(0o022)
    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, unwanted)
    work = os.path.join(directory, "w")
    os.mkdir(work)
    # programs with user= must get there too
    for path in (os.path.dirname(directory), directory, work):
        os.chmod(path, 0o755)
    trial = Trial(subject, work)
    failure = None
    try:
        signal.alarm(int(scenario.seconds))
        scenario.body(trial)
    except Exception:
        failure = trial.normaliser.text(traceback.format_exc()) + _remains(trial)
    finally:
        # nothing may interrupt the cleaning up
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        signal.alarm(_GRACE)
        descendants.end_all()
        signal.alarm(0)
    with open(os.path.join(directory, "result"), "w", encoding="utf-8") as file:
        json.dump([trial.transcript, trial.timings, failure], file)


def _remains(trial):
    """The end of the daemon's own words, for whoever looks at a failure."""
    return "".join(f"--- {name}\n" + "".join(trial.read(name).splitlines(True)[-15:])
                   for name in ("d.err", "d.log") if trial.read(name))


def _collect(directory, status):
    try:
        with open(os.path.join(directory, "result"), encoding="utf-8") as file:
            transcript, timings, failure = json.load(file)
    except (OSError, ValueError):
        return Result([], [], f"the trial's process ended with status {status}")
    return Result([tuple(entry) for entry in transcript], [tuple(entry) for entry in timings], failure)
