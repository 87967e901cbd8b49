"""The boot hook as a file: printed, and laid into a tree."""

import os
import plistlib
import shlex
import stat
import subprocess
import unittest

from workshop import ROOT, SVINSTALL, Workshop, wait_for

CONFIGURATION = """\
[supervisord]
[program:a]
command=/bin/sleep 1
stopwaitsecs=30
[program:b]
command=/bin/sleep 1
stopwaitsecs=60
"""


class Hook(Workshop):
    def setUp(self):
        super().setUp()
        self.conf = self.write("supervisord.conf", CONFIGURATION)
        # a state directory that was moved would stand in the hook
        self.unmoved = {name: value for name, value in self.environment.items() if name != "SVINSTALL_STATE_DIR"}

    def test_the_plist_runs_svinstall_with_absolute_paths(self):
        code, out, error = self.svinstall("agent", "print", "--init", "launchd", "--system", "-c", "supervisord.conf")
        self.assertEqual(code, 0, error)
        job = plistlib.loads(out.encode())
        self.assertEqual(job["ProgramArguments"], [os.path.realpath(SVINSTALL), "run", "-c", self.conf,
                                                   "--shutdown-timeout", str(job["ExitTimeOut"] - 3)])
        self.assertEqual(job["RunAtLoad"], True)
        self.assertEqual(job["KeepAlive"], {"SuccessfulExit": False})
        self.assertIn("/opt/homebrew/bin", job["EnvironmentVariables"]["PATH"])
        self.assertIn("/usr/local/bin", job["EnvironmentVariables"]["PATH"])
        for key in ("StandardOutPath", "StandardErrorPath"):
            self.assertTrue(os.path.isabs(job[key]))
        self.assertGreater(job["ExitTimeOut"], 90)

    def test_the_unit_is_one_that_systemd_accepts(self):
        code, out, error = self.svinstall("agent", "print", "--init", "systemd", "--system", "-c", self.conf)
        self.assertEqual(code, 0, error)
        settings = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
        self.assertEqual(settings["ExecStart"], f"{os.path.realpath(SVINSTALL)} run -c {self.conf} --shutdown-timeout 94")
        for key, value in {"Type": "notify", "KillMode": "process", "Restart": "on-failure",
                           "StartLimitIntervalSec": "0", "RestartPreventExitStatus": "78", "OOMPolicy": "continue",
                           "NotifyAccess": "main", "Delegate": "yes", "TasksMax": "infinity",
                           "WantedBy": "multi-user.target"}.items():
            self.assertEqual(settings.get(key), value, key)
        self.assertIn("\nEnvironment=PATH=", out)
        self.assertIn("network.target", settings["After"].split())
        self.assertNotIn("WatchdogSec", settings)
        try:
            unit = self.write("svinstall.service", out)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
                                  capture_output=True, text=True, timeout=60)
        except FileNotFoundError:
            raise unittest.SkipTest("systemd-analyze is not installed")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_paths_of_any_characters_reach_systemd_whole(self):
        for name in ("a b.conf", "100%.conf", "$HOME.conf", 'q"uote.conf', "it's.conf", "back\\slash.conf", "ü.conf", "a;b.conf"):
            conf = self.write(f"odd {name}/{name}", CONFIGURATION)
            code, out, error = self.svinstall("agent", "print", "--init", "systemd", "--system", "-c", conf)
            self.assertEqual(code, 0, error)
            # read back by the reader of units, which systemd's own checker agrees with
            unit = self.write("odd.service", out)
            code, plan, error = self.svinstall("convert", "supervisor", unit)
            self.assertEqual(code, 0, error)
            words = next(line for line in plan.splitlines() if line.startswith("command="))[len("command="):]
            self.assertIn(conf, shlex.split(words.replace("%%", "%")), name)
            try:
                done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
                                      capture_output=True, text=True, timeout=60)
            except FileNotFoundError:
                self.skipTest("systemd-analyze is not installed")
            self.assertNotRegex(done.stderr, r"odd\.service:\d+:", name)
        code, _, error = self.svinstall("agent", "print", "--init", "systemd", "--system", "-c",
                                        self.write("new\nline.conf", CONFIGURATION))
        self.assertNotEqual((code, error), (0, ""))

    def test_a_watchdog_wakes_nobody_more_often_than_twice_a_minute(self):
        words = ["agent", "print", "--init", "systemd", "--system", "-c", self.conf, "--watchdog"]
        self.assertIn("\nWatchdogSec=90\n", self.svinstall(*words, "90")[1])
        self.assertNotIn("Watchdog", self.svinstall(*words, "0")[1])
        for seconds in ("1", "59", "-60"):
            code, _, error = self.svinstall(*words[:-1], f"--watchdog={seconds}")
            self.assertEqual(code, 64, error)
            self.assertIn("60 or more", error)

    def test_a_tree_gets_the_file_in_its_place_with_its_mode(self):
        for words, path in (
            (["--init", "systemd", "--system"], "etc/systemd/system/svinstall.service"),
            (["--init", "launchd", "--system"], "Library/LaunchDaemons/org.svinstall.daemon.plist"),
            (["--init", "launchd", "--user"], self.directory[1:] + "/Library/LaunchAgents/org.svinstall.daemon.plist"),
            (["--init", "systemd", "--user"], self.directory[1:] + "/.config/systemd/user/svinstall.service"),
        ):
            with self.subTest(path=path):
                os.umask(0o077)
                code, out, error = self.svinstall("agent", "install", "--root", self.path("tree"), "-c", self.conf, *words)
                os.umask(0o022)
                self.assertEqual(code, 0, error)
                status = os.lstat(os.path.join(self.path("tree"), path))
                self.assertEqual(stat.S_IMODE(status.st_mode), 0o644)
                self.assertIn("wrote /" + path, out)
                again = self.svinstall("agent", "install", "--root", self.path("tree"), "-c", self.conf, *words)
                self.assertEqual(again[:2], (0, "nothing to change\n"))
        link = self.path("tree/etc/systemd/system/multi-user.target.wants/svinstall.service")
        self.assertEqual(os.readlink(link), "../svinstall.service")

    def test_the_templates_are_what_is_printed(self):
        for init, name in (("launchd", "org.svinstall.daemon.plist"), ("systemd", "svinstall.service")):
            code, out, error = self.svinstall(
                "agent", "print", "--init", init, "--system", "--program", "/usr/local/bin/svinstall",
                "-c", "/etc/svinstall/svinstall.conf", env=self.unmoved)
            self.assertEqual(code, 0, error)
            with open(os.path.join(ROOT, "templates/hooks", name)) as file:
                self.assertEqual(out, file.read(), name)

    def test_a_moved_state_directory_stands_in_the_hook(self):
        code, out, error = self.svinstall("agent", "print", "--init", "systemd", "--system", "-c", self.conf)
        self.assertEqual(code, 0, error)
        self.assertIn(f"SVINSTALL_STATE_DIR={self.environment['SVINSTALL_STATE_DIR']}", out)

    def test_uninstalling_from_a_tree_leaves_what_was_there(self):
        tree = self.path("tree")
        self.write("tree/etc/systemd/system/other.service", "[Service]\nExecStart=/bin/true\n")
        words = ["--root", tree, "--init", "systemd", "--system"]
        self.assertEqual(self.svinstall("agent", "install", "-c", self.conf, *words)[0], 0)
        code, out, error = self.svinstall("agent", "uninstall", *words)
        self.assertEqual(code, 0, error)
        self.assertIn("removed", out)
        left = [os.path.join(base, name)[len(tree):] for base, _, names in os.walk(tree) for name in names]
        self.assertEqual(left, ["/etc/systemd/system/other.service"])
        self.assertEqual(self.svinstall("agent", "uninstall", *words)[:2], (0, "nothing is installed\n"))

    def test_a_link_in_the_target_directory_is_not_followed(self):
        for place, target in (("etc/systemd/system/svinstall.service", "target"), ("etc/systemd", "."), ("var", ".")):
            with self.subTest(place=place):
                tree = self.path("tree" + place.replace("/", "-"))
                os.makedirs(os.path.dirname(os.path.join(tree, place)), exist_ok=True)
                target = self.path("elsewhere")
                os.makedirs(target, exist_ok=True)
                os.symlink(target, os.path.join(tree, place))
                code, _, error = self.svinstall("agent", "install", "--root", tree, "--init", "systemd", "--system",
                                                "-c", self.conf)
                self.assertEqual(code, 73, error)
                self.assertIn("link", error)
                self.assertEqual(os.listdir(target), [])

    def test_every_init_is_written_into_a_tree(self):
        for init, paths in {
            "openrc": ["etc/init.d/svinstall", "etc/runlevels/default/svinstall"],
            "sysv": ["etc/init.d/svinstall", "etc/rc2.d/S01svinstall", "etc/rc6.d/K01svinstall"],
            "runit": ["etc/sv/svinstall/run", "etc/service/svinstall"],
            "s6": ["etc/s6/sv/svinstall/run"],
            "cron": ["etc/cron.d/svinstall"],
        }.items():
            with self.subTest(init=init):
                tree = self.path(init)
                code, out, error = self.svinstall("agent", "install", "--root", tree, "--init", init, "--system",
                                                  "-c", self.conf)
                self.assertEqual(code, 0, error)
                for path in paths:
                    self.assertTrue(os.path.lexists(os.path.join(tree, path)), path)
                script = os.path.join(tree, paths[0])
                if os.access(script, os.X_OK):
                    self.assertEqual(self.command("sh", "-n", script)[0], 0)

    def test_a_tree_is_named_and_its_own_configuration_counts(self):
        words = ["--init", "systemd", "--system"]
        for option in ("--root", "-c", "--program"):
            code, _, error = self.svinstall("agent", "install", *words, option, "")
            self.assertEqual((code, f"{option} is empty" in error), (64, True), error)
        self.assertEqual(os.listdir(self.directory), ["supervisord.conf"])
        tree = self.path("tree")
        self.write("tree/etc/svinstall/svinstall.conf", "[supervisord]\n[program:a]\ncommand=/bin/a\nstopwaitsecs=500\n")
        code, _, error = self.svinstall("agent", "install", "--root", tree, "--program", "/usr/bin/svinstall", *words)
        self.assertEqual((code, "/usr/bin/svinstall is not in the tree" in error), (0, True), error)
        unit = self.read("tree/etc/systemd/system/svinstall.service")
        self.assertIn("run -c /etc/svinstall/svinstall.conf --shutdown-timeout 5", unit)
        for verb in ("start", "stop", "restart", "logs"):
            code, _, error = self.svinstall("agent", verb, "--root", tree, *words)
            self.assertEqual((code, "nothing runs in a tree" in error), (64, True), error)

    def test_what_would_not_start_at_boot_is_not_said_to(self):
        code, _, error = self.svinstall("agent", "install", "--root", self.path("s6"), "--init", "s6", "--system",
                                        "-c", self.conf)
        self.assertEqual((code, "will not start at boot" in error, "--service-directory" in error), (0, True, True), error)
        code, _, error = self.svinstall("agent", "install", "--root", self.path("cron"), "--init", "cron", "--user")
        self.assertEqual((code, os.path.exists(self.path("cron"))), (64, False), error)

    def test_an_unknown_init_is_told_with_those_there_are(self):
        code, _, error = self.svinstall("agent", "print", "--init", "upstart")
        self.assertEqual(code, 64)
        self.assertOneLineError(error, "upstart", "launchd, systemd, openrc, sysv, runit, s6, cron")

    def test_started_in_the_root_directory_the_daemon_leaves_nothing_there(self):
        def names():
            return {name for name in os.listdir("/") if name.startswith("supervisord.")}

        before = names()
        # root's log would be below /var/log
        conf = self.write("own.conf", f"[supervisord]\nlogfile={self.path('own.log')}\n[program:a]\ncommand=/bin/sleep 1000\n")
        self.start("run", "-c", conf, cwd="/")
        wait_for(lambda: "RUNNING" in self.svinstall("-c", conf, "status")[1], what="the program")
        self.assertEqual(names(), before)
        left = os.listdir(self.path("state"))
        self.assertEqual(len([name for name in left if name.endswith(".pid")]), 1, left)

    def test_a_rehearsal_writes_nothing(self):
        tree = self.path("tree")
        code, out, error = self.svinstall("agent", "install", "--dry-run", "--root", tree, "--init", "systemd", "--system",
                                          "-c", self.conf)
        self.assertEqual(code, 0, error)
        self.assertIn("would write /etc/systemd/system/svinstall.service, mode 0644", out)
        self.assertFalse(os.path.exists(tree))

    def test_an_init_that_is_not_here_is_told_before_anything_is_written(self):
        home = self.path("home")
        os.mkdir(home)
        code, _, error = self.svinstall("agent", "--init", "launchd", "--user", "-c", self.conf,
                                        env=dict(self.environment, HOME=home))
        self.assertEqual(code, 69, error)
        self.assertIn("--init", error)
        self.assertEqual(os.listdir(home), [])

    def test_nothing_installed_is_told_with_the_remedy(self):
        code, out, _ = self.svinstall("agent", "status", "--init", "systemd", "--user", "--label", "no-such-hook")
        self.assertEqual(code, 1)
        self.assertIn("svinstall agent install --user", out)
        for verb in ("start", "stop", "restart", "logs"):
            code, _, error = self.svinstall("agent", verb, "--init", "systemd", "--user", "--label", "no-such-hook")
            self.assertEqual((code, "agent install" in error), (66, True), error)
