"""Faults injected for real, and the table of all that are: it names tests that exist."""

import json
import os
import re
import resource
import signal
import subprocess
import time
import unittest

from bystander import Bystander
from suites.readme import _listed
from workshop import ROOT, unsanitized, wait_for


class Injected(Bystander):
    """What programs and their files do."""

    def ends_fatal(self, command, words):
        """What cannot be executed is told where the original tells it: in the program's own error log, or in its state."""
        log = self.path("bad.err")
        self.serve(f"[program:bad]\ncommand={command}\nstartretries=0\nstderr_logfile={log}\n")
        wait_for(lambda: self.state("bad") == "FATAL", 20, "FATAL")
        said = self.ours("status", "bad") + (self.read(log) if os.path.exists(log) else "")
        self.assertRegex(said, words)
        self.assertEqual(self.state("good"), "RUNNING")

    def test_a_file_that_is_no_program_is_not_given_to_a_shell(self):
        tool = self.write("tool", f"touch {self.path('ran')}\n", mode=0o755)
        self.ends_fatal(tool, "ENOEXEC")
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_a_program_that_somebody_writes_is_busy(self):
        tool = self.path("tool")
        subprocess.run(["cp", "/bin/sleep", tool], check=True)
        with open(tool, "ab"):
            self.ends_fatal(f"{tool} 1000", "ETXTBSY")
        self.ours("start", "bad")
        wait_for(lambda: self.state("bad") == "RUNNING", 20, "the start when nobody writes any more")

    def test_links_in_a_circle(self):
        os.symlink("loop", self.path("loop"))
        self.ends_fatal(self.path("loop"), "can't find command")

    def test_a_name_longer_than_any(self):
        self.ends_fatal("/" + "x" * 300, "can't find command")

    @unittest.skipIf(os.getuid() != 0, "needs root, whose programs run as somebody who is limited")
    def test_no_more_processes_are_allowed(self):
        os.chmod(self.directory, 0o755)
        process = self.serve("[program:crowd]\ncommand=/bin/sleep 1000\nuser=nobody\nnumprocs=3\nautostart=false\n"
                             "process_name=%(process_num)d\nstartretries=1\n")
        # The limit counts when a process that has changed its user executes; root itself has none.
        before = resource.prlimit(process.pid, resource.RLIMIT_NPROC, (1, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
        up = lambda: len(re.findall(r"(?m)^crowd:\d +RUNNING", self.ours("status")))
        self.ours("start", "crowd:*")
        self.assertLess(up(), 3)
        self.assertEqual(self.state("good"), "RUNNING")
        resource.prlimit(process.pid, resource.RLIMIT_NPROC, before)
        self.ours("start", "crowd:*")
        wait_for(lambda: up() == 3, 20, "all three")

    def test_a_program_that_detaches_itself_is_an_early_end(self):
        self.serve('[program:bad]\ncommand=/bin/sh -c "setsid sleep 3 & exit 0"\nstartsecs=1\nstartretries=0\n')
        wait_for(lambda: self.state("bad") == "FATAL", 20, "FATAL")
        self.assertRegex(self.ours("status", "bad"), "(?i)exited too quickly")

    def test_ten_thousand_signals(self):
        process = self.serve("")
        for _ in range(2500):
            for number in (signal.SIGUSR1, signal.SIGWINCH, signal.SIGCHLD, signal.SIGPIPE):
                process.send_signal(number)
        self.assertEqual(self.ours("stop", "good"), "good: stopped\n")
        self.assertIsNone(process.poll())

    def test_a_line_without_end_takes_no_memory(self):
        log = self.path("line.log")
        process = self.serve('[program:line]\ncommand=/bin/sh -c "head -c 50000000 /dev/zero; exec sleep 1000"\n'
                             f"stdout_logfile={log}\nstdout_logfile_maxbytes=0\n")
        wait_for(lambda: os.path.exists(log) and os.path.getsize(log) == 50_000_000, 60, "all of the line")
        with open(f"/proc/{process.pid}/status") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))
        self.assertLess(peak, 100_000, "KiB")

    def test_a_program_that_writes_without_end_can_be_stopped(self):
        self.serve("[program:flood]\ncommand=/usr/bin/yes\nstartsecs=0\n"
                   f"stdout_logfile={self.path('flood.log')}\nstdout_logfile_maxbytes=1MB\nstdout_logfile_backups=1\n")
        wait_for(lambda: os.path.exists(self.path("flood.log.1")), 20, "a rotation")
        begin = time.monotonic()
        self.assertEqual(self.ours("stop", "flood"), "flood: stopped\n")
        self.assertLess(time.monotonic() - begin, 10)

    @unsanitized("ThreadSanitizer keeps a table in a larger file")
    def test_files_may_not_grow(self):
        """`ulimit -f` of a few blocks: writing the logs fails, and nothing else does."""
        few = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
        self.serve("[program:much]\ncommand=/usr/bin/yes\nstartsecs=0\n"
                   f"stdout_logfile={self.path('much.log')}\nstdout_logfile_maxbytes=0\n", preexec_fn=few)
        wait_for(lambda: os.path.exists(self.path("much.log")) and os.path.getsize(self.path("much.log")) == 65536, 20,
                 "the limit")
        self.assertEqual(self.ours("stop", "much"), "much: stopped\n")
        self.assertEqual(self.state("good"), "RUNNING")

    def test_a_umask_of_nothing_leaves_nothing_open_to_others(self):
        self.serve(f"[program:a]\ncommand=/bin/echo x\nstartsecs=0\nautorestart=false\nstdout_logfile={self.path('a.log')}\n",
                   preexec_fn=lambda: os.umask(0))
        wait_for(lambda: os.path.exists(self.path("a.log")), 20, "the log")
        for place, _, names in os.walk(self.directory):
            for name in names:
                mode = os.lstat(os.path.join(place, name)).st_mode
                self.assertEqual(mode & 0o022, 0, f"{name}: {mode:o}")

    def test_descriptors_do_not_pile_up(self):
        process = self.serve("[program:quick]\ncommand=/bin/true\nstartsecs=0\nautorestart=true\nrestart_delay=0\n"
                             "numprocs=4\nprocess_name=%(process_num)d\nstdout_logfile=NONE\nstderr_logfile=NONE\n")
        held = lambda: len(os.listdir(f"/proc/{process.pid}/fd"))
        time.sleep(2)
        self.ours("stop", "quick:*")
        before = held()
        self.ours("start", "quick:*")
        time.sleep(2)
        self.ours("stop", "quick:*")
        wait_for(lambda: held() <= before, 10, f"as few as the {before} descriptors of before")


class Faults(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "Tests/faults.json"), encoding="utf-8") as file:
            self.rows = json.load(file)

    def test_each_of_the_96_stands_there_once_in_order(self):
        numbers = [row["number"] for row in self.rows]
        self.assertEqual(numbers, list(range(1, 97)))

    def test_each_tells_how_it_is_injected_and_what_was_observed(self):
        for row in self.rows:
            self.assertEqual(list(row), ["number", "what", "injected", "how", "observed", "tests"])
            self.assertIn(row["injected"], ("real", "simulated"))
            self.assertTrue(row["tests"] and all(row.values()), row)

    def test_every_test_that_is_named_exists(self):
        scenarios = _listed("Tests/Conformance/run", "--tier", "all")
        exists = lambda name: named(name) if "/" in name else name in scenarios
        for row in self.rows:
            for name in row["tests"]:
                self.assertTrue(exists(name), f"{row['number']}: {name}")
        for name in ("EndToEnd/test_that_nobody_wrote", "KernelTests/a test that nobody wrote", "chaos/nothing", "B.nothing"):
            self.assertFalse(exists(name), name)

    def test_the_page_is_the_table(self):
        done = subprocess.run([os.path.join(ROOT, "Scripts/faults"), "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)


def named(name):
    """Whether a folder of Tests defines a test of this name: a function, a class, or the text of a Swift test or its row."""
    folder, _, test = name.partition("/")
    place = "Scripts/chaos.d" if folder == "chaos" else f"Tests/{folder}"
    test = re.escape(test)
    if re.fullmatch(r"\w+", test):
        pattern = rf"(class|def|func) {test}\("
    else:
        pattern = rf"(func `{test}`|\"{test}\")"
    found = subprocess.run(["grep", "-rqE", "--", pattern, os.path.join(ROOT, place)])
    return found.returncode == 0
