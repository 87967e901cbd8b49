"""Places in which something that a daemon likes to have is missing: it works, or says in one line what is missing."""

import errno
import os
import resource
import shutil
import signal
import subprocess
import unittest

from workshop import SVINSTALL, Workshop, kill, unsanitized, wait_for

AS_ROOT = unittest.skipIf(os.getuid() != 0, "needs root")
NOBODY = 65534
CLONE3 = 435

CONFIGURATION = """\
[supervisord]
logfile={directory}/d.log
pidfile={directory}/d.pid
[unix_http_server]
file={directory}/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:a]
command=/bin/sh -c "echo up; exec sleep 1000"
startsecs=0
stdout_logfile={directory}/a.log
"""

#: A launcher that makes system calls fail with an error number, and then becomes the program.
FILTER = r"""
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// filter ERROR CALL PROGRAM WORDS…: pidfd_open, pidfd_send_signal, clone with CLONE_PIDFD and CALL fail with ERROR
int main(int count, char **words)
{
    unsigned deny = SECCOMP_RET_ERRNO | (unsigned)atoi(words[1]);
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 434, 6, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(words[2]), 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 424, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1000, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, deny),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
        return perror("filter"), 70;
    execv(words[3], words + 3);
    return perror(words[3]), 71;
}
"""


def may(*words):
    """Whether a command of the surroundings works here at all."""
    try:
        return subprocess.run(words, capture_output=True, timeout=20).returncode == 0
    except FileNotFoundError:
        return False


class Degraded(Workshop):
    def setUp(self):
        super().setUp()
        self.configuration = self.write("c.conf", CONFIGURATION.format(directory=self.directory))

    def ours(self, *words, **options):
        return self.svinstall(*words, "-c", self.configuration, **options)

    def proves_itself(self, process):
        """A program comes up, is killed, comes back, is stopped; the daemon ends in order."""
        running = lambda: "RUNNING" in self.ours("status", "a")[1] or process.poll() is not None
        wait_for(running, 20, "the program")
        self.assertIsNone(process.poll(), "the daemon ended")
        # it counts as running before its first word
        wait_for(lambda: os.path.exists(self.path("a.log")) and self.read("a.log") == "up\n", 20, "its first output")
        first = self.children(process.pid)
        self.assertEqual(len(first), 1)
        kill(first[0], signal.SIGKILL)
        again = lambda: [pid for pid in self.children(process.pid) if pid not in first]
        wait_for(again, 20, "the second life")
        wait_for(lambda: self.read("a.log") == "up\nup\n", 20, "its output")
        self.assertEqual(self.ours("stop", "a")[1], "a: stopped\n")
        self.assertEqual(self.children(process.pid), [])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def children(self, parent):
        """The pids of a process's children, as this machine numbers them."""
        found = []
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children") as file:
                    found += [int(pid) for pid in file.read().split()]
        except FileNotFoundError:
            pass
        return found


class Surroundings(Degraded):
    def test_nothing_of_an_environment(self):
        state = self.environment["SVINSTALL_STATE_DIR"]
        self.environment = {"SVINSTALL_STATE_DIR": state}
        self.proves_itself(self.start("run", "-c", self.configuration, env=self.environment))

    def test_a_locale_and_a_zone_that_are_none(self):
        self.environment.update(LC_ALL="xx_XX.nothing", LANG="nonsense", TZ="Nowhere/None")
        self.proves_itself(self.start("run", "-c", self.configuration))

    def test_a_plain_locale_and_names_beyond_it(self):
        self.environment.update(LC_ALL="C", LANG="C")
        self.configuration = self.write("ü.conf", self.read("c.conf").replace("echo up", ": ü; echo up"))
        self.proves_itself(self.start("run", "-c", self.configuration))

    def test_closed_standard_streams(self):
        words = ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', SVINSTALL, "run", "-c", self.configuration]
        self.proves_itself(self.start(*words[1:], program="/bin/sh"))

    def test_a_full_standard_output(self):
        with open("/dev/full", "w") as full:
            process = subprocess.Popen([SVINSTALL, "run", "-c", self.configuration], stdout=full, stderr=full,
                                       stdin=subprocess.DEVNULL, env=self.environment)
        self.addCleanup(process.kill)
        self.proves_itself(process)

    def test_sixty_four_descriptors(self):
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        process = self.start("run", "-c", self.configuration, "--minfds", "64", preexec_fn=few)
        self.proves_itself(process)

    def test_too_few_descriptors_are_told_in_one_line(self):
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        if os.getuid() == 0:
            words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            for path in (self.directory, self.write("state/x", "")):
                os.chown(path, NOBODY, NOBODY)
            os.chown(self.path("state"), NOBODY, NOBODY)
        else:
            words = ["env"]
        done = subprocess.run([*words, SVINSTALL, "run", "-c", self.configuration], capture_output=True, text=True,
                              timeout=20, env=self.environment, preexec_fn=few)
        self.assertNotEqual(done.returncode, 0)
        self.assertOneLineError(done.stderr, "minfds|descriptors", "64")


@AS_ROOT
class Namespaces(Degraded):
    @unittest.skipUnless(may("unshare", "--mount", "umount", "-l", "/proc"), "needs a mount namespace")
    @unsanitized("sanitizers read their own map in /proc")
    def test_no_proc(self):
        words = ["--mount", "sh", "-c", 'umount -l /proc && exec "$0" "$@"', SVINSTALL, "run", "-c", self.configuration]
        self.proves_itself(self.start(*words, program=shutil.which("unshare")))

    @unittest.skipUnless(may("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"), "needs a mount namespace")
    def test_a_state_directory_that_cannot_be_written(self):
        state = self.path("state")
        os.makedirs(state)
        mount = 'mount -t tmpfs -o ro tmpfs "$STATE" && exec "$0" "$@"'
        process = self.start("--mount", "sh", "-c", mount, SVINSTALL, "run", "-c", self.configuration,
                             program=shutil.which("unshare"), env=dict(self.environment, STATE=state))
        wait_for(lambda: os.path.exists(self.path("s.sock")) or process.poll() is not None, 20, "the daemon")
        wait_for(lambda: self.children(process.pid) or process.poll() is not None, 20, "the program")
        self.assertIsNone(process.poll())
        self.assertRegex(self.read("d.log"), "(?i)(WARN|CRIT|ERRO).*read-only")
        wait_for(lambda: "RUNNING" in self.svinstall("status", "-s", f"unix://{self.path('s.sock')}")[1], 20, "its state")

    @unittest.skipUnless(may("unshare", "--pid", "--fork", "--mount-proc", "true"), "needs a pid namespace")
    def test_process_one_of_a_namespace(self):
        process = self.start("--pid", "--fork", "--mount-proc", "--kill-child", SVINSTALL, "run", "-c", self.configuration,
                             program=shutil.which("unshare"))
        wait_for(lambda: "RUNNING" in self.ours("status", "a")[1], 20, "the program")
        daemon, = self.children(process.pid)
        program, = self.children(daemon)
        # an orphan of the program becomes the daemon's child, and is reaped
        orphan = subprocess.run(["nsenter", "-t", str(daemon), "-p", "sh", "-c", "(sleep 0.1 &)"], capture_output=True)
        self.assertEqual(orphan.returncode, 0)
        wait_for(lambda: self.children(daemon) == [program], 20, "the orphan's end")
        kill(program, signal.SIGKILL)
        wait_for(lambda: self.children(daemon) not in ([], [program]), 20, "the second life")
        kill(daemon, signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)


@unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
class Filters(Degraded):
    def filtered(self, number, call):
        """The daemon behind a filter that answers calls with an error number, as container engines do."""
        self.write("filter.c", FILTER)
        self.assertEqual(self.command("cc", "-o", "filter", "filter.c"), (0, "", ""))
        return self.start(str(number), str(call), SVINSTALL, "run", "-c", self.configuration, program=self.path("filter"))

    def test_process_handles_that_the_kernel_does_not_know(self):
        self.proves_itself(self.filtered(errno.ENOSYS, CLONE3))

    def test_process_handles_that_are_forbidden(self):
        self.proves_itself(self.filtered(errno.EPERM, -1))

    def test_threads_that_are_forbidden_are_told_in_one_line(self):
        """The C library makes threads by clone3, and takes no other way when that is forbidden and not unknown."""
        process = self.filtered(errno.EPERM, CLONE3)
        error = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, 71)
        self.assertOneLineError(error, "pthread_create.*not permitted")
