"""What the daemon tells a service manager, how it keeps to the time it is given to stop, and what a crash of it leaves."""

import os
import signal
import socket
import time

from workshop import SVINSTALL, Workshop, wait_for

SLOW = """\
[program:{name}]
command=/bin/sh -c "trap '' TERM; while :; do sleep 0.1; done"
stopwaitsecs=60
priority={priority}
"""


class Notified(Workshop):
    """A daemon with a service manager that only listens."""

    def setUp(self):
        super().setUp()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(self.path("notify"))
        self.listener.settimeout(20)
        self.addCleanup(self.listener.close)

    def daemon(self, text, *words, **environment):
        conf = self.write("some.conf", text)
        return self.start("run", "-c", conf, *words, env=dict(self.environment, NOTIFY_SOCKET=self.path("notify"), **environment))

    def heard(self, *wanted):
        """The first message with all these lines; what came before is thrown away."""
        while True:
            lines = self.listener.recv(65536).decode().split("\n")
            if all(any(line.startswith(part) for line in lines) for part in wanted):
                return dict(line.split("=", 1) for line in lines)

    def test_ready_status_and_stopping(self):
        process = self.daemon("[supervisord]\n[program:a]\ncommand=/bin/sleep 1000\n[program:b]\ncommand=/bin/sleep 1000\n"
                              "autostart=false\nstopwaitsecs=70\n")
        ready = self.heard("READY=1")
        self.assertEqual((ready["MAINPID"], ready["STATUS"]), (str(process.pid), "0 of 2 running"))
        self.heard("STATUS=1 of 2 running")
        self.assertEqual(self.svinstall("-c", self.path("some.conf"), "start", "b")[0], 0)
        self.heard("STATUS=2 of 2 running")
        process.terminate()
        stopping = self.heard("STOPPING=1")
        self.assertGreaterEqual(int(stopping["EXTEND_TIMEOUT_USEC"]), 80_000_000)
        self.assertEqual(process.wait(20), 0)

    def test_a_restart_in_the_same_process_is_no_stop(self):
        self.daemon("[supervisord]\n[program:a]\ncommand=/bin/sleep 1000\n")
        self.heard("STATUS=1 of 1 running")
        self.svinstall("-c", self.path("some.conf"), "reload")
        self.assertIn("MONOTONIC_USEC", self.heard("RELOADING=1"))
        self.heard("READY=1")
        self.heard("STATUS=1 of 1 running")

    def test_the_watchdog_is_answered_only_when_it_is_on(self):
        self.daemon("[supervisord]\n", WATCHDOG_USEC="1000000")
        self.heard("WATCHDOG=1")
        first = time.monotonic()
        self.heard("WATCHDOG=1")
        self.assertGreater(time.monotonic() - first, 0.4)

    def test_no_more_is_asked_of_another_process(self):
        process = self.daemon("[supervisord]\n", WATCHDOG_USEC="100000", WATCHDOG_PID="1")
        self.heard("READY=1")
        self.listener.settimeout(1.5)
        with self.assertRaises(TimeoutError):
            self.heard("WATCHDOG=1")
        self.assertIsNone(process.poll())


class ShutdownTimeout(Workshop):
    def run_slow(self, *words):
        conf = self.write("some.conf", "[supervisord]\n" + "".join(
            SLOW.format(name=name, priority=priority) for priority, name in enumerate(("a", "b", "c"))))
        process = self.start("run", "-c", conf, *words)
        wait_for(lambda: self.svinstall("-c", conf, "status")[1].count("RUNNING") == 3, 20, "all programs")
        pids = [int(pid) for pid in self.svinstall("-c", conf, "pid", "all")[1].split()]
        return process, pids

    def test_near_the_deadline_all_are_told_and_none_is_left(self):
        process, pids = self.run_slow("--shutdown-timeout", "8")
        begin = time.monotonic()
        process.terminate()
        self.assertEqual(process.wait(60), 0)
        self.assertLess(time.monotonic() - begin, 30)
        self.assertIn("stopping all that is left together", process.stdout.read())
        for pid in pids:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))

    def test_it_is_a_number_of_seconds(self):
        for word in ("0", "-1", "soon", ""):
            code, _, error = self.svinstall("run", "--shutdown-timeout", word, "-c", "x")
            self.assertEqual(code, 64)
            self.assertIn("seconds", error)


class Crash(Workshop):
    """kill -9 of the daemon: whoever starts it again must not find its programs running."""

    CONFIGURATION = "[supervisord]\nlogfile={place}/log\npidfile={place}/pid\n[program:plain]\ncommand=/bin/sleep 1000\n" \
        + SLOW.format(name="deaf", priority=1)

    def crash(self, program, *words, **environment):
        """Kills a daemon; the pids of its programs."""
        conf = self.write("some.conf", self.CONFIGURATION.format(place=self.directory))
        process = self.start(*words, "-c", conf, program=program, env=dict(self.environment, **environment))
        def pids():
            lines = [line.split() for line in self.svinstall("-c", conf, "status")[1].splitlines() if "RUNNING" in line]
            return len(lines) == 2 and [int(line[3].rstrip(",")) for line in lines]
        found = wait_for(pids, 20, "all programs")
        process.kill()
        process.wait(10)
        return found

    def lives(self, pid):
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def test_programs_end_with_it_deaf_ones_too(self):
        for pid in self.crash(SVINSTALL, "run"):
            wait_for(lambda: not self.lives(pid), what=f"the end of {pid}")

    def test_where_somebody_else_sees_to_it_they_are_left(self):
        link = self.path("supervisord")
        os.symlink(os.path.realpath(SVINSTALL), link)
        for program, words, environment in ((link, ["-n"], {}), (SVINSTALL, ["run"], {"NOTIFY_SOCKET": self.path("nobody")})):
            with self.subTest(program=program):
                pids = self.crash(program, *words, **environment)
                for pid in pids:
                    self.addCleanup(os.kill, pid, signal.SIGKILL)
                time.sleep(0.2)
                self.assertEqual([self.lives(pid) for pid in pids], [True, True])
