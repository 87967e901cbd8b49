"""What befalls processes: they trace, hang, multiply, are orphaned, killed for want of memory, their pids are used again."""

import ctypes
import errno
import os
import shutil
import signal
import sys
import time
import unittest

import hanging
from bystander import Bystander
from suites.degraded import FILTER
from surroundings import Group, stranger
from workshop import kill, slow, wait_for

AS_ROOT = unittest.skipIf(os.getuid() != 0, "needs root")
TRACE_ME, KILL, SEIZE, INTERRUPT = 0, 8, 0x4206, 0x4207

#: Makes whoever started it its tracer, and stops: the tracer is told of it, unasked.
TRACED = f"""\
import ctypes, os, signal
ctypes.CDLL(None).ptrace({TRACE_ME}, 0, 0, 0)
open(os.environ["STOPPING"], "w").close()
os.kill(os.getpid(), signal.SIGUSR1)
"""
#: Leaves as many orphans as it is told, which end all at once.
ORPHANS = r"""
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words)
{
    int gate[2], ready[2];
    char byte = 0;
    if (pipe(gate) || pipe(ready))
        return 70;
    if (fork() == 0) {
        for (int number = atoi(words[1]); number > 0; number--) {
            pid_t pid = fork();
            if (pid < 0)
                _exit(71);
            if (pid == 0) {
                close(gate[1]);
                read(gate[0], &byte, 1);
                _exit(0);
            }
        }
        _exit(0);
    }
    int status;
    wait(&status);
    if (status)
        return 72;
    close(gate[1]);
    close(ready[0]);
    while (1)
        pause();
}
"""


#: Multiplies as often as it is let.
BOMB = """\
import os, time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""


def take_orphans():
    """In the child that becomes the daemon: prctl(2), which outlasts execve."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def state_letter(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


class Traced(Bystander):
    SECTION = ("[program:bad]\ncommand={0} {1}\nstartsecs=0\nstopwaitsecs=1\nenvironment=STOPPING={2}\n"
               "[program:mother]\ncommand=/bin/sh -c '(sleep 0.01 &); sleep 0.3; (true &); sleep 1000'\n"
               "startsecs=0\nautostart=false\n")

    def lives_on(self, **options):
        """It has not ended, whatever its tracer is told; orphans are seen to all the same; it can be stopped."""
        script, stopping = self.write("traced.py", TRACED), self.path("stopping")
        process = self.serve(self.SECTION.format(sys.executable, script, stopping), preexec_fn=take_orphans, **options)
        wait_for(lambda: os.path.exists(stopping), 20, "the stop")
        pid = self.pid_of("bad", self.configuration)
        wait_for(lambda: state_letter(pid) == "t", 20, "that it is stopped")
        self.ours("start", "mother")
        time.sleep(0.5)
        self.assertEqual((self.state("bad"), self.pid_of("bad", self.configuration)), ("RUNNING", pid))
        self.assertEqual(state_letter(pid), "t")
        wait_for(lambda: self.log().count("reaped unknown pid") >= 2, 20, "the orphans' end")
        self.assertNotIn("exited: bad", self.log())
        self.assertEqual(self.ours("stop", "bad"), "bad: stopped\n")
        self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.good_goes_on()
        self.ends_in_order(process)

    def test_a_program_that_makes_the_daemon_its_tracer(self):
        self.lives_on()

    @unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
    def test_the_same_without_process_handles(self):
        self.write("filter.c", FILTER)
        self.assertEqual(self.command("cc", "-o", "filter", "filter.c"), (0, "", ""))
        self.lives_on(before=[self.path("filter"), str(errno.ENOSYS), "-1"])

    @AS_ROOT
    def test_a_program_under_a_debugger(self):
        self.serve("[program:bad]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
        pid = self.pid_of("bad", self.configuration)
        trace = ctypes.CDLL(None, use_errno=True).ptrace
        trace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        if trace(SEIZE, pid, None, None) or trace(INTERRUPT, pid, None, None):
            self.skipTest(f"nothing can be traced here: {os.strerror(ctypes.get_errno())}")
        os.waitpid(pid, 0)
        self.assertEqual(state_letter(pid), "t")
        time.sleep(0.3)
        self.assertEqual((self.state("bad"), self.pid_of("bad", self.configuration)), ("RUNNING", pid))
        kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        wait_for(lambda: self.pid_of("bad", self.configuration) not in (0, pid), 20, "the second life")
        self.good_goes_on()


class Orphans(Bystander):
    def storm(self, count):
        self.write("orphans.c", ORPHANS)
        self.assertEqual(self.command("cc", "-o", "orphans", "orphans.c")[0], 0)
        process = self.serve(f"[program:mother]\ncommand={self.path('orphans')} {count}\nstartsecs=0\nautorestart=false\n"
                             "autostart=false\n", preexec_fn=take_orphans)
        self.ours("start", "mother")
        wait_for(lambda: self.log().count("reaped unknown pid") == count or "exited: mother" in self.log(), 120,
                 "all orphans' end")
        self.assertNotIn("exited: mother", self.log())
        with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            left = file.read().split()
        self.assertEqual([state_letter(pid) for pid in left].count("Z"), 0)
        self.good_goes_on()

    @unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
    def test_five_hundred_orphans_end_at_once(self):
        self.storm(500)

    @slow
    @unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
    def test_ten_thousand_orphans_end_at_once(self):
        self.storm(10_000)


class Stuck(Bystander):
    @AS_ROOT
    def test_a_program_that_cannot_even_be_killed(self):
        if hanging.no_disk():
            self.skipTest(hanging.no_disk())
        os.mkdir(self.path("disk"))
        disk = hanging.Disk(self.path("image"), self.path("disk"))
        process = self.serve("[program:bad]\ncommand=/bin/sh -c 'while :; do echo "
                             f">>{self.path('disk')}/file; sleep 0.01; done'\nstartsecs=0\nstopwaitsecs=1\nautorestart=true\n", preexec_fn=disk.install)
        pid = self.pid_of("bad", self.configuration)
        disk.freeze(process.pid)
        self.addCleanup(disk.thaw)
        wait_for(lambda: state_letter(pid) == "D", 20, "that it waits for the disk")
        stop = self.start("stop", "bad", "-c", self.configuration)
        wait_for(lambda: f"killing 'bad' ({pid}) with SIGKILL" in self.log(), 20, "the warning")
        for _ in range(3):
            self.assertEqual(self.state("bad"), "STOPPING")
            self.good_goes_on()
        self.assertEqual(state_letter(pid), "D")
        self.assertIsNone(stop.poll())
        disk.thaw()
        self.awaits("bad", "STOPPED")
        self.assertEqual(stop.wait(20), 0)
        self.ends_in_order(process)


@AS_ROOT
class Groups(Bystander):
    def group(self, controller, limit):
        try:
            group = Group(controller, limit)
        except (OSError, UnboundLocalError) as error:
            self.skipTest(f"no control group of our own: {error}")
        self.addCleanup(self.leave, group)
        return group

    def leave(self, group):
        for pid in group.pids():
            kill(pid, signal.SIGKILL)
        wait_for(lambda: not group.pids(), 20, "that the group is empty")
        group.close()

    def test_a_program_is_killed_for_want_of_memory(self):
        group = self.group("memory", 32 << 20)
        hog = self.write("hog.py", "bytearray(1 << 28)\n")
        self.serve("[program:bad]\nstartsecs=0\nautorestart=unexpected\nautostart=false\n"
                   f"command=/bin/sh -c 'echo $$ >{group.path}/cgroup.procs; exec {sys.executable} {hog}'\n")
        self.ours("start", "bad")
        wait_for(lambda: self.log().count("exited: bad (terminated by SIGKILL; not expected)") > 1, 60, "two deaths")
        self.assertTrue(group.killed_for_memory())
        self.ours("stop", "bad")
        self.good_goes_on()

    def test_a_program_multiplies_without_end(self):
        """The daemon lives in the same group: it gets no more processes than the bomb leaves it."""
        group = self.group("pids", 60)
        bomb = self.write("bomb.py", BOMB)
        process = self.serve(f"[program:bad]\ncommand={sys.executable} {bomb}\nstartsecs=0\nautostart=false\nstopwaitsecs=1\n"
                             "autorestart=false\nstopasgroup=true\nkillasgroup=true\nredirect_stderr=true\n"
                             "stdout_logfile=NONE\n", preexec_fn=group.join)
        self.ours("start", "bad")
        wait_for(lambda: len(group.pids()) > 40, 30, "the bomb")
        for _ in range(5):
            self.assertEqual(self.state("good"), "RUNNING")
        self.ours("stop", "bad")
        wait_for(lambda: len(group.pids()) < 10, 30, "the end of the bomb")
        self.good_goes_on()
        self.ends_in_order(process)


@AS_ROOT
class UsedAgain(Bystander):
    def test_a_strangers_process_has_the_pid_of_one_that_ended(self):
        process = self.serve("[program:bad]\ncommand=/bin/sleep 1000\nstartsecs=0\nautorestart=false\n")
        pid = self.pid_of("bad", self.configuration)
        kill(pid, signal.SIGKILL)
        self.awaits("bad", "EXITED")
        try:
            self.assertEqual(stranger(pid, "/bin/sleep", "1000"), pid)
        except OSError as error:
            self.skipTest(str(error))
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        for words in (["signal", "KILL", "bad"], ["stop", "bad"], ["start", "bad"], ["stop", "bad"]):
            self.ours(*words)
        self.ends_in_order(process)
        self.assertIn(state_letter(pid), "SR")
