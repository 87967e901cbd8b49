"""The threats of SECURITY.md that only the whole program can show: who reaches it, what it hands on, whose files it trusts."""

import base64
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import unittest
import xmlrpc.client

from suites.upgrade import UnixTransport
from workshop import ROOT, SVINSTALL, Workshop, kill, peers, wait_for

AS_ROOT = unittest.skipIf(os.getuid() != 0, "needs root, to be somebody else too")
NOBODY = 65534
STRANGER = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

#: A daemon's own sections; `{more}` is for keys of [supervisord].
DAEMON = """\
[supervisord]
logfile={directory}/d.log
pidfile={directory}/d.pid
childlogdir={directory}
{more}
[unix_http_server]
file={directory}/s.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""


class Guarded(Workshop):
    def configuration(self, programs, more="", name="c.conf"):
        return self.write(name, DAEMON.format(directory=self.directory, more=more) + programs)

    def log(self):
        return self.read("d.log") if os.path.exists(self.path("d.log")) else ""

    def settled(self, configuration, count):
        """Waits until `count` programs have run to their end."""
        wait_for(lambda: self.svinstall("status", "-c", configuration)[1].count("EXITED") == count, 60, "the programs' end")


class Sockets(Guarded):
    def test_both_sockets_are_their_owners_alone(self):
        conf = self.configuration("[program:a]\ncommand=/bin/sleep 100\n")
        self.run_daemon(conf)
        state = self.path("state")
        private = [os.path.join(state, name) for name in os.listdir(state) if name.endswith(".sock")]
        self.assertEqual(len(private), 1)
        for path in [*private, self.path("s.sock")]:
            status = os.stat(path)
            self.assertEqual((stat.S_IMODE(status.st_mode) & 0o077, status.st_uid), (0, os.getuid()), path)
        self.assertEqual(stat.S_IMODE(os.stat(state).st_mode) & 0o022, 0)

    @AS_ROOT
    def test_another_user_reaches_neither(self):
        conf = self.configuration("[program:a]\ncommand=/bin/sleep 100\n")
        self.run_daemon(conf)
        os.chmod(self.directory, 0o755)
        os.chmod(self.path("state"), 0o755)
        sockets = [self.path("s.sock"), *(self.path(f"state/{name}") for name in os.listdir(self.path("state")))]
        code = ("import socket, sys\nfor path in sys.argv[1:]:\n    try: socket.socket(socket.AF_UNIX).connect(path)\n"
                "    except PermissionError: continue\n    print(path)")
        self.assertEqual(self.command(*STRANGER, "/usr/bin/python3", "-c", code, *sockets), (0, "", ""))

    def test_nothing_is_told_without_the_password(self):
        secret = "k1d9sW0rd"
        conf = self.configuration(
            f'[program:a]\ncommand=/bin/sh -c "echo out-{secret}; exec sleep 100"\nenvironment=KEY="{secret}"\n'
            f"[inet_http_server]\nport=127.0.0.1:0\nusername=u\npassword={secret}\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        conf = self.write("c.conf", self.read("c.conf").replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        self.run_daemon(conf)
        call = ("<?xml version='1.0'?><methodCall><methodName>supervisor.getAllConfigInfo</methodName><params/>"
                "</methodCall>")
        for credentials in ("", "u:wrong", ":", f"{secret}:u", "u:" + secret[:-1], "u:" + secret + "x"):
            for head, body in [("POST /RPC2", call), ("GET /", ""), ("GET /logtail/a/stdout", ""), ("GET /mainlogtail", ""),
                               ("GET /svinstall/v1/status", ""), ("GET /tail.html?processname=a", "")]:
                answer = self.exchange(port, head, body, credentials)
                self.assertRegex(answer, r"^HTTP/1\.[01] 401 ", head)
                self.assertNotIn(secret, answer)
        self.assertIn(" 200 ", self.exchange(port, "POST /RPC2", call, f"u:{secret}").splitlines()[0])
        # Who may ask is told what runs, never with which environment.
        code, out, error = self.svinstall("status", "--json", "-c", conf)
        self.assertEqual(code, 0, error)
        self.assertNotIn(secret, out)
        self.assertNotIn(f">{secret}<", self.exchange(port, "POST /RPC2", call, f"u:{secret}"))
        self.assertNotIn(secret, self.log())

    def exchange(self, port, head, body, credentials):
        login = f"Authorization: Basic {base64.b64encode(credentials.encode()).decode()}\r\n" if credentials else ""
        request = f"{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{login}Content-Length: {len(body)}\r\n\r\n{body}"
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request.encode())
            answer = b""
            while True:
                try:
                    more = connection.recv(65536)
                except ConnectionResetError:
                    more = b""
                if not more:
                    return answer.decode(errors="replace")
                answer += more


class Rights(Guarded):
    """`[access:NAME]`: by whose process it is, and by name and password."""

    PROGRAMS = "".join(f"[program:{name}]\ncommand=/bin/sleep 100\n" for name in ("web", "db"))

    #: Asks by a unix socket: `METHOD ARGUMENT…`, or an address with GET. Answers with the status and the body.
    CLIENT = """
import socket, sys
path, what, *words = sys.argv[1:]
body = "" if what[0] == "/" else "<?xml version='1.0'?><methodCall><methodName>%s</methodName><params>%s</params></methodCall>" % (
    what, "".join("<param><value>%s</value></param>" % word for word in words))
head = "GET " + what if what[0] == "/" else "POST /RPC2"
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(path)
    connection.sendall(("%s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (
        head, len(body), body)).encode())
    answer = b""
    while more := connection.recv(65536): answer += more
head, _, body = answer.decode().partition("\\r\\n\\r\\n")
print(head.split()[1], body)
"""

    def ask(self, user, *words):
        be = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        code, out, error = self.command(*be, "/usr/bin/python3", "-c", self.CLIENT, self.path("s.sock"), *words)
        self.assertEqual((code, error), (0, ""))
        return out

    @AS_ROOT
    def test_rights_go_with_the_user_whose_process_asks(self):
        conf = self.configuration(
            self.PROGRAMS + "[access:dashboard]\nusers=nobody\nrights=read\n"
            "[access:keepers]\nusers=daemon\nrights=control\ngroups=web\n[access:rest]\nusers=*\nrights=none\n")
        self.write("c.conf", self.read("c.conf").replace("s.sock\n", "s.sock\nchmod=0777\n"))
        os.chmod(self.directory, 0o755)
        self.run_daemon(conf)
        wait_for(lambda: self.svinstall("status", "-c", conf)[1].count("RUNNING") == 2, what="both programs")
        pids = [self.pid_of(name, conf) for name in ("web", "db")]
        nobody, keeper, other = NOBODY, 1, 2
        self.assertIn("<name>pid</name>", self.ask(nobody, "supervisor.getAllProcessInfo"))
        self.assertIn(f'"pid":{pids[0]}', self.ask(nobody, "/svinstall/v1/status").replace(" ", ""))
        for words in (["supervisor.stopProcess", "web"], ["supervisor.stopAllProcesses"], ["supervisor.shutdown"]):
            self.assertIn("FAILED: not allowed: [access:dashboard] only lets look", self.ask(nobody, *words), words)
        self.assertTrue(self.ask(nobody, "/?action=stopall").startswith("403 "))
        self.assertIn("not allowed: [access:keepers] only lets control web", self.ask(keeper, "supervisor.stopProcess", "db"))
        self.assertTrue(self.ask(other, "/").startswith("403 "))
        self.assertTrue(self.ask(other, "supervisor.getState").startswith("403 "))
        self.assertEqual([self.pid_of(name, conf) for name in ("web", "db")], pids)
        self.assertIn("<boolean>1</boolean>", self.ask(keeper, "supervisor.stopProcess", "web"))
        self.assertEqual(self.pid_of("web", conf), 0)
        self.assertEqual(self.pid_of("db", conf), pids[1])
        # Root, by whatever socket, is not one of the rest.
        self.assertIn("<boolean>1</boolean>", self.ask(0, "supervisor.startProcess", "web"))
        log = self.log()
        self.assertRegex(log, rf"WARN stopProcess web: refused to user {NOBODY} \(pid \d+\): \[access:dashboard\] only lets look")
        self.assertRegex(log, r"INFO stopProcess web: asked for by user 1 \(pid \d+\)")

    def test_rights_go_with_a_name_and_its_password(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        conf = self.configuration(
            self.PROGRAMS + f"[inet_http_server]\nport=127.0.0.1:{port}\nusername=boss\npassword=b\n"
            "[access:dashboard]\nusername=dash\npassword=d\nrights=read\n")
        self.run_daemon(conf)
        stop = ("<?xml version='1.0'?><methodCall><methodName>supervisor.stopProcess</methodName><params><param><value>web"
                "</value></param></params></methodCall>")
        exchange = Sockets.exchange
        self.assertIn(" 200 ", exchange(self, port, "GET /svinstall/v1/status", "", "dash:d").splitlines()[0])
        self.assertIn(" 401 ", exchange(self, port, "GET /svinstall/v1/status", "", "dash:x").splitlines()[0])
        self.assertIn(" 403 ", exchange(self, port, "GET /?action=stopall", "", "dash:d").splitlines()[0])
        self.assertIn("not allowed: [access:dashboard] only lets look", exchange(self, port, "POST /RPC2", stop, "dash:d"))
        self.assertNotEqual(self.pid_of("web", conf), 0)
        self.assertIn("<boolean>1</boolean>", exchange(self, port, "POST /RPC2", stop, "boss:b"))
        self.assertRegex(self.log(), r"WARN stopProcess web: refused to dash, 127\.0\.0\.1:\d+: ")

    def test_the_original_reads_such_a_configuration(self):
        conf = self.configuration("[program:a]\ncommand=/bin/sleep 100\n[access:x]\nusers=root\nrights=read\n")
        original = self.start("-n", "-c", conf, program=os.path.join(peers("supervisor"), "supervisord"))
        wait_for(lambda: "entered RUNNING state" in self.log() or original.poll() is not None, 20, "its first program")
        self.assertIsNone(original.poll())


class Programs(Guarded):
    """What a program is born with."""

    @AS_ROOT
    def test_a_program_of_another_user_keeps_no_privilege(self):
        conf = self.configuration("[program:a]\ncommand=/bin/cat /proc/self/status\nuser=nobody\nstartsecs=0\n"
                                  f"autorestart=false\nstdout_logfile={self.path('a.log')}\n")
        self.run_daemon(conf)
        wait_for(lambda: os.path.exists(self.path("a.log")) and "voluntary" in self.read("a.log"), what="its status")
        own = dict(line.split(":", 1) for line in self.read("a.log").splitlines() if ":" in line)
        self.assertEqual(own["Uid"].split(), [str(NOBODY)] * 4)
        self.assertEqual(set(own["Gid"].split()), {str(NOBODY)})
        self.assertLessEqual(set(own["Groups"].split()), {str(NOBODY)})
        for kind in ("CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(own[kind], 16), 0, kind)

    @AS_ROOT
    def test_the_daemon_of_another_user_keeps_no_privilege(self):
        os.chown(self.directory, NOBODY, NOBODY)
        os.makedirs(self.path("state"), mode=0o777)
        conf = self.configuration("[program:a]\ncommand=/bin/sleep 100\n", more="user=nobody")
        daemon = self.run_daemon(conf, "--allow", self.directory)
        for task in os.listdir(f"/proc/{daemon.pid}/task"):
            with open(f"/proc/{daemon.pid}/task/{task}/status") as file:
                own = dict(line.split(":", 1) for line in file.read().splitlines() if ":" in line)
            self.assertEqual(own["Uid"].split() + own["Gid"].split(), [str(NOBODY)] * 8, task)
            self.assertLessEqual(set(own["Groups"].split()), {str(NOBODY)})
            self.assertEqual(int(own["CapEff"], 16), 0)

    def test_a_thousand_programs_at_once_see_three_descriptors_each(self):
        count = 1000
        conf = self.configuration(
            f"[program:a]\ncommand=/bin/ls /proc/self/fd\nnumprocs={count}\nprocess_name=%(process_num)d\nstartsecs=0\n"
            f"autorestart=false\nredirect_stderr=true\nstdout_logfile={self.path('l')}/%(process_num)d\n")
        os.mkdir(self.path("l"))
        self.run_daemon(conf)
        self.settled(conf, count)
        seen = {self.read(f"l/{number}") for number in range(count)}
        # the fourth is the directory that ls reads
        self.assertEqual(seen, {"0\n1\n2\n3\n"})

    def test_a_program_sees_its_own_environment_and_the_daemons(self):
        conf = self.configuration("".join(
            f'[program:{name}]\ncommand=/usr/bin/env\nenvironment=OF_{name}="secret-{name}"\nstartsecs=0\n'
            f"autorestart=false\nstdout_logfile={self.path(name)}.log\n" for name in "ab"))
        self.run_daemon(conf)
        self.settled(conf, 2)
        self.assertIn("OF_a=secret-a", self.read("a.log"))
        self.assertNotIn("secret-b", self.read("a.log"))
        self.assertNotIn("secret-a", self.read("b.log"))


class Logs(Guarded):
    @AS_ROOT
    def test_root_follows_nobodys_links(self):
        """A log's path leads over a link that another user made: the file's, then the directory's."""
        victim = self.write("victim", "untouched\n")
        os.makedirs(self.path("theirs"))
        os.chmod(self.path("theirs"), 0o777)
        os.makedirs(self.path("inner"))
        for link, target in [("theirs/a.log", victim), ("theirs/inner", self.path("inner"))]:
            os.symlink(target, self.path(link))
            os.lchown(self.path(link), NOBODY, NOBODY)
        os.symlink(self.path("mine.real"), self.path("mine.log"))
        conf = self.configuration("".join(
            f'[program:{name}]\ncommand=/bin/sh -c "echo written; exec sleep 100"\nstdout_logfile={self.path(path)}\n'
            for name, path in [("a", "theirs/a.log"), ("b", "theirs/inner/b.log"), ("c", "mine.log")]))
        self.run_daemon(conf)
        wait_for(lambda: os.path.exists(self.path("mine.real")) and self.read("mine.real") == "written\n", what="c's log")
        wait_for(lambda: all(f"dispatchers for '{name}': ELOOP" in self.log() for name in "ab"), what="two complaints")
        self.assertEqual(self.read("victim"), "untouched\n")
        self.assertEqual(os.listdir(self.path("inner")), [])

    def test_names_that_lead_elsewhere(self):
        """A name of a program or log is looked up, never put into a path."""
        secret = self.write("secret", "hidden\n")
        conf = self.configuration(f"[program:a]\ncommand=/bin/echo shown\nstartsecs=0\nautorestart=false\n"
                                  f"stdout_logfile={self.path('logs')}/a.log\n")
        self.run_daemon(conf)
        self.settled(conf, 1)
        server = xmlrpc.client.ServerProxy("http://localhost", transport=UnixTransport(self.path("s.sock"))).supervisor
        self.assertEqual(server.readProcessStdoutLog("a", 0, 0), "shown\n")
        for name in ("../secret", secret, "a/../../secret", "a:../secret", "logs/a.log", "a\0", "a.log", ".", "..",
                     "*:../secret"):
            for call in (lambda: server.readProcessStdoutLog(name, 0, 0), lambda: server.tailProcessStdoutLog(name, 0, 9),
                         lambda: server.clearProcessLogs(name), lambda: server.readProcessStderrLog(name, 0, 0)):
                # a NUL is no XML: the call does not even get that far
                self.assertRaises((xmlrpc.client.Fault, xmlrpc.client.ProtocolError), call)
        for address in ("/logtail/../secret", "/logtail/..%2Fsecret/stdout", f"/logtail/{secret}/stdout",
                        "/logtail/a/../../secret", "/mainlogtail/../secret", "/tail.html?processname=..%2Fsecret"):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self.path("s.sock"))
                connection.sendall(f"GET {address} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
                connection.shutdown(socket.SHUT_WR)
                self.assertNotIn(b"hidden", connection.recv(65536), address)
        self.assertEqual(self.read("secret"), "hidden\n")

    def test_escapes_of_a_log_do_not_command_the_terminal(self):
        text = "\\033]0;title\\007\\033[2Jred:\\033[31mx\\033[0m\\302\\2330c\\010.\\n"
        conf = self.configuration(f"[program:a]\ncommand=/usr/bin/printf '{text}'\nstartsecs=0\nautorestart=false\n"
                                  f"stdout_logfile={self.path('a.log')}\n")
        self.run_daemon(conf)
        self.settled(conf, 1)
        shown = self.on_a_terminal(SVINSTALL, "tail", "-f", "a", "-c", conf)
        self.assertIn(rb"\x1b]0;title\x07\x1b[2Jred:" + b"\x1b[31mx\x1b[0m" + rb"\x9b0c\x08.", shown)
        self.assertIn(rb"\x9b0c", self.on_a_terminal(SVINSTALL, "tail", "a", "-c", conf))
        # by the original's name it goes as it is
        os.symlink(SVINSTALL, self.path("supervisorctl"))
        shown = self.on_a_terminal(self.path("supervisorctl"), "-s", f"unix://{self.path('s.sock')}", "tail", "-f", "a")
        self.assertIn(b"\x1b[2J", shown)

    def on_a_terminal(self, *words):
        """What a command has shown on a terminal when the text's last dot was there."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(words[0], words, self.environment)
        shown = b""
        try:
            while b"." not in shown and select.select([terminal], [], [], 20)[0]:
                shown += os.read(terminal, 4096)
        except OSError:
            pass
        kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
        return shown


@AS_ROOT
class WritableByOthers(Guarded):
    """Files that another user can write decide nothing that root does."""

    PROGRAM = "[program:a]\ncommand=/bin/sleep 100\n"

    def refused(self, *words):
        code, _, error = self.svinstall("run", *words, timeout=15)
        self.assertEqual(code, 78, error)
        self.assertOneLineError(error, "everybody|nobody|group", "--allow")

    def test_run_refuses_a_configuration(self):
        conf = self.configuration(self.PROGRAM)
        os.chmod(conf, 0o666)
        self.refused("-c", conf)
        os.chmod(conf, 0o644)
        os.chown(conf, NOBODY, 0)
        self.refused("-c", conf)

    def test_run_refuses_what_stands_in_such_a_directory(self):
        os.makedirs(self.path("d"))
        conf = self.configuration(self.PROGRAM, name="d/c.conf")
        os.chmod(self.path("d"), 0o777)
        self.refused("-c", conf)

    def test_run_refuses_an_include(self):
        conf = self.configuration("[include]\nfiles=more.inc\n")
        os.chmod(self.write("more.inc", self.PROGRAM), 0o666)
        self.refused("-c", conf)

    def test_run_refuses_a_unit_and_a_plist(self):
        self.refused(self.write("a.service", "[Service]\nExecStart=/bin/sleep 100\n", mode=0o666))
        self.refused(self.write(
            "a.plist", '<plist version="1.0"><dict><key>Label</key><string>a</string><key>ProgramArguments</key>'
            "<array><string>/bin/sleep</string><string>100</string></array></dict></plist>", mode=0o666))

    def test_what_is_accepted_by_name_runs(self):
        conf = self.configuration(self.PROGRAM)
        os.chmod(conf, 0o666)
        self.run_daemon(conf, "--allow", conf)

    def test_supervisord_warns_and_runs(self):
        conf = self.configuration(self.PROGRAM)
        os.chmod(conf, 0o666)
        os.symlink(SVINSTALL, self.path("supervisord"))
        self.start("-n", "-c", conf, program=self.path("supervisord"))
        wait_for(lambda: re.search(r"WARN .*c\.conf: can be written by everybody", self.log()), what="the warning")
        wait_for(lambda: "spawned: 'a'" in self.log(), what="the program")

    def test_a_program_of_root_that_others_can_write_is_warned_about(self):
        tool = self.write("tool", "#!/bin/sh\nexec sleep 100\n", mode=0o777)
        os.chmod(self.directory, 0o755)
        conf = self.configuration(f"[program:roots]\ncommand={tool}\n[program:theirs]\ncommand={tool}\nuser=nobody\n")
        self.run_daemon(conf)
        self.assertRegex(self.log(), r"WARN program roots runs as root from .*tool: can be written by everybody")
        self.assertNotRegex(self.log(), r"WARN .*theirs runs as root")


class Table(unittest.TestCase):
    def test_every_test_that_the_threat_table_names_exists(self):
        with open(os.path.join(ROOT, "SECURITY.md"), encoding="utf-8") as file:
            rows = [line for line in file if line.startswith("| ") and not line.startswith("| threat")]
        self.assertGreaterEqual(len(rows), 15)
        for row in rows:
            for folder, name in re.findall(r"`(\w+)/([^`]+)`", row.rsplit("|", 2)[1]):
                found = subprocess.run(["grep", "-rqF", "--", name, os.path.join(ROOT, "Tests", folder)])
                self.assertEqual(found.returncode, 0, f"{folder}/{name}")
