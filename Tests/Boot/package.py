"""The Debian package in a bare Debian 12: no Swift, no libraries of ours."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest

from container import Container, Unavailable, fetch
from workshop import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


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


class Formula(unittest.TestCase):
    def test_ruby_reads_it_and_it_says_what_is_fetched_and_run(self):
        done = subprocess.run([os.path.join(ROOT, "Scripts/peers"), "ruby"], capture_output=True, text=True)
        if done.returncode != 0:
            raise unittest.SkipTest(f"no Ruby: {done.stderr.strip()[-200:]}")
        ruby = os.path.join(done.stdout.strip(), "bin/ruby")
        with tempfile.TemporaryDirectory() as place:
            subprocess.run([os.path.join(ROOT, "Scripts/package"), "formula", "--output", place], check=True,
                           capture_output=True)
            formula = os.path.join(place, "svinstall.rb")
            archive, = (os.path.join(place, name) for name in os.listdir(place) if name.endswith(".tar.gz"))
            with open(archive, "rb") as file:
                total = hashlib.sha256(file.read()).hexdigest()
            read = [subprocess.run([ruby, "--disable-gems", "-w", *words, formula], capture_output=True, text=True)
                    for words in (["-c"], [os.path.join(HERE, "formula.rb")])]
        self.assertEqual([(done.returncode, done.stderr) for done in read], [(0, ""), (0, "")])
        said = read[1].stdout.splitlines()
        for line in (f'url "file://{archive}"', f'sha256 "{total}"', 'service.keep_alive {:successful_exit=>false}',
                     'service.run ["opt_bin/svinstall", "run", "-c", "etc/svinstall/svinstall.conf"]',
                     'install.system "swift", "build", "--disable-sandbox", "-c", "release", "--product", "svinstall"'):
            self.assertIn(line, said)


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
