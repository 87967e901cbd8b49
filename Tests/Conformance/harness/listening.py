"""Event listeners for scenarios: a program that writes down what it is told and answers as planned."""

import re
import sys
import textwrap
import time

# The answers to the first events stand on the command line, one word each; the rest is answered OK.
_PROGRAM = r'''
import os, sys, time

seen, mode, *plan = sys.argv[1:]
name = os.environ["SUPERVISOR_PROCESS_NAME"]

def say(text, step=0):
    for piece in (text if step else [text]):
        os.write(1, piece.encode())
        time.sleep(step)

def read_text():
    header = sys.stdin.readline()
    length = int(header.rsplit("len:", 1)[1]) if header else 0
    return header, sys.stdin.read(length)

def read_bytes():
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return "", ""
        line += byte
    header = line.decode()
    length = int(header.rsplit("len:", 1)[1])
    body = b""
    while len(body.decode("utf-8", "ignore")) < length:
        body += os.read(0, 1)
    return header, body.decode()

def note(text):
    with open(seen, "a", encoding="utf-8") as file:
        file.write(text)

def answer(word):
    """True when it may say READY next."""
    kind, _, rest = word.partition("=")
    if kind == "OK":
        say("RESULT 2\nOK")
    elif kind == "FAIL":
        say("RESULT 4\nFAIL")
    elif kind == "SAY":
        say(rest.encode().decode("unicode_escape"))
        return False
    elif kind == "DRIP":
        say("RESULT 2\nOKREADY\n", step=0.02)
        return False
    elif kind == "DIE":
        os._exit(3)
    elif kind == "STAY":
        time.sleep(300)
    elif kind == "WHEN":
        while not os.path.exists(rest):
            time.sleep(0.02)
        say("RESULT 2\nOK")
    return True

while plan and plan[0].startswith("FIRST="):
    kind, _, rest = plan.pop(0)[6:].partition("=")
    if kind == "SAY":
        say(rest.encode().decode("unicode_escape"))
    elif kind == "WHEN":
        while not os.path.exists(rest):
            time.sleep(0.02)
    elif kind == "STAY":
        time.sleep(300)
say("READY\n")
while True:
    header, payload = read_bytes() if mode == "bytes" else read_text()
    if not header:
        break
    # One write, so that nobody sees half of it.
    note(f"{name}|{header.strip()}|{payload!r}\n")
    mark = seen + "." + name + ".count"
    number = int(open(mark).read()) if os.path.exists(mark) else 0
    with open(mark, "w") as file:
        file.write(str(number + 1))
    if answer(plan[number] if number < len(plan) else "OK"):
        say("READY\n")
'''


class Listener:
    """An [eventlistener:NAME] of a trial and what it has been told."""

    def __init__(self, trial, name, events, *plan, mode="text", keys=""):
        """`plan`: how the first events are answered (see the program); they are counted over restarts."""
        self.trial = trial
        self.name = name
        trial.write("listener.py", _PROGRAM)
        words = " ".join(f"'{word}'" for word in plan)
        command = f"{sys.executable} {trial.path('listener.py')} {trial.path(name)}.seen {mode} {words}"
        lines = [f"[eventlistener:{name}]", "command=" + command.replace("%", "%%"), f"events={events}"]
        defaults = {"startsecs": "0", "buffer_size": "100"}
        extra = textwrap.dedent(keys).strip()
        lines += [f"{key}={value}" for key, value in defaults.items() if f"{key}=" not in extra]
        self.section = "\n".join([*lines, extra, ""])

    def __str__(self):
        return self.section

    def events(self):
        """(process, header fields, payload) of everything it has been told, without TICKs nobody asked for."""
        found = []
        for line in self.trial.read(f"{self.name}.seen").splitlines():
            process, header, payload = line.split("|", 2)
            found.append((process, dict(word.split(":", 1) for word in header.split(" ")), payload))
        return found

    def names(self):
        """The names of the events."""
        return [header["eventname"] for _, header, _ in self.events()]

    def wait(self, count, seconds=15):
        """Wait until it has been told so many events."""
        self.trial.until(lambda: len(self.events()) >= count,
                         lambda: f"{self.name} was told {count} events: {self.events()}", seconds)

    def wait_for(self, text, seconds=15):
        """Wait until it has been told something with that text."""
        self.trial.wait_for(f"{self.name}.seen", text, seconds)

    def told(self, *fields, process=False):
        """What it has been told: name, length and payload of each event, and the named header fields."""
        lines = []
        for who, header, payload in self.events():
            words = [who] if process else []
            words += [header["eventname"], *(f"{field}:{header[field]}" for field in fields)]
            # The length goes with the pid's, which is not the same in two runs.
            if "pid:" not in payload and "when:" not in payload:
                words.append("len:" + header["len"])
            lines.append(" ".join(words) + " " + re.sub(r"\b(pid|when):[1-9]\d*", r"\1:N", payload))
        return "\n".join(lines)

    def record(self, field=None, *fields, process=False):
        """Record `told`."""
        self.trial.record(field or f"what {self.name} was told", self.told(*fields, process=process))


def serve(trial, *parts, **sections):
    """Serve listeners and sections of programs, in any order; waits until the listeners run."""
    daemon = trial.serve("\n".join(map(str, parts)), **sections)
    for part in parts:
        if isinstance(part, Listener):
            daemon.wait(part.name, "RUNNING")
    return daemon


def log_of_events(daemon):
    """The main log's lines about listeners and pools, once nothing more is written."""
    text = None
    while text != daemon.log():
        text = daemon.log()
        time.sleep(0.15)
    words = ("event ", "READY", "UNKNOWN", "result line", "pool ")
    return "\n".join(line[24:] for line in text.splitlines()
                     if any(word in line[24:] for word in words) and " DEBG " not in line[:30])
