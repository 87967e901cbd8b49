"""Places that fail: disks that are full, directories that go away, files that are none, limits, a machine that just booted."""

import errno
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import time
import unittest

import hanging
from bystander import Bystander
from suites.degraded import may
from workshop import SVINSTALL, kill, wait_for

AS_ROOT = unittest.skipIf(os.getuid() != 0, "needs root, to mount")


def fill(path):
    """Until nothing fits any more."""
    with open(path, "wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


@AS_ROOT
class Disks(Bystander):
    def small(self, name, size="128k"):
        """What mounts a small file system there, for the daemon alone."""
        place = self.path(name)
        os.makedirs(place, exist_ok=True)

        def install():
            hanging.private_mounts()
            hanging.mount("small", place, "tmpfs", 0, f"size={size},mode=700")
        return place, install

    def setUp(self):
        super().setUp()
        if hanging.no_mounts():
            self.skipTest(hanging.no_mounts())

    def test_a_full_disk_under_a_log(self):
        place, install = self.small("disk")
        process = self.serve(f"[program:bad]\ncommand=/bin/sh -c 'while :; do echo {'a line ' * 100}end; sleep 0.02; done'\n"
                             f"startsecs=0\nstdout_logfile={place}/bad.log\n", preexec_fn=install)
        inside = f"/proc/{process.pid}/root{place}"
        wait_for(lambda: os.path.exists(f"{inside}/bad.log") and os.path.getsize(f"{inside}/bad.log"), 20, "the first line")
        # Nothing is written while the disk fills: in between there is room for a moment, and that would be a loss of its own.
        pid = self.pid_of("bad", self.configuration)
        kill(pid, signal.SIGSTOP)
        sizes = [-1]
        wait_for(lambda: sizes.append(os.path.getsize(f"{inside}/bad.log")) or sizes[-1] == sizes[-2], 20, "the last of it")
        fill(f"{inside}/filler")
        kill(pid, signal.SIGCONT)
        wait_for(lambda: re.search("'bad' cannot be logged and is lost until it can: write: No space left", self.log()), 20,
                 "the complaint")
        self.good_goes_on()
        self.assertEqual(self.ours("restart", "bad"), "bad: stopped\nbad: started\n")
        os.unlink(f"{inside}/filler")
        wait_for(lambda: re.search(r"'bad' is logged again; \d+ bytes were lost", self.log()), 20, "the count")
        size = os.path.getsize(f"{inside}/bad.log")
        wait_for(lambda: os.path.getsize(f"{inside}/bad.log") > size, 20, "further lines")
        self.assertEqual(self.log().count("cannot be logged"), 1, self.log())
        self.ends_in_order(process)

    def test_a_full_disk_under_the_state(self):
        place, install = self.small("state")

        def full():
            install()
            try:
                fill(f"{place}/filler")
            except OSError as error:
                os._exit(error.errno)
        process = self.serve("", preexec_fn=full, apart=True)
        self.good_goes_on()
        self.ends_in_order(process)

    def test_a_new_disk_an_overlay_and_one_without_access_times(self):
        """The daemon's files, locks and sockets on each."""
        def overlay(place):
            hanging.mount("below", self.path("below"), "tmpfs")
            for name in ("lower", "upper", "work"):
                os.mkdir(self.path(f"below/{name}"))
            below = self.path("below")
            hanging.mount("over", place, "overlay", 0, f"lowerdir={below}/lower,upperdir={below}/upper,workdir={below}/work")

        def disk(place):
            subprocess.run(["mount", "-o", "loop,noatime", self.path("image"), place], check=True, capture_output=True)
            assert os.listdir(place) == ["lost+found"]
        if reason := hanging.no_disk():
            self.skipTest(reason)
        hanging.Disk(self.path("image"), self.path("disk"))
        os.mkdir(self.path("below"))
        for kind in (overlay, disk):
            place = self.path(kind.__name__)
            os.mkdir(place)

            def install():
                hanging.private_mounts()
                kind(place)
                os.mkdir(f"{place}/state")
            self.environment["SVINSTALL_STATE_DIR"] = f"{place}/state"
            self.configuration = self.write("c.conf", (
                "[supervisord]\nlogfile={0}/d.log\npidfile={0}/d.pid\nchildlogdir={0}\n[program:good]\n"
                "command=/bin/sh -c 'echo up; exec sleep 1000'\nstdout_logfile={0}/good.log\nstartsecs=0\n").format(place))
            process = self.start("run", "-c", self.configuration, preexec_fn=install)
            inside = f"/proc/{process.pid}/root{place}"
            log = lambda: open(f"{inside}/good.log").read() if os.path.exists(f"{inside}/good.log") else ""
            wait_for(lambda: "up\n" in log() or process.poll() is not None, 20, f"good on {kind.__name__}")
            self.inside = process
            self.assertEqual(self.ours("restart", "good"), "good: stopped\ngood: started\n")
            with open(f"{inside}/d.pid") as file:
                self.assertEqual(file.read(), f"{process.pid}\n")
            second = self.command("nsenter", "-m", "-t", str(process.pid), SVINSTALL, "run", "-c", self.configuration,
                                  env=self.environment)
            self.assertIn("runs already", second[2])
            os.unlink(f"{inside}/state/" + next(name for name in os.listdir(f"{inside}/state") if name.endswith(".sock")))
            second = self.command("nsenter", "-m", "-t", str(process.pid), SVINSTALL, "run", "-c", self.configuration,
                                  env=self.environment)
            self.assertIn(f"another daemon (pid {process.pid}) holds the pidfile", second[2])
            self.ends_in_order(process)


class Logs(Bystander):
    def test_a_log_directory_that_is_removed_meanwhile(self):
        os.mkdir(self.path("logs"))
        process = self.serve("[program:bad]\ncommand=/bin/sh -c 'while :; do echo a line; sleep 0.02; done'\nstartsecs=0\n"
                             f"stdout_logfile={self.path('logs')}/bad.log\nstdout_logfile_maxbytes=200\n"
                             "stdout_logfile_backups=1\n")
        wait_for(lambda: os.path.exists(self.path("logs/bad.log.1")), 20, "a rotation")
        # In one step: while its files are removed one by one, a rotation makes new ones.
        os.rename(self.path("logs"), self.path("gone"))
        shutil.rmtree(self.path("gone"))
        wait_for(lambda: "the log of the stdout of 'bad' cannot be rotated and goes on growing" in self.log(), 20,
                 "the complaint")
        self.good_goes_on()
        self.assertEqual(self.state("bad"), "RUNNING")
        os.mkdir(self.path("logs"))
        process.send_signal(signal.SIGUSR2)
        wait_for(lambda: os.path.exists(self.path("logs/bad.log")), 20, "the log")
        wait_for(lambda: self.read("logs/bad.log").endswith("a line\n"), 20, "lines in it")
        self.ends_in_order(process)

    def test_logs_that_are_no_files(self):
        """A pipe without a reader, one whose reader stands still, a full device, a directory: none holds up anybody."""
        os.mkfifo(self.path("unread"))
        os.mkfifo(self.path("slow"))
        reader = os.open(self.path("slow"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        kinds = {"unread": self.path("unread"), "slow": self.path("slow"), "full": "/dev/full", "directory": self.directory}
        process = self.serve("".join(
            f"[program:{name}]\ncommand=/usr/bin/yes\nstartsecs=0\nautostart=false\nstartretries=0\n"
            f"stdout_logfile={path}\nstdout_logfile_maxbytes=0\n" for name, path in kinds.items()))
        told = {}
        for name in kinds:
            self.ours("start", name)
            told[name] = self.ours("status", name).split(maxsplit=1)[1].strip()
        self.assertRegex(told["unread"], r"FATAL +unknown error making dispatchers for 'unread': ENXIO")
        self.assertRegex(told["directory"], r"FATAL +unknown error making dispatchers for 'directory': EISDIR")
        self.assertTrue(told["slow"].startswith("RUNNING") and told["full"].startswith("RUNNING"), told)
        wait_for(lambda: re.search("the stdout of 'full' cannot be logged and is lost until it can: .*ENOSPC", self.log()), 20,
                 "the complaint")
        self.good_goes_on()
        # whoever writes to the slow one is held up, and every byte is there once it is read
        read = b""
        while len(read) < 1_000_000:
            self.assertTrue(select.select([reader], [], [], 20)[0], "more")
            read += os.read(reader, 65536)
        self.assertEqual(read.strip(b"y\n"), b"")
        self.assertNotIn(b"yy", read)
        self.assertNotIn("the stdout of 'slow'", self.log())
        for name in ("slow", "full"):
            self.assertEqual(self.ours("stop", name), f"{name}: stopped\n")
        self.ends_in_order(process)

    @AS_ROOT
    def test_the_end_while_a_start_hangs(self):
        """A program's working directory hangs for ever: the daemon ends all the same, and with it all others."""
        if hanging.no_files():
            self.skipTest(hanging.no_files())
        os.mkdir(self.path("files"))
        files = hanging.Files(self.path("files"))
        self.addCleanup(files.close)
        process = self.serve(f"[program:bad]\ncommand=/bin/sleep 1000\ndirectory={self.path('files')}/far\nautostart=false\n"
                             "stopwaitsecs=1\n", preexec_fn=files.install)
        good = self.pid_of("good", self.configuration)
        self.start("start", "bad", "-c", self.configuration)
        self.assertTrue(files.asked.wait(20))
        self.ends_in_order(process)
        self.assertFalse(os.path.exists(f"/proc/{good}"))

    def test_nobody_reads_standard_output_any_more(self):
        reader, writer = os.pipe()
        process = self.serve("[program:bad]\ncommand=/usr/bin/yes\nstartsecs=0\nstdout_logfile=/dev/stdout\n"
                             "stdout_logfile_maxbytes=0\n", on=writer)
        os.close(writer)
        os.close(reader)
        wait_for(lambda: "EPIPE" in self.log(), 20, "the complaint")
        self.good_goes_on()
        self.assertEqual(self.ours("stop", "bad"), "bad: stopped\n")
        self.ends_in_order(process)


class Limits(Bystander):
    def test_no_descriptor_is_left(self):
        process = self.serve("[program:bad]\ncommand=/bin/sleep 1000\nstartsecs=0\nnumprocs=4\nautostart=false\n"
                             "startretries=0\nprocess_name=%(process_num)d\n")
        before = self.few(process, resource.RLIMIT_NOFILE, self.descriptors(process) + 2)
        self.ours("start", "bad:*")
        up = lambda: len(re.findall(r"(?m)^bad:\d +RUNNING", self.ours("status")))
        self.assertLess(up(), 4)
        self.assertEqual(self.state("good"), "RUNNING")
        self.assertRegex(self.ours("status"), r"bad:3 +FATAL +too many open files to spawn")
        # more clients than it can accept: those that it can are answered
        idle = []
        for _ in range(8):
            idle.append(socket.socket(socket.AF_UNIX))
            idle[-1].connect(self.path("s.sock"))
        for connection in idle:
            connection.close()
        self.assertEqual(self.ours("stop", "good"), "good: stopped\n")
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)
        self.ours("start", "all")
        wait_for(lambda: up() == 4, 20, "all four")
        self.ends_in_order(process)

    def test_no_descriptors_while_it_restarts(self):
        """What answers clients cannot be made again: that waits until it can, and nothing is told to end."""
        process = self.serve("[program:deaf]\ncommand=/bin/sh -c \"trap '' TERM; echo up; while :; do sleep 0.1; done\"\n"
                             f"startsecs=0\nstopwaitsecs=1\nstdout_logfile={self.path('deaf.log')}\n")
        wait_for(lambda: self.read("deaf.log") == "up\n", what="that it is deaf")
        process.send_signal(signal.SIGHUP)
        # The configuration has been read, and one program takes its time to stop.
        wait_for(lambda: "received SIGHUP indicating restart request" in self.log(), what="the restart")
        before = self.few(process, resource.RLIMIT_NOFILE, self.descriptors(process) - 6)
        wait_for(lambda: "stopped: deaf (terminated by SIGKILL)" in self.log(), 20, "the end of all")
        time.sleep(1)
        self.assertIsNone(process.poll())
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)
        wait_for(lambda: self.state("good") == "RUNNING", 20, "the bystander")
        self.ends_in_order(process)

    def test_a_small_address_space(self):
        """`ulimit -v`: it runs in what it needs, and says in one line when there is less."""
        with open(SVINSTALL, "rb") as file:
            if re.search(rb"__(asan|tsan)_init", file.read()):
                self.skipTest("a sanitizer takes more than any address space that is small")
        def limit(size):
            return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))
        process = self.serve("", preexec_fn=limit(256 << 20))
        self.good_goes_on()
        self.ends_in_order(process)
        done = subprocess.run([SVINSTALL, "run", "-c", self.configuration], preexec_fn=limit(24 << 20), timeout=20,
                              capture_output=True, text=True, env=self.environment)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)


@AS_ROOT
@unittest.skipUnless(may("unshare", "--net", "--mount", "true"), "needs namespaces of mounts and of the network")
class Booting(Bystander):
    def test_before_the_network_and_after_an_empty_run(self):
        """No interface is up, /run has just been mounted, nothing of the last boot is there."""
        def install():
            hanging.private_mounts()
            hanging.mount("run", "/run", "tmpfs")
        self.environment.pop("SVINSTALL_STATE_DIR")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.configuration = self.write("c.conf", (
            "[supervisord]\nlogfile={0}/d.log\npidfile=/run/sv/d.pid\nchildlogdir={0}\n[inet_http_server]\nport=*:{1}\n"
            "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
            "[program:good]\ncommand=/bin/sleep 1000\nstartsecs=0\n").format(self.directory, port))
        process = self.start("--net", SVINSTALL, "run", "-c", self.configuration, program=shutil.which("unshare"),
                             preexec_fn=install)
        self.inside = process
        wait_for(lambda: self.state("good") == "RUNNING" or process.poll() is not None, 20, "good")
        self.assertIsNone(process.poll())
        made = f"/proc/{process.pid}/root/run"
        self.assertEqual(len([name for name in os.listdir(f"{made}/svinstall") if name.endswith(".sock")]), 1)
        with open(f"{made}/sv/d.pid") as file:
            self.assertEqual(file.read(), f"{process.pid}\n")
        self.good_goes_on()
        self.ends_in_order(process)

    def test_control_groups_of_each_kind(self):
        """None, the first version, the second, both: nothing depends on them."""
        def none():
            subprocess.run(["umount", "-R", "-l", "/sys/fs/cgroup"], capture_output=True)

        def first():
            none()
            hanging.mount("none", "/sys/fs/cgroup", "tmpfs")
            os.mkdir("/sys/fs/cgroup/pids")
            hanging.mount("cgroup", "/sys/fs/cgroup/pids", "cgroup", 0, "pids")

        def second():
            none()
            hanging.mount("cgroup2", "/sys/fs/cgroup", "cgroup2")

        def both():
            first()
            os.mkdir("/sys/fs/cgroup/unified")
            hanging.mount("cgroup2", "/sys/fs/cgroup/unified", "cgroup2")
        ran = []
        for layout in (none, first, second, both):
            def install():
                hanging.private_mounts()
                layout()
            try:
                process = self.serve("", preexec_fn=install)
            except subprocess.SubprocessError:
                continue
            ran.append(layout.__name__)
            self.good_goes_on()
            self.ends_in_order(process)
        if not ran:
            self.skipTest("no control groups can be mounted here")
