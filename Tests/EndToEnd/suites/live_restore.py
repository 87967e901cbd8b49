"""kill -9 of the daemon where its own holder keeps its descriptors (run --live-restore): no service manager is needed."""

import glob
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

from suites import survival
from suites.survival import Surviving
from workshop import SVINSTALL, Workshop, kill, peers, unsanitized, wait_for

#: Says READY and OK as a listener does, and nothing else.
LISTENER = """\
import sys
while True:
    sys.stdout.write("READY\\n"); sys.stdout.flush()
    header = dict(word.split(":") for word in sys.stdin.readline().split())
    sys.stdin.read(int(header["len"]))
    sys.stdout.write("RESULT 2\\nOK"); sys.stdout.flush()
"""


class Restoring(Surviving):
    """The holder is `self.holder`; the daemon's pid is what the daemon says."""

    def setUp(self):
        Workshop.setUp(self)
        for name, text in self.scripts().items():
            self.write(name + ".py", text)
        self.environment = {name: value for name, value in self.environment.items()
                            if name not in ("NOTIFY_SOCKET", "FDSTORE")}
        self.program = SVINSTALL
        self.settings = "live_restore=true"

    def scripts(self):
        return {"counter": survival.COUNTER, "echo": survival.ECHO, "mortal": survival.MORTAL,
                "fastcgi": survival.FASTCGI, "listener": LISTENER}

    def configure(self, *sections):
        super().configure(*sections)
        text = self.read("s.conf")
        self.write("s.conf", text.replace("[supervisord]\n", f"[supervisord]\n{self.settings}\n"))

    def begin(self, *words):
        self.holder = self.start("run", "-c", self.configuration, *words, program=self.program)
        wait_for(lambda: self.daemon_pid() or self.holder.poll() is not None, 20, "the first answer")
        if self.holder.poll() is not None:
            raise AssertionError(f"the holder ended with {self.holder.returncode}: {self.holder.communicate()}")
        return self.holder

    def daemon_pid(self):
        code, out, _ = self.svinstall("pid", "-c", self.configuration)
        return int(out) if code == 0 else None

    def crash(self, number=signal.SIGKILL):
        """Kills the daemon; returns when the next one answers."""
        old = self.daemon_pid()
        kill(old, number)
        return wait_for(lambda: (lambda now: now if now not in (None, old) else None)(self.daemon_pid()), 20, "the next daemon")

    def crash_and_return(self):
        self.crash()

    def stop_all(self):
        self.svinstall("shutdown", "-c", self.configuration)
        self.assertEqual(self.holder.wait(30), 0, self.read("s.log"))

    def assertNothingLeft(self):
        for script in self.scripts():
            self.assertEqual(self.living(script), [], script)

    def gone(self, pid):
        try:
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True


class LiveRestoreTests(Restoring):

    def test_programs_go_on_with_every_byte_over_many_crashes(self):
        here = self.directory
        self.configure(
            self.section("counter", f"stdout_logfile={here}/counter.log", "stdout_logfile_maxbytes=0",
                         f"stderr_logfile={here}/counter.err", words="0.0005 too"),
            self.section("echo", "stdout_logfile=AUTO"))
        self.begin()
        before = self.await_running("counter", "echo")
        log = next(name for name in os.listdir(here) if name.startswith("echo-stdout"))
        holder = self.holder.pid
        for number in range(4):
            time.sleep(random.uniform(0, 0.2))
            self.crash(random.choice([signal.SIGKILL, signal.SIGSYS]))
            self.assertEqual(self.await_running("counter", "echo"), before)
            self.proxy().sendProcessStdin("echo", f"{number}\n")
        self.assertIsNone(self.holder.poll())
        self.assertEqual(self.living("echo"), [before["echo"]])
        wait_for(lambda: self.read(log) == "".join(f"{number}\n" for number in range(4)), what="the echoes")
        self.assertEqual(self.read("s.log").count("took up: 'counter'"), 4)
        # The daemon is no child of anybody but the holder, the pidfile names it.
        daemon = self.daemon_pid()
        self.assertEqual(int(self.read("s.pid")), daemon)
        with open(f"/proc/{daemon}/stat") as file:
            self.assertEqual(int(file.read().rsplit(")", 1)[1].split()[1]), holder)
        self.svinstall("stop", "all", "-c", self.configuration)
        self.assertGreater(self.assertCounted("counter.log"), 100)
        self.assertCounted("counter.err", "error", "")
        self.stop_all()
        self.assertNothingLeft()

    def test_at_full_speed_no_byte_is_lost_or_doubled_wherever_it_is_killed(self):
        self.assertEveryByteAtFullSpeed(crashes=5, backups=5000)

    def test_killed_while_it_starts_programs_none_runs_twice(self):
        here = self.directory
        self.configure(*(self.section("counter", f"stdout_logfile={here}/{name}.log", "stdout_logfile_maxbytes=0",
                                      "startsecs=0", name=name, words="0.01") for name in "abcdefgh"))
        self.holder = self.start("run", "-c", self.configuration, program=self.program)
        wait_for(lambda: self.living("counter"), what="the first program")
        for _ in range(6):
            pid = wait_for(lambda: self.only_child(self.holder.pid), what="a daemon")
            time.sleep(random.uniform(0, 0.06))
            kill(pid, signal.SIGKILL)
            wait_for(lambda: self.gone(pid), what="its end")
        wait_for(self.daemon_pid, 20, "an answer")
        self.assertEachCounterOnce("abcdefgh")
        self.assertNothingLeft()

    def only_child(self, holder):
        """The daemon among a holder's children: what it has inherited leads no process group of svinstall's."""
        with open(f"/proc/{holder}/task/{holder}/children") as file:
            for pid in file.read().split():
                try:
                    with open(f"/proc/{pid}/comm") as comm:
                        if comm.read() in ("svinstall\n", "exe\n") and not self.gone(int(pid)):
                            return int(pid)
                except OSError:
                    continue
        return None

    def test_killed_while_programs_end_each_is_seen_once(self):
        here = self.directory
        self.configure(*(self.section("mortal", f"stdout_logfile={here}/{name}.log", "startsecs=0", "autorestart=true",
                                      name=name, words=f"{here}/go 3") for name in "abcd"))
        self.begin()
        for delay in (0, 0.01, 0.04):
            self.await_running(*"abcd")
            self.svinstall("stop", "all", "-c", self.configuration)
            self.svinstall("clear", "all", "-c", self.configuration)
            for name in "abcd":
                os.truncate(self.path(name + ".log"), 0)
            self.svinstall("start", "all", "-c", self.configuration)
            self.await_running(*"abcd")
            wait_for(lambda: all("up" in self.read(name + ".log") for name in "abcd"), what="the programs' words")
            daemon = self.daemon_pid()
            self.write("go", "")
            time.sleep(delay)
            kill(daemon, signal.SIGKILL)
            os.unlink(self.path("go"))
            wait_for(lambda: self.daemon_pid() not in (None, daemon), 20, "the next daemon")
            self.assertEachMortalOnce("abcd")
        self.stop_all()
        self.assertNothingLeft()

    def test_as_many_as_there_is_room_for(self):
        self.settings += "\nsilent=true"
        self.configure(self.crowd())
        self.begin()
        before = self.assertWholeCrowd()
        for _ in range(2):
            self.crash()
            self.assertWholeCrowd(before)
        wait_for(lambda: all(self.read(f"logs/{number}.out") == "up\n" for number in range(survival.CROWD)), 60, "their words")
        self.stop_all()
        wait_for(lambda: all(self.gone(pid) for pid in before.values()), what="the end of all")

    def test_those_beyond_the_room_are_started_anew_and_none_runs_twice(self):
        self.configure(*(self.section("echo", name=name) for name in "abc"))
        # Beside 64 that the daemon has for itself: two for the way to the logs, five for each program.
        self.holder = self.start("-c", f"ulimit -S -n 76; exec {SVINSTALL} run -c {self.configuration}", program="/bin/sh")
        wait_for(self.daemon_pid, 20, "the first answer")
        before = self.await_running(*"abc")
        self.crash()
        after = self.await_running(*"abc")
        self.assertEqual(sum(after[name] == before[name] for name in "abc"), 2, (before, after))
        self.assertEqual(self.living("echo"), sorted(after.values()))
        self.stop_all()

    def test_a_reader_that_has_stopped_holds_up_no_restart(self):
        self.configure(self.section("echo"))
        self.begin()
        before = self.await_running("echo")
        # What the holder and the daemon write to, full to the brim, and nobody reads it.
        for number in (1, 2):
            pipe = os.open(f"/proc/{self.holder.pid}/fd/{number}", os.O_WRONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, pipe)
            size = 65536
            while size:
                try:
                    os.write(pipe, b"x" * size)
                except BlockingIOError:
                    size //= 2
        for _ in range(2):
            self.crash()
            self.assertEqual(self.await_running("echo"), before)
        self.stop_all()

    def test_what_is_not_kept_is_ended_and_started_anew(self):
        self.configure(self.section("echo"), self.section("listener", "events=TICK_5", kind="eventlistener"))
        self.begin()
        before = self.await_running("echo", "listener")
        self.crash()
        after = self.await_running("echo", "listener")
        self.assertEqual(after["echo"], before["echo"])
        self.assertNotEqual(after["listener"], before["listener"])
        self.assertEqual(self.living("listener"), [after["listener"]])
        self.stop_all()
        self.assertNothingLeft()

    def test_what_is_configured_otherwise_by_then_is_started_anew(self):
        self.configure(self.section("echo"), self.section("counter", words="1"))
        self.begin()
        before = self.await_running("echo", "counter")
        self.configure(self.section("echo"), self.section("counter", words="2"))
        self.crash()
        after = self.await_running("echo", "counter")
        self.assertEqual(after["echo"], before["echo"])
        self.assertEqual(self.living("counter"), [after["counter"]])
        self.assertNotEqual(after["counter"], before["counter"])
        self.stop_all()

    def test_a_holder_that_is_killed_takes_everything_with_it(self):
        self.configure(self.section("echo"), self.section("counter", words="0.1"))
        self.begin()
        pids = [*self.await_running("echo", "counter").values(), self.daemon_pid()]
        self.crash()
        pids.append(self.daemon_pid())
        self.holder.kill()
        self.holder.wait(10)
        wait_for(lambda: all(self.gone(pid) for pid in pids), 20, "the end of all")
        self.assertFalse(os.path.exists(self.path("s.pid")))
        self.begin()
        self.assertEqual(len(self.living("echo") + self.living("counter")), len(self.await_running("echo", "counter")))
        self.stop_all()

    def written_down(self):
        """What a daemon after both are killed would find."""
        text = ""
        for path in glob.glob(self.environment["SVINSTALL_STATE_DIR"] + "/*.runs"):
            with open(path) as file:
                text += file.read()
        return text

    def test_where_holder_and_daemon_are_killed_at_once_none_runs_twice(self):
        """Whoever is started next ends first what they have left, under a holder or not."""
        self.write("still.py", "import time\nwhile True: time.sleep(1000)\n")
        sections = [self.section("still", name=name) for name in ("one", "two")]
        for settings in (self.settings, ""):
            with self.subTest(settings=settings):
                self.settings = "live_restore=true"
                self.configure(*sections)
                self.begin()
                before = self.await_running("one", "two")
                wait_for(lambda: all(f" {pid} " in self.written_down() for pid in before.values()), 20, "their births")
                # The daemon first: one that is stopped goes on when its parent dies, and would end its programs.
                both = (self.daemon_pid(), self.holder.pid)
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    for pid in both:
                        kill(pid, number)
                self.holder.wait(20)
                wait_for(lambda: all(self.gone(pid) for pid in both), 20, "the end of both")
                self.assertEqual(set(self.living("still")), set(before.values()))
                self.settings = settings
                self.configure(*sections)
                self.begin()
                now = self.await_running("one", "two")
                self.assertFalse(set(now.values()) & set(before.values()))
                self.assertEqual(set(self.living("still")), set(now.values()))
                self.assertIn("ending 2 processes that are left", self.read("s.log"))
                self.stop_all()
                self.assertEqual(self.living("still"), [])
                self.assertEqual(self.written_down(), "")

    def test_signals_are_the_daemons(self):
        self.configure(self.section("echo"))
        self.begin()
        before, daemon = self.await_running("echo"), self.daemon_pid()
        self.holder.send_signal(signal.SIGUSR2)
        wait_for(lambda: "received SIGUSR2" in self.read("s.log"), what="USR2")
        self.holder.send_signal(signal.SIGHUP)
        wait_for(lambda: self.pids().get("echo", before["echo"]) != before["echo"], 20, "the reload")
        self.assertEqual(self.daemon_pid(), daemon)
        self.holder.send_signal(signal.SIGTERM)
        self.assertEqual(self.holder.wait(20), 0)
        self.assertTrue(self.gone(daemon))
        self.assertNothingLeft()

    def test_a_daemon_that_is_told_to_end_is_not_started_again(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            self.configure(self.section("echo"))
            self.begin()
            self.await_running("echo")
            kill(self.daemon_pid(), number)
            self.assertEqual(self.holder.wait(20), 0)
            self.assertNothingLeft()

    def test_a_configuration_that_is_broken_when_it_comes_back_ends_all(self):
        self.configure(self.section("echo"))
        self.begin()
        self.await_running("echo")
        daemon = self.daemon_pid()
        self.write("s.conf", "[program:x\n")
        kill(daemon, signal.SIGKILL)
        self.assertEqual(self.holder.wait(20), 78)
        self.assertNothingLeft()

    def test_a_start_that_fails_fails_at_once(self):
        self.configure(self.section("echo"))
        self.begin()
        second = self.start("run", "-c", self.configuration)
        self.assertNotEqual(second.wait(20), 0)
        self.assertIn("runs already", second.communicate()[1])
        third = self.svinstall("run", "-c", self.configuration, "--daemon")
        self.assertNotEqual(third[0], 0)
        self.assertIn("runs already", third[2])
        self.stop_all()

    def test_in_the_background(self):
        self.configure(self.section("echo"))
        code, out, error = self.svinstall("run", "-c", self.configuration, "--daemon")
        self.assertEqual(code, 0, out + error)
        # Whoever waited for the command finds the daemon there.
        daemon = self.daemon_pid()
        self.assertIsNotNone(daemon)
        with open(f"/proc/{daemon}/stat") as file:
            holder = int(file.read().rsplit(")", 1)[1].split()[1])
        try:
            before = self.await_running("echo")
            self.assertEqual(os.getsid(holder), holder)
            for number in (0, 1, 2):
                self.assertEqual(os.readlink(f"/proc/{holder}/fd/{number}"), "/dev/null")
                self.assertEqual(os.readlink(f"/proc/{daemon}/fd/{number}"), "/dev/null")
            self.crash()
            self.assertEqual(self.await_running("echo"), before)
        finally:
            self.svinstall("shutdown", "-c", self.configuration)
            wait_for(lambda: self.gone(holder), 20, "its end")
        self.assertNothingLeft()

    def test_by_an_option_and_for_files_of_any_format(self):
        self.write("Procfile", f"web: exec {sys.executable} {self.directory}/counter.py 0.5\n")
        self.configuration = self.path("Procfile")
        self.holder = self.start("run", "--live-restore", self.configuration)
        wait_for(self.daemon_pid, 20, "the first answer")
        before = self.await_running("web")
        self.crash()
        self.assertEqual(self.await_running("web"), before)
        self.svinstall("shutdown", "-c", self.configuration)
        self.assertEqual(self.holder.wait(20), 0)

    def test_an_upgrade_between_crashes(self):
        self.configure(self.section("counter", f"stdout_logfile={self.path('counter.log')}", "stdout_logfile_maxbytes=0",
                                    words="0.001"))
        self.begin()
        before, daemon = self.await_running("counter"), self.daemon_pid()
        self.assertEqual(self.svinstall("upgrade", "-c", self.configuration, timeout=60)[0], 0, self.read("s.log"))
        self.assertEqual((self.await_running("counter"), self.daemon_pid()), (before, daemon))
        self.crash()
        self.assertEqual(self.svinstall("upgrade", "-c", self.configuration, timeout=60)[0], 0, self.read("s.log"))
        self.crash()
        self.assertEqual(self.await_running("counter"), before)
        self.svinstall("stop", "all", "-c", self.configuration)
        self.assertCounted("counter.log")
        self.stop_all()

    def test_an_image_that_dies_after_its_trial_makes_way_for_the_one_before(self):
        """It passes its trial, and dies of a signal in the daemon's place and whenever it is started."""
        real = self.path("bin/real")
        self.program = self.path("bin/svinstall")
        os.makedirs(self.path("bin"))
        shutil.copy(SVINSTALL, self.program)
        self.configure(self.section("counter", f"stdout_logfile={self.path('counter.log')}", "stdout_logfile_maxbytes=0",
                                    words="0.001"))
        self.begin()
        before = self.await_running("counter")
        shutil.copy(SVINSTALL, real)
        self.write("bin/new", f"#!/bin/sh\ncase \"$SVINSTALL_SUCCESSION\" in try*) exec {real} \"$@\" ;; esac\nkill -SEGV $$\n",
                   mode=0o755)
        os.rename(self.path("bin/new"), self.program)
        code, _, error = self.svinstall("upgrade", "-c", self.configuration, timeout=60)
        self.assertEqual(code, 69)
        self.assertOneLineError(error, "not upgraded: the other program file crashed")
        # The new one was started again, died before it answered, and the holder's own program took over.
        self.assertEqual(wait_for(lambda: self.pids(), 20, "an answer"), before)
        self.assertEqual(self.read("s.log").count("took up: 'counter'"), 1)
        # What lies in the path is still what an upgrade means.
        shutil.copy(SVINSTALL, self.path("bin/new"))
        os.rename(self.path("bin/new"), self.program)
        self.assertEqual(self.svinstall("upgrade", "-c", self.configuration, timeout=60)[0], 0, self.read("s.log"))
        self.assertEqual(self.await_running("counter"), before)
        self.svinstall("stop", "all", "-c", self.configuration)
        self.assertCounted("counter.log")
        self.stop_all()

    def test_programs_and_the_daemon_find_nothing_of_it(self):
        self.configure(self.section("echo"))
        self.begin()
        pid = self.await_running("echo")["echo"]
        self.crash()
        self.svinstall("restart", "echo", "-c", self.configuration)
        for each in (pid, self.await_running("echo")["echo"]):
            if each != pid:
                self.assertEqual(sorted(os.listdir(f"/proc/{each}/fd")), ["0", "1", "2"])
                with open(f"/proc/{each}/environ", "rb") as file:
                    environment = file.read()
                for name in (b"FDSTORE=", b"NOTIFY_SOCKET=", b"LISTEN_", b"SVINSTALL_HOLD"):
                    self.assertNotIn(name, environment)
        self.stop_all()

    def test_nobody_else_can_take_or_give(self):
        import socket

        self.configure(self.section("echo"))
        self.begin()
        before = self.await_running("echo")
        with open(f"/proc/{self.daemon_pid()}/environ", "rb") as file:
            address = next(word[14:] for word in file.read().split(b"\0") if word.startswith(b"NOTIFY_SOCKET="))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            for number in range(1, 10):
                stranger.sendto(f"FDSTOREREMOVE=1\nFDNAME=+{number}".encode(), b"\0" + address[1:])
        self.crash()
        self.assertEqual(self.await_running("echo"), before)
        self.stop_all()

    def test_under_runit(self):
        """A hook of an init without a store: runsv starts the holder and never hears of the daemon's death."""
        self.configure(self.section("echo"))
        os.makedirs(self.path("service"))
        self.write("service/run", f"#!/bin/sh\nexec {SVINSTALL} run -c {self.configuration}\n", mode=0o755)
        directory = peers("runit")
        self.holder = self.start(self.path("service"), program=os.path.join(directory, "runsv"))
        wait_for(self.daemon_pid, 20, "the first answer")
        before = self.await_running("echo")
        status = lambda: self.command(os.path.join(directory, "sv"), "status", self.path("service"))[1].split(";")[0]
        started = re.search(r"\(pid (\d+)\)", status()).group(1)
        self.crash()
        self.assertEqual(self.await_running("echo"), before)
        self.assertIn(f"(pid {started})", status())
        # Its holder dies as well: all of it goes, and runsv brings all of it back.
        kill(int(started), signal.SIGKILL)
        wait_for(lambda: self.gone(before["echo"]), 20, "its end")
        wait_for(self.daemon_pid, 20, "an answer")
        after = self.await_running("echo")
        self.assertEqual(self.living("echo"), [after["echo"]])
        self.command(os.path.join(directory, "sv"), "down", self.path("service"))
        wait_for(lambda: self.gone(after["echo"]), 20, "its end")
        self.command(os.path.join(directory, "sv"), "exit", self.path("service"))
        self.assertEqual(self.holder.wait(20), 0)
        self.assertNothingLeft()

    def test_as_process_one_of_a_container(self):
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "true"], capture_output=True)
        if done.returncode != 0:
            raise unittest.SkipTest("no namespaces of processes here")
        self.configure(self.section("echo"))
        self.holder = self.start("--pid", "--fork", "--kill-child", "--mount-proc", SVINSTALL, "run", "-c", self.configuration,
                                 program="unshare")
        self.assertEqual(wait_for(self.daemon_pid, 20, "the first answer") > 1, True)
        before = self.await_running("echo")
        inside = self.daemon_pid()
        one = int(self.children(self.holder.pid)[0])
        daemon = next(pid for pid in self.children(one) if "svinstall" in self.comm(pid))
        kill(daemon, signal.SIGKILL)
        wait_for(lambda: self.daemon_pid() not in (None, inside), 20, "the next daemon")
        self.assertEqual(self.await_running("echo"), before)
        kill(one, signal.SIGTERM)
        self.assertEqual(self.holder.wait(20), 0)
        self.assertNothingLeft()

    def children(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]

    def comm(self, pid):
        with open(f"/proc/{pid}/comm") as file:
            return file.read()

    @unsanitized("a sanitizer's own memory")
    def test_the_holder_is_small_and_sleeps(self):
        self.configure(*(self.section("echo", name=f"p{number}") for number in range(30)))
        self.begin()
        self.await_running("p0", "p29")

        def facts():
            with open(f"/proc/{self.holder.pid}/status") as file:
                return dict(line.split(":", 1) for line in file.read().splitlines())

        def switches():
            return int(facts()["voluntary_ctxt_switches"])

        # What still comes from the start comes first.
        wait_for(lambda: (lambda before: time.sleep(4) or switches() == before)(switches()), 60, "four seconds of sleep")
        self.assertLess(int(facts()["RssAnon"].split()[0]), 4000)
        self.stop_all()

    def test_a_value_that_is_none_is_refused(self):
        self.settings = "live_restore=perhaps"
        self.configure(self.section("echo"))
        code, _, error = self.svinstall("run", "-c", self.configuration)
        self.assertEqual(code, 78)
        self.assertIn("s.conf:2:14: not a valid boolean value: 'perhaps'", error)
