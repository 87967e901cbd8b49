"""System calls that fail, one kind after the other: the test answers them in the kernel's place."""

import errno
import os
import re
import signal
import subprocess
import unittest
import xmlrpc.client

import intruder
from bystander import Bystander
from intruder import HOLD, Intruder
from suites.upgrade import UnixTransport
from workshop import SVINSTALL, Workshop, kill, wait_for

#: clone(2): the caller is suspended until the child executes, as it is when programs are made.
VFORK = 0x4000
RENAMES = ["rename", "renameat", "renameat2"]
WRITES = ["write", "writev", "pwrite64", "splice"]
needs_intruder = unittest.skipIf(intruder.unavailable(), intruder.unavailable())


@needs_intruder
class Calls(Bystander):
    def intrude(self, names, handler, programs="", **options):
        """A daemon whose calls of these names are asked of `handler` from its start on."""
        self.intruder = Intruder(names, handler)
        self.addCleanup(self.intruder.close)
        return self.serve(programs, preexec_fn=self.intruder.install, **options)

    def say(self, line):
        server = xmlrpc.client.ServerProxy("http://localhost", transport=UnixTransport(self.path("s.sock")))
        server.supervisor.sendProcessStdin("bad", line)

    def test_no_memory_for_a_process(self):
        refused = []

        def handler(call):
            if scarce and (call.name != "clone" or call.arguments[0] & VFORK):
                refused.append(call.name)
                return errno.ENOMEM
        scarce = False
        process = self.intrude(["clone", "vfork", "fork"], handler,
                               "[program:bad]\ncommand=/bin/sleep 1000\nautostart=false\nstartretries=1000\n")
        scarce = True
        self.ours("start", "bad")
        self.awaits("bad", "BACKOFF")
        self.assertIn("ENOMEM", self.ours("status", "bad"))
        wait_for(lambda: len(refused) > 2, 30, "further attempts")
        self.assertEqual(self.state("good"), "RUNNING")
        # it tries again later and later: as many lines as attempts, and few of both
        attempts = self.log().count("spawnerr: ")
        self.assertTrue(2 <= attempts <= len(refused) <= 10, self.log())
        scarce = False
        self.awaits("bad", "RUNNING")
        self.good_goes_on()
        self.ends_in_order(process)

    @unittest.skipIf(os.getuid() != 0, "needs root, to change users")
    def test_groups_that_cannot_be_set(self):
        marker, log = self.path("theirs/ran"), self.path("bad.err")
        os.chmod(self.directory, 0o755)
        os.mkdir(self.path("theirs"))
        os.chmod(self.path("theirs"), 0o777)
        refused = []

        def handler(call):
            refused.append(call.name)
            return errno.EPERM
        self.intrude(["setgroups"], handler, f"[program:bad]\ncommand=/usr/bin/touch {marker}\nuser=nobody\n"
                     f"startretries=0\nstderr_logfile={log}\n")
        self.awaits("bad", "FATAL")
        self.assertIn("setgroups", refused)
        wait_for(lambda: "Could not set groups" in self.read("bad.err"), 20, "the reason in its log")
        self.assertFalse(os.path.exists(marker))
        self.good_goes_on()

    def test_a_directory_that_cannot_be_entered(self):
        marker, inner = self.path("ran"), self.path("inner")
        os.mkdir(inner)
        self.intrude(["chdir"], lambda call: errno.EIO if call.text(0) == inner else None,
                     f"[program:bad]\ncommand=/usr/bin/touch {marker}\ndirectory={inner}\nstartretries=0\n"
                     f"stderr_logfile={self.path('bad.err')}\n")
        self.awaits("bad", "FATAL")
        wait_for(lambda: re.search(rf"couldn't chdir to {inner}: EIO", self.read("bad.err")), 20, "the reason in its log")
        self.assertFalse(os.path.exists(marker))
        self.good_goes_on()

    def test_a_disk_with_errors(self):
        log = self.path("bad.log")
        broken = False
        handler = lambda call: errno.EIO if broken and log in (call.file(), call.file(2)) else None
        process = self.intrude(WRITES, handler, f"[program:bad]\ncommand=/bin/cat\nstdout_logfile={log}\n")
        self.awaits("bad", "RUNNING")
        self.say("one\n")
        wait_for(lambda: os.path.exists(log) and self.read("bad.log") == "one\n", 20, "the first line")
        broken = True
        for line in ("two\n", "three\n"):
            self.say(line)
            wait_for(lambda: "is lost until it can: write: Input/output error" in self.log(), 20, "the complaint")
        self.good_goes_on()
        broken = False
        # the third line may be on its way yet
        wait_for(lambda: self.say("four\n") or "four\n" in self.read("bad.log"), 20, "the last line")
        wait_for(lambda: re.search(r"the stdout of 'bad' is logged again; \d+ bytes were lost", self.log()), 20, "the count")
        self.assertEqual(self.log().count("cannot be logged"), 1)
        self.assertRegex(self.read("bad.log"), r"\Aone\n(three\n)?(four\n)+\Z")
        self.assertEqual(self.state("bad"), "RUNNING")
        self.ends_in_order(process)

    def test_a_stale_handle_under_lock_and_state(self):
        """As on a network's disk whose server was restarted."""
        state = self.environment["SVINSTALL_STATE_DIR"]
        refused = []

        def handler(call):
            if call.name == "flock" or call.name == "openat" and call.text(1).startswith(state + "/"):
                refused.append(call.name)
                return errno.ESTALE
        process = self.intrude(["flock", "openat"], handler)
        self.assertIn("flock", refused)
        self.assertIn(f"CRIT could not write pidfile {self.path('d.pid')}", self.log())
        self.good_goes_on()
        self.ends_in_order(process)

    def test_no_randomness_yet(self):
        """Early in a boot the kernel has no random numbers: whoever asks waits (random(7)). Who runs already asks no more."""
        dry = True

        def handler(call):
            if dry:
                return errno.EAGAIN if call.arguments[2] & 1 else HOLD
        self.intruder = Intruder(["getrandom"], handler)
        self.addCleanup(self.intruder.close)
        waiting = self.start("help", preexec_fn=self.intruder.install)
        wait_for(lambda: self.intruder.held or waiting.poll() is not None, 20, "the question")
        self.assertIsNone(waiting.poll())
        self.intruder.release()
        self.assertEqual(waiting.communicate(timeout=20)[1], "")
        self.assertEqual(waiting.returncode, 0)

        dry = False
        process = self.intrude(["getrandom"], handler, "[program:bad]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
        self.awaits("bad", "RUNNING")
        dry = True
        self.good_goes_on()
        kill(self.pid_of("bad", self.configuration), signal.SIGKILL)
        self.assertEqual(self.ours("reread"), "No config updates to processes\n")
        self.awaits("bad", "RUNNING")
        self.assertEqual(self.intruder.held, [])
        dry = False
        self.ends_in_order(process)


@needs_intruder
class KilledInstallation(Workshop):
    """`agent install` is killed before each call by which it changes something."""

    OF_DESCRIPTORS = ["fchmod", "fchown", "ftruncate", "fsync", "fdatasync"]
    CHANGES = [*OF_DESCRIPTORS, *RENAMES, "openat", "open", "creat", "mkdir", "mkdirat", "symlink", "symlinkat", "link",
               "linkat", "unlink", "unlinkat", "rmdir", "chmod", "fchmodat"]

    def run_killed(self, number, root, *words):
        """Runs `agent` and kills it before its change of that number: whether it came that far."""
        count = 0

        def handler(call):
            nonlocal count
            place = 1 if call.name.endswith("at") or call.name == "renameat2" else 0
            if call.name in ("openat", "open"):
                if not call.arguments[place + 1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                    return None
            if call.name not in self.OF_DESCRIPTORS and root not in call.text(place):
                return None
            count += 1
            if count == number:
                kill(call.pid, signal.SIGKILL)
                return HOLD
        watch = Intruder(self.CHANGES, handler)
        try:
            done = subprocess.run([SVINSTALL, "agent", *words, "--init", "systemd", "--system", "--root", root],
                                  env=self.environment, timeout=30, cwd=self.directory, preexec_fn=watch.install,
                                  capture_output=True, text=True)
        finally:
            watch.close()
        self.assertIn(done.returncode, (0, -signal.SIGKILL), done.stderr)
        return done.returncode != 0

    def tree(self, root):
        """Every file of it, but for those under a name that nobody reads, which a kill leaves."""
        found = {}
        for place, _, names in os.walk(root):
            for name in names:
                if re.search(r"\.\d+\.new$", name):
                    continue
                path = os.path.join(place, name)
                found[path[len(root):]] = os.readlink(path) if os.path.islink(path) else self.read(path)
        return found

    def agent(self, root, *words):
        code, out, error = self.svinstall("agent", *words, "--init", "systemd", "--system", "--root", root)
        self.assertEqual(code, 0, error)
        return out

    def test_what_is_put_in_its_place_is_on_the_disk_before(self):
        """Power may fail: a file's content is synchronised before its name is there (fsync(2), rename(2))."""
        self.write("root/etc/svinstall/svinstall.conf", "[program:a]\ncommand=/bin/sleep 1000\n")
        order = []
        watch = Intruder([*RENAMES, "fsync", "fdatasync"], lambda call: order.append(call.name))
        self.addCleanup(watch.close)
        done = subprocess.run([SVINSTALL, "agent", "install", "--init", "systemd", "--system", "--root", self.path("root")],
                              env=self.environment, cwd=self.directory, timeout=30, preexec_fn=watch.install,
                              capture_output=True)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(set(order) & set(RENAMES), order)
        for place, name in enumerate(order):
            if name in RENAMES:
                self.assertIn(order[place - 1] if place else None, ("fsync", "fdatasync"), order)

    def test_before_each_change_of_an_installation(self):
        whole = self.path("whole")
        for place in ("whole", "root"):
            self.write(f"{place}/etc/svinstall/svinstall.conf", "[program:a]\ncommand=/bin/sleep 1000\n")
        empty = self.tree(whole)
        self.agent(whole, "install")
        wanted = self.tree(whole)
        links = [path for path in wanted if "/hooks/" not in path]
        unit = next(path for path in wanted if path.endswith("svinstall.service") and wanted[path].startswith("["))
        root, number = self.path("root"), 1
        while self.run_killed(number, root, "install"):
            self.assertIn(self.tree(root).get(unit), (None, wanted[unit]), f"half a unit before change {number}")
            self.agent(root, "install")
            # what was made before the kill is in no record: an empty directory stays
            tree = self.tree(root)
            self.assertEqual(set(tree), set(wanted), number)
            self.assertEqual([tree[path] for path in links], [wanted[path] for path in links], number)
            self.agent(root, "uninstall")
            self.assertEqual(self.tree(root), empty, number)
            number += 1
        self.assertGreater(number, 10)
        number = 1
        while self.run_killed(number, root, "uninstall"):
            self.agent(root, "uninstall")
            self.assertEqual(self.tree(root), empty, number)
            self.agent(root, "install")
            number += 1
        self.assertGreater(number, 3)
        self.assertEqual(self.tree(root), empty)
