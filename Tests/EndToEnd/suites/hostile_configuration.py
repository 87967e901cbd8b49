"""Configurations that would hang, fill the memory or go round in circles are refused or passed over, soon and with a place."""

import json
import os
import time
import unittest

from workshop import SVINSTALL, Workshop

PROGRAM = "[program:a]\ncommand=/bin/true\n"


class Includes(Workshop):
    """`[include]` of what is no file: said with its place, and skipped, as the rest is in order."""

    def check(self, pattern, *fragments):
        conf = self.write("c.conf", f"[supervisord]\n{PROGRAM}[include]\nfiles={pattern}\n")
        status, out, error = self.svinstall("check", conf, timeout=10)
        self.assertEqual(status, 1, out + error)
        for fragment in (r"c\.conf:5:7: warning: Included file ", "it is skipped", *fragments):
            self.assertRegex(out, fragment)

    def test_a_pipe_that_nobody_writes(self):
        os.mkfifo(self.path("pipe.inc"))
        self.check("pipe.inc", r"pipe\.inc", "pipe or a device")

    def test_a_device_without_end(self):
        self.check("/dev/zero", "/dev/zero", "pipe or a device")

    def test_a_directory(self):
        os.mkdir(self.path("d.inc"))
        self.check("*.inc", r"d\.inc", "directory")

    @unittest.skipIf(os.getuid() != 0, "needs root, to drop its rights")
    def test_an_unreadable_file(self):
        os.chmod(self.directory, 0o755)
        self.write("secret.inc", PROGRAM, mode=0o600)
        conf = self.write("c.conf", "[supervisord]\n[include]\nfiles=*.inc\n")
        status, out, _ = self.command(
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", f"HOME={self.directory}", SVINSTALL,
            "check", conf)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"c\.conf:3:7: warning: Included file .*secret\.inc.*ermission denied.*skipped")

    def test_circles_and_links_to_oneself(self):
        os.symlink("loop.inc", self.path("loop.inc"))
        self.write("other.inc", "[include]\nfiles=c.conf other.inc\n")
        conf = self.write("c.conf", f"[supervisord]\n{PROGRAM}[include]\nfiles=c.conf other.inc loop.inc\n")
        status, out, _ = self.svinstall("check", "--json", conf, timeout=10)
        read = json.loads(out)["supervisord"]
        self.assertEqual([os.path.basename(path) for path in read["files"]], ["c.conf", "c.conf", "other.inc"])
        self.assertEqual(len(read["groups"]), 1)


class WholeFiles(Workshop):
    """A root file that is no file, or is far too much of one."""

    def refused(self, path, code, *fragments):
        start = time.monotonic()
        status, _, error = self.svinstall("run", "-c", path, timeout=20)
        self.assertEqual(status, code, error[-500:])
        self.assertOneLineError(error, *fragments)
        self.assertLess(time.monotonic() - start, 15)
        self.assertLess(len(error), 20_000)

    def test_a_pipe_that_nobody_writes(self):
        os.mkfifo(self.path("c.conf"))
        self.refused(self.path("c.conf"), 66, r"c\.conf", "pipe or a device")

    def test_a_device_without_end(self):
        self.refused("/dev/zero", 66, "/dev/zero", "pipe or a device")

    def test_a_line_of_a_megabyte(self):
        conf = self.write("c.conf", "[supervisord]\n" + "x" * (1 << 20) + "\n")
        self.refused(conf, 78, r"c\.conf:2:1: .*parsing errors")

    def test_more_processes_than_a_machine_has(self):
        conf = self.write("c.conf", f"[supervisord]\n{PROGRAM}numprocs=2000000000\nprocess_name=%(process_num)d\n")
        self.refused(conf, 78, r"c\.conf:4:10: more than \d+ processes", "lower numprocs")

    def test_a_width_without_measure(self):
        conf = self.write("c.conf", "[supervisord]\nidentifier=%(here)2000000000s\n")
        self.refused(conf, 78, r"c\.conf:2:12: .*width too big")

    def test_bytes_that_are_no_text(self):
        self.refused(self.write("c.conf", b"[supervisord]\nx=\xff\n"), 78, r"c\.conf:2:3: .*codec can't decode", "UTF-8")
        self.refused(self.write("c.conf", b"[supervisord]\nx=\0\n"), 78, r"c\.conf:2:3: .*NUL")

    def test_a_hundred_thousand_sections(self):
        conf = self.write("c.conf", "[supervisord]\n" + "".join(f"[x{number}]\nk=v\n" for number in range(100_000)))
        start = time.monotonic()
        status, out, error = self.svinstall("check", "--json", conf, timeout=60)
        self.assertEqual(json.loads(out)["supervisord"]["groups"], [], error)
        self.assertLess(time.monotonic() - start, 50)

    def test_a_pipe_of_the_shell_is_read(self):
        read, write = os.pipe()
        os.write(write, b"[supervisord]\n[program:a]\nautostart=true\n")
        os.close(write)
        status, _, error = self.svinstall("run", "-c", f"/dev/fd/{read}", timeout=20, pass_fds=(read,))
        os.close(read)
        self.assertEqual(status, 78, error)
        self.assertOneLineError(error, r":2:\d+: .*does not specify a command")
