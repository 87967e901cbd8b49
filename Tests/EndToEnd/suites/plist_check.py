"""`svinstall check` of launchd jobs: the traps, each with line and column and what to write instead."""

import re

from workshop import Workshop

JOB = """\
<plist version="1.0">
<dict>
\t<key>Label</key>
\t<string>org.example.job</string>
\t<key>ProgramArguments</key>
\t<array><string>/bin/echo</string><string>a</string></array>
\t{}
</dict>
</plist>
"""

# (lines in the job, column, code's words, remedy)
TRAPS = [
    ("<key>RunAtLoad</key><string>true</string>", 22, "launchd wants a boolean and ignores it", "write <true/>"),
    ("<key>Umask</key><integer>22</integer>", 18, "is decimal: the mask is 0026", "write <integer>18</integer> for 022"),
    ("<key>StartCalendarInterval</key><dict><key>Hour</key><integer>3</integer></dict>", 34,
     "starts every minute of hour 3", "add Minute 0"),
    ("<key>WorkingDirectory</key><string>~/x</string>", 2, "does not expand '~'", "absolute path"),
    ("<key>ExitTimeOut</key><integer>0</integer>", 2, "never kills", "write the seconds"),
    ("<key>StandardOutPath</key><string>/tmp/no/such/place/log</string>", 2, "there is no directory '/tmp/no/such/place'",
     "create it"),
    ("<key>StartIntervall</key><integer>60</integer>", 2, "does not know the key", "did you mean StartInterval"),
]


class LaunchdJobs(Workshop):
    def check(self, line):
        path = self.write("org.example.job.plist", JOB.format(line))
        code, out, error = self.svinstall("check", path)
        self.assertEqual(error, "")
        return code, out

    def test_a_job_without_traps_is_in_order(self):
        self.assertEqual(self.check("<key>RunAtLoad</key><true/>"), (0, ""))

    def test_every_trap_has_its_place_and_remedy(self):
        for line, column, words, remedy in TRAPS:
            with self.subTest(line=line):
                code, out = self.check(line)
                self.assertEqual(code, 1, out)
                found = [text for text in out.splitlines() if words in text]
                self.assertEqual(len(found), 1, out)
                self.assertRegex(found[0], rf"org\.example\.job\.plist:7:{column}: warning: ")
                self.assertRegex(found[0], re.escape(remedy))
