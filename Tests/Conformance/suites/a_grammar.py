"""A. The grammar of the file: comments, continuation, headers, delimiters, expansions, sizes that nobody expects."""

import os

from harness.registry import suite

# Long tables are for the whole tier: `parity` reads the same values without starting anything.
scenario = suite("A")

IDLE = "autostart=false\n"


def _values(t, sv, *keys):
    """The chosen keys of every process."""
    for info in sv.ask("getAllConfigInfo"):
        t.record(f"{info['group']}:{info['name']}", t.normaliser.value({key: info[key] for key in keys}))


def _programs(rows):
    return "".join(f"[program:p{number:02}]\ncommand=/bin/true\nautostart=false\n{row}\n"
                   for number, row in enumerate(rows))


@scenario
def comment_within_quotes(t):
    """A blank and a semicolon end a command even within quotes: it cannot be split, and says so."""
    sv = t.serve("[program:a]\ncommand=/bin/sh -c 'echo foo ; echo bar'\nstartretries=0\n")
    sv.wait("a", "FATAL")
    sv.ctl("status")
    sv.record_story("a")


@scenario
def marks_of_comments(t):
    """Where a semicolon or a hash begins a comment and where it does not, seen in what echo prints."""
    rows = ("a;b", "a#b", "a #b", "a ;b", "a\t;b", "a; b", "a;b ; c #d", "a # b ; c", "'a #b'", "a \\;b")
    sv = t.serve("".join(f"[program:p{number}]\ncommand=/bin/echo {row}\nstartsecs=0\nautorestart=false\n"
                         f"startretries=0\nstdout_logfile=%(here)s/p{number}.out\n" for number, row in enumerate(rows)))
    for number, row in enumerate(rows):
        sv.wait(f"p{number}", "EXITED", "FATAL")
        t.record(row, t.read(f"p{number}.out"))


@scenario
def command_over_several_lines(t):
    """A command on several lines with comments between becomes one list of words."""
    sv = t.serve("[program:a]\ncommand=/bin/echo one\n    two ; not this\n    # nor this\n\tthree\n\n  four\n"
                 "startsecs=0\nautorestart=false\nstdout_logfile=%(here)s/a.out\n")
    sv.wait("a", "EXITED")
    t.record("output", t.read("a.out"))
    _values(t, sv, "command")


@scenario
def nul_bytes(t):
    """A NUL byte is a letter like any other: no white space, no end of a value."""
    sv = t.serve("; a comment\0of the root\n[program:a]\ncommand=/bin/cat\nenvironment=A=\"x\0y\"\nautostart=false\nk\0=v\n"
                 "[program:b]\ncommand=/bin/cat\nautostart=false ; \0\n")
    sv.ctl("avail")
    sv.ctl("status")
    sv.stop()
    for row in ("startsecs=1\0", "autostart=\0true", "user=root\0", "\0"):
        t.config(f"[program:a]\ncommand=/bin/cat\n{row}\n")
        t.refused(row)
    t.config("[group:g]\nprograms=a\0b\n")
    t.refused("a group of nothing")


@scenario
def indented_key(t):
    """A key that is indented belongs to the value above it."""
    sv = t.serve("[program:a]\ncommand=/bin/true\n startsecs=7\nautostart=false\n"
                 "[program:b]\ncommand=/bin/true\nautostart=false\nstartsecs=7\n\n\n  \n")
    _values(t, sv, "command", "startsecs", "autostart")
    t.config("[program:b]\nautostart=false\n  startsecs=7\ncommand=/bin/true\n")
    sv.stop()
    t.refused("a boolean of two lines")


@scenario
def keys_in_any_case(t):
    """Keys and booleans are read in any case, sections are not."""
    t.script("ends", "sleep 0.2\nexit 1\n")
    sv = t.serve("[program:a]\nCOMMAND=/bin/true\nAutoStart=FALSE\nSTARTSECS=4\nStopSignal=hup\n"
                 "[PROGRAM:b]\ncommand=/bin/true\n[Program:c]\ncommand=/bin/true\n"
                 "[program:d]\ncommand=%(here)s/ends\nStartSecs=0\nAUTORESTART=FALSE\n")
    _values(t, sv, "command", "autostart", "startsecs", "stopsignal")
    sv.wait("d", "EXITED")
    # Each look wakes the reference, which would start it again.
    for _ in range(10):
        sv.info("d")
    sv.ctl("status")
    sv.record_story("d", successes=False)


@scenario
def sections_that_are_none(t):
    """[program] without a name, [program:] with an empty one, blanks around a name."""
    sv = t.serve("[program]\ncommand=/bin/true\n[program:]\ncommand=/bin/true\nautostart=false\n"
                 "[program: a ]\ncommand=/bin/true\nautostart=false\n[program :b]\ncommand=/bin/true\n"
                 "[eventlistenerx]\n[group]\nprograms=zz\n[fcgi-program]\n[rpcinterface]\n")
    sv.ctl("status")
    sv.ctl("avail")


@scenario(tier="all", seconds=120)
def names_it_refuses(t):
    """Blanks, colons and slashes in the names of programs, groups, processes, listeners."""
    base = "command=/bin/true\n"
    for row in ("[program: a b]", "[program:a:b]", "[program:a/b]", "[fcgi-program:a b]\nsocket=tcp://x:1",
                "[eventlistener:a b]\nevents=EVENT", "[eventlistener:a/b]\nevents=EVENT", "[program:é è]"):
        header, _, keys = row.partition("\n")
        t.config(f"{header}\n{base}{keys}\n")
        t.refused(row.replace("\n", " | "))
    for row in ("[group:a b]", "[group:a:b]"):
        t.config(f"{row}\n")
        t.refused(row)
    for name in ("x y", "x:y", "x/y", " x "):
        t.config(f"[program:a]\n{base}process_name={name}\nautostart=false\n")
        t.refused(f"process_name={name}")


@scenario
def unclosed_header(t):
    """A header without its bracket is a key of the section above."""
    sv = t.serve("[program:a]\ncommand=/bin/true\nautostart=false\n[program:b\ncommand=/bin/false\n"
                 "[program:c]x]\ncommand=/bin/true\nautostart=false\n[program:d] ; said\ncommand=/bin/true\nautostart=false\n")
    _values(t, sv, "command")


@scenario
def marks_and_line_ends(t):
    """A byte order mark is refused, also in an included file; CR and CRLF are line ends."""
    whole = "[supervisord]\nnodaemon=true\n[program:a]\ncommand=/bin/true\nautostart=false\n"
    t.write("mark.conf", b"\xef\xbb\xbf" + whole.encode())
    t.refused("mark", config="mark.conf")
    t.write("a.inc", b"\xef\xbb\xbf[program:x]\ncommand=/bin/true\n")
    t.config("[include]\nfiles=a.inc\n")
    t.refused("mark in an included file")
    for name, end in (("crlf", "\r\n"), ("cr", "\r")):
        t.config("[program:a]\ncommand=/bin/echo a\nautostart=false\nstartsecs=x\n")
        t.write("d.conf", t.read("d.conf").replace("\n", end).encode())
        t.refused(name)


@scenario
def default_section(t):
    """[DEFAULT] gives programs what they do not say."""
    sv_keys = "[DEFAULT]\nstartsecs=7\npriority=5\nautostart=false\n[program:a]\ncommand=/bin/true\n" \
              "[program:b]\ncommand=/bin/true\nstartsecs=1\n[group:g]\nprograms=b\n"
    t.config(sv_keys)
    t.write("d.conf", t.read("d.conf").replace("[rpcinterface:supervisor]", "[ignored]"))
    t.refused("without an rpcinterface")
    t.config("[default]\nstartsecs=7\n[program:a]\ncommand=/bin/true\nautostart=false\n")
    sv = t.launch().ready()
    _values(t, sv, "startsecs")


@scenario
def duplicates(t):
    """Keys and sections that occur twice: the last one counts, key by key."""
    sv = t.serve("[program:a]\ncommand=/bin/true\nautostart=false\nstartsecs=1\nstartsecs=2\n"
                 "[program:b]\ncommand=/bin/true\nautostart=false\n[program:a]\nstartretries=9\ncommand=/bin/false\n"
                 "[supervisord]\nidentifier=twice\n")
    _values(t, sv, "command", "startsecs", "startretries")
    sv.rpc("supervisor.getIdentification")


@scenario(tier="all", seconds=120)
def exit_codes(t):
    """Lists of exit codes, empty ones too."""
    sv = t.serve(_programs(("exitcodes=", "exitcodes=0, 2", "exitcodes=255", "exitcodes=2,0,2", "exitcodes=1_0")))
    _values(t, sv, "exitcodes")
    sv.stop()
    for row in ("exitcodes=256", "exitcodes=-1", "exitcodes=0 2", "exitcodes=0,", "exitcodes=a"):
        t.config(_programs((row,)))
        t.refused(row)


@scenario(tier="all", seconds=120)
def sizes(t):
    """Sizes with suffixes: blanks and case do not count, fractions and single letters are wrong."""
    sv = t.serve(_programs(f"stdout_logfile_maxbytes={size}" for size in
                           ("5 MB", "1kb", "1Gb", "0", "+7", "1_000", "-1KB", "007")))
    _values(t, sv, "stdout_logfile_maxbytes")
    sv.stop()
    for size in ("1.5MB", "5K", "5xb", "KB", "", "5 m b", "5MBs"):
        t.config(_programs((f"stderr_logfile_maxbytes={size}",)))
        t.refused(size)


@scenario(tier="all", seconds=120)
def signals(t):
    """Names and numbers of signals."""
    names = ("hup", "SIGTERM", "9", " usr1 ", "sigint", "CHLD", "CLD", "IOT", "34", "RTMAX", "SIG_IGN", "0")
    sv = t.serve(_programs(f"stopsignal={name}" for name in names))
    _values(t, sv, "stopsignal")
    sv.stop()
    for name in ("99", "FOO", "", "-1", "33", "SIG", "TERM,HUP", "1.0"):
        t.config(_programs((f"stopsignal={name}",)))
        t.refused(name)


@scenario
def environment_tokens(t):
    """environment= at the edges of its grammar, seen by the program."""
    values = ('A=1,B="2",', 'A="it\'s"', "A='say \"hi\"'", 'A="1" , B = "2"', "A=a.b/c-d+e(f):g", "A=$HOME", "A=~/x",
              'A=""', "A=1;B=2", "A=x#y", 'A="a\n    b"', "A=a,A=b", "A=ä", 'A="%%"')
    t.script("show", 'env | grep "^[AB]=" -A1 | grep -v "^[C-Z_]" | sort > "$0.$1"; : > "$0.$1.done"; exec sleep 300\n')
    t.serve("".join(f"[program:p{number}]\ncommand=%(here)s/show {number}\nstartsecs=0\nenvironment={value}\n"
                    for number, value in enumerate(values)))
    for number, value in enumerate(values):
        t.wait_for(f"show.{number}.done")
        t.record(value.replace("\n", " | "), t.read(f"show.{number}"))


@scenario(tier="all", seconds=120)
def environment_that_is_refused(t):
    """environment= that cannot be split, of a program and of the daemon."""
    for value in ("A=1,,B=2", 'A="1" B="2"', 'A="x ; y"', 'A="1', r'A="say \"hi\""', "A", "A=", "=1", "A B=1", "A:1"):
        t.config(f"[program:a]\ncommand=/bin/true\nautostart=false\nenvironment={value}\n")
        t.refused(f"program {value}")
        t.config("", daemon=f"environment={value}")
        t.refused(f"supervisord {value}")


@scenario(seconds=120)
def percent_expanded_twice(t):
    """The daemon's environment and log files are expanded twice, a program's environment once."""
    t.config("", daemon='environment=URI="/a%%20b"')
    t.refused("supervisord %%")
    t.config("", daemon='environment=URI="/a%%%%20b"')
    t.refused("supervisord %%%%")
    t.config("", daemon='environment=URI="%(host_node_name)s"')
    t.refused("supervisord host_node_name")
    t.config("[program:a]\ncommand=/bin/true\nstdout_logfile=%(here)s/a%%b.log\nautostart=false\n")
    t.refused("log %%")
    sv = t.serve("[program:a]\ncommand=/bin/echo %(ENV_URI)s\nstdout_logfile=%(here)s/a%%%%b.log\n"
                 'environment=URI="/a%%20b"\nautostart=false\n')
    _values(t, sv, "command", "stdout_logfile")


@scenario(tier="all", seconds=120)
def formats(t):
    """Widths, precisions and conversions of Python's % formatting."""
    forms = ("%(process_num)03d", "%(process_num)-4d|", "%(process_num)+d", "%(process_num)x", "%(process_num)#o",
             "%(process_num)5.2f", "%(process_num)e", "%(process_num)g", "%(process_num)s", "%(process_num)r",
             "%(program_name)10s", "%(program_name)-6s|", "%(program_name).1s", "%(program_name)r", "100%%")
    sv = t.serve(_programs(f"command=/bin/echo {form}" for form in forms))
    _values(t, sv, "command")
    sv.stop()
    for form in ("%(program_name)d", "%(process_num)c%", "%(process_num)y", "%(zz)s", "%(here", "%(here)", "%d", "50%",
                 "%(process_num)*d", "%(ENV_NOPE)s", "%(PROCESS_NUM)d", "%5%"):
        t.config(_programs((f"command=/bin/echo {form}",)))
        t.refused(form)


@scenario(seconds=120)
def names_and_their_places(t):
    """Which names can be expanded in which key."""
    sv = t.serve(_programs(("priority=%(ENV_NUMBER)s", "startsecs=%(ENV_NUMBER)s", "stdout_logfile_maxbytes=%(process_num)d",
                            "directory=%(here)s/%(group_name)s", "serverurl=http://%(host_node_name)s",
                            "stderr_logfile_backups=%(numprocs)d", "user=%(ENV_WHO)s")),
                 env={"NUMBER": "7", "WHO": "0"})
    for info in sv.ask("getAllConfigInfo"):
        info["serverurl"] = info["serverurl"].replace(os.uname().nodename, "HOST")
        t.record(info["name"], t.normaliser.value({key: info[key] for key in (
            "process_prio", "startsecs", "stdout_logfile_maxbytes", "directory", "serverurl", "stderr_logfile_backups", "uid")}))
    sv.stop()
    for row in ("startsecs=%(process_num)d", "numprocs=%(numprocs)d", "user=%(process_num)d", "umask=%(process_num)d"):
        t.config(_programs((row,)))
        t.refused(row)
    for sections in ({"unix": "username=%(here)s\npassword=x"}, {"daemon": "logfile=%(program_name)s"},
                     {"programs": "[group:g]\npriority=%(group_name)s"}, {"programs": "[include]\nfiles=%(program_name)s"}):
        t.config(**sections)
        t.refused(" ".join(sections.values()).replace("\n", " | "))


@scenario
def long_lines(t):
    """Lines of 100 KB: a comment, a value, a name; 2000 sections that mean nothing."""
    long = "x" * 100_000
    sv = t.serve(f"; {long}\n[program:a]\ncommand=/bin/echo {long}\nautostart=false\nenvironment=A=\"{long}\"\n"
                 + "".join(f"[unknown{number}]\nkey=value\n" for number in range(2000)))
    t.record("length", len(sv.ask("getAllConfigInfo")[0]["command"]))
    sv.stop()
    t.config(f"[program:a]\n{long}\n")
    t.refused("no delimiter")
