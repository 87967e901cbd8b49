"""The first minutes of a user: a configuration is written or none is there, and whoever asks finds the daemon."""

import os
import signal
import stat

from workshop import SVINSTALL, Workshop, wait_for

#: Not root: root's own places are the system's.
SOMEBODY = 65534
CONFIGURATION = "[program:a]\ncommand=/bin/sleep 1000\nstartsecs=0\n"


class Beginning(Workshop):
    def setUp(self):
        super().setUp()
        self.environment["HOME"] = self.path("home")
        self.environment["SVINSTALL_STATE_DIR"] = self.path("home/state")
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            self.environment.pop(name, None)
        self.give("home")
        self.user = {"cwd": self.path("home")}
        if os.geteuid() == 0:
            self.user |= {"user": SOMEBODY, "group": SOMEBODY, "extra_groups": []}
        os.chmod(self.directory, 0o755)

    def give(self, name, text=None, mode=0o644):
        """A file or, without text, a directory of the user's."""
        if text is None:
            os.makedirs(self.path(name))
        else:
            self.write(name, text, mode)
        if os.geteuid() == 0:
            os.chown(self.path(name), SOMEBODY, SOMEBODY)
        return self.path(name)

    def mine(self, *words):
        return self.svinstall(*words, **self.user)

    def begin(self, *words):
        """`svinstall run`, once somebody who gives no address finds it."""
        process = self.start("run", *words, **self.user)
        wait_for(lambda: process.poll() is not None or self.mine("pid")[1] == f"{process.pid}\n", 20, "the daemon's answer")
        self.assertIsNone(process.poll())
        return process

    def test_init_writes_what_run_takes_and_nothing_over_it(self):
        code, out, error = self.mine("init")
        self.assertEqual((code, error), (0, ""))
        *made, last = out.splitlines()
        self.assertTrue(made)
        for line in made:
            self.assertTrue(os.path.isdir(line.removeprefix("made ")), line)
        path = last.removeprefix("wrote ")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o644)
        code, out, error = self.mine("check", path)
        self.assertEqual((code, error), (0, ""), "nothing is wrong with an empty directory")
        for note in out.splitlines():
            self.assertIn("note: No file matches via include", note)
        self.give(f"{os.path.dirname(path)}/conf.d/a.conf", CONFIGURATION)
        self.assertEqual(len(self.mine("check", path)[1].splitlines()), 1, "there is still no *.ini")
        process = self.begin()
        wait_for(lambda: "RUNNING" in self.mine("status", "a")[1], 20, "the included program")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

        code, out, error = self.mine("init")
        self.assertEqual((code, out), (73, ""))
        self.assertOneLineError(error, "exists", "edit it")

    def test_init_where_nothing_may_be_written(self):
        os.chmod(self.path("home"), 0o555)
        code, out, error = self.mine("init")
        self.assertEqual(code, 77)
        self.assertOneLineError(error, "home")

    def test_without_a_configuration_there_is_a_default_with_what_is_installed(self):
        self.write("bin/redis-server", '#!/bin/sh\necho "$@"\nexec sleep 1000\n', 0o755)
        self.environment["PATH"] = self.path("bin") + ":" + os.environ["PATH"]
        self.begin()
        wait_for(lambda: "RUNNING" in self.mine("status", "redis")[1], 20, "the server that was found")
        self.assertRegex(self.mine("tail", "redis")[1], r"--port \d+")

    def test_who_gives_no_address_is_shown_the_only_daemon_and_told_so(self):
        configuration = self.give("home/other.conf", "[supervisord]\n" + CONFIGURATION)
        process = self.begin("-c", configuration)
        code, out, error = self.mine("status")
        self.assertRegex(out, r"^a +RUNNING")
        self.assertOneLineError(error, "the only running daemon", "-c")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
        code, out, error = self.mine("pid")
        self.assertNotEqual(code, 0)
        self.assertIn("svinstall run", error)

    def test_what_run_is_told_that_makes_no_sense(self):
        configuration = self.give("home/c.conf", CONFIGURATION)
        for words, reason in ((["-c", configuration, configuration], "exclude each other"),
                              (["--shutdown-timeout", "0"], "seconds"), (["--nonsense"], "nonsense")):
            with self.subTest(words=words):
                code, out, error = self.mine("run", *words)
                self.assertEqual((code, out), (64, ""))
                self.assertOneLineError(error, reason)
        self.assertIn("--shutdown-timeout", self.mine("run", "--help")[1])

    def test_the_help_of_the_other_name(self):
        link = self.path("supervisord")
        os.symlink(SVINSTALL, link)
        code, out, error = self.command(link, "--help")
        self.assertEqual((code, error), (0, ""))
        for option in ("-c/--configuration", "-n/--nodaemon", "-e/--loglevel", "--profile_options"):
            self.assertIn(option, out)
