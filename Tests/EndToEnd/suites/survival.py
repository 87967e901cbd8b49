"""kill -9 of the daemon where a service manager keeps its descriptors: the programs go on, and every byte is there."""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
import xmlrpc.client

from keeper import Keeper
from suites.upgrade import FASTCGI, UnixTransport
from surroundings import stranger
from workshop import SVINSTALL, Workshop, kill, wait_for

#: Numbers its lines, each written in two pieces, so that there is half a line in the pipe most of the time.
COUNTER = """\
import os, sys, time
number = 0
pause = float(sys.argv[1])
while True:
    os.write(1, b"line %d" % number)
    if pause: time.sleep(pause)
    os.write(1, b" end\\n")
    if len(sys.argv) > 2: os.write(2, b"error %d\\n" % number)
    number += 1
"""
#: Says back what it reads.
ECHO = """\
import os
while True:
    piece = os.read(0, 4096)
    if not piece: break
    os.write(1, piece)
"""
#: Writes a line, and ends as it is told when it is told.
MORTAL = """\
import os, sys, time
print("up", os.getpid(), flush=True)
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
print("last words", flush=True)
os._exit(int(sys.argv[2]))
"""


#: How many programs survive at once where room is what is looked at; the tier --long takes more.
CROWD = int(os.environ.get("SVINSTALL_SURVIVORS", "100"))


def tells_exits():
    major, minor = re.match(r"(\d+)\.(\d+)", os.uname().release).groups()
    return (int(major), int(minor)) >= (6, 15)


class Surviving(Workshop):
    def setUp(self):
        super().setUp()
        self.keeper = Keeper(self.path("notify"))
        self.addCleanup(self.keeper.close)
        self.environment = self.keeper.environment(self.environment)
        for name, text in (("counter", COUNTER), ("echo", ECHO), ("mortal", MORTAL), ("fastcgi", FASTCGI)):
            self.write(name + ".py", text)
        self.program = SVINSTALL
        self.wrapper = []

    def configure(self, *sections):
        here = self.directory
        self.configuration = self.write("s.conf", "\n".join((
            f"[supervisord]\nlogfile={here}/s.log\npidfile={here}/s.pid\nchildlogdir={here}",
            f"[unix_http_server]\nfile={here}/s.sock",
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface", *sections)) + "\n")

    def section(self, script, *settings, name=None, words="", kind="program"):
        command = f"{sys.executable} {self.directory}/{script}.py {words}"
        return "\n".join((f"[{kind}:{name or script}]", f"command={command}", *settings))

    def begin(self):
        """A daemon with what the keeper has, once it answers."""
        command, kept = self.keeper.launch(*self.wrapper, self.program, "run", "-c", self.configuration)
        process = subprocess.Popen(command, env=self.environment, cwd=self.directory, stdin=subprocess.DEVNULL, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=kept)
        self.addCleanup(self.end, process)
        wait_for(lambda: self.svinstall("version", "-c", self.configuration)[0] == 0 or process.poll() is not None, 20,
                 "the first answer")
        if process.poll() is not None:
            raise AssertionError(f"the daemon ended with {process.returncode}: {process.communicate()}")
        self.daemon = process
        return process

    def crash(self, number=signal.SIGKILL):
        self.daemon.send_signal(number)
        self.daemon.wait(60)

    def pids(self):
        """The pids of what runs, by name."""
        lines = self.svinstall("status", "-c", self.configuration)[1].splitlines()
        return {line.split()[0]: int(line.split()[3].rstrip(",")) for line in lines if " RUNNING " in line}

    def await_running(self, *names):
        return wait_for(lambda: (lambda now: now if set(names) <= set(now) else None)(self.pids()), 20, f"{names} running")

    def living(self, script):
        """Pids of everything that runs a script of this test."""
        found = []
        for name in os.listdir("/proc"):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read()
                with open(f"/proc/{name}/stat") as file:
                    state = file.read().rsplit(")", 1)[1].split()[0]
            except (OSError, IndexError):
                continue
            if f"{self.directory}/{script}.py".encode() in words and state != "Z":
                found.append(int(name))
        return sorted(found)

    def proxy(self):
        transport = UnixTransport(self.path("s.sock"))
        return xmlrpc.client.ServerProxy("http://localhost", transport=transport).supervisor

    def crowd(self):
        """Sections of many programs with two logs each, and descriptors for all of them, here and in who is started."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = 12 * CROWD + 1000
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), max(hard, needed)))
        except ValueError:
            self.skipTest(f"{needed} descriptors are needed, and {hard} allowed")
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        os.mkdir(self.path("logs"))
        return (f"[program:crowd]\ncommand=/bin/sh -c 'echo up; exec sleep 10000'\nnumprocs={CROWD}\n"
                f"process_name=%(process_num)04d\nstartsecs=0\nstdout_logfile={self.path('logs')}/%(process_num)d.out\n"
                f"stderr_logfile={self.path('logs')}/%(process_num)d.err\nstopsignal=KILL\nautorestart=true")

    def assertWholeCrowd(self, before=None):
        found = wait_for(lambda: (lambda now: now if len(now) == CROWD else None)(self.pids()), 120, "all running")
        if before is not None:
            self.assertEqual(found, before)
        return found

    def stop_all(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.assertEqual(self.daemon.wait(30), 0, self.read("s.log"))
        self.assertEqual(self.keeper.unasked, [])
        wait_for(lambda: self.keeper.names() == [], what="that nothing is kept")

    def assertCounted(self, log, word="line", end=" end"):
        text = self.read(log)
        numbers = [int(number) for number in re.findall(rf"^{word} (\d+){end}$", text, re.MULTILINE)]
        self.assertGreater(len(numbers), 0)
        wrong = next(((place, number) for place, number in enumerate(numbers) if place != number), None)
        self.assertIsNone(wrong, f"{log}: a line is missing, doubled or torn")
        self.assertLessEqual(len(text.splitlines()) - len(numbers), 1, f"{log}: a line is torn")
        return len(numbers)

    def crash_and_return(self):
        self.crash()
        self.begin()

    def assertEveryByteAtFullSpeed(self, crashes, backups):
        """Two programs that pour through crashes, one of them into logs of which all are kept."""
        here = self.directory
        self.configure(
            self.section("counter", f"stdout_logfile={here}/one.log", "stdout_logfile_maxbytes=0", name="one", words="0"),
            self.section("counter", f"stdout_logfile={here}/two.log", "stdout_logfile_maxbytes=200KB",
                         f"stdout_logfile_backups={backups}", name="two", words="0"))
        self.begin()
        before = self.await_running("one", "two")
        for _ in range(crashes):
            time.sleep(random.uniform(0, 0.1))
            self.crash_and_return()
        self.assertEqual(self.await_running("one", "two"), before)
        self.stop_all()
        # From here on nobody renames them.
        found = [number for number in range(backups, 0, -1) if os.path.exists(self.path(f"two.log.{number}"))]
        self.write("all.log", "".join(self.read(f"two.log.{number}") for number in found) + self.read("two.log"))
        self.assertGreater(len(found), 1)
        self.assertGreater(self.assertCounted("one.log"), 10_000)
        self.assertGreater(self.assertCounted("all.log"), 10_000)

    def assertEachCounterOnce(self, names):
        """Programs that begin whenever a daemon lives long enough: each runs once in the end and has lost nothing."""
        found = self.await_running(*names)
        self.assertEqual(self.living("counter"), sorted(found.values()))
        # Without startsecs a program counts as running before its first instruction: whoever was born last has yet to write.
        wait_for(lambda: all("end\n" in self.read(name + ".log") for name in names), 30, "a line of each")
        self.svinstall("stop", "all", "-c", self.configuration)
        for name in names:
            self.assertCounted(name + ".log")
        self.stop_all()

    def assertEachMortalOnce(self, names):
        """Programs that ended while the daemon was killed: each runs again, once, and all its words are there."""
        found = self.await_running(*names)
        wait_for(lambda: self.living("mortal") == sorted(found.values()), what="each once")
        for name in names:
            wait_for(lambda: f"up {found[name]}\n" in self.read(name + ".log"), what="the words of the one that runs")
            lines = self.read(name + ".log").splitlines()
            ups = [line for line in lines if line.startswith("up ")]
            self.assertEqual(len(ups), len(set(ups)), lines)
            # Whoever was followed by another has said its last words before.
            self.assertEqual(lines.count("last words"), len(ups) - 1, lines)


class SurvivalTests(Surviving):

    def test_programs_go_on_with_every_byte_over_many_crashes(self):
        here = self.directory
        self.configure(
            self.section("counter", f"stdout_logfile={here}/counter.log", "stdout_logfile_maxbytes=0",
                         f"stderr_logfile={here}/counter.err", words="0.0005 too"),
            self.section("counter", f"stdout_logfile={here}/merged.log", "stdout_logfile_maxbytes=0", "redirect_stderr=true",
                         name="merged", words="0.001"),
            self.section("echo", "stdout_logfile=AUTO", "autostart=false"))
        self.begin()
        self.svinstall("start", "echo", "-c", self.configuration)
        before = self.await_running("counter", "merged", "echo")
        log = next(name for name in os.listdir(here) if name.startswith("echo-stdout"))
        for number in range(6):
            time.sleep(random.uniform(0, 0.2))
            self.crash()
            time.sleep(random.uniform(0, 0.1))
            self.begin()
            self.assertEqual(self.await_running("counter", "merged", "echo"), before)
            self.proxy().sendProcessStdin("echo", f"{number}\n")
        self.assertEqual(self.living("echo"), [before["echo"]])
        self.assertEqual(len(self.living("counter")), 2)
        wait_for(lambda: self.read(log) == "".join(f"{number}\n" for number in range(6)), what="the echoes")
        self.assertEqual(self.read("s.log").count("took up: 'counter'"), 6)
        self.svinstall("stop", "all", "-c", self.configuration)
        self.assertGreater(self.assertCounted("counter.log"), 100)
        self.assertCounted("counter.err", "error", "")
        self.assertCounted("merged.log")
        self.stop_all()
        for script in ("counter", "echo"):
            self.assertEqual(self.living(script), [])

    def test_at_full_speed_no_byte_is_lost_or_doubled_wherever_it_is_killed(self):
        self.assertEveryByteAtFullSpeed(crashes=8, backups=2000)

    def test_killed_while_it_starts_programs_none_runs_twice(self):
        here = self.directory
        self.configure(*(self.section("counter", f"stdout_logfile={here}/{name}.log", "stdout_logfile_maxbytes=0",
                                      "startsecs=0", name=name, words="0.01") for name in "abcdefgh"))
        for round in range(8):
            command, kept = self.keeper.launch(*self.wrapper, self.program, "run", "-c", self.configuration)
            process = subprocess.Popen(command, env=self.environment, cwd=here, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=kept)
            if round == 0:
                wait_for(lambda: self.living("counter"), what="the first program")
            time.sleep(random.uniform(0, 0.06))
            process.kill()
            process.wait()
        self.begin()
        self.assertEachCounterOnce("abcdefgh")

    def test_killed_while_programs_end_each_is_seen_once(self):
        here = self.directory
        self.configure(*(self.section("mortal", f"stdout_logfile={here}/{name}.log", "startsecs=0", "autorestart=true",
                                      name=name, words=f"{here}/go 3") for name in "abcdef"))
        for delay in (0, 0.005, 0.01, 0.02, 0.04):
            self.begin()
            self.await_running(*"abcdef")
            for name in "abcdef":
                os.path.exists(self.path(name + ".log")) and os.unlink(self.path(name + ".log"))
            self.svinstall("stop", "all", "-c", self.configuration)
            self.svinstall("clear", "all", "-c", self.configuration)
            self.svinstall("start", "all", "-c", self.configuration)
            self.await_running(*"abcdef")
            wait_for(lambda: all("up" in self.read(name + ".log") for name in "abcdef"), what="the programs' words")
            self.write("go", "")
            time.sleep(delay)
            self.crash()
            os.unlink(self.path("go"))
            self.begin()
            self.assertEachMortalOnce("abcdef")
            self.stop_all()

    def test_how_one_has_ended_is_known_where_the_kernel_tells(self):
        for code, name in ((0, "well"), (5, "badly")):
            self.configure(self.section("mortal", "startsecs=0", "autorestart=unexpected", "exitcodes=0", name=name,
                                        words=f"{self.path(name)} {code}"))
            self.begin()
            pid = self.await_running(name)[name]
            self.crash()
            self.begin()
            self.assertEqual(self.await_running(name), {name: pid})
            self.write(name, "")
            words = f"exit status {code}" if tells_exits() else "unknown termination cause"
            wait_for(lambda: f"exited: {name} ({words}" in self.read("s.log"), what="the end")
            os.unlink(self.path(name))
            self.stop_all()

    def test_a_process_that_nobody_lived_to_write_down_is_found(self):
        log = self.path("counter.log")
        self.configure(self.section("counter", f"stdout_logfile={log}", "stdout_logfile_maxbytes=0", words="0.001"),
                       self.section("echo", "redirect_stderr=true"))
        self.begin()
        before = self.await_running("counter", "echo")
        self.crash()
        self.keeper.forget_births()
        self.begin()
        self.assertEqual(self.await_running("counter", "echo"), before)
        self.assertEqual(len(self.living("counter") + self.living("echo")), 2)
        kill(before["echo"], signal.SIGTERM)
        wait_for(lambda: self.pids().get("echo", before["echo"]) != before["echo"], 20, "its restart")
        self.svinstall("stop", "counter", "-c", self.configuration)
        self.assertCounted("counter.log")
        self.stop_all()

    def test_a_fault_of_its_own_is_survived_as_a_kill_is(self):
        """As if it had touched memory that is not there, or given itself up."""
        # where Swift has its tool for it, it would tell of a fault that comes from outside, and go on
        self.environment["SWIFT_BACKTRACE"] = "enable=no"
        log = self.path("counter.log")
        self.configure(self.section("counter", f"stdout_logfile={log}", "stdout_logfile_maxbytes=0", words="0.001"))
        self.begin()
        before = self.await_running("counter")
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
            self.crash(number)
            self.assertNotEqual(self.daemon.returncode, 0)
            self.begin()
            self.assertEqual(self.await_running("counter"), before)
        self.assertEqual(len(self.living("counter")), 1)
        self.svinstall("stop", "counter", "-c", self.configuration)
        self.assertCounted("counter.log")
        self.stop_all()

    def test_descriptors_meant_for_somebody_else(self):
        """LISTEN_PID names another process (sd_listen_fds(3)): neither we nor a program takes what is said to be there."""
        self.configure("[program:look]\ncommand=/bin/sh -c 'env; ls /proc/self/fd; exec sleep 1000'\nstartsecs=0\n"
                       f"stdout_logfile={self.path('look.log')}")
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        environment = dict(self.environment, LISTEN_PID="1", LISTEN_FDS="2", LISTEN_FDNAMES="+1-1-out:+1-1-err",
                           SYSTEMD_EXEC_PID="1")
        daemon = subprocess.Popen([SVINSTALL, "run", "-c", self.configuration], env=environment, cwd=self.directory,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  pass_fds=(reader, writer))
        self.addCleanup(self.end, daemon)
        wait_for(lambda: os.path.exists(self.path("look.log")) and "\n3\n" in self.read("look.log"), 20, "what it sees")
        self.assertNotIn("took up", self.read("s.log"))
        self.assertEqual([line for line in self.read("look.log").splitlines() if line.isdigit()], ["0", "1", "2", "3"])
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(20), 0)

    def test_a_stranger_who_has_the_pid_meanwhile_is_left_alone(self):
        """Neither handle nor record of the program is left: its pid alone would lead to somebody else's process."""
        for remembers in (True, False):
            self.configure(self.section("echo", "redirect_stderr=true"))
            self.begin()
            pid = self.await_running("echo")["echo"]
            self.crash()
            if not remembers:
                self.keeper.forget_births()
            kill(pid, signal.SIGKILL)
            wait_for(lambda: not os.path.exists(f"/proc/{pid}"), what="that nothing is left of it")
            try:
                self.assertEqual(stranger(pid, "/bin/sleep", "1000"), pid)
            except OSError as error:
                self.skipTest(str(error))
            try:
                self.begin()
                wait_for(lambda: self.pids().get("echo", pid) != pid, 20, "a new one")
                self.stop_all()
                self.assertEqual(os.waitpid(pid, os.WNOHANG), (0, 0))
            finally:
                kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def test_what_ended_while_nobody_looked_is_started_again(self):
        self.configure(self.section("mortal", f"stdout_logfile={self.path('mortal.log')}", "startsecs=0", "autorestart=true",
                                    words=f"{self.path('go')} 9"))
        self.begin()
        old = self.await_running("mortal")["mortal"]
        self.crash()
        self.write("go", "")
        wait_for(lambda: old not in self.living("mortal"), what="its end")
        os.unlink(self.path("go"))
        self.begin()
        new = self.await_running("mortal")["mortal"]
        self.assertNotEqual(new, old)
        wait_for(lambda: self.read("mortal.log") == f"up {old}\nlast words\nup {new}\n", what="all words")
        if tells_exits():
            self.assertIn("exited: mortal (exit status 9; not expected)", self.read("s.log"))
        self.stop_all()

    def test_what_is_configured_otherwise_or_no_more_is_ended(self):
        self.configure(self.section("echo"), self.section("counter", words="1"))
        self.begin()
        before = self.await_running("echo", "counter")
        self.crash()
        self.configure(self.section("counter", words="2"))
        self.begin()
        after = self.await_running("counter")
        self.assertNotEqual(after["counter"], before["counter"])
        self.assertEqual(self.living("counter"), [after["counter"]])
        self.assertEqual(self.living("echo"), [])
        self.stop_all()

    def test_a_shared_socket_is_the_same_one_afterwards(self):
        import socket

        self.configure(self.section("fastcgi", f"socket=unix://{self.path('f.sock')}", "numprocs=2", "startsecs=0",
                                    "process_name=%(process_num)d", kind="fcgi-program"))
        self.begin()
        before = self.await_running("fastcgi:0", "fastcgi:1")

        def ask():
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(10)
                connection.connect(self.path("f.sock"))
                return int(connection.recv(100))

        self.assertIn(ask(), before.values())
        inode = os.stat(self.path("f.sock")).st_ino
        self.crash()
        self.assertIn(ask(), before.values())
        self.begin()
        self.assertEqual(self.await_running("fastcgi:0", "fastcgi:1"), before)
        self.assertIn(ask(), before.values())
        # One of them is started again, on the same socket.
        self.svinstall("restart", "fastcgi:0", "-c", self.configuration)
        after = self.await_running("fastcgi:0", "fastcgi:1")
        self.assertEqual(after["fastcgi:1"], before["fastcgi:1"])
        self.assertEqual(os.stat(self.path("f.sock")).st_ino, inode)
        heard = set()
        wait_for(lambda: heard.add(ask()) or heard == set(after.values()), what="an answer of each")
        self.stop_all()

    def test_an_upgrade_between_two_crashes_changes_nothing(self):
        here = self.directory
        self.configure(self.section("counter", f"stdout_logfile={here}/counter.log", "stdout_logfile_maxbytes=0",
                                    words="0.001"))
        self.begin()
        before = self.await_running("counter")
        self.crash()
        self.begin()
        self.assertEqual(self.svinstall("upgrade", "-c", self.configuration, timeout=60)[0], 0, self.read("s.log"))
        self.assertEqual(self.await_running("counter"), before)
        self.crash()
        self.begin()
        self.assertEqual(self.await_running("counter"), before)
        self.assertEqual(self.svinstall("upgrade", "-c", self.configuration, timeout=60)[0], 0, self.read("s.log"))
        kill(before["counter"], signal.SIGKILL)
        wait_for(lambda: self.pids().get("counter", before["counter"]) != before["counter"], what="the restart")
        if tells_exits():
            self.assertIn("exited: counter (terminated by SIGKILL; not expected)", self.read("s.log"))
        self.stop_all()

    def test_as_many_as_there_is_room_for(self):
        crowd = self.crowd()
        self.keeper.size = 5 * CROWD + 100
        self.environment["FDSTORE"] = str(self.keeper.size)
        self.configure(crowd)
        self.begin()
        before = self.assertWholeCrowd()
        wait_for(lambda: len(self.keeper.names()) >= 5 * CROWD, 60, "that all are kept")
        for _ in range(2):
            self.crash()
            self.begin()
            self.assertWholeCrowd(before)
        wait_for(lambda: all(self.read(f"logs/{number}.out") == "up\n" for number in range(CROWD)), 60, "their words")
        self.stop_all()

    def test_who_keeps_nothing_is_given_nothing(self):
        self.environment.pop("FDSTORE")
        self.configure(self.section("echo"))
        self.begin()
        self.await_running("echo")
        self.assertEqual(self.keeper.names(), [])
        self.stop_all()

    def test_programs_find_nothing_of_it(self):
        self.configure(self.section("echo"))
        self.begin()
        pid = self.await_running("echo")["echo"]
        self.assertEqual(sorted(os.listdir(f"/proc/{pid}/fd")), ["0", "1", "2"])
        with open(f"/proc/{pid}/environ", "rb") as file:
            environment = file.read()
        for name in (b"FDSTORE=", b"NOTIFY_SOCKET=", b"LISTEN_"):
            self.assertNotIn(name, environment)
        self.stop_all()

    def test_a_reload_ends_programs_and_lets_go_of_them(self):
        self.configure(self.section("echo"))
        self.begin()
        before = self.await_running("echo")
        self.svinstall("reload", "-c", self.configuration)
        wait_for(lambda: self.pids().get("echo", before["echo"]) != before["echo"], 20, "the next life")
        wait_for(lambda: sum(name.startswith("+") for name in set(self.keeper.names())) == 1, what="that only what runs is kept")
        self.crash()
        self.begin()
        self.assertEqual(self.living("echo"), list(self.await_running("echo").values()))
        self.stop_all()
