"""Another program file under running programs: the same pids, every byte, every event, every answer."""

import http.client
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
import xmlrpc.client

from workshop import SVINSTALL, Workshop, kill, wait_for

#: Numbers its lines, each written in two pieces, so that there is half a line in the pipe most of the time.
COUNTER = """\
import os, sys, time
number = 0
while True:
    os.write(1, b"line %d" % number)
    time.sleep(0.0005)
    os.write(1, b" end\\n")
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

#: Begins to capture, waits, and ends it.
CAPTURE = """\
import os, sys, time
os.write(1, b"before <!--XSUPERVISOR:BEG")
while not os.path.exists(sys.argv[1]): time.sleep(0.02)
os.write(1, b"IN-->inside<!--XSUPERVISOR:END--> behind\\n")
time.sleep(1000)
"""

#: A listener that writes down the header of each event and answers it slowly.
LISTENER = """\
import sys, time
with open(sys.argv[1], "a", buffering=1) as log:
    while True:
        sys.stdout.write("READY\\n"); sys.stdout.flush()
        header = dict(word.split(":") for word in sys.stdin.readline().split())
        body = sys.stdin.read(int(header["len"]))
        time.sleep(0.05)
        log.write(header["serial"] + " " + header["poolserial"] + " " + header["eventname"] + " " + repr(body) + "\\n")
        sys.stdout.write("RESULT 2\\nOK"); sys.stdout.flush()
"""

#: Takes its time to end.
SLOW = """\
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(2), sys.exit(0)))
open(sys.argv[0] + ".ready", "w").close()
while True: time.sleep(1)
"""

#: Ends when it is told to and then allowed to.
PATIENT = """\
import os, signal, sys, time
def end(*_):
    while not os.path.exists(sys.argv[1]): time.sleep(0.02)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
open(sys.argv[0] + ".ready" + "".join(sys.argv[2:]), "w").close()
while True: time.sleep(1)
"""

#: Reads its standard input when it is told to, all that there is, and says how much that was and whether it was in order.
LATE_READER = """\
import os, sys, time
open(sys.argv[0] + ".ready", "w").close()
while not os.path.exists(sys.argv[1]): time.sleep(0.02)
text = b""
while not text.endswith(b"end\\n"): text += os.read(0, 65536)
os.write(1, b"%d %d\\n" % (len(text), text == b"".join(b"%07d\\n" % number for number in range(len(text) // 8)) + b"end\\n"))
time.sleep(1000)
"""

#: Accepts connections on its standard input and says who it is.
FASTCGI = """\
import os, socket
listener = socket.socket(fileno=0)
while True:
    connection, _ = listener.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        return UnixConnection(self.path)


class UpgradeWorkshop(Workshop):
    """A daemon whose program file can be replaced, as a service manager starts it."""

    def setUp(self):
        super().setUp()
        self.program = self.path("bin/svinstall")
        os.makedirs(self.path("bin"))
        self.put(SVINSTALL)
        # Someone to tell: a daemon without a service manager has its programs end with it.
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(self.path("notify"))
        self.addCleanup(self.manager.close)
        self.environment["NOTIFY_SOCKET"] = self.path("notify")
        for name, text in (("counter", COUNTER), ("echo", ECHO), ("capture", CAPTURE), ("listener", LISTENER),
                           ("slow", SLOW), ("late", LATE_READER), ("fastcgi", FASTCGI),
                           ("patient", PATIENT)):
            self.write(name + ".py", text)

    def put(self, source):
        """Puts another program file in the place of the one that runs."""
        shutil.copy(source, self.program + ".new")
        os.rename(self.program + ".new", self.program)

    def put_script(self, text):
        path = self.write("bin/script", "#!/bin/sh\n" + text, mode=0o755)
        os.rename(path, self.program)

    def configuration(self, *sections):
        here = self.directory
        return self.write("s.conf", "\n".join((
            f"[supervisord]\nlogfile={here}/s.log\npidfile={here}/s.pid\nidentifier=up\nchildlogdir={here}",
            f"[unix_http_server]\nfile={here}/s.sock",
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface", *sections)) + "\n")

    def section(self, name, *settings, kind="program", words=""):
        command = f"{sys.executable} {self.directory}/{name}.py {words}"
        return "\n".join((f"[{kind}:{name}]", f"command={command}", *settings))

    def run_daemon(self, configuration, *words):
        daemon = self.start("run", "-c", configuration, *words, program=self.program)
        wait_for(lambda: self.svinstall("version", "-c", configuration)[0] == 0, what="the first answer")
        return daemon

    def proxy(self):
        return xmlrpc.client.ServerProxy("http://localhost", transport=UnixTransport(self.path("s.sock"))).supervisor

    def states(self):
        return {info["name"]: info for info in self.proxy().getAllProcessInfo()}

    def upgrade(self, configuration):
        return self.svinstall("upgrade", "-c", configuration, timeout=120)

    def assertUpgraded(self, configuration):
        code, out, error = self.upgrade(configuration)
        self.assertEqual((code, error), (0, ""), self.read("s.log"))
        self.assertIn("the programs never stopped", out)

    def numbers(self, text):
        return [int(number) for number in re.findall(r"^line (\d+) end$", text, re.MULTILINE)]


class UpgradeTests(UpgradeWorkshop):

    def test_programs_go_on_with_every_byte_and_event(self):
        configuration = self.configuration(
            self.section("counter", "redirect_stderr=true", f"stdout_logfile={self.directory}/counter.log",
                         "stdout_logfile_maxbytes=0"),
            self.section("echo", "stdout_logfile=AUTO"),
            self.section("capture", f"stdout_logfile={self.directory}/capture.log", "stdout_capture_maxbytes=1KB",
                         words=self.path("go")),
            self.section("listener", "events=EVENT", "buffer_size=1000", kind="eventlistener",
                         words=self.path("events.log")),
            "[program:fails]\ncommand=/bin/false\nstartretries=1000\nstartsecs=5\nautorestart=true")
        daemon = self.run_daemon(configuration)
        names = ("counter", "echo", "capture", "listener")
        before = wait_for(lambda: self.running(names), what="RUNNING")
        self.proxy().sendProcessStdin("echo", "one\n")
        for round in (1, 2, 3):
            self.put(SVINSTALL)
            self.assertUpgraded(configuration)
            self.assertIsNone(daemon.poll())
            after = self.states()
            for name in names:
                for fact in ("pid", "start", "statename", "stdout_logfile", "group"):
                    self.assertEqual(after[name][fact], before[name][fact], name)
            self.proxy().sendProcessStdin("echo", f"after {round}\n")
            time.sleep(0.3)
        version = self.svinstall("version", "-c", configuration)
        self.assertEqual(version[0], 0)
        self.write("go", "")
        wait_for(lambda: "inside" in self.read("events.log"), what="the captured event")
        self.assertEqual(self.read("capture.log"), "before  behind\n")
        log = before["echo"]["stdout_logfile"]
        wait_for(lambda: "after 3" in self.read(log), what="the echo")
        self.assertEqual(self.read(log), "one\nafter 1\nafter 2\nafter 3\n")

        self.assertEqual(self.svinstall("stop", "counter", "-c", configuration)[1], "counter: stopped\n")
        text = self.read("counter.log")
        numbers = self.numbers(text)
        self.assertGreater(len(numbers), 100)
        self.assertEqual(numbers, list(range(len(numbers))), "a line is missing, doubled or torn")
        self.assertLessEqual(len(text.splitlines()) - len(numbers), 1, "a line is torn")
        self.assertEqual(self.read("s.log").count("has taken over"), 3)

        # Each event once, in order, whoever numbered it.
        lines = [line.split(" ", 3) for line in self.read("events.log").splitlines()]
        serials = [int(line[1]) for line in lines]
        self.assertEqual(serials, list(range(len(serials))))
        self.assertFalse([line for line in lines if "counter" in line[3] and line[2] == "PROCESS_STATE_STARTING"][1:])

        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(20), 0)
        for name in names:
            self.assertFalse(os.path.exists(f"/proc/{before[name]['pid']}"), name)
        self.assertFalse(os.path.exists(self.path("s.pid")))
        self.assertFalse(os.path.exists(self.path("s.sock")))

    def running(self, names):
        states = self.states()
        return states if all(states[name]["statename"] == "RUNNING" for name in names) else None

    def test_a_program_that_ends_meanwhile_or_later_is_seen_and_started_again(self):
        configuration = self.configuration(
            self.section("slow", "autorestart=true", "startsecs=0"),
            "[program:once]\ncommand=/bin/sh -c 'sleep 3; exit 7'\nautorestart=false\nexitcodes=7")
        self.run_daemon(configuration)
        before = wait_for(lambda: self.running(("slow", "once")))
        self.put(SVINSTALL)
        self.assertUpgraded(configuration)
        kill(before["slow"]["pid"], signal.SIGKILL)
        after = wait_for(lambda: (lambda now: now if now["slow"]["pid"] not in (0, before["slow"]["pid"]) else None)(
            self.states()), what="the restart")
        self.assertEqual(after["slow"]["statename"], "RUNNING")
        wait_for(lambda: self.states()["once"]["statename"] == "EXITED", what="the end")
        self.assertEqual(self.states()["once"]["exitstatus"], 7)
        self.assertIn("exited: once (exit status 7; expected)", self.read("s.log"))

    def test_who_waits_for_an_answer_gets_it(self):
        configuration = self.configuration(self.section("slow", "startsecs=0"))
        self.run_daemon(configuration)
        wait_for(lambda: os.path.exists(self.path("slow.py.ready")))
        answers = []
        client = threading.Thread(target=lambda: answers.append(self.proxy().stopProcess("slow")))
        client.start()
        wait_for(lambda: self.states()["slow"]["statename"] == "STOPPING")
        self.assertUpgraded(configuration)
        client.join(20)
        self.assertEqual(answers, [True])
        self.assertEqual(self.states()["slow"]["statename"], "STOPPED")
        self.assertEqual(self.svinstall("start", "slow", "-c", configuration)[1], "slow: started\n")

    def test_a_shared_socket_stays_the_same_one(self):
        configuration = self.configuration(
            self.section("fastcgi", f"socket=unix://{self.path('f.sock')}", "numprocs=2", "startsecs=0",
                         "process_name=%(process_num)d", kind="fcgi-program"))
        self.run_daemon(configuration)
        before = wait_for(lambda: self.running(("0", "1")))
        pids = {before[name]["pid"] for name in ("0", "1")}
        inode = os.stat(self.path("f.sock")).st_ino

        def ask():
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(10)
                connection.connect(self.path("f.sock"))
                return int(connection.recv(100))

        self.assertIn(ask(), pids)
        for _ in range(2):
            self.assertUpgraded(configuration)
            self.assertIn(ask(), pids)
        after = self.states()
        self.assertEqual({after[name]["pid"] for name in ("0", "1")}, pids)
        # One of them is started again on the same socket; nobody listens there any more without any, and again with some.
        self.proxy().stopProcess("fastcgi:0")
        self.proxy().startProcess("fastcgi:0")
        self.assertEqual(os.stat(self.path("f.sock")).st_ino, inode)
        fresh = {info["pid"] for info in self.states().values()}
        heard = set()
        wait_for(lambda: heard.add(ask()) or heard == fresh, what="an answer of each")
        self.proxy().stopProcessGroup("fastcgi")
        # Whoever came in the last moment is reset, whoever comes later refused.
        self.assertRaises((ConnectionRefusedError, ConnectionResetError), ask)
        self.proxy().startProcessGroup("fastcgi")
        self.assertIn(ask(), {info["pid"] for info in self.states().values()})

    def test_what_a_program_has_not_read_yet_waits_for_it(self):
        configuration = self.configuration(
            self.section("late", f"stdout_logfile={self.path('late.log')}", "startsecs=0", words=self.path("read")))
        self.run_daemon(configuration)
        wait_for(lambda: os.path.exists(self.path("late.py.ready")))
        # More than a pipe holds: some of it waits in the daemon.
        lines = [f"{number:07d}\n" for number in range(16_000)]
        for place in range(0, len(lines), 1000):
            self.proxy().sendProcessStdin("late", "".join(lines[place:place + 1000]))
        self.assertUpgraded(configuration)
        self.assertUpgraded(configuration)
        self.proxy().sendProcessStdin("late", "end\n")
        self.write("read", "")
        wait_for(lambda: self.read("late.log"), what="its words")
        self.assertEqual(self.read("late.log"), f"{16_000 * 8 + 4} 1\n")

    def test_logs_that_are_no_files_lose_and_double_nothing(self):
        configuration = self.configuration(
            self.section("counter", "stdout_logfile=/dev/stdout", "stdout_logfile_maxbytes=0"),
            self.section("echo", f"stdout_logfile={self.path('pipe.log')}", "stdout_logfile_maxbytes=0"))
        os.mkfifo(self.path("pipe.log"))
        reader = os.open(self.path("pipe.log"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        heard, text = [], b""
        self.environment["PYTHONUNBUFFERED"] = "1"
        daemon = self.start("run", "-s", "-c", configuration, program=self.program)
        listening = threading.Thread(target=lambda: heard.extend(daemon.stdout))
        listening.start()
        wait_for(lambda: self.svinstall("version", "-c", configuration)[0] == 0, what="the first answer")
        before = wait_for(lambda: self.running(("counter", "echo")))
        for round in range(3):
            self.proxy().sendProcessStdin("echo", f"round {round}\n")
            time.sleep(0.2)
            self.assertUpgraded(configuration)
        self.assertEqual({name: info["pid"] for name, info in self.states().items()},
                         {name: info["pid"] for name, info in before.items()})
        self.proxy().sendProcessStdin("echo", "last\n")
        self.proxy().stopProcess("counter")

        def piece():
            try:
                return os.read(reader, 65536)
            except BlockingIOError:
                return b""

        def whole():
            nonlocal text
            text += piece()
            return text.endswith(b"last\n")

        wait_for(whole, what="the words in the pipe")
        self.assertEqual(text, b"round 0\nround 1\nround 2\nlast\n")
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(20), 0)
        listening.join(20)
        numbers = self.numbers("".join(heard))
        self.assertGreater(len(numbers), 100)
        self.assertEqual(numbers, list(range(len(numbers))), "a line is missing, doubled or torn")

    def test_who_waits_for_long_holds_nothing_up_and_gets_the_answer(self):
        configuration = self.configuration(
            self.section("patient", "startsecs=0", "stopwaitsecs=600", words=self.path("go")),
            self.section("echo"),
            # RUNNING after ten minutes only; it ends before, which is an answer too.
            f"[program:never]\ncommand={sys.executable} {self.directory}/patient.py {self.path('never')}\n"
            "startsecs=600\nautostart=false\nautorestart=false\nstartretries=0")
        daemon = self.run_daemon(configuration)
        wait_for(lambda: os.path.exists(self.path("patient.py.ready")))
        answers = {}

        def ask(name, call):
            try:
                answers[name] = call()
            except xmlrpc.client.Fault as fault:
                answers[name] = (fault.faultCode, fault.faultString)
            except Exception as problem:  # whatever it is, it is none that a client should see
                answers[name] = repr(problem)

        kept = self.proxy()
        kept.getState()
        calls = {
            "stop": lambda: kept.stopProcess("patient"),
            "start": lambda: self.proxy().startProcess("never"),
        }
        clients = {}
        for name in ("stop", "start"):
            clients[name] = threading.Thread(target=ask, args=(name, calls[name]))
            clients[name].start()
        # It counts as STARTING before it has a pid.
        never = wait_for(lambda: (lambda now: now["patient"]["statename"] == "STOPPING" and now["never"]["pid"])(self.states()),
                         what="both under way")
        for _ in range(2):
            self.assertUpgraded(configuration)
        # Nobody was waited for, nobody was cut off.
        self.assertEqual(answers, {})
        self.assertEqual(self.states()["patient"]["statename"], "STOPPING")
        # Not even a program file that fails after its trial costs anybody an answer.
        shutil.copy(SVINSTALL, self.path("bin/real"))
        self.put_script(f'case "$SVINSTALL_SUCCESSION" in take*) set -- run -c {self.directory}/missing.conf ;; esac\n'
                        f'exec {self.directory}/bin/real "$@"\n')
        self.assertNotEqual(self.upgrade(configuration)[0], 0)
        self.assertEqual(answers, {})
        self.put(SVINSTALL)
        kill(never, signal.SIGKILL)
        clients["start"].join(30)
        self.assertEqual(answers, {"start": (50, "SPAWN_ERROR: never")})
        self.write("go", "")
        clients["stop"].join(30)
        self.assertEqual(answers["stop"], True)
        self.assertEqual(self.states()["patient"]["statename"], "STOPPED")
        # The client that was answered asks on.
        self.assertEqual(kept.getState()["statename"], "RUNNING")
        self.assertUpgraded(configuration)
        count = len(os.listdir(f"/proc/{daemon.pid}/fd"))
        self.assertUpgraded(configuration)
        wait_for(lambda: len(os.listdir(f"/proc/{daemon.pid}/fd")) <= count, what="that no descriptor is left over")

    def test_who_waits_for_a_group_gets_its_answer_as_well(self):
        configuration = self.configuration(
            self.section("patient", "startsecs=0", "stopwaitsecs=600", "numprocs=2", "process_name=%(process_num)d",
                         words=self.path("go") + " %(process_num)d"))
        self.run_daemon(configuration)
        wait_for(lambda: all(os.path.exists(self.path(f"patient.py.ready{number}")) for number in (0, 1)))
        answers = []
        group = threading.Thread(target=lambda: answers.append(self.proxy().stopProcessGroup("patient")))
        group.start()
        wait_for(lambda: all(info["statename"] == "STOPPING" for info in self.states().values()), what="both stopping")
        self.assertUpgraded(configuration)
        self.assertEqual(answers, [])
        self.write("go", "")
        group.join(30)
        self.assertEqual([(status["name"], status["status"], status["description"]) for status in
                          sorted(answers[0], key=lambda status: status["name"])], [("0", 80, "OK"), ("1", 80, "OK")])

    def test_who_waits_for_several_calls_is_answered_and_the_upgrade_put_off(self):
        configuration = self.configuration(
            self.section("patient", "startsecs=0", "stopwaitsecs=600", words=self.path("go")))
        self.run_daemon(configuration)
        wait_for(lambda: os.path.exists(self.path("patient.py.ready")))
        answers = []
        system = xmlrpc.client.ServerProxy("http://localhost", transport=UnixTransport(self.path("s.sock"))).system
        calls = [{"methodName": "supervisor.stopProcess", "params": ["patient"]},
                 {"methodName": "supervisor.getIdentification", "params": []}]
        client = threading.Thread(target=lambda: answers.extend(system.multicall(calls)))
        client.start()
        wait_for(lambda: self.states()["patient"]["statename"] == "STOPPING")
        code, _, error = self.upgrade(configuration)
        self.assertEqual(code, 69)
        self.assertOneLineError(error, "not upgraded: a client waits for a program by several calls")
        self.assertEqual(answers, [])
        self.write("go", "")
        client.join(30)
        self.assertEqual(answers, [True, "up"])
        self.assertUpgraded(configuration)

    def test_who_has_gone_away_holds_nothing_up(self):
        configuration = self.configuration(
            self.section("patient", "startsecs=0", "stopwaitsecs=600", words=self.path("go")))
        self.run_daemon(configuration)
        wait_for(lambda: os.path.exists(self.path("patient.py.ready")))
        client = self.start("stop", "patient", "-c", configuration)
        wait_for(lambda: self.states()["patient"]["statename"] == "STOPPING")
        client.kill()
        client.wait()
        self.assertUpgraded(configuration)
        self.write("go", "")
        wait_for(lambda: self.states()["patient"]["statename"] == "STOPPED", what="its end")
        self.assertEqual(self.svinstall("start", "patient", "-c", configuration)[1], "patient: started\n")

    def test_nobody_who_asks_meanwhile_is_turned_away(self):
        configuration = self.configuration(self.section("slow", "startsecs=0"))
        self.run_daemon(configuration)
        wait_for(lambda: self.running(("slow",)))
        problems, count, done = [], [0], threading.Event()

        def ask():
            while not done.is_set():
                try:
                    self.proxy().getState()
                    count[0] += 1
                except Exception as problem:  # whatever it is, it is none that a client should see
                    problems.append(repr(problem))

        clients = [threading.Thread(target=ask) for _ in range(4)]
        for client in clients:
            client.start()
        for _ in range(3):
            self.assertUpgraded(configuration)
        done.set()
        for client in clients:
            client.join(30)
        self.assertGreater(count[0], 0)
        self.assertEqual(problems, [])

    def test_programs_that_end_with_their_daemon_survive_its_upgrades_and_end_with_it_still(self):
        del self.environment["NOTIFY_SOCKET"]
        configuration = self.configuration(
            self.section("counter", f"stdout_logfile={self.directory}/counter.log", "stdout_logfile_maxbytes=0"),
            self.section("echo"), self.section("slow", "startsecs=0"))
        daemon = self.run_daemon(configuration)
        names = ("counter", "echo", "slow")
        before = wait_for(lambda: self.running(names))
        self.assertUpgraded(configuration)
        self.proxy().stopProcess("echo")
        self.proxy().startProcess("echo")
        between = self.states()
        self.assertUpgraded(configuration)
        after = self.states()
        self.assertEqual([after[name]["pid"] for name in ("counter", "slow")],
                         [before[name]["pid"] for name in ("counter", "slow")])
        self.assertEqual(after["echo"]["pid"], between["echo"]["pid"])
        time.sleep(0.2)
        daemon.kill()
        daemon.wait()
        wait_for(lambda: not any(os.path.exists(f"/proc/{after[name]['pid']}") for name in names), what="their end")
        numbers = self.numbers(self.read("counter.log"))
        self.assertEqual(numbers, list(range(len(numbers))))

    def test_descriptors_do_not_grow(self):
        configuration = self.configuration(self.section("counter"), self.section("echo"))
        daemon = self.run_daemon(configuration)
        wait_for(lambda: self.running(("counter", "echo")))
        self.assertUpgraded(configuration)
        counts = []
        for _ in range(4):
            self.assertUpgraded(configuration)
            counts.append(len(os.listdir(f"/proc/{daemon.pid}/fd")))
        self.assertLessEqual(max(counts) - min(counts), 1, counts)
        child = self.states()["echo"]["pid"]
        self.assertEqual(sorted(os.listdir(f"/proc/{child}/fd")), ["0", "1", "2"])
        self.proxy().stopProcess("echo")
        self.proxy().startProcess("echo")
        child = self.states()["echo"]["pid"]
        self.assertEqual(sorted(os.listdir(f"/proc/{child}/fd")), ["0", "1", "2"])
        with open(f"/proc/{child}/environ", "rb") as file:
            self.assertNotIn(b"SVINSTALL_SUCCESSION", file.read())


class RefusedUpgradeTests(UpgradeWorkshop):

    def running_daemon(self, *more):
        configuration = self.configuration(self.section("slow", "startsecs=0"), *more)
        daemon = self.run_daemon(configuration)
        self.before = wait_for(lambda: (lambda now: now if now["slow"]["pid"] else None)(self.states()))
        return configuration, daemon

    def assertRefused(self, configuration, daemon, *fragments):
        code, out, error = self.upgrade(configuration)
        self.assertEqual((code, out), (69, ""))
        self.assertOneLineError(error, "not upgraded: ", *fragments)
        self.assertIsNone(daemon.poll())
        self.assertEqual(self.states()["slow"]["pid"], self.before["slow"]["pid"])
        self.assertEqual(self.svinstall("version", "-c", configuration)[0], 0)

    def test_a_file_that_is_no_svinstall(self):
        configuration, daemon = self.running_daemon()
        self.put("/bin/true")
        self.assertRefused(configuration, daemon, "cannot take over: it said nothing")
        self.put_script("echo out of order >&2; exit 3\n")
        self.assertRefused(configuration, daemon, "out of order", "exit status 3")
        os.unlink(self.program)
        self.assertRefused(configuration, daemon, "No such file")
        self.put(SVINSTALL)
        self.assertUpgraded(configuration)

    def test_a_file_that_fails_after_its_trial_gives_the_place_back(self):
        configuration, daemon = self.running_daemon(
            self.section("counter", f"stdout_logfile={self.directory}/counter.log", "stdout_logfile_maxbytes=0"))
        shutil.copy(SVINSTALL, self.path("bin/real"))
        self.put_script(f'case "$SVINSTALL_SUCCESSION" in take*) set -- run -c {self.directory}/missing.conf ;; esac\n'
                        f'exec {self.directory}/bin/real "$@"\n')
        self.assertRefused(configuration, daemon, "missing.conf")
        self.assertIn("no other program takes over", self.read("s.log"))
        # What is there again is the first program file, and it can be upgraded.
        self.put(SVINSTALL)
        self.assertUpgraded(configuration)
        self.proxy().stopProcess("counter")
        numbers = self.numbers(self.read("counter.log"))
        self.assertEqual(numbers, list(range(len(numbers))))

    def test_a_configuration_that_is_not_what_runs(self):
        configuration, daemon = self.running_daemon()
        text = self.read("s.conf")
        self.write("s.conf", text.replace("startsecs=0", "startsecs=1"))
        self.assertRefused(configuration, daemon, "slow", "svinstall update first")
        self.write("s.conf", text.replace("identifier=up", "identifier=other"))
        self.assertRefused(configuration, daemon, "svinstall reload first")
        self.write("s.conf", "[program:x\n")
        self.assertRefused(configuration, daemon, "cannot be read")

    def test_only_the_private_socket_is_heard(self):
        configuration, daemon = self.running_daemon()
        connection = UnixConnection(self.path("s.sock"))
        connection.request("POST", "/svinstall/v1/upgrade")
        self.assertEqual(connection.getresponse().status, 403)
        connection = UnixConnection(self.path("s.sock"))
        connection.request("GET", "/svinstall/v1/upgrade")
        self.assertEqual(connection.getresponse().status, 400)
        self.assertEqual(self.read("s.log").count("another program file"), 0)

    def test_nobody_there(self):
        configuration = self.configuration()
        code, out, error = self.upgrade(configuration)
        self.assertEqual((code, out), (69, ""))
        self.assertOneLineError(error.strip().splitlines()[-1], "does not answer")
