"""The configuration of the article this project comes from, unmodified but for the programs' paths."""

import os
import signal
import socket
import stat
import time
import unittest

from workshop import Workshop, kill, peers, wait_for

ARTICLE = """\
[unix_http_server]
file={directory}/supervisor.sock                       ; path to your socket file
[supervisord]
logfile={directory}/log/supervisord/supervisord.log    ; supervisord log file
logfile_maxbytes=50MB                           ; maximum size of logfile before rotation
logfile_backups=10                              ; number of backed up logfiles
loglevel=error                                  ; info, debug, warn, trace
pidfile={directory}/supervisord.pid                ; pidfile location
nodaemon=false                                  ; run supervisord as a daemon
minfds=1024                                     ; number of startup file descriptors
minprocs=200                                    ; number of process descriptors
user={user}                                       ; default user
childlogdir={directory}/log/supervisord/               ; where child log files will live
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{directory}/supervisor.sock         ; use a unix:// URL  for a unix socket
[program:mongod]
command=/usr/local/bin/mongod-that-is-not-installed
[program:redis-server]
command={redis} --port {port} --save ""
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Article(Workshop):
    def setUp(self):
        super().setUp()
        self.redis = os.path.join(peers("redis"), "redis-server")
        self.supervisorctl = os.path.join(peers("supervisor"), "supervisorctl")
        self.port = free_port()
        user = "root" if os.getuid() == 0 else os.environ.get("USER", "nobody")
        self.configuration = self.write("supervisord.conf", ARTICLE.format(
            directory=self.directory, redis=self.redis, port=self.port, user=user))
        self.daemon = self.run_daemon(self.configuration)

    def ctl(self, *words):
        return self.command(self.supervisorctl, "-c", self.configuration, *words)

    def ping(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16) == b"+PONG\r\n"
        except OSError:
            return False

    def test_redis_answers_and_comes_back_and_mongod_says_why_it_does_not_run(self):
        wait_for(self.ping, what="redis' PONG")
        wait_for(lambda: "FATAL" in self.ctl("status")[1], 15, "mongod's end")
        code, out, _ = self.ctl("status")
        self.assertEqual(code, 3)
        self.assertRegex(out, r"mongod +FATAL +can't find command '/usr/local/bin/mongod-that-is-not-installed'\n")
        self.assertRegex(out, r"redis-server +RUNNING +pid \d+, uptime 0:00:\d\d\n")

        old = int(self.ctl("pid", "redis-server")[1])
        kill(old, signal.SIGKILL)
        new = wait_for(lambda: (pid := int(self.ctl("pid", "redis-server")[1])) not in (0, old) and pid,
                       what="redis' return")
        wait_for(self.ping, what="redis' PONG after kill -9")
        self.assertNotEqual(old, new)

    def test_our_own_words_print_what_supervisorctl_prints(self):
        wait_for(lambda: "RUNNING" in self.ctl("status", "redis-server")[1], what="redis")
        for words in (["status", "redis-server"], ["pid", "redis-server"], ["version"], ["avail"],
                      ["stop", "redis-server"], ["start", "redis-server"], ["status", "nobody"],
                      ["signal", "HUP", "nobody"], ["reread"], ["update"]):
            stock = self.ctl(*words)
            if words[0] in ("stop",):
                self.ctl("start", "redis-server")
            if words[0] in ("start",):
                self.ctl("stop", "redis-server")
            ours = self.svinstall(*words, "-c", self.configuration)
            hide = lambda text: __import__("re").sub(r"uptime \S+|\d{3,}", "N", text)
            self.assertEqual((stock[0], hide(stock[1])), (ours[0], hide(ours[1])), words)

    def test_missing_log_directories_are_made_with_mode_0755(self):
        for name in ("log", "log/supervisord"):
            self.assertEqual(stat.S_IMODE(os.stat(self.path(name)).st_mode), 0o755)
            self.assertIn(f"made the missing directory {self.path(name)}", self.read("log/supervisord/supervisord.log"))

    def test_shutdown_ends_the_daemon_and_leaves_no_socket_and_no_pidfile(self):
        self.assertTrue(os.path.exists(self.path("supervisord.pid")))
        self.assertEqual(self.ctl("shutdown")[1], "Shut down\n")
        self.daemon.wait(15)
        self.assertEqual(self.daemon.returncode, 0)
        for name in ("supervisor.sock", "supervisord.pid"):
            self.assertFalse(os.path.exists(self.path(name)), name)
        self.assertEqual([name for name in os.listdir(self.path("state")) if name.endswith(".sock")], [])


class OtherFiles(Workshop):
    """A plist, a unit or a Procfile given to `run` can be controlled too."""

    def supervise(self, file):
        process = self.start("run", file)
        wait_for(lambda: process.poll() is not None or self.svinstall("status", "-c", file)[1].strip(),
                 what="an answer")
        self.assertIsNone(process.poll(), process)
        return process

    def test_a_plist(self):
        file = self.write("job.plist", """<?xml version="1.0"?><plist version="1.0"><dict>
            <key>Label</key><string>org.example.job</string>
            <key>ProgramArguments</key><array><string>/bin/sleep</string><string>1000</string></array>
            <key>KeepAlive</key><true/></dict></plist>""")
        self.supervise(file)
        wait_for(lambda: "RUNNING" in self.svinstall("status", "-c", file)[1], what="the job")
        self.assertEqual(self.svinstall("stop", "org.example.job", "-c", file)[1], "org.example.job: stopped\n")

    def test_a_procfile(self):
        file = self.write("Procfile", "web: sleep 1000\nworker: sleep 1001\n")
        self.supervise(file)
        wait_for(lambda: self.svinstall("status", "-c", file)[1].count("RUNNING") == 2, what="both programs")

    def test_a_unit(self):
        file = self.write("job.service", "[Service]\nExecStart=/bin/sleep 1000\nRestart=always\n"
                                         "[Install]\nWantedBy=multi-user.target\n")
        self.supervise(file)
        wait_for(lambda: "RUNNING" in self.svinstall("status", "-c", file)[1], what="the service")


class BuiltInDefault(Workshop):
    def test_without_any_configuration_hello_runs_and_comes_back(self):
        if any(os.path.exists(path) for path in ("/etc/supervisord.conf", "/etc/supervisor/supervisord.conf",
                                                 "/etc/svinstall/svinstall.conf")):
            raise unittest.SkipTest("this machine has a configuration of its own")
        self.start("run")
        wait_for(lambda: "RUNNING" in self.svinstall("status")[1], what="hello")
        old = int(self.svinstall("pid", "hello")[1])
        kill(old, signal.SIGKILL)
        wait_for(lambda: int(self.svinstall("pid", "hello")[1] or 0) not in (0, old), what="a new hello")
