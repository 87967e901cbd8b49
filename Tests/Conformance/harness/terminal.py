"""supervisorctl at a pseudo-terminal: keys go in, a screen comes out.

What is compared is what a person sees: the lines of the screen once all carriage returns and
backspaces have had their effect, not the bytes that drew them.
"""

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import termios
import time

PROMPT = "supervisor> "


class Screen:
    """The lines that a terminal without any abilities has shown so far; the last one is being written."""

    _escape = re.compile(rb"\x1b(\[[0-9;?]*[@-~]|[^\[])")

    def __init__(self):
        self.lines = [""]
        self.bells = 0
        self._column = 0
        self._rest = b""

    def take(self, data):
        """Show what a program has written."""
        text = self._escape.sub(b"", self._rest + data)
        # the end may be half a character
        cut = text.rfind(b"\xc3", len(text) - 1)
        self._rest = text[cut:] if cut >= 0 else b""
        for character in text[:len(text) - len(self._rest)].decode("utf-8", "backslashreplace"):
            self._show(character)

    def _show(self, character):
        line = self.lines[-1]
        if character == "\n":
            self.lines.append("")
            self._column = 0
        elif character == "\r":
            self._column = 0
        elif character == "\b":
            self._column = max(0, self._column - 1)
        elif character == "\a":
            self.bells += 1
        else:
            self.lines[-1] = line[:self._column] + character + line[self._column + 1:]
            self._column += 1


class Terminal:
    """One client at its terminal. Use it in a `with` block: it ends with that at the latest."""

    def __init__(self, trial, args, columns=80):
        program = trial.subject.client.path
        self._trial = trial
        self._screen = Screen()
        self._told = 0
        # both ends stay open here, so that the terminal's mode can be looked at afterwards
        self._keys, self._line = os.openpty()
        fcntl.ioctl(self._line, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = trial.environment({"TERM": "dumb", "INPUTRC": "/dev/null"})
        self._mode = termios.tcgetattr(self._line)
        self.pid = os.fork()
        if self.pid == 0:
            self._become([program, *args], environment)
        self._status = None

    def _become(self, words, environment):
        """In the child: sit down at the terminal and be the client. Never returns."""
        try:
            os.setsid()
            fcntl.ioctl(self._line, termios.TIOCSCTTY, 0)
            for number in range(3):
                os.dup2(self._line, number)
            os.closerange(3, 256)
            for number in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM, signal.SIGTSTP):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            os.execve(words[0], words, environment)
        finally:
            os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._keys)
        os.close(self._line)

    # keys

    def type(self, keys):
        """Press keys, without waiting for what comes of it."""
        os.write(self._keys, keys.encode())

    def enter(self, line):
        """Type a line and wait for the next prompt."""
        rows = len(self._screen.lines)
        self.type(line + "\r")
        self._until(lambda: len(self._screen.lines) > rows and self.line == PROMPT.rstrip(),
                    f"a prompt after {line!r}")

    def settle(self):
        """Wait for a moment until the client has taken the keys over from the terminal's own line editing,
        as readline does for each line; what is typed before that is shown twice."""
        deadline = time.monotonic() + 0.5
        while termios.tcgetattr(self._line)[3] & termios.ICANON and time.monotonic() < deadline:
            self._look(0.02)

    def interrupt(self, done, what):
        """Press Ctrl-C until that has an effect: one that comes at a bad moment is lost on Python."""
        def pressed():
            now = time.monotonic()
            if now - pressed.last > 1:
                pressed.last = now
                self.type("\x03")
            return done()
        pressed.last = 0
        self._until(pressed, what)

    # the screen

    @property
    def line(self):
        """The line with the cursor."""
        return self._screen.lines[-1].rstrip()

    @property
    def bells(self):
        """How often the bell has rung."""
        return self._screen.bells

    def sees(self, text):
        """Whether the text stands in the lines that are not recorded yet."""
        self._look(0)
        return text in "\n".join(line.rstrip() for line in self._screen.lines[self._told:])

    def wait(self, text):
        """Wait until `sees`."""
        self._until(lambda: self.sees(text), f"{text!r} on the screen")

    def prompt(self):
        """Wait for an empty prompt on the last line."""
        self._until(lambda: self.line == PROMPT.rstrip(), "a prompt")

    def until_bells(self, count):
        """Wait until the bell has rung so often."""
        self._until(lambda: self.bells >= count, f"{count} bells")

    def shows(self, line):
        """Wait until the last line is this one."""
        self._until(lambda: self.line == line, f"the line {line!r}")

    def record(self, field, without=""):
        """Record the lines that were not recorded yet, but for the one with the cursor. `without`: a pattern
        of what stands there by chance."""
        self._look(0)
        lines = [line.rstrip() for line in self._screen.lines[self._told:-1]]
        if without:
            lines = [re.sub(without, "", line) for line in lines if not re.fullmatch(without, line)]
        self._told = len(self._screen.lines) - 1
        self._trial.record(field, "\n".join(lines))

    def _until(self, condition, what, seconds=15):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds} s: {what}; the screen:\n"
                                   + "\n".join(self._screen.lines))
            self._look(0.05)

    def _look(self, seconds):
        while select.select([self._keys], [], [], seconds)[0]:
            self._screen.take(os.read(self._keys, 65536))
            seconds = 0

    # the end

    def ended(self):
        """Whether the client has ended."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status is not None

    def record_end(self, field):
        """Wait for the client's end and record it: the rest of the screen, the status, and whether the
        terminal is as it was."""
        self.record_death(field)
        self._trial.record("terminal as it was", termios.tcgetattr(self._line) == self._mode)

    def record_death(self, field):
        """The same of a client that a signal ends: how the terminal is left then is no matter of words and statuses
        (the original leaves it without echo)."""
        self._until(self.ended, "the end of the client")
        self._look(0.05)
        self._screen.lines.append("")
        self.record(field)
        self._trial.record("exit", f"{self._status}")
