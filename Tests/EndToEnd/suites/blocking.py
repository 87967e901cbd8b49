"""What hangs for one program, for its log or for the daemon's own, hangs for nobody else: for real."""

import os
import pty
import shutil
import signal
import socket
import statistics
import termios
import time
import unittest

import hanging
from bystander import Bystander
from workshop import kill, wait_for

#: The daemon answers within so many seconds: the promise, and the median of one of several rounds has to keep it.
ANSWER = 0.05
#: A program is stopped, and started again, within so many: far less than any of the daemon's own limits.
ON_TIME = 1.0
ROUNDS, ASKED = 6, 15
#: mount(2)
BIND = 4096

#: What a client asks; nothing else is started between question and answer.
QUESTION = b"<?xml version='1.0'?><methodCall><methodName>supervisor.getState</methodName><params></params></methodCall>"

#: Names that this module is asked for are never answered while a file is there (nsswitch.conf(5)).
SLOW = r"""
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum nss_status _nss_slow_getpwnam_r(const char *name, struct passwd *out, char *buffer, size_t size, int *error)
{
    const char *asked = getenv("SLOW_ASKED"), *hangs = getenv("SLOW_HANGS");
    if (strcmp(name, "sloth") || !asked || !hangs || size < 64)
        return NSS_STATUS_NOTFOUND;
    symlink("here", asked);
    while (!access(hangs, F_OK))
        usleep(10000);
    strcpy(buffer, "sloth");
    strcpy(buffer + 8, "x");
    strcpy(buffer + 16, "/");
    strcpy(buffer + 24, "/bin/sh");
    *out = (struct passwd){buffer, buffer + 8, 65533, 65534, buffer + 8, buffer + 16, buffer + 24};
    return NSS_STATUS_SUCCESS;
}
"""


class Blocking(Bystander):
    def asked(self):
        """How long one question takes, a connection of its own included."""
        begin = time.monotonic()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(self.path("s.sock"))
            connection.sendall(b"POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/xml\r\n"
                               b"Content-Length: %d\r\n\r\n%s" % (len(QUESTION), QUESTION))
            answer = b""
            while more := connection.recv(65536):
                answer += more
        self.assertIn(b"RUNNING", answer)
        return time.monotonic() - begin

    def pid(self):
        return self.pid_of("good", self.configuration)

    def nobody_else_waits(self):
        """The daemon answers, and the bystander is stopped, started, killed and back, on time, while something hangs."""
        answers, stops, returns = [], [], []
        for _ in range(ROUNDS):
            answers.append(statistics.median(self.asked() for _ in range(ASKED)))
            begin = time.monotonic()
            self.assertEqual(self.ours("stop", "good"), "good: stopped\n")
            self.assertEqual(self.ours("start", "good"), "good: started\n")
            stops.append(time.monotonic() - begin)
            first = self.pid()
            kill(first, signal.SIGKILL)
            begin = time.monotonic()
            wait_for(lambda: self.pid() not in (0, first), 20, "the second life")
            returns.append(time.monotonic() - begin)
            if min(answers) <= ANSWER and min(stops) <= ON_TIME and min(returns) <= ON_TIME:
                return
        self.fail(f"answers {answers}, stop and start {stops}, return {returns}")

    @unittest.skipIf(os.getuid() != 0, "needs root, to mount")
    def test_a_frozen_disk_under_the_logs(self):
        self.require(hanging.no_disk())
        os.mkdir(self.path("disk"))
        disk = hanging.Disk(self.path("image"), self.path("disk"))
        log = self.path("disk/much.log")
        process = self.serve(
            f"[program:much]\ncommand=/bin/sh -c 'while :; do echo a line; sleep 0.01; done'\nstdout_logfile={log}\n"
            f"stdout_logfile_maxbytes=2000\n", daemon=f"logfile={self.path('disk')}/d.log", preexec_fn=disk.install)
        inside = f"/proc/{process.pid}/root{log}"
        wait_for(lambda: os.path.exists(inside) and os.path.getsize(inside), 20, "the first line")
        disk.freeze(process.pid)
        self.addCleanup(disk.thaw)
        self.waits(process)
        self.nobody_else_waits()
        self.assertEqual(self.ours("stop", "much"), "much: stopped\n")
        disk.thaw()
        self.assertEqual(self.ours("start", "much"), "much: started\n")
        self.ends_in_order(process)

    def waits(self, process):
        """Until one of its threads waits for the disk, and cannot be helped."""
        def look():
            for task in os.listdir(f"/proc/{process.pid}/task"):
                with open(f"/proc/{process.pid}/task/{task}/stat") as file:
                    if file.read().rpartition(")")[2].split()[0] == "D":
                        return True
        wait_for(look, 20, "a thread that waits for the disk")

    @unittest.skipIf(os.getuid() != 0, "needs root, to mount")
    def test_a_working_directory_that_hangs(self):
        self.require(hanging.no_files())
        os.mkdir(self.path("files"))
        files = hanging.Files(self.path("files"))
        self.addCleanup(files.close)
        process = self.serve(f"[program:bad]\ncommand=/bin/sleep 1000\ndirectory={self.path('files')}/far\nautostart=false\n"
                             "startretries=0\n", preexec_fn=files.install)
        self.start_in_the_background("bad")
        self.assertTrue(files.asked.wait(20))
        self.nobody_else_waits()
        files.close()
        wait_for(lambda: self.state("bad") == "FATAL", 20, "FATAL")
        self.nobody_else_waits()
        self.ends_in_order(process)

    def look_up_slowly(self):
        """A daemon with a program of a user whose name is not answered while the file `hangs` is there."""
        self.require(hanging.no_mounts())
        self.require(None if dynamic() else "a static svinstall reads /etc/passwd alone")
        self.write("slow.c", SLOW)
        self.assertEqual(self.command("cc", "-shared", "-fPIC", "-o", "libnss_slow.so.2", "slow.c"), (0, "", ""))
        names = self.write("nsswitch.conf", "passwd: files slow\ngroup: files\n")

        def install():
            hanging.private_mounts()
            hanging.mount(names, "/etc/nsswitch.conf", None, BIND)
        os.chmod(self.directory, 0o755)
        environment = dict(self.environment, LD_LIBRARY_PATH=self.directory, SLOW_ASKED=self.path("asked"),
                           SLOW_HANGS=self.path("hangs"))
        return self.serve("[program:bad]\ncommand=/bin/sleep 1000\nuser=sloth\nautostart=false\n", preexec_fn=install,
                          env=environment)

    def starts_while_nobody_else_waits(self):
        self.start_in_the_background("bad")
        wait_for(lambda: os.path.islink(self.path("asked")), 20, "the question")
        self.nobody_else_waits()

    def starts_when_it_is_answered(self, process):
        os.unlink(self.path("hangs"))
        self.awaits("bad", "RUNNING")
        self.assertEqual(os.stat(f"/proc/{self.pid_of('bad', self.configuration)}").st_uid, 65533)
        self.ends_in_order(process)

    @unittest.skipIf(os.getuid() != 0, "needs root, to mount")
    @unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
    def test_a_user_who_is_looked_up_without_end(self):
        process = self.look_up_slowly()
        self.write("hangs", "")
        os.unlink(self.path("asked"))
        self.starts_while_nobody_else_waits()
        # whoever rereads the configuration may wait for the name as well, and nobody for him
        reread = self.start("reread", "-c", self.configuration)
        self.nobody_else_waits()
        self.starts_when_it_is_answered(process)
        self.assertEqual(reread.wait(20), 0)

    @unittest.skipIf(os.getuid() != 0, "needs root, to mount")
    @unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
    def test_a_user_who_cannot_be_looked_up_when_the_daemon_starts(self):
        self.write("hangs", "")
        process = self.look_up_slowly()
        self.starts_while_nobody_else_waits()
        self.starts_when_it_is_answered(process)

    def test_a_terminal_that_stands_still(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        termios.tcflow(theirs, termios.TCOOFF)
        process = self.serve("[program:much]\ncommand=/usr/bin/yes a line\nstdout_logfile=/dev/stdout\n"
                             "stdout_logfile_maxbytes=0\nredirect_stderr=true\nautostart=false\n",
                             on=theirs)
        os.close(theirs)
        self.assertEqual(self.ours("start", "much"), "much: started\n")
        time.sleep(0.5)
        self.nobody_else_waits()
        self.assertEqual(self.ours("stop", "much"), "much: stopped\n")
        self.ends_in_order(process)

    def start_in_the_background(self, name):
        self.start("start", name, "-c", self.configuration)

    def require(self, missing):
        if missing:
            self.skipTest(missing)


def dynamic():
    """Whether the program under test asks the C library's own modules for users."""
    with open(os.environ["SVINSTALL_UNDER_TEST"], "rb") as file:
        return b"ld-linux" in file.read(4096)
