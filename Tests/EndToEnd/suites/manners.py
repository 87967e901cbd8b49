"""What `svinstall run` does better than supervisord and, called as supervisord, leaves as it was: both names of one binary."""

import os
import socket
import subprocess

from workshop import SVINSTALL, Workshop, wait_for

CONFIGURATION = """\
[supervisord]
nodaemon=true
logfile={directory}/d.log
pidfile={directory}/{pids}d.pid
[unix_http_server]
file={directory}/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
{programs}
"""
PARENT = """\
[program:parent]
command=/bin/sh -c "(sleep 1; echo late) & echo early"
startsecs=0
autorestart=false
stdout_logfile={directory}/parent.out
"""
SPEAKER = """\
[program:speaker]
command=/bin/sh -c "echo word; exec sleep 1000"
startretries=0
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
"""


class BothNames(Workshop):
    def setUp(self):
        super().setUp()
        self.supervisord = self.path("supervisord")
        os.symlink(SVINSTALL, self.supervisord)

    def configure(self, programs="", pids=""):
        text = CONFIGURATION.format(directory=self.directory, pids=pids, programs=programs.format(directory=self.directory))
        return self.write("d.conf", text)

    def begin(self, name, configuration, **options):
        """The daemon, by one of its names, once it answers."""
        words = ("run",) if name == "svinstall" else ()
        program = SVINSTALL if name == "svinstall" else self.supervisord
        process = self.start(*words, "-c", configuration, program=program, **options)
        wait_for(lambda: process.poll() is not None or self.svinstall("version", "-c", configuration)[0] == 0,
                 what="the daemon's first answer")
        return process

    def test_a_file_with_content_in_the_place_of_the_socket(self):
        """It is kept and named; called as supervisord it makes room, as under the original."""
        configuration = self.configure()
        self.write("s.sock", "somebody's\n")
        process = self.begin("svinstall", configuration)
        self.assertEqual(process.wait(10), 73)
        self.assertIn(self.path("s.sock"), process.stderr.read())
        self.assertEqual(self.read("s.sock"), "somebody's\n")
        self.assertIsNone(self.begin("supervisord", configuration).poll())

    def test_a_missing_directory_of_the_pidfile(self):
        """It is made, for /run is empty after every boot; called as supervisord it is refused."""
        configuration = self.configure(pids="none/")
        refused = self.begin("supervisord", configuration)
        self.assertEqual(refused.wait(10), 2)
        self.assertIn("The directory named as part of the path", refused.stderr.read())
        self.assertFalse(os.path.exists(self.path("none")))
        self.assertIsNone(self.begin("svinstall", configuration).poll())
        self.assertTrue(os.path.exists(self.path("none/d.pid")))

    def after_the_end_of_the_parent(self, name):
        """The log of a program whose child speaks a second after its end."""
        configuration = self.configure(PARENT)
        process = self.begin(name, configuration)
        wait_for(lambda: "EXITED" in self.svinstall("status", "-c", configuration)[1], what="the end of the parent")
        if name == "svinstall":
            wait_for(lambda: "late" in self.read("parent.out"), what="the late word")
        else:
            # its pipe is closed: the word cannot come any more, whenever it is said
            log = os.path.realpath(self.path("parent.out"))
            wait_for(lambda: not self.holds(process.pid, log), what="the log to be closed")
        return self.read("parent.out")

    def holds(self, pid, path):
        """Whether a process has a file open."""
        descriptors = f"/proc/{pid}/fd"
        for number in os.listdir(descriptors):
            try:
                if os.readlink(os.path.join(descriptors, number)) == path:
                    return True
            except FileNotFoundError:
                continue
        return False

    def test_late_words_of_a_grandchild_are_kept(self):
        self.assertEqual(self.after_the_end_of_the_parent("svinstall"), "early\nlate\n")

    def test_late_words_of_a_grandchild_are_lost_as_under_the_original(self):
        self.assertEqual(self.after_the_end_of_the_parent("supervisord"), "early\n")

    def spoken(self, name):
        """What a program said to a standard output that is a socket, and its state."""
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        configuration = self.configure(SPEAKER)
        words = [SVINSTALL, "run"] if name == "svinstall" else [self.supervisord]
        process = subprocess.Popen([*words, "-s", "-c", configuration], stdin=subprocess.DEVNULL, stdout=theirs,
                                   stderr=subprocess.PIPE, text=True, cwd=self.directory, env=self.environment)
        theirs.close()
        process.stdout = open(os.devnull)
        self.addCleanup(self.end, process)
        state = wait_for(lambda: next((word for word in ("RUNNING", "FATAL")
                                       if word in self.svinstall("status", "-c", configuration)[1]), None),
                         what="the program's state")
        ours.settimeout(10)
        return state, ours.recv(100) if state == "RUNNING" else b""

    def test_standard_output_that_is_a_socket(self):
        """As under systemd: it is written; called as supervisord it cannot be opened, as under the original."""
        self.assertEqual(self.spoken("svinstall"), ("RUNNING", b"word\n"))

    def test_standard_output_that_is_a_socket_as_under_the_original(self):
        self.assertEqual(self.spoken("supervisord"), ("FATAL", b""))
