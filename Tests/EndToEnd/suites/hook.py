"""The boot hook as a file: printed, and laid into a tree."""

import os
import plistlib
import stat
import subprocess
import unittest

from workshop import ROOT, SVINSTALL, Workshop

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

    def test_the_plist_runs_svinstall_with_absolute_paths(self):
        code, out, error = self.svinstall("agent", "print", "--init", "launchd", "--system", "-c", "supervisord.conf")
        self.assertEqual(code, 0, error)
        job = plistlib.loads(out.encode())
        self.assertEqual(job["ProgramArguments"], [os.path.realpath(SVINSTALL), "run", "-c", self.conf])
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
        self.assertEqual(settings["ExecStart"], f"{os.path.realpath(SVINSTALL)} run -c {self.conf}")
        for key, value in {"Type": "notify", "KillMode": "process", "Restart": "on-failure",
                           "StartLimitIntervalSec": "0", "RestartPreventExitStatus": "78", "OOMPolicy": "continue",
                           "NotifyAccess": "main", "Delegate": "yes", "TasksMax": "infinity",
                           "WantedBy": "multi-user.target"}.items():
            self.assertEqual(settings.get(key), value, key)
        self.assertIn("PATH=", settings["Environment"])
        try:
            unit = self.write("svinstall.service", out)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit],
                                  capture_output=True, text=True, timeout=60)
        except FileNotFoundError:
            raise unittest.SkipTest("systemd-analyze is not installed")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_tree_gets_the_file_in_its_place_with_its_mode(self):
        for words, path in (
            (["--init", "systemd", "--system"], "etc/systemd/system/svinstall.service"),
            (["--init", "launchd", "--system"], "Library/LaunchDaemons/org.svinstall.daemon.plist"),
            (["--init", "launchd", "--user"], self.directory[1:] + "/Library/LaunchAgents/org.svinstall.daemon.plist"),
            (["--init", "systemd", "--user"], self.directory[1:] + "/.config/systemd/user/svinstall.service"),
        ):
            with self.subTest(path=path):
                os.umask(0o077)
                code, _, error = self.svinstall("agent", "install", "--root", self.path("tree"), "-c", self.conf, *words)
                os.umask(0o022)
                self.assertEqual(code, 0, error)
                status = os.lstat(os.path.join(self.path("tree"), path))
                self.assertEqual(stat.S_IMODE(status.st_mode), 0o644)
        link = self.path("tree/etc/systemd/system/multi-user.target.wants/svinstall.service")
        self.assertEqual(os.readlink(link), "../svinstall.service")

    def test_the_templates_are_what_is_printed(self):
        for init, name in (("launchd", "org.svinstall.daemon.plist"), ("systemd", "svinstall.service")):
            code, out, error = self.svinstall(
                "agent", "print", "--init", init, "--system", "--program", "/usr/local/bin/svinstall",
                "-c", "/etc/svinstall/svinstall.conf")
            self.assertEqual(code, 0, error)
            with open(os.path.join(ROOT, "templates/hooks", name)) as file:
                self.assertEqual(out, file.read(), name)
