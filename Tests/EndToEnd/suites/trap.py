"""The old-config trap is gone: a changed definition is announced, shown, and applied in one step."""

import os

from workshop import Workshop, peers, wait_for

CONFIGURATION = """\
[unix_http_server]
file={directory}/s.sock
[supervisord]
logfile={directory}/d.log
pidfile={directory}/d.pid
childlogdir={directory}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{directory}/s.sock
[program:web]
command=/bin/sleep {seconds}
startsecs=0
[program:other]
command=/bin/sleep 5000
startsecs=0
"""


class Trap(Workshop):
    def setUp(self):
        super().setUp()
        self.configuration = self.edit(1000)
        self.run_daemon(self.configuration)
        wait_for(lambda: self.pid("web"), what="web")

    def edit(self, seconds, more=""):
        return self.write("c.conf", CONFIGURATION.format(directory=self.directory, seconds=seconds) + more)

    def ours(self, *words):
        return self.svinstall(*words, "-c", self.configuration)

    def pid(self, name):
        out = self.ours("pid", name)[1].strip()
        return int(out) if out.isdigit() else 0

    def command_line(self, name):
        with open(f"/proc/{self.pid(name)}/cmdline", "rb") as file:
            return file.read().split(b"\0")[:-1]

    def test_nothing_is_said_while_nothing_changed(self):
        self.assertEqual(self.ours("status")[2], "")

    def test_status_says_which_definition_changed(self):
        self.edit(2000)
        code, out, error = self.ours("status")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"web +RUNNING")
        self.assertRegex(error, r"svinstall: web: .*changed on disk.*svinstall update")
        self.assertNotIn("other", error)

    def test_plain_restart_keeps_the_old_definition_and_says_so(self):
        self.edit(2000)
        code, out, error = self.ours("restart", "web")
        self.assertEqual((code, out), (0, "web: stopped\nweb: started\n"))
        self.assertRegex(error, r"svinstall: web: .*old definition.*restart --update web")
        self.assertEqual(self.command_line("web"), [b"/bin/sleep", b"1000"])

    def test_restart_update_applies_the_new_definition_and_touches_nothing_else(self):
        other = self.pid("other")
        self.edit(2000)
        self.assertEqual(self.ours("restart", "--update", "web")[0], 0)
        wait_for(lambda: self.pid("web"), what="web")
        self.assertEqual(self.command_line("web"), [b"/bin/sleep", b"2000"])
        self.assertEqual(self.pid("other"), other)

    def test_update_plan_says_line_by_line_what_would_happen_and_does_nothing(self):
        before = self.pid("web"), self.pid("other")
        self.edit(2000, "[program:new]\ncommand=/bin/sleep 3\n")
        code, out, _ = self.ours("update", "--plan")
        self.assertEqual(code, 0)
        self.assertIn("/bin/sleep 2000", out)
        self.assertRegex(out, r"(?m)^.*\bnew\b.*add")
        self.assertEqual((self.pid("web"), self.pid("other")), before)

    def test_stock_supervisorctl_sees_the_original_behaviour(self):
        supervisorctl = os.path.join(peers("supervisor"), "supervisorctl")
        self.edit(2000)
        ctl = lambda *words: self.command(supervisorctl, "-c", self.configuration, *words)
        self.assertEqual(ctl("restart", "web")[:2], (0, "web: stopped\nweb: started\n"))
        self.assertEqual(self.command_line("web"), [b"/bin/sleep", b"1000"])
        self.assertEqual(ctl("reread")[1], "web: changed\n")
        self.assertEqual(ctl("update")[1], "web: stopped\nweb: updated process group\n")
        wait_for(lambda: self.pid("web"), what="web")
        self.assertEqual(self.command_line("web"), [b"/bin/sleep", b"2000"])

    def test_a_broken_file_is_told_and_changes_nothing(self):
        before = self.pid("web")
        self.edit(2000, "[program:bad]\nnothing here\n")
        _, _, error = self.ours("status")
        self.assertRegex(error, r"svinstall: .*c\.conf")
        self.assertEqual(self.pid("web"), before)
