"""A. Configurations that are refused: exit code and the first line on standard error."""

import os
import subprocess

from harness.registry import suite

scenario = suite("A")

PROGRAM = "[program:a]\ncommand=/bin/true\nautostart=false\n"


def _table(t, base, rows):
    """Each row is a key or a few lines added to `base`."""
    for row in rows:
        t.config(f"{base}{row}\n")
        t.refused(row.replace("\n", " | "))


@scenario(tier="all", seconds=120)
def values_of_a_program(t):
    """Each kind of value of a program, refused with its own words."""
    _table(t, PROGRAM, (
        "autostart=maybe", "autorestart=foo", "startsecs=abc", "startsecs=1.5", "startretries=",
        "priority=x", "exitcodes=0,256", "exitcodes=a", "exitcodes=-1", "stopsignal=FOO",
        "stopsignal=99", "stopwaitsecs=1s", "numprocs=x", "numprocs=2", "numprocs_start=x",
        "umask=999", "user=nosuchuser", "user=987654", "stopasgroup=true\nkillasgroup=false",
        "stdout_logfile=/dev/null/x.log", "stdout_logfile_maxbytes=5xb", "stdout_logfile_maxbytes=1.5MB",
        "stdout_logfile_maxbytes=5K", "stderr_logfile_backups=x", "stdout_capture_maxbytes=x",
        "redirect_stderr=2", "stdout_events_enabled=x", "stdout_syslog=x"))


@scenario(seconds=120)
def values_of_supervisord(t):
    """Each kind of value of [supervisord], refused with its own words."""
    for row in ("loglevel=warning", "loglevel=zz", "logfile_maxbytes=x", "logfile_backups=x",
                "nodaemon=maybe", "silent=x", "minfds=x", "minprocs=x", "umask=9", "umask=abc",
                "nocleanup=x", "strip_ansi=x", "directory=/dev/null/nope", "childlogdir=/dev/null",
                "logfile=/dev/null/d.log", "pidfile=/dev/null/d.pid", "user=nosuchuser",
                "environment=A", 'environment=A="1" B="2"', "identifier=%(zz)s"):
        t.config("", daemon=row)
        t.refused(row)


@scenario(tier="all")
def values_of_the_servers(t):
    """[unix_http_server] and [inet_http_server]: missing, wrong, half an authentication."""
    for row in ("chmod=9", "chown=nosuchuser", "username=x", "password=x"):
        t.config("", unix=row)
        t.refused(row)
    for row in ("", "port=abc", "port=127.0.0.1:70000", "port=127.0.0.1:0", "port=",
                "port=127.0.0.1:1\nusername=x"):
        t.config(f"[inet_http_server]\n{row}\n")
        t.refused("inet " + row.replace("\n", " | "))
    t.config("")
    t.write("d.conf", t.read("d.conf").replace("file=", "nofile="))
    t.refused("no file")


@scenario
def names_and_groups(t):
    """Bad names, groups of unknown programs, sections without their required keys."""
    _table(t, "", (
        "[program:a]", "[program:a b]\ncommand=/bin/true", "[program:a:b]\ncommand=/bin/true",
        "[program:a/b]\ncommand=/bin/true", "[group:g]\nprograms=zz",
        "[group:g]\nprograms=a\npriority=x\n" + PROGRAM, "[group:g h]\nprograms=a\n" + PROGRAM,
        "[program:a]\ncommand=/bin/true\nprocess_name=x y", "[include]",
        "[rpcinterface:other]", "[rpcinterface:other]\nsupervisor.rpcinterface_factory=nosuch:thing"))


@scenario(tier="all")
def listeners_and_fastcgi(t):
    """[eventlistener:x] and [fcgi-program:x] without what they need."""
    listener = "[eventlistener:e]\ncommand=/bin/cat\n"
    fastcgi = "[fcgi-program:f]\ncommand=/bin/cat\n"
    _table(t, "", (
        listener, listener + "events=FOO", listener + "events=TICK_5\nbuffer_size=0",
        listener + "events=TICK_5\nredirect_stderr=true", "[eventlistener:e]\nevents=TICK_5",
        fastcgi, fastcgi + "socket=udp://x:1", fastcgi + "socket=tcp://x", fastcgi + "socket=unix://x",
        fastcgi + "socket=tcp://localhost:1\nsocket_mode=0700",
        fastcgi + "socket=unix:///tmp/x\nsocket_backlog=0",
        fastcgi + "socket=unix:///tmp/x\nsocket_mode=9"))


@scenario(tier="all")
def expansions_it_cannot_make(t):
    """Unknown names and bad formats in an expansion; the words name section, key and choice."""
    shown = ("[program:a]\ncommand=%(zz)s", "[program:a]\ncommand=100%",
             "[program:a]\ncommand=/bin/true\nenvironment=A=\"%(zz)s\"",
             "[program:a]\ncommand=/bin/true\nnumprocs=%(process_num)d",
             "[program:a]\ncommand=%(ENV_NOPE)s", "[include]\nfiles=%(zz)s",
             "[program:a]\ncommand=/bin/true\nstdout_logfile=%(here)s/%(zz)s.log",
             "[program:a]\ncommand=/bin/true\ndirectory=%(process_num)x%",
             "[group:g]\nprograms=%(zz)s")
    _table(t, "", shown)


@scenario(tier="all")
def environments_it_refuses(t):
    """The grammar of environment=."""
    _table(t, PROGRAM, (
        "environment=A", "environment=A=1,,B=2", 'environment=A="1" B="2"', 'environment=A="1',
        r'environment=I="say \"hi\""', 'environment=A="x ; y"',
        "environment==1", "environment=A="))


@scenario(tier="all")
def files_it_cannot_read(t):
    """Missing file, a directory, no sections, no [supervisord], a byte order mark, a bad line."""
    os.mkdir(t.path("directory"))
    t.write("nothing.conf", "")
    t.write("words.conf", "some words\n")
    t.write("nokey.conf", "[supervisord]\nno delimiter here\n")
    t.write("nosection.conf", "[program:a]\ncommand=/bin/true\n")
    t.write("mark.conf", b"\xef\xbb\xbf[supervisord]\n")
    t.write("latin.conf", b"[supervisord]\nnodaemon=true\n[program:a]\ncommand=/bin/echo \xe9\xff\n")
    t.write("early.conf", "  key=value\n[supervisord]\n")
    for name in ("missing", "directory", "nothing.conf", "words.conf", "nokey.conf", "nosection.conf",
                 "mark.conf", "early.conf"):
        t.refused(name, config=name)


@scenario(seconds=120)
def command_lines_it_refuses(t):
    """Options supervisord does not know or whose values are wrong."""
    t.config("")
    for words in ("--nope", "-Z", "word", "-n -n", "-e zz", "-y x", "-z x", "-m 9", "-d /dev/null", "-a x",
                  "-u nosuchuser", "-l", "--no"):
        t.refused(words, *words.split())
    t.refused("-c twice", "-c", t.path("d.conf"))


@scenario(tier="all")
def questions_it_answers(t):
    """--version prints the version and ends, -h too."""
    for words in (["--version"], ["-v"], ["-h"]):
        ended = subprocess.run([t.subject.supervisord, *words], capture_output=True, text=True,
                               timeout=15, check=False, env=t.environment(), cwd=t.directory)
        first = ended.stdout.splitlines()[:1]
        t.record(words[0], f"exit {ended.returncode}\n{first}")


@scenario(tier="all")
def included_errors(t):
    """A mistake in an included file is told with that file's name."""
    for name, text in (("value", "[program:a]\ncommand=/bin/true\nstartsecs=x\n"),
                       ("words", "words\n"), ("expansion", "[program:a]\ncommand=%(zz)s\n")):
        t.write(f"{name}.inc", text)
        t.config(f"[include]\nfiles={name}.inc\n")
        t.refused(name)


@scenario
def missing_log_directories(t):
    """Logs in directories that are not there."""
    for key in ("logfile=%(here)s/new1/d.log", "childlogdir=%(here)s/new2"):
        t.config("", daemon=key)
        t.refused(key)
    t.config(PROGRAM + "stdout_logfile=%(here)s/new3/a.log\n")
    t.refused("stdout_logfile=%(here)s/new3/a.log")
