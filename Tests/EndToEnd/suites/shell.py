"""The interactive shell at a real terminal."""

import os
import pty
import select
import signal
import subprocess
import termios

from workshop import SVINSTALL, Workshop, wait_for


class Killed(Workshop):
    def setUp(self):
        super().setUp()
        self.terminal, self.line = pty.openpty()
        self.addCleanup(os.close, self.terminal)
        self.addCleanup(os.close, self.line)

    def test_a_killed_shell_leaves_the_terminal_as_it_was(self):
        """A signal ends the shell, not the terminal's echo; under both names."""
        supervisorctl = self.path("supervisorctl")
        os.symlink(SVINSTALL, supervisorctl)
        address = ("-s", f"unix://{self.path('nobody.sock')}")
        for words in ((SVINSTALL, "ctl", *address), (supervisorctl, *address)):
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                with self.subTest(program=os.path.basename(words[0]), signal=number.name):
                    self.kill(number, words)

    def kill(self, number, words):
        before = termios.tcgetattr(self.line)
        shell = subprocess.Popen(words, stdin=self.line, stdout=self.line, stderr=self.line, env=self.environment)
        try:
            shown = b""
            while b"supervisor> " not in shown:
                self.assertTrue(select.select([self.terminal], [], [], 20)[0], shown)
                shown += os.read(self.terminal, 4096)
            wait_for(lambda: not termios.tcgetattr(self.line)[3] & termios.ECHO, what="the shell's own echo")
            shell.send_signal(number)
            self.assertEqual(shell.wait(20), -number)
            self.assertEqual(termios.tcgetattr(self.line), before)
        finally:
            shell.kill()
            shell.wait()
