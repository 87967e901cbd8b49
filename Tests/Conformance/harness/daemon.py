"""One running supervisord as a scenario sees it."""

import dataclasses
import os
import re
import signal
import subprocess

from . import rpc

STEP = 0.03
"""Seconds between two looks. Every look is a call, which also wakes the reference's one-second loop."""


class Daemon:
    """A server process of one trial, its control socket and what a scenario asks of it.

    Methods named after client words record what they see; `ask`, `info` and `wait` do not.
    """

    def __init__(self, trial, process, config):
        self.trial = trial
        self.process = process
        self.config = config
        self.address = trial.path("s.sock")
        self.login = None

    # control

    def ctl(self, *args, order=None, field=None, **options):
        """Run the client on this daemon's configuration and record it.

        `order`: `sorted` where the reference answers in the order of completion. The exit status
        tells of the last answer then, so only whether it is 0 counts.
        """
        outcome = self.client(*args, **options)
        text = str(outcome)
        if order:
            code = outcome.code and "not 0"
            text = "\n".join(order(str(dataclasses.replace(outcome, code=code)).splitlines()))
        self.trial.record(field or "ctl " + " ".join(args), text)
        return outcome

    def client(self, *args, **options):
        """Run the client without recording."""
        return self.trial.subject.client.run(["-c", self.config, *args], **options)

    def rpc(self, method, *params, field=None, order=None):
        """Make a call and record its result, fault or refusal."""
        words = ", ".join(repr(word) for word in params)
        field = field or f"{method}({words})"
        try:
            result = self.ask(method, *params)
        except rpc.Fault as fault:
            self.trial.record(field, f"fault {fault.faultCode}: {fault.faultString}")
            return None
        except rpc.Refused as refused:
            self.trial.record(field, str(refused))
            return None
        self.trial.record(field, self.trial.normaliser.value(order(result) if order else result))
        return result

    def ask(self, method, *params):
        """Make a call; `supervisor.` is added where no namespace is given."""
        name = method if "." in method else f"supervisor.{method}"
        user, password = self.login or (None, None)
        return rpc.call(self.address, name, *params, user=user, password=password)

    # looking

    def ready(self, seconds=15):
        """Wait until it answers. Raises when it ends or takes too long."""
        def answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"ended with {self.process.returncode}: {self.stderr()}")
            try:
                self.ask("getState")
            except (OSError, rpc.Refused):
                return False
            return True
        self.trial.until(answers, "the daemon answers", seconds)
        return self

    def info(self, name):
        """getProcessInfo."""
        return self.ask("getProcessInfo", name)

    def pid(self, name):
        """The pid of a program."""
        return self.info(name)["pid"]

    def wait(self, name, *states, seconds=15):
        """Wait until a program is in one of the states (and, running, past its exec); its info."""
        seen = {}
        def there():
            seen.update(self.info(name))
            if seen["statename"] not in states:
                return False
            return not seen["pid"] or self._executed(seen["pid"])
        self.trial.until(there, lambda: f"{name} is {states}, it is {seen.get('statename')}", seconds)
        return seen

    def wait_all(self, seconds=15, **states):
        """Wait for several programs, each by its keyword: a="RUNNING"."""
        for name, state in states.items():
            self.wait(name, state, seconds=seconds)
        return self

    def replaced(self, name, pid, seconds=15):
        """Wait until a program runs under another pid than `pid`; its info."""
        seen = {}
        def there():
            seen.update(self.info(name))
            new = seen["statename"] == "RUNNING" and seen["pid"] not in (0, pid)
            return new and self._executed(seen["pid"])
        self.trial.until(there, f"{name} has another pid than before", seconds)
        return seen

    def record_info(self, *names):
        """Record getProcessInfo of the programs."""
        for name in names:
            self.trial.record(f"info of {name}", self.trial.normaliser.value(self.info(name)))

    def _executed(self, pid):
        """Whether a child is past the moment in which the reference's child still is Python,
        deaf to signals (a race of the reference that no transcript should depend on)."""
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read()
        except OSError:
            return True
        return bool(line) and os.path.basename(self.config).encode() not in line

    # its files

    def log(self):
        """The main log."""
        return self.trial.read("d.log")

    def story(self, *names, successes=True):
        """The main log's lines about the programs, without their times and the repeated waits.

        `successes=False` leaves out that a program entered RUNNING: of one that ends at once the
        reference says so or not by chance.
        """
        word = re.compile(r"(?<![\w./-])(" + "|".join(map(re.escape, names)) + r")(?![\w./-])")
        found = []
        for line in self.log().splitlines():
            level, _, text = line[24:].partition(" ")
            if level in ("DEBG", "TRAC", "BLAT") or text.startswith("waiting for"):
                continue
            if word.search(text) and (successes or not text.startswith("success:")):
                found.append(f"{level} {text}")
        return "\n".join(found)

    def record_story(self, *names, successes=True):
        """Record `story`."""
        self.trial.record("log about " + " ".join(names), self.story(*names, successes=successes))

    def stderr(self):
        """What it has written to standard error so far."""
        return self.trial.read("d.err")

    # ending

    def signal(self, name):
        """Send it a signal, SIGTERM by the name of TERM."""
        os.kill(self.process.pid, getattr(signal, "SIG" + name))

    def ended(self, seconds=20):
        """Wait for its end; the exit status, negative for a signal."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"the daemon still runs after {seconds} s") from error

    def stop(self, name="TERM"):
        """End it and record how it ended."""
        self.signal(name)
        self.trial.record(f"exit after {name}", str(self.ended()))
