"""svinstall's boot hook in a real systemd: what it promises is seen there."""

import json
import os
import time
import unittest

from container import Container, Unavailable
from workshop import wait_for

CONFIGURATION = "/etc/svinstall/svinstall.conf"
#: Writes down when it is started and how it ends; as slow to stop as it is told.
PROGRAM = """\
#!/bin/sh
echo "start $$ $(date +%s.%N)" >>"$1"
trap 'echo "asked $$ $(date +%s.%N)" >>"$1"; sleep "$2"; echo "ended $$ $(date +%s.%N)" >>"$1"; exit 0' TERM
while :; do sleep 0.1; done
"""
#: Leaves a process behind that is nobody's child.
DAEMONISING = """\
#!/bin/sh
setsid sh -c 'trap "" TERM; exec sleep 86399' >/dev/null 2>&1 &
exec sleep 86398
"""
REDIS = """\
[supervisord]
logfile=/var/log/svinstall/daemon.log

[program:redis]
command=/usr/bin/redis-server --port 6379 --save "" --dir /var/lib/redis
user=redis
"""
SLOW = """\
[program:slow]
command=/opt/program /var/log/slow 4
stopwaitsecs=20
[program:stray]
command=/opt/daemonising
"""


#: Numbers its lines, a thousand a second.
COUNTING = """\
#!/usr/bin/perl
$| = 1;
for (my $number = 0; ; $number++) { print "line $number\\n"; select(undef, undef, undef, 0.001); }
"""
CRASH = """\
[program:counter]
command=/opt/counting
stdout_logfile=/var/log/svinstall/counter.log
stdout_logfile_maxbytes=0
[program:reader]
command=/bin/cat
[program:stray]
command=/opt/daemonising
[program:removed]
command=/bin/sleep 86397
[program:changed]
command=/bin/sleep 86396
[program:many]
command=/bin/sleep 86394
numprocs=250
process_name=%(process_num)d
"""


class Booted(unittest.TestCase):
    """A machine of its own with svinstall in it: from its package where there is one, else the file that is tested."""

    configuration = REDIS
    #: Control groups of the second version alone, as newer systems have them.
    unified = False
    #: Seconds within which the daemon is back after a kill: the promise, on a machine of its own.
    restart_time = float(os.environ.get("SVINSTALL_RESTART_TIME", 3))

    def setUp(self):
        try:
            self.machine = Container(unified=self.unified)
        except Unavailable as reason:
            raise unittest.SkipTest(str(reason))
        self.addCleanup(self.machine.close)
        if "SVINSTALL_PACKAGE" in os.environ:
            self.machine.install_package(os.environ["SVINSTALL_PACKAGE"])
        else:
            self.machine.install(os.environ["SVINSTALL_UNDER_TEST"])
        self.machine.write("/opt/program", PROGRAM, 0o755)
        self.machine.write("/opt/daemonising", DAEMONISING, 0o755)
        self.machine.write(CONFIGURATION, self.configuration)
        try:
            self.machine.boot()
        except Unavailable as reason:
            raise unittest.SkipTest(str(reason))

    def agent(self, *words, **options):
        return self.machine.run("svinstall", "agent", *words, **options)

    def pids(self, name):
        """The processes of a program, by its command line."""
        found = self.machine.run("pgrep", "-f", name, check=False).stdout.split()
        return [int(pid) for pid in found]

    def main_pid(self):
        return int(self.machine.run("systemctl", "show", "-p", "MainPID", "--value", "svinstall").stdout)

    def ping(self):
        return self.machine.run("redis-cli", "ping", check=False).stdout.strip() == "PONG"

    def assertNothingBroken(self, **options):
        done = self.agent("status", check=False, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def events(self, name="/var/log/slow"):
        return [line.split() for line in self.machine.read(name).splitlines()]


class SystemHook(Booted):
    def test_it_comes_back_after_boot_and_kill_and_leaves_nothing(self):
        machine = self.machine
        before = machine.files("/etc/systemd", "/var/lib", "/root")
        done = self.agent("install", "--system")
        for word in ("/etc/systemd/system/svinstall.service", "starts at boot: yes", "pid:"):
            self.assertIn(word, done.stdout)
        self.assertIn("nothing to change", self.agent("install", "--system").stdout)
        self.assertNothingBroken()
        wait_for(lambda: "1 of 1 running" in machine.run("systemctl", "status", "svinstall", check=False).stdout,
                 what="the status line")

        machine.reboot()
        wait_for(self.ping, what="redis after the boot")
        self.assertNothingBroken()

        old = self.main_pid()
        redis = self.pids("^/usr/bin/redis-server")
        machine.run("kill", "-9", str(old))
        wait_for(lambda: self.main_pid() not in (0, old) and machine.run("svinstall", "pid", check=False).returncode == 0,
                 self.restart_time, "the restart")
        self.assertTrue(self.ping())
        self.assertEqual((self.pids("^/usr/bin/redis-server"), len(redis)), (redis, 1))
        self.assertEqual(len(self.pids("^/usr/bin/svinstall run")), 1)

        self.agent("uninstall")
        self.assertEqual(self.pids("redis-server"), [])
        self.assertIn("nothing is installed", self.agent("uninstall").stdout)
        self.assertEqual(self.agent("status", check=False).returncode, 1)
        machine.reboot()
        self.assertEqual(self.pids("svinstall|redis-server"), [])
        after = machine.files("/etc/systemd", "/var/lib", "/root")
        ours = {path for path in after.keys() ^ before.keys() if "/systemd/random-seed" not in path}
        self.assertEqual({path for path in ours if "svinstall" in path or "/etc/" in path}, set())


class SystemCrash(Booted):
    """kill -9 of the daemon: its programs never notice."""

    configuration = REDIS.replace("[supervisord]", "[supervisord]\nminfds=10000") + CRASH
    names = ("redis", "counter", "reader", "stray", "removed", "changed")

    def setUp(self):
        super().setUp()
        self.machine.write("/opt/counting", COUNTING, 0o755)
        self.agent("install", "--system")

    def programs(self, *names):
        """The pids of the programs once all of these run."""
        def look():
            lines = self.machine.run("svinstall", "status", check=False).stdout.splitlines()
            found = {line.split()[0]: int(line.split()[3].rstrip(",")) for line in lines if " RUNNING " in line}
            return found if set(names) <= set(found) else None
        return wait_for(look, 20, f"{names} running")

    def crash(self):
        old = self.main_pid()
        self.machine.run("kill", "-9", str(old))
        wait_for(lambda: self.main_pid() not in (0, old)
                 and self.machine.run("svinstall", "pid", check=False).returncode == 0, self.restart_time, "the restart")

    def assertCounted(self):
        lines = self.machine.read("/var/log/svinstall/counter.log").splitlines()
        self.assertGreater(len(lines), 100)
        wrong = next(((place, line) for place, line in enumerate(lines) if line != f"line {place}"), None)
        self.assertIsNone(wrong, "a line is missing, doubled or torn")

    def stored(self):
        return int(self.machine.run("systemctl", "show", "-p", "NFileDescriptorStore", "--value", "svinstall").stdout)

    def test_programs_go_on_and_what_nobody_takes_up_is_ended(self):
        machine = self.machine
        before = self.programs(*self.names)
        wait_for(lambda: self.pids("^sleep 86399"), what="the stray process")
        stray = self.pids("^sleep 86399")
        # More than a service may have open that says nothing of it.
        wait_for(lambda: self.stored() > 250 * 5, what="that all are kept")
        for number in range(4):
            time.sleep(0.3 * number)
            self.crash()
            self.assertEqual(self.programs(*self.names), before)
            self.assertTrue(self.ping())
        self.assertEqual(self.pids("^sleep 86399"), stray)
        self.assertEqual(len(self.pids("^/usr/bin/redis-server")), 1)
        self.assertNothingBroken()

        # What the daemon finds configured otherwise, or no more, is ended and not left to itself.
        text = self.configuration.replace("[program:removed]\ncommand=/bin/sleep 86397\n", "").replace("86396", "86395")
        machine.write(CONFIGURATION, text)
        self.crash()
        after = self.programs("redis", "counter", "changed")
        self.assertEqual({name: after[name] for name in ("redis", "counter", "stray")},
                         {name: before[name] for name in ("redis", "counter", "stray")})
        self.assertEqual(self.pids("^/bin/sleep 8639[67]"), [])
        self.assertEqual(self.pids("^/bin/sleep 86395"), [after["changed"]])

        # One that ends is seen to and started again, and so is one that is killed together with the daemon.
        machine.run("kill", "-9", str(after["counter"]))
        wait_for(lambda: self.programs("counter")["counter"] != after["counter"], what="the restart of the program")
        machine.run("sh", "-c", "rm /var/log/svinstall/counter.log")
        between = self.programs("redis", "changed", "reader")
        machine.run("kill", "-9", str(self.main_pid()), str(between["changed"]))
        wait_for(lambda: self.programs("changed")["changed"] != between["changed"], 20, "the restart of both")
        self.assertEqual(self.programs("redis", "reader")["redis"], between["redis"])
        self.assertEqual(len(self.pids("^/bin/sleep 86395")), 1)

        machine.run("systemctl", "stop", "svinstall")
        self.assertEqual(self.pids("svinstall run|redis-server|/opt/counting|sleep 8639"), [])
        self.assertEqual(self.stored(), 0)
        machine.run("systemctl", "start", "svinstall")
        self.programs("redis", "counter")

    def test_no_byte_is_lost_and_a_stop_ends_what_was_taken_up(self):
        before = self.programs(*self.names)
        for _ in range(6):
            self.crash()
        self.assertEqual(self.programs(*self.names), before)
        self.machine.run("svinstall", "stop", "counter")
        self.assertCounted()
        self.machine.run("systemctl", "restart", "svinstall")
        after = self.programs(*self.names)
        self.assertEqual(set(after.values()) & set(before.values()), set())
        self.machine.run("svinstall", "shutdown")
        wait_for(lambda: not self.pids("svinstall run|redis-server|/opt/counting|sleep 8639[678]"), 20, "the end")

    def test_a_configuration_that_got_wrong_leaves_nothing_behind(self):
        self.programs(*self.names)
        self.machine.write(CONFIGURATION, "[supervisord]\n[program:x]\n")
        self.machine.run("kill", "-9", str(self.main_pid()))
        wait_for(lambda: not self.pids("redis-server|/opt/counting|sleep 8639"), 20, "the end of the programs")
        self.assertEqual(self.main_pid(), 0)


class SystemStop(Booted):
    configuration = REDIS + SLOW

    def test_stopping_gives_each_its_time_and_leaves_none(self):
        machine = self.machine
        self.agent("install", "--system")
        wait_for(lambda: machine.run("svinstall", "status").stdout.count("RUNNING") == 3, what="all programs")
        wait_for(lambda: self.pids("^sleep 86399"), what="the stray process")
        if self.unified:
            self.assertEqual(machine.run("stat", "-f", "-c", "%T", "/sys/fs/cgroup").stdout.strip(), "cgroup2fs")
        asked = time.monotonic()
        machine.run("systemctl", "stop", "svinstall")
        self.assertGreater(time.monotonic() - asked, 3.9)
        self.assertEqual([event[0] for event in self.events()], ["start", "asked", "ended"])
        self.assertEqual(self.pids("svinstall run|redis-server|/opt/program|sleep 8639"), [])
        self.assertEqual(machine.run("systemctl", "show", "-p", "Result", "--value", "svinstall").stdout.strip(), "success")

        machine.write(CONFIGURATION, REDIS)
        machine.run("systemctl", "start", "svinstall")
        wait_for(self.ping, what="redis")
        machine.run("svinstall", "shutdown")
        wait_for(lambda: not self.pids("svinstall run|redis-server"), 20, "the end")
        time.sleep(2.5)  # longer than RestartSec: it must not come back
        self.assertEqual(self.pids("svinstall run|redis-server"), [])
        done = self.agent("status", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("running: not running", done.stdout)
        machine.reboot()
        wait_for(self.ping, what="redis after the boot")

        self.assertIn("stopped", self.agent("stop").stdout)
        self.assertEqual(self.pids("redis-server"), [])
        self.assertIn("running", self.agent("start").stdout)
        wait_for(self.ping, what="redis after the start")
        self.assertIn("running", self.agent("restart").stdout)
        wait_for(self.ping, what="redis after the restart")
        self.assertNothingBroken()
        self.assertNotEqual(self.agent("logs", check=False).stdout, "")


class SystemStatus(Booted):
    def test_each_broken_link_is_named(self):
        machine = self.machine
        self.agent("install", "--system")

        def broken():
            report = json.loads(self.agent("status", "--json", check=False).stdout)
            return [link["name"] for link in report["links"] if not link["holds"]]

        self.assertEqual(broken(), [])
        unit = "/etc/systemd/system/svinstall.service"
        text = machine.read(unit)
        machine.run("sh", "-c", f"echo '# edited' >>{unit}")
        self.assertEqual(broken(), ["file", "manager"])
        self.assertIn("-# edited", self.agent("install").stdout)
        self.assertEqual((machine.read(unit), broken()), (text, []))
        machine.run("chmod", "666", unit)
        self.assertEqual(broken(), ["file"])
        self.agent("install")
        machine.run("systemctl", "disable", "svinstall")
        self.assertEqual(broken(), ["enabled"])
        self.agent("install")
        machine.run("sh", "-c", f"echo '[program:long]\ncommand=/bin/sleep 1\nstopwaitsecs=600' >>{CONFIGURATION}")
        self.assertEqual(broken(), ["stop-time"])
        self.agent("install")
        self.assertEqual(broken(), [])
        machine.run("chown", "alice", CONFIGURATION)
        self.assertEqual(broken(), ["trust"])
        done = self.agent("install", check=False)
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn("belongs to alice", done.stderr)
        self.agent("install", "--allow", CONFIGURATION)
        self.assertEqual(broken(), [])

    #: What breaks a link, by the link that is named first.
    damages = (
        ("record", "chmod 666 /var/lib/svinstall/hooks/svinstall"),
        ("program", "mv /usr/bin/svinstall /usr/local/bin/svinstall"),
        ("file", "rm {unit}"),
        ("file", "mv {unit} /root/unit; ln -s /root/unit {unit}"),
        ("file", "rm {unit}; mkdir {unit}"),
        ("file", "rm {unit}; ln -s /dev/null {unit}; systemctl daemon-reload"),
        ("override", "mkdir -p {unit}.d; printf '[Service]\\nType=simple\\nExecStart=\\nExecStart=/bin/sleep 9\\n' >{unit}.d/x.conf;"
                     " systemctl daemon-reload; systemctl restart svinstall"),
        ("stop-time", "mkdir -p {unit}.d; printf '[Service]\\nTimeoutStopSec=1\\n' >{unit}.d/x.conf; systemctl daemon-reload"),
        ("answers", "kill -STOP $(systemctl show -p MainPID --value svinstall)"),
        ("trust", "chmod 777 /etc/svinstall"),
        ("running", "systemctl stop svinstall"),
    )

    def test_every_red_line_names_the_command_that_mends_it(self):
        machine = self.machine
        unit = "/etc/systemd/system/svinstall.service"

        def broken():
            report = json.loads(self.agent("status", "--json", check=False).stdout)
            return [link for link in report["links"] if not link["holds"]]

        self.agent("install", "--system")
        for name, damage in self.damages:
            with self.subTest(damage=damage):
                machine.run("sh", "-c", damage.format(unit=unit), check=False)
                self.assertEqual([link["name"] for link in broken()][:1], [name])
                seen = []
                while left := broken():
                    seen.append(left[0]["remedy"])
                    self.assertLess(len(seen), 4, seen)
                    machine.run("sh", "-c", seen[-1])
                self.assertNothingBroken()

    def test_another_configuration_is_a_difference_and_stops_nothing(self):
        machine = self.machine
        self.agent("install", "--system")
        wait_for(self.ping, what="redis")
        before = self.pids("redis-server|svinstall run")
        machine.write("/etc/other.conf", self.configuration)
        done = self.agent("install", "--system", "-c", "/etc/other.conf")
        self.assertIn("+ExecStart=/usr/bin/svinstall run -c /etc/other.conf", done.stdout)
        self.assertIn("agent restart", done.stderr)
        self.assertEqual(self.pids("redis-server|svinstall run"), before)
        done = self.agent("status", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("svinstall agent restart --system", done.stdout)
        done = self.agent("install", "--system", "-c", "/etc/other.conf")
        self.assertIn("nothing to change", done.stdout)
        self.assertIn("agent restart", done.stderr)
        self.agent("restart")
        wait_for(self.ping, what="redis after the restart")
        self.assertNothingBroken()

    def test_a_configuration_that_is_wrong_is_told_with_the_last_words(self):
        machine = self.machine
        self.agent("install", "--system")
        machine.run("systemctl", "stop", "svinstall")
        machine.write(CONFIGURATION, "[supervisord]\n[program:x]\n")
        machine.run("systemctl", "start", "svinstall", check=False)
        done = self.agent("status", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("78", done.stdout)
        self.assertIn("command", done.stdout)


class SystemRivals(Booted):
    def test_a_supervisors_own_unit_is_named_replaced_and_restored(self):
        machine = self.machine
        machine.run("ln", "-s", "svinstall", "/usr/bin/supervisord")
        machine.write("/lib/systemd/system/supervisor.service", "[Service]\nExecStart=/usr/bin/supervisord -n -c "
                      f"{CONFIGURATION}\n[Install]\nWantedBy=multi-user.target\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "enable", "--now", "supervisor")
        wait_for(self.ping, what="redis under the other hook")
        done = self.agent("install", "--system", check=False)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("supervisor.service", done.stderr)
        self.assertIn("--replace", done.stderr)
        self.assertFalse(machine.exists("/etc/systemd/system/svinstall.service"))
        self.agent("install", "--system", "--replace")
        wait_for(self.ping, what="redis under ours")
        self.assertNothingBroken()
        self.assertEqual(machine.run("systemctl", "is-enabled", "supervisor", check=False).stdout.strip(), "disabled")
        self.assertEqual(len(self.pids("^/usr/bin/redis-server")), 1)
        self.agent("uninstall")
        self.assertEqual(machine.run("systemctl", "is-enabled", "supervisor").stdout.strip(), "enabled")
        wait_for(self.ping, what="redis under the other hook again")

    def test_a_daemon_that_was_started_by_hand_gives_way_to_the_command_that_is_named(self):
        machine = self.machine
        machine.run("svinstall", "run", "--daemon")
        wait_for(self.ping, what="redis under the daemon of before")
        done = self.agent("install", "--system", check=False)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("runs already", done.stderr)
        machine.run("sh", "-c", done.stderr.strip().split("; ")[-1])
        wait_for(self.ping, what="redis under the hook")
        self.assertNothingBroken()

    def replaces_a_unit_of_alices(self, path, whose, off):
        """A unit over the same configuration at `path`, enabled with `whose`, is `off` for alice while it is replaced."""
        machine = self.machine
        machine.write(CONFIGURATION, "[supervisord]\n[program:sleeper]\ncommand=/bin/sleep 86399\n")
        machine.run("loginctl", "enable-linger", "alice")
        machine.write(path, f"[Service]\nExecStart=/usr/bin/svinstall run -c {CONFIGURATION}\n"
                      "[Install]\nWantedBy=default.target\n")
        own = {"user": "alice", "XDG_RUNTIME_DIR": "/run/user/1000"}
        if whose == "--user":
            machine.run("chown", "-R", "alice", "/home/alice/.config")
        enabled = lambda: machine.run("systemctl", "--user", "is-enabled", "mine", check=False, **own).stdout.strip()
        wait_for(lambda: machine.run("systemctl", "--user", "is-system-running", check=False, **own).stdout.strip()
                 in ("running", "degraded"), what="alice's systemd")
        machine.run("systemctl", whose, "enable", "mine", **own if whose == "--user" else {})
        machine.run("systemctl", "--user", "daemon-reload", **own)
        machine.run("systemctl", "--user", "start", "mine", **own)
        wait_for(lambda: self.pids("^/bin/sleep 86399"), what="the program under alice's hook")
        done = self.agent("install", "--system", check=False)
        self.assertEqual(done.returncode, 73, done.stderr)
        for word in ("mine.service", "alice", "--replace"):
            self.assertIn(word, done.stderr)
        self.agent("install", "--system", "--replace")
        self.assertNothingBroken()
        self.assertEqual(enabled(), off)
        wait_for(lambda: len(self.pids("^/bin/sleep 86399")) == 1, what="the program once")
        done = self.agent("status", "--system", user="alice", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.agent("install", "-c", CONFIGURATION, user="alice", check=False)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("as root: systemctl disable --now svinstall.service", done.stderr)
        self.agent("uninstall")
        self.assertEqual(enabled(), "enabled")
        wait_for(lambda: len(self.pids("^/bin/sleep 86399")) == 1, what="the program under alice's hook again")

    def test_a_users_unit_over_the_same_configuration(self):
        self.replaces_a_unit_of_alices("/home/alice/.config/systemd/user/mine.service", "--user", "disabled")

    def test_a_unit_for_all_users_over_the_same_configuration(self):
        self.replaces_a_unit_of_alices("/etc/systemd/user/mine.service", "--global", "masked")
        self.assertEqual(self.machine.run("systemctl", "--global", "is-enabled", "mine").stdout.strip(), "enabled")

    def test_hardened_programs_have_a_tmp_of_their_own_and_the_loss_is_told(self):
        done = self.agent("install", "--system", "--harden")
        self.assertIn("/tmp", done.stderr)
        self.assertIn("sudo", done.stderr)
        wait_for(self.ping, what="redis")
        shown = self.machine.run("systemctl", "show", "-p", "PrivateTmp", "-p", "NoNewPrivileges", "svinstall").stdout
        self.assertEqual(sorted(shown.split()), ["NoNewPrivileges=yes", "PrivateTmp=yes"])
        self.assertNothingBroken()


class UserHook(Booted):
    configuration = "[supervisord]\n"

    def test_an_unprivileged_user_with_linger(self):
        machine = self.machine
        conf = "/home/alice/.config/svinstall/svinstall.conf"
        machine.run("mkdir", "-p", os.path.dirname(conf), user="alice")
        machine.write(conf, "[supervisord]\n[program:redis]\ncommand=/usr/bin/redis-server --port 6379 --save \"\" --dir /tmp\n"
                      "[program:slow]\ncommand=/opt/program /home/alice/slow 4\nstopwaitsecs=20\n")
        done = self.agent("install", user="alice", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("enable-linger alice", done.stderr)
        machine.run("loginctl", "enable-linger", "alice")
        wait_for(lambda: machine.run("test", "-S", "/run/user/1000/systemd/private", check=False).returncode == 0,
                 what="alice's systemd")
        done = self.agent("install", user="alice")
        self.assertIn("starts at boot: yes", done.stdout)
        self.assertNothingBroken(user="alice")
        machine.reboot()
        wait_for(self.ping, 20, what="redis after the boot")
        self.assertNothingBroken(user="alice")
        pid, = self.pids("^/usr/bin/svinstall run")
        self.assertEqual(machine.run("stat", "-c", "%U", f"/proc/{pid}").stdout.strip(), "alice")
        machine.run("kill", "-9", str(pid))
        wait_for(lambda: [p for p in self.pids("^/usr/bin/svinstall run") if p != pid], self.restart_time, "the restart")
        wait_for(self.ping, what="redis after the restart")
        self.assertEqual(len(self.pids("^/usr/bin/redis-server")), 1)

        wait_for(lambda: machine.run("svinstall", "status", user="alice", check=False).stdout.count("RUNNING") == 2,
                 what="all programs")
        machine.run("systemctl", "--user", "stop", "svinstall", user="alice", XDG_RUNTIME_DIR="/run/user/1000")
        self.assertEqual([event[0] for event in self.events("/home/alice/slow")[-3:]], ["start", "asked", "ended"])
        self.assertEqual(self.pids("svinstall run|redis-server|/opt/program"), [])
        self.agent("start", user="alice")
        wait_for(self.ping, what="redis after the start")
        machine.run("svinstall", "shutdown", user="alice")
        wait_for(lambda: not self.pids("svinstall run|redis-server|/opt/program"), 20, "the end")
        time.sleep(2.5)  # longer than RestartSec: it must not come back
        self.assertEqual(self.pids("svinstall run|redis-server"), [])
        machine.reboot()
        wait_for(self.ping, 20, what="redis after the boot")
        self.agent("uninstall", user="alice")
        machine.reboot()
        self.assertEqual(self.pids("svinstall run|redis-server"), [])
        self.assertFalse(machine.exists("/home/alice/.config/systemd/user/svinstall.service"))


    def test_root_may_have_one_of_its_own(self):
        machine = self.machine
        done = self.agent("install", "--user")
        self.assertIn("/root/.config/systemd/user/svinstall.service", done.stdout)
        done = self.agent("status", "--user", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(self.pids("^/usr/bin/svinstall run")), 1)
        self.agent("uninstall", "--user")
        self.assertEqual(self.pids("^/usr/bin/svinstall run"), [])
        # its configuration names no log and no pidfile
        self.assertEqual([name for name in os.listdir(machine.tree) if "supervisord" in name], [])


class UnifiedSystemHook(SystemHook):
    unified = True


class UnifiedSystemStop(SystemStop):
    unified = True


class UnifiedSystemCrash(SystemCrash):
    unified = True


class UnifiedUserHook(UserHook):
    unified = True


class KilledInstall(Booted):
    def test_killed_for_real_at_ten_moments(self):
        machine = self.machine
        for milliseconds in (1, 2, 4, 8, 15, 30, 60, 120, 250, 500):
            machine.run("sh", "-c", f"svinstall agent install --system & sleep {milliseconds / 1000}; kill -9 $!; wait $!",
                        check=False)
            unit = "/etc/systemd/system/svinstall.service"
            if machine.exists(unit):
                self.assertTrue(machine.read(unit).endswith("WantedBy=multi-user.target\n"))
            if milliseconds % 4:
                self.agent("install", "--system")
                self.assertNothingBroken()
            self.agent("uninstall")
            self.assertFalse(machine.exists(unit))
            self.assertEqual(self.pids("svinstall run|redis-server"), [])
