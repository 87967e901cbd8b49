"""Files with very many of something take time in proportion: no line of a stranger's file costs more than the one before."""

import os
import shutil

from workshop import SVINSTALL, Workshop

PROGRAM = "[program:p]\ncommand=/bin/true\n"
SERVICE = "[Service]\nExecStart=/bin/true\n"


def lines(pattern):
    """The pattern's lines, `#` standing for the number of each."""
    return lambda count: "".join(pattern.replace("#", str(n)) for n in range(count))


def joined(separator, pattern):
    return lambda count: separator.join(pattern.replace("#", str(n)) for n in range(count))


def job(member):
    """A launchd job with a member of the given text."""
    def text(count):
        return ("<plist><dict><key>Label</key><string>a</string><key>ProgramArguments</key><array>"
                f"<string>/bin/true</string></array>{member(count)}</dict></plist>\n")
    return text


def dictionary(key, pattern):
    return job(lambda count: f"<key>{key}</key><dict>{lines(pattern)(count)}</dict>")


# What each shape is called, the file's name, and its text for so many of something.
SHAPES = [
    ("unknown keys and bad values", "a.service", lambda n: SERVICE + lines("Foo#=1\n")(n) + "UMask=x\n" * n),
    ("unknown sections", "a.service", lambda n: SERVICE + lines("[Sec#]\nA=1\n")(n)),
    ("commands", "a.service", lambda n: SERVICE + "ExecStartPre=/bin/true\n" * n),
    ("variables, a line each", "a.service", lambda n: SERVICE + lines("Environment=A#=b\n")(n)),
    ("variables on one line", "a.service", lambda n: f"{SERVICE}Environment={joined(' ', 'A#=b')(n)}\n"),
    ("variables taken back", "a.service",
     lambda n: SERVICE + lines("Environment=A#=b\nUnsetEnvironment=A#\n")(n)),
    ("bad limits", "a.service", lambda n: SERVICE + "LimitNOFILE=x\n" * n),
    ("units to follow", "a.service", lambda n: "[Unit]\n" + lines("After=a#.service\n")(n) + SERVICE),
    ("arguments on continued lines", "a.service", lambda n: "[Service]\nExecStart=/bin/true \\\n" + "a \\\n" * n + "b\n"),
    ("sockets named", "a.service", lambda n: f"{SERVICE}Sockets={joined(' ', 'a#.socket')(n)}\n"),
    ("carried settings", "a.service", lambda n: SERVICE + "[X-Svinstall]\n" + lines("Carried=supervisor k# =v\n")(n)),
    ("programs", "a.conf", lines("[program:p#]\ncommand=/bin/true\n")),
    ("unknown sections", "a.conf", lambda n: PROGRAM + lines("[foo#]\na=b\n")(n)),
    ("unknown keys", "a.conf", lambda n: PROGRAM + lines("k#=v\n")(n)),
    ("one key again and again", "a.conf", lambda n: "[program:p]\n" + "command=/bin/true\n" * n),
    ("variables", "a.conf", lambda n: f"{PROGRAM}environment={joined(',', 'A#=b')(n)}\n"),
    ("arguments on continued lines", "a.conf", lambda n: PROGRAM + " a\n" * n),
    ("expansions", "a.conf", lambda n: f"[program:p]\ncommand=/bin/true {'%(program_name)s' * n}\n"),
    ("groups of one program", "a.conf", lambda n: PROGRAM + lines("[group:g#]\nprograms=p\n")(n)),
    ("a group of programs", "a.conf",
     lambda n: lines("[program:p#]\ncommand=/bin/true\n")(n) + f"[group:g]\nprograms={joined(',', 'p#')(n)}\n"),
    ("processes", "a.conf", lambda n: f"{PROGRAM}numprocs={n}\nprocess_name=%(process_num)d\n"),
    ("unknown keys", "a.plist", job(lines("<key>K#</key><integer>1</integer>"))),
    ("variables that are none", "a.plist", dictionary("EnvironmentVariables", "<key>K#</key><integer>1</integer>")),
    ("variables", "a.plist", dictionary("EnvironmentVariables", "<key>K#</key><string>$HOME</string>")),
    ("arguments", "a.plist", lambda n: "<plist><dict><key>Label</key><string>a</string><key>ProgramArguments</key>"
     f"<array>{'<string>$HOME</string>' * n}</array></dict></plist>\n"),
    ("sockets", "a.plist", dictionary("Sockets", "<key>S#</key><dict><key>SockServiceName</key><string>80</string></dict>")),
    ("paths to watch", "a.plist", job(lambda n: f"<key>WatchPaths</key><array>{lines('<string>/a#</string>')(n)}</array>")),
    ("times", "a.plist", job(lambda n: "<key>StartCalendarInterval</key><array>"
     + "<dict><key>Hour</key><integer>3</integer></dict>" * n + "</array>")),
    ("processes", "Procfile", lines("p#: /bin/true\n")),
]

# Property lists that are no jobs, for `plist`.
LISTS = [
    ("dictionaries in one", lambda n: f"<plist><dict>{lines('<key>k#</key><dict><key>a</key><true/></dict>')(n)}</dict></plist>"),
    ("arrays in one", lambda n: f"<plist><array>{'<array><true/></array>' * n}</array></plist>"),
    ("one key again and again", lambda n: f"<plist><dict>{'<key>k</key><true/>' * n}</dict></plist>"),
    ("every key twice", lambda n: f"<plist><dict>{lines('<key>k#</key><true/>')(n // 2) * 2}</dict></plist>"),
    ("texts in pieces", lambda n: f"<plist><string>{'a<!-- -->&lt;' * n}</string></plist>"),
    ("JSON objects in one", lambda n: "{" + joined(",", '"k#":{}')(n) + "}"),
    ("OpenStep dictionaries in one", lambda n: "{" + lines("k#={};")(n) + "}"),
]

# Shapes of which each one more is a service more, and so files more.
SERVICES = {"programs", "groups of one program", "a group of programs", "processes"}

TARGETS = {".service": ("plist", "supervisor"), ".conf": ("plist", "systemd"), ".plist": ("systemd", "supervisor"),
           "": ("systemd", "plist")}


class Sizes(Workshop):
    def seconds(self, *words):
        """Processor time of one run, of the program's own code."""
        shutil.rmtree(self.path("out"), ignore_errors=True)
        os.mkdir(self.path("out"))
        pid = os.posix_spawn(SVINSTALL, [SVINSTALL, *words], self.environment, file_actions=[
            (os.POSIX_SPAWN_OPEN, place, "/dev/null", os.O_WRONLY, 0) for place in (1, 2)])
        _, status, usage = os.wait4(pid, 0)
        self.assertIn(os.waitstatus_to_exitcode(status), (0, 1, 65), words)
        return usage.ru_utime

    def assert_grows(self, few, many, *runs):
        """`runs`: what is called with the path at its end."""
        for words in runs:
            with self.subTest(words=words[:2]):
                # As many times as the file has more of it, and room for what a busy machine adds.
                def grows():
                    small, large = (self.seconds(*words, path) for _, path in (few, many))
                    return large < 2 * (many[0] / few[0]) * small + 0.1
                self.assertTrue(grows() or grows() or grows())

    def test_conversions_and_checks_grow_as_the_file_does(self):
        for shape, file, text in SHAPES:
            counts = (100, 400) if shape in SERVICES else (500, 2000)
            files = [(count, self.write(os.path.join(str(count), file), text(count))) for count in counts]
            converted = [("convert", target, "-o", self.path("out")) for target in TARGETS[os.path.splitext(file)[1]]]
            with self.subTest(shape=shape, file=file):
                self.assert_grows(*files, ("check",), *converted)

    def test_property_lists_take_time_as_they_are_long(self):
        for shape, text in LISTS:
            files = [(count, self.write(f"{count}.plist", text(count))) for count in (5_000, 20_000)]
            with self.subTest(shape=shape):
                self.assert_grows(*files, ("plist", "lint"), ("plist", "convert", "json", "-o", self.path("out/one")))
