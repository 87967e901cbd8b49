"""The Debian package in a bare Debian 12: no Swift, no libraries of ours."""

import os
import shutil
import subprocess
import tempfile
import unittest

from container import Container, Unavailable, fetch
from workshop import wait_for


class Lintian(unittest.TestCase):
    def test_it_finds_no_errors(self):
        if "SVINSTALL_PACKAGE" not in os.environ:
            raise unittest.SkipTest("no package was given with --package; Scripts/package deb makes one")
        try:
            tree = os.path.join(fetch("--lintian"), "lintian")
        except Unavailable as reason:
            raise unittest.SkipTest(str(reason))
        with tempfile.TemporaryDirectory(dir=os.path.join(tree, "tmp")) as place:
            shutil.copy(os.environ["SVINSTALL_PACKAGE"], os.path.join(place, "svinstall.deb"))
            done = subprocess.run(
                ["chroot", tree, "lintian", "--allow-root", "--no-cfg", "--fail-on", "error",
                 place[len(tree):] + "/svinstall.deb"], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Package(unittest.TestCase):
    def setUp(self):
        if "SVINSTALL_PACKAGE" not in os.environ:
            raise unittest.SkipTest("no package was given with --package; Scripts/package deb makes one")
        self.package = os.environ["SVINSTALL_PACKAGE"]
        try:
            self.machine = Container("bare")
            self.addCleanup(self.machine.close)
            shutil.copy(self.package, self.machine.path("/root/svinstall.deb"))
            self.machine.boot()
        except Unavailable as reason:
            raise unittest.SkipTest(str(reason))

    def newer(self):
        """The same package under a later version."""
        place = self.machine.path("/root/newer")
        subprocess.run(["dpkg-deb", "-R", self.package, place], check=True)
        control = os.path.join(place, "DEBIAN/control")
        with open(control) as file:
            text = file.read()
        with open(control, "w") as file:
            file.write(text.replace("Version: ", "Version: 9."))
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", place, place + ".deb"], check=True,
                       capture_output=True)

    def test_it_installs_hooks_upgrades_and_goes(self):
        machine = self.machine
        machine.run("dpkg", "-i", "/root/svinstall.deb")
        for path in ("/usr/share/man/man1/svinstall.1.gz", "/usr/share/bash-completion/completions/svinstall",
                     "/etc/svinstall/svinstall.conf", "/usr/share/svinstall/templates/user.conf",
                     "/lib/systemd/system/svinstall.service"):
            self.assertTrue(machine.exists(path), path)
        self.assertEqual(machine.run("systemctl", "is-enabled", "svinstall", check=False).stdout.strip(), "disabled")
        self.assertEqual(machine.run("pgrep", "svinstall", check=False).stdout, "")
        # 1: it remarks that nothing is included yet
        done = machine.run("svinstall", "check", "/etc/svinstall/svinstall.conf", check=False)
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        self.assertNotIn("error", done.stdout)
        machine.write("/etc/svinstall/conf.d/sleeper.conf", "[program:sleeper]\ncommand=/bin/sleep 86399\n")
        done = machine.run("svinstall", "agent", "--system")
        self.assertIn("starts at boot: yes", done.stdout)
        machine.reboot()
        pid = wait_for(lambda: machine.run("pgrep", "-f", "sleep 86399", check=False).stdout, what="the program after the boot")
        daemon = machine.run("pgrep", "-f", "svinstall run").stdout
        self.assertEqual(machine.run("svinstall", "agent", "status", check=False).returncode, 0)

        self.newer()
        machine.run("dpkg", "-i", "/root/newer.deb")
        self.assertEqual(machine.run("pgrep", "-f", "sleep 86399").stdout, pid)
        self.assertEqual(machine.run("pgrep", "-f", "svinstall run").stdout, daemon)
        self.assertEqual(machine.run("svinstall", "agent", "status", check=False).returncode, 0)

        machine.write("/etc/svinstall/second.conf", "[supervisord]\n[program:second]\ncommand=/bin/sleep 86398\n")
        machine.run("svinstall", "agent", "--system", "--label", "second", "-c", "/etc/svinstall/second.conf")
        machine.run("dpkg", "-r", "svinstall")
        self.assertEqual(machine.run("pgrep", "-f", "sleep 8639|svinstall", check=False).stdout, "")
        for name in ("svinstall", "second"):
            self.assertFalse(machine.exists(f"/etc/systemd/system/{name}.service"))
        self.assertTrue(machine.exists("/etc/svinstall/svinstall.conf"))
        machine.run("dpkg", "-P", "svinstall")
        for path in ("/etc/svinstall/svinstall.conf", "/var/log/svinstall", "/var/lib/svinstall", "/usr/bin/svinstall"):
            self.assertFalse(machine.exists(path), path)
        self.assertTrue(machine.exists("/etc/svinstall/second.conf"))
        machine.reboot()
        self.assertEqual(machine.run("pgrep", "-f", "sleep 86399|svinstall", check=False).stdout, "")
