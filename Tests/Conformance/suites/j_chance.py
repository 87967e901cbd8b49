"""J: walks of chance. A seeded generator gives orders to both servers, and changes their file; everything they answer is
compared, and on every second walk what a listener is told."""

import random
import re
import time

from harness.programs import LISTENER
from harness.registry import suite

scenario = suite("J")

BASE = """
[program:a]
command=/bin/sleep 300
startsecs=0
[program:b]
command=/bin/sleep 300
startsecs=1
autostart=false
priority=5
[program:many]
command=/bin/sleep 300
process_name=%(program_name)s_%(process_num)d
numprocs=2
startsecs=0
[program:left]
command=/bin/sleep 300
startsecs=0
[program:right]
command=%(here)s/talk
startsecs=0
autostart=false
stdout_logfile=%(here)s/right.out
[group:pair]
programs=left,right
priority=50
[program:fails]
command=/bin/sh -c "sleep 0.3; exit 1"
startsecs=5
startretries=0
autostart=false
[program:none]
command=/no/such/program
autostart=false
[eventlistener:ears]
command=/bin/cat
events=REMOTE_COMMUNICATION
startsecs=0
"""
WATCHER = """
[eventlistener:watch]
command=%(here)s/listen
events=PROCESS_STATE,PROCESS_GROUP,REMOTE_COMMUNICATION
startsecs=0
buffer_size=1000
"""
EXTRAS = {
    "extra": "[program:extra]\ncommand=/bin/sleep 300\nstartsecs=0\n",
    "twins": "[program:twins]\ncommand=/bin/sleep 300\nprocess_name=%(process_num)d\nnumprocs=2\nautostart=false\n",
    "other": "[program:o1]\ncommand=/bin/sleep 300\nstartsecs=0\n[program:o2]\ncommand=/bin/sleep 300\nstartsecs=0\n"
             "[group:other]\nprograms=o1,o2\n",
    "wrong": "[program:wrong]\nstartsecs=0\n",
}
NAMES = ("a", "b", "many:many_0", "many:many_1", "many:*", "pair:left", "pair:right", "pair:*", "left", "fails", "none", "ears", "extra",
         "twins:*", "twins:0", "other:o1", "other:*", "zz", "zz:*", "a:a", "many", "pair", "all", "a:*", "zz:zz", ":", "a:", ":a", "*")
GROUPS = ("a", "b", "many", "pair", "fails", "none", "ears", "extra", "twins", "other", "zz", "all", "a:a", "")
# States that pass by themselves.
PASSING = {"STARTING", "STOPPING", "BACKOFF"}


class Walk:
    """One walk: what is given by chance, step by step."""

    def __init__(self, t, seed):
        self.t = t
        self.chance = random.Random(seed)
        self.present = set()
        self.watched = seed % 2 == 0
        t.script("talk", "echo words; echo more words; exec sleep 300\n")
        t.script("listen", LISTENER)
        self.sv = t.serve(self.sections(5))
        self.settle()

    def sections(self, priority):
        base = BASE.replace("priority=5\n", f"priority={priority}\n") + (WATCHER if self.watched else "")
        return base + "".join(EXTRAS[each] for each in sorted(self.present))

    def settle(self):
        """Wait until no state passes by itself: what comes next then does not depend on time."""
        self.t.until(lambda: not PASSING & {info["statename"] for info in self.sv.ask("getAllProcessInfo")},
                     lambda: str([(info["name"], info["statename"]) for info in self.sv.ask("getAllProcessInfo")]), 25)

    def some(self, *words):
        return self.chance.choice(words)

    def names(self, most=2):
        return [self.some(*(NAMES[:-7] if self.watched else NAMES)) for _ in range(self.chance.randint(1, most))]

    def step(self):
        getattr(self, self.chance.choice(STEPS))()
        self.settle()
        self.sv.ctl("status", order=sorted)

    # what is asked of the client

    def ctl_control(self):
        self.sv.ctl(self.some("start", "stop", "restart"), *self.names(), order=sorted)

    def ctl_look(self):
        self.sv.ctl(self.some("status", "pid"), *self.chance.choice(([], self.names(3))), order=without_numbers)

    def ctl_signal(self):
        self.sv.ctl("signal", self.some("CONT", "cont", "SIGCONT", "18", "0", "FOO", "99"), *self.names(), order=sorted)

    def ctl_logs(self):
        self.sv.ctl(self.some("tail", "clear"), *self.chance.choice((["pair:right"], self.names())), order=sorted)

    def ctl_groups(self):
        self.sv.ctl(self.some("add", "remove", "update"), *[self.some(*GROUPS) for _ in range(self.chance.randint(1, 2))], order=sorted)

    def ctl_file(self):
        self.sv.ctl(self.some("avail", "reread", "update", "version"), order=sorted)

    # what is asked by XML-RPC

    def rpc_control(self):
        method = self.some("startProcess", "stopProcess", "startProcessGroup", "stopProcessGroup")
        place = self.some(*NAMES) if method.endswith("Process") else self.some(*GROUPS)
        self.sv.rpc(method, place, *self.chance.choice(([], [True])), order=by_name)

    def rpc_all(self):
        # Whoever stops all stops the watcher, too.
        self.sv.rpc("startAllProcesses" if self.watched else self.some("startAllProcesses", "stopAllProcesses"), order=by_name)

    def rpc_look(self):
        method = self.some("getProcessInfo", "getAllProcessInfo", "getAllConfigInfo", "getState", "reloadConfig")
        if method == "reloadConfig" and "wrong" in self.present:
            method = "getState"
        self.sv.rpc(method, *([self.some(*NAMES)] if method == "getProcessInfo" else []))

    def rpc_signal(self):
        method = self.some("signalProcess", "signalProcessGroup", "signalAllProcesses")
        signal = self.some("CONT", "FOO", "0x", "18", 18, "cont")
        place = {"signalProcess": [self.some(*NAMES)], "signalProcessGroup": [self.some(*GROUPS)]}.get(method, [])
        self.sv.rpc(method, *place, signal, order=by_name)

    def rpc_groups(self):
        self.sv.rpc(self.some("addProcessGroup", "removeProcessGroup"), self.some(*GROUPS))

    def rpc_logs(self):
        method = self.some("readProcessStdoutLog", "readProcessStderrLog", "tailProcessStdoutLog", "clearProcessLogs", "clearProcessLog")
        place = self.some("pair:right", "a", *NAMES)
        window = [self.chance.randint(-9, 9), self.chance.randint(-9, 20)] if "clear" not in method else []
        self.sv.rpc(method, place, *window)

    def rpc_input(self):
        self.sv.rpc("sendProcessStdin", self.some(*NAMES), self.some("word\n", "", "é"))

    def rpc_remote(self):
        self.sv.rpc("sendRemoteCommEvent", self.some("kind", "other"), self.some("data", "", "two\nlines"))

    def rpc_wrong(self):
        """Arguments of other types than the method's."""
        method = self.some("startProcess", "stopProcess", "getProcessInfo", "signalProcess", "addProcessGroup", "readProcessStdoutLog",
                           "startProcessGroup", "sendRemoteCommEvent", "tailProcessStderrLog", "clearProcessLogs", "sendProcessStdin")
        kinds = ("a", 1, True, 1.5, [], ["a"], {"a": 1}, "", -1)
        self.sv.rpc(method, *[self.chance.choice(kinds) for _ in range(self.chance.randint(0, 4))])

    # what is done to the file

    def change(self):
        """A section comes or goes, or a program's keys change."""
        name = self.some(*EXTRAS)
        self.present ^= {name}
        priority = self.some(5, 6)
        self.t.config(self.sections(priority))
        if "wrong" in self.present:
            self.sv.rpc("reloadConfig")
            self.present -= {"wrong"}
            self.t.config(self.sections(priority))
        self.sv.ctl(self.some("reread", "update", "reread"), order=sorted)


    # what the listener was told

    def told(self):
        """The listener's story of each program, and of the groups; within a program's the order counts."""
        seen = None
        while seen != self.t.read("listen.seen"):
            seen = self.t.read("listen.seen")
            time.sleep(0.5)
        stories = {}
        for line in re.sub(r"pid:[1-9]\d*", "pid:N", seen).splitlines():
            name = re.search(r"(?:processname|groupname|type):\S*", line)
            stories.setdefault(name and name[0], []).append(line)
        for name in sorted(stories, key=str):
            self.t.record(f"told of {name}", "\n".join(stories[name]))


def by_name(result):
    """The results of a group call by name: they come in the order of completion."""
    return sorted(result, key=str) if isinstance(result, list) else result


def without_numbers(lines):
    """What `pid` prints, each program's number as one word."""
    return sorted("PID" if line.isdigit() and line != "0" else line for line in lines)


STEPS = [name for name in vars(Walk) if name.startswith(("ctl_", "rpc_"))] + ["change", "ctl_control", "rpc_control"]
LENGTH = 25


def walk(seed, tier):
    def body(t):
        steps = Walk(t, seed)
        for _ in range(LENGTH):
            steps.step()
        if steps.watched:
            steps.told()
    body.__name__ = f"walk_{seed}"
    body.__doc__ = f"Twenty-five orders of seed {seed}."
    scenario(tier=tier, seconds=240)(body)


for number in range(1, 13):
    walk(number, "default" if number <= 2 else "all")
