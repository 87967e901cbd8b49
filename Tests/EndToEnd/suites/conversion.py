"""Convert, both ways: plist, supervisor configuration, systemd units."""

import glob
import json
import os
import plistlib
import subprocess
import unittest

from workshop import Workshop

ARTICLE_JOB = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>KeepAlive</key>
    <dict>
        <key>SuccessfulExit</key>
        <false/>
    </dict>
    <key>Label</key>
    <string>supervisord</string>
    <key>ProgramArguments</key>
    <array>
        <string>/usr/local/bin/supervisord</string>
        <string>-n</string>
        <string>-c</string>
        <string>/etc/supervisord.conf</string>
    </array>
    <key>RunAtLoad</key>
    <true/>
</dict>
</plist>
"""

PROGRAMS = """\
[supervisord]
[program:mongod]
command=/usr/local/bin/mongod
[program:redis-server]
command=/usr/local/bin/redis-server "/etc/my redis.conf" 100%%
environment=A="1",B="two words"
"""


def keys(text, section):
    """The keys of a section of supervisor configuration."""
    lines = text.split(f"[{section}]\n", 1)[1].split("\n[", 1)[0].splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith(";"))


class ArticleJob(Workshop):
    def setUp(self):
        super().setUp()
        self.job = self.write("supervisord.plist", ARTICLE_JOB)

    def test_becomes_a_program_with_every_key_graded(self):
        code, out, error = self.svinstall("convert", "plist", self.job)
        self.assertEqual(code, 0, error)
        program = keys(out, "program:supervisord")
        self.assertEqual(program["command"], "/usr/local/bin/supervisord -n -c /etc/supervisord.conf")
        self.assertEqual(program["autorestart"], "unexpected")
        self.assertEqual(program["exitcodes"], "0")
        self.assertEqual(program["startsecs"], "0")
        self.assertEqual(program["restart_throttle"], "10")
        for key in ("Label", "ProgramArguments", "RunAtLoad", "KeepAlive.SuccessfulExit"):
            self.assertRegex(error, rf"(exact|approximated|carried|dropped).*{key}|{key}.*(exact|approximated|carried|dropped)")

    def test_comes_back_as_the_same_plist(self):
        conf = self.path("job.conf")
        self.assertEqual(self.svinstall("convert", "plist", self.job, "-o", conf)[0], 0)
        code, out, error = self.svinstall("convert", "plist", conf)
        self.assertEqual(code, 0, error)
        self.assertEqual(plistlib.loads(out.encode()), plistlib.loads(ARTICLE_JOB.encode()))


class Programs(Workshop):
    def setUp(self):
        super().setUp()
        self.conf = self.write("supervisord.conf", PROGRAMS)

    def convert(self, *words):
        directory = self.path("out")
        code, _, error = self.svinstall("convert", *words, "-o", directory)
        self.assertEqual(code, 0, error)
        return {os.path.basename(path): path for path in glob.glob(directory + "/*")}

    def test_become_valid_plists(self):
        files = self.convert("plist", self.conf)
        self.assertEqual(len(files), 2)
        jobs = {}
        for path in files.values():
            with open(path, "rb") as file:
                job = plistlib.load(file)
            jobs[job["Label"]] = job
        self.assertEqual(jobs["mongod"]["ProgramArguments"], ["/usr/local/bin/mongod"])
        self.assertEqual(jobs["redis-server"]["ProgramArguments"],
                         ["/usr/local/bin/redis-server", "/etc/my redis.conf", "100%"])
        self.assertEqual(jobs["redis-server"]["EnvironmentVariables"], {"A": "1", "B": "two words"})
        self.assertEqual(jobs["mongod"]["ExitTimeOut"], 10)

    def test_become_units_that_systemd_accepts(self):
        self.write("supervisord.conf", PROGRAMS.replace("/usr/local/bin/mongod", "/bin/sleep 1000")
                   .replace("/usr/local/bin/redis-server", "/bin/echo"))
        files = self.convert("systemd", self.conf)
        self.assertEqual(sorted(files), ["mongod.service", "redis-server.service"])
        for path in files.values():
            try:
                done = subprocess.run(
                    ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path],
                    capture_output=True, text=True, timeout=60)
            except FileNotFoundError:
                raise unittest.SkipTest("systemd-analyze is not installed")
            self.assertEqual((done.returncode, done.stderr), (0, ""), path)

    def test_to_overrides_the_first_word(self):
        code, out, _ = self.svinstall("convert", "plist", self.conf, "--to", "systemd", "--program", "mongod")
        self.assertEqual(code, 0)
        self.assertIn("ExecStart=/usr/local/bin/mongod", out)

    def test_supervisor_to_supervisor_changes_no_byte(self):
        text = "; a comment\n[program:a]\ncommand = /bin/sleep 1 ; why\n\n[unknown]\nx:y\n"
        conf = self.write("a.conf", text)
        code, out, error = self.svinstall("convert", "supervisor", conf, "--to", "supervisor")
        self.assertEqual((code, out), (0, text), error)

    def test_strict_refuses_what_is_lost(self):
        self.write("supervisord.conf", PROGRAMS + "startsecs=7\n")
        code, out, error = self.svinstall("convert", "plist", self.conf, "--strict")
        self.assertEqual((code, out), (65, ""))
        self.assertIn("supervisord.conf:", error)

    def test_strict_passes_what_is_kept_for_the_way_back_and_strict_exact_does_not(self):
        self.write("supervisord.conf", PROGRAMS + "[supervisorctl]\nprompt=mine\n")
        code, out, error = self.svinstall("convert", "plist", self.conf, "--strict")
        self.assertEqual(code, 0, error)
        self.assertIn("supervisorctl.prompt", out)
        code, out, error = self.svinstall("convert", "plist", self.conf, "--strict=exact")
        self.assertEqual((code, out), (65, ""))
        self.assertRegex(error, r"supervisord.conf:\d+:1: 'supervisorctl.prompt' is carried: .*kept for the way back")

    def test_a_report_for_programs_is_all_of_standard_error_whatever_comes_of_it(self):
        every_hour = "<key>StartInterval</key><integer>3600</integer>\n    <key>RunAtLoad</key>"
        job = self.write("job.plist", ARTICLE_JOB.replace("<key>RunAtLoad</key>", every_hour))
        relative = self.write("relative.plist", ARTICLE_JOB.replace("/usr/local/bin/supervisord", "bin/supervisord"))
        broken = self.write("broken.plist", ARTICLE_JOB[:200])
        for words, status in (((job,), 0), ((job, "--strict"), 65), ((relative,), 65), ((broken,), 65),
                              (("none.plist",), 66)):
            with self.subTest(words=words):
                code, out, err = self.svinstall("convert", "systemd", *words, "--report", "json")
                self.assertEqual((code, json.loads(err)["schema"]), (status, "svinstall.fidelity/1"))
                self.assertEqual(out == "", status != 0)
                code, out, err = self.svinstall("convert", "systemd", *words, "--report", "sarif")
                results = json.loads(err)["runs"][0]["results"]
                self.assertEqual((code, results == []), (status, False), err)

    def test_a_template_wants_the_name_of_an_instance(self):
        unit = self.write("web@.service", "[Service]\nExecStart=/bin/web --name %i\n")
        code, out, error = self.svinstall("convert", "supervisor", "--instance", "blue", unit)
        self.assertEqual(code, 0, error)
        self.assertIn("command=/bin/web --name blue\n", out)
        self.assertEqual(self.svinstall("convert", "supervisor", unit)[0], 65)

    def test_several_configurations_become_one_with_expansions_as_they_were(self):
        other = self.write("other.conf", "[program:b]\ncommand=/bin/b %(ENV_HOME)s\nx-own=%(program_name)s\n")
        code, out, error = self.svinstall("convert", "supervisor", "--to", "supervisor", self.conf, other)
        self.assertEqual(code, 0, error)
        for line in ("command=/bin/b %(ENV_HOME)s", "x-own=%(program_name)s", "[program:mongod]"):
            self.assertIn(line + "\n", out)
        self.assertEqual(out.count("[supervisord]"), 1)


class PropertyLists(Workshop):
    def test_lint_says_ok_and_names_the_place_of_a_fault(self):
        good, bad = self.write("good.plist", ARTICLE_JOB), self.write("bad.plist", ARTICLE_JOB[:300])
        self.assertEqual(self.svinstall("plist", "lint", good)[:2], (0, f"{good}: OK\n"))
        code, _, error = self.svinstall("plist", "lint", bad)
        self.assertEqual(code, 65)
        self.assertOneLineError(error, r"bad\.plist:\d+:\d+: ")

    def test_xml_out_is_what_plistlib_reads(self):
        good = self.write("good.plist", ARTICLE_JOB)
        code, out, _ = self.svinstall("plist", "convert", "xml", good)
        self.assertEqual(code, 0)
        self.assertEqual(plistlib.loads(out.encode()), plistlib.loads(ARTICLE_JOB.encode()))

    def test_print_shows_one_value(self):
        good = self.write("good.plist", ARTICLE_JOB)
        self.assertEqual(self.svinstall("plist", "print", good, "ProgramArguments.1")[:2], (0, "-n\n"))
