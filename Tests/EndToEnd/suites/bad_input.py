"""Bad input: one line, the place, the remedy, the exit code; and a running instance is unharmed."""

import os
import unittest

from workshop import Workshop, wait_for

GOOD = """\
[unix_http_server]
file={directory}/s.sock
[supervisord]
logfile={directory}/d.log
pidfile={directory}/d.pid
childlogdir={directory}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:web]
command=/bin/sleep 1000
startsecs=0
"""


class BadConfiguration(Workshop):
    def refused(self, text, *fragments, code=78):
        conf = self.write("c.conf", text)
        status, _, error = self.svinstall("run", "-c", conf, timeout=10)
        self.assertEqual(status, code, error)
        self.assertOneLineError(error, *fragments)

    def test_missing(self):
        status, _, error = self.svinstall("run", "-c", self.path("nothing.conf"))
        self.assertEqual(status, 66)
        self.assertOneLineError(error, "nothing.conf")

    @unittest.skipIf(os.getuid() != 0, "needs root, to drop its rights")
    def test_unreadable(self):
        os.chmod(self.directory, 0o755)
        conf = self.write("c.conf", GOOD.format(directory=self.directory), mode=0o600)
        status, _, error = self.command(
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", f"HOME={self.directory}",
            os.environ["SVINSTALL_UNDER_TEST"], "run", "-c", conf)
        self.assertIn(status, (66, 77), error)
        self.assertOneLineError(error, "c.conf", "[Pp]ermission")

    def test_unknown_user(self):
        self.refused("[supervisord]\n[program:a]\ncommand=/bin/true\nuser=nobody-of-this-name\n",
                     r"c\.conf:4:\d+: Invalid user name nobody-of-this-name", "program:a")

    def test_bad_signal_name(self):
        self.refused("[supervisord]\n[program:a]\ncommand=/bin/true\nstopsignal=FOO\n",
                     r"c\.conf:4:\d+: value 'FOO' is not a valid signal name")

    def test_no_section_header(self):
        self.refused("hello\n", r"c\.conf:1:1: ")

    def test_missing_command(self):
        self.refused("[supervisord]\n[program:a]\nautostart=false\n", r"c\.conf:2:\d+: .*does not specify a command")

    def test_unbalanced_quote_is_found_by_check_and_ends_fatal_without_harm(self):
        text = GOOD.format(directory=self.directory) + "[program:bad]\ncommand=/bin/sh -c 'echo\nstartretries=0\n"
        conf = self.write("c.conf", text)
        status, out, _ = self.svinstall("check", conf)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"c\.conf:\d+:\d+: .*No closing quotation")
        self.run_daemon(conf)
        wait_for(lambda: "FATAL" in self.svinstall("status", "bad", "-c", conf)[1], what="the bad program's end")
        self.assertIn("No closing quotation", self.svinstall("status", "bad", "-c", conf)[1])
        self.assertIn("RUNNING", self.svinstall("status", "web", "-c", conf)[1])

    def test_a_socket_path_over_the_limit(self):
        long = self.directory + "/" + "x" * 120
        conf = self.write("c.conf", GOOD.format(directory=self.directory).replace(self.directory + "/s.sock", long))
        status, _, error = self.svinstall("run", "-c", conf, timeout=10)
        self.assertIn(status, (73, 78), error)
        self.assertOneLineError(error, "xxx", "107|103")


class BadFiles(Workshop):
    def test_a_truncated_plist(self):
        plist = self.write("a.plist", "<plist version=\"1.0\"><dict><key>Label</key><string>a</str")
        status, _, error = self.svinstall("convert", "plist", plist)
        self.assertEqual(status, 65)
        self.assertOneLineError(error, r"a\.plist:1:\d+: ")

    def test_a_plist_with_an_entity_declaration(self):
        plist = self.write("a.plist", "<!DOCTYPE plist [\n<!ENTITY x \"y\">]>\n<plist><dict><key>Label</key>"
                                      "<string>&x;</string></dict></plist>")
        status, _, error = self.svinstall("convert", "plist", plist)
        self.assertEqual(status, 65)
        self.assertOneLineError(error, r"a\.plist:[12]:\d+: ", "[Ee]ntit|DOCTYPE|subset")

    def test_a_format_that_is_not_there_yet(self):
        conf = self.write("c.conf", "[supervisord]\n[program:a]\ncommand=/bin/true\n")
        status, _, error = self.svinstall("convert", "kubernetes", conf)
        self.assertEqual(status, 64)
        self.assertOneLineError(error, "Kubernetes", "not supported yet")

    def test_a_format_that_is_only_written(self):
        script = self.write("web", "#!/sbin/openrc-run\ncommand=/bin/true\n")
        status, _, error = self.svinstall("convert", "plist", script)
        self.assertEqual(status, 65)
        self.assertOneLineError(error, "OpenRC", "reads none")

    def test_an_unknown_format_and_an_unknown_verb_name_the_nearest(self):
        conf = self.write("c.conf", "[supervisord]\n")
        status, _, error = self.svinstall("convert", "plits", conf)
        self.assertEqual(status, 64)
        self.assertOneLineError(error, "plist")
        status, _, error = self.svinstall("convret", conf)
        self.assertEqual(status, 64)
        self.assertOneLineError(error, "'convert'")

    def test_the_parser_s_complaints_name_the_verb_inside_a_verb(self):
        for words, verb in ((["plist", "lint"], "plist lint"), (["plist", "convert", "yaml", "x"], "plist convert"),
                            (["plist", "foo"], "plist"), (["convert", "plist", "x", "--report", "xml"], "convert")):
            with self.subTest(words=words):
                status, _, error = self.svinstall(*words)
                self.assertEqual(status, 64)
                self.assertOneLineError(error, rf"[^.]; see svinstall help {verb}$")

    def test_a_file_that_is_missing_does_not_keep_the_others_from_being_checked(self):
        conf = self.write("bad.conf", "[supervisord]\n[program:a]\ncommand=\n")
        status, out, error = self.svinstall("check", self.path("none.conf"), conf)
        self.assertEqual(status, 66)
        self.assertOneLineError(error, r"none\.conf")
        self.assertIn("bad.conf:3:9: ", out)

    def test_what_a_format_cannot_say_is_told_with_the_file(self):
        file = self.write("a.plist", "<plist><dict><key>k</key><true/><key>d</key><date>2020-01-02T03:04:05Z</date>"
                                     "</dict></plist>")
        status, _, error = self.svinstall("plist", "convert", "openstep", file)
        self.assertEqual(status, 0)
        self.assertRegex(error, r"^svinstall: \S+a\.plist:1:1: warning: k becomes a string")
        status, _, error = self.svinstall("plist", "print", file, "--format", "json")
        self.assertEqual(status, 65)
        self.assertOneLineError(error, r"a\.plist:1:1: d is of the kind date")

    def test_a_missing_file(self):
        status, _, error = self.svinstall("convert", "plist", self.path("none.plist"))
        self.assertEqual(status, 66)
        self.assertOneLineError(error, r"none\.plist")


class SecondInstance(Workshop):
    def setUp(self):
        super().setUp()
        self.conf = self.write("c.conf", GOOD.format(directory=self.directory))
        self.run_daemon(self.conf)
        wait_for(lambda: "RUNNING" in self.svinstall("status", "-c", self.conf)[1], what="web")
        self.pid = self.pid_of("web", self.conf)

    def check_unharmed(self):
        self.assertEqual(self.pid_of("web", self.conf), self.pid)
        self.assertTrue(os.path.exists(self.path("s.sock")))
        self.assertTrue(os.path.exists(self.path("d.pid")))

    def test_on_the_same_configuration(self):
        status, _, error = self.svinstall("run", "-c", self.conf, timeout=10)
        self.assertNotEqual(status, 0)
        self.assertOneLineError(error, "already|another")
        self.check_unharmed()

    def test_on_the_same_socket(self):
        other = self.write("other.conf", GOOD.format(directory=self.directory).replace("d.pid", "e.pid"))
        status, _, error = self.svinstall("run", "-c", other, timeout=10)
        self.assertNotEqual(status, 0)
        self.assertOneLineError(error, r"s\.sock", "already|another|Another")
        self.check_unharmed()

    def test_on_the_same_pidfile(self):
        other = self.write("other.conf", GOOD.format(directory=self.directory).replace("s.sock", "t.sock"))
        status, _, error = self.svinstall("run", "-c", other, timeout=10)
        self.assertNotEqual(status, 0)
        self.assertOneLineError(error, r"d\.pid", "already|another|Another")
        self.check_unharmed()
