"""A private directory, the binary under test, daemons that end with their test."""

import os
import re
import signal
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SVINSTALL = os.environ["SVINSTALL_UNDER_TEST"]
# whether a sanitizer is in it (Scripts/sanitize)
SANITIZED = "SVINSTALL_SANITIZED" in os.environ


def slow(test):
    """Marks a test that takes its time: it runs when it is named, and with `run --faults` when the table of faults names it."""
    test.slow = True
    return test


def peers(name):
    """The directory of a peer's programs, fetched when it is missing."""
    done = subprocess.run([os.path.join(ROOT, "Scripts/peers"), name], capture_output=True, text=True)
    if done.returncode != 0:
        raise unittest.SkipTest(f"Scripts/peers {name} failed: {done.stderr.strip()[-200:]}")
    return os.path.join(done.stdout.strip().splitlines()[-1], "bin")


def unsanitized(reason):
    """For a test that a binary with a sanitizer in it cannot stand, for a reason of the sanitizer's."""
    return unittest.skipIf(SANITIZED, f"sanitized: {reason}")


def kill(pid, number):
    """Signals one process. A pid that is none yet, 0, would be this process's whole group, whoever is in it."""
    if pid <= 1:
        raise AssertionError(f"{pid} is no pid of a program")
    os.kill(pid, number)


def wait_for(question, seconds=10, what="it"):
    """The first true answer of `question`; fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class Workshop(unittest.TestCase):
    """A test with a directory of its own; every daemon it starts is ended by pid."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="sv", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.environment = dict(os.environ, HOME=self.directory, SVINSTALL_STATE_DIR=self.path("state"))
        self.environment.pop("SVINSTALL_CONF", None)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w" if isinstance(text, str) else "wb") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def svinstall(self, *words, **options):
        """Runs svinstall to its end: (exit code, standard output, standard error)."""
        done = subprocess.run(
            [SVINSTALL, *words], capture_output=True, text=True, timeout=options.pop("timeout", 30),
            env=options.pop("env", self.environment), cwd=options.pop("cwd", self.directory), **options)
        return done.returncode, done.stdout, done.stderr

    def command(self, *words, **options):
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, cwd=self.directory, **options)
        return done.returncode, done.stdout, done.stderr

    def start(self, *words, program=SVINSTALL, **options):
        """Starts a process in the background; it is ended with the test. `on`: a descriptor to write to."""
        output = options.pop("on", subprocess.PIPE)
        process = subprocess.Popen(
            [program, *words], stdout=output, stderr=output, text=True, stdin=subprocess.DEVNULL,
            cwd=options.pop("cwd", self.directory), env=options.pop("env", self.environment), **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    def run_daemon(self, configuration, *words):
        """`svinstall run` on a configuration, once it answers."""
        process = self.start("run", "-c", configuration, *words)
        wait_for(lambda: self.svinstall("version", "-c", configuration)[0] == 0 or process.poll() is not None,
                 what="the daemon's first answer")
        if process.poll() is not None:
            raise AssertionError(f"the daemon ended with {process.returncode}: {process.communicate()}")
        return process

    def pid_of(self, name, configuration):
        code, out, _ = self.svinstall("pid", name, "-c", configuration)
        return int(out) if code == 0 else 0

    def assertOneLineError(self, error, *fragments):
        """`svinstall: …`: one line that holds every fragment."""
        self.assertEqual(len(error.strip().splitlines()), 1, error)
        self.assertTrue(error.startswith("svinstall: "), error)
        for fragment in fragments:
            self.assertIsNotNone(re.search(fragment, error), f"{fragment!r} is not in {error!r}")
