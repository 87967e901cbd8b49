"""A. Configurations that are accepted, and what they come to."""

import os
import subprocess
import sys

from harness.registry import suite

scenario = suite("A")


def _record_config(t, sv, *keys):
    """getAllConfigInfo; with `keys` only these of each process."""
    for info in sv.ask("getAllConfigInfo"):
        chosen = {key: info[key] for key in keys} if keys else info
        t.record(f"{info['group']}:{info['name']}", t.normaliser.value(chosen))


def _programs(rows):
    """One program a row of extra keys, none of them started."""
    return "".join(f"[program:p{number:02}]\ncommand=/bin/true\nautostart=false\n{row}\n"
                   for number, row in enumerate(rows))


@scenario
def values_of_a_program_accepted(t):
    """Every key of a program with several spellings of its values."""
    rows = (
        "", "autostart=NO", "autostart=Off", "autostart=0", "autorestart=Unexpected",
        "autorestart=TRUE", "startsecs= +5 ", "startsecs=1_0", "startsecs=-3", "startretries=-1",
        "priority=-5", "exitcodes=", "exitcodes=0, 2,255", "stopsignal=hup", "stopsignal=SIGUSR1",
        "stopsignal=9", "stopwaitsecs=0", "stopasgroup=true", "killasgroup=on",
        "umask=022", "umask=0o77", "user=0", "user=root", "directory=/nowhere/at/all",
        "stdout_logfile_maxbytes=5 MB", "stdout_logfile_maxbytes=1kb", "stdout_logfile_maxbytes=-1",
        "stderr_logfile_maxbytes=1GB", "stderr_logfile_backups=0", "stdout_capture_maxbytes=4KB",
        "stdout_logfile=NONE", "stdout_logfile=off", "stderr_logfile=auto",
        "stdout_logfile=%(here)s/x.log", "stderr_logfile=~/y.log", "stdout_logfile=/dev/null",
        "redirect_stderr=yes", "stdout_syslog=true", "stderr_events_enabled=1", "serverurl=AUTO",
        "serverurl=http://x:1", "COMMAND=/bin/false", "StartSecs : 7", "nosuchkey=value",
        "numprocs=0", "process_name=other", "environment=A=1,B=\"2\",", "environment=",
        "startsecs=1\nstartsecs=2",
    )
    sv = t.serve(_programs(rows))
    _record_config(t, sv)


@scenario
def commands_as_written(t):
    """Comments, continuation lines, quotes and percent signs in a command."""
    t.write("commands.inc", "\n".join((
        "[program:a]", "command=/bin/echo a;b", "[program:b]", "command=/bin/echo a ;b",
        "[program:c]", "command=/bin/echo a #b", "[program:d]", "command=/bin/echo a#b",
        "[program:e]", "command=/bin/sh -c 'echo foo ; echo bar'",
        "[program:f]", "command=/bin/echo one", "    two", "  ; a comment", "    three", "",
        "    four", "",
        "[program:g]", "command=/bin/true", " autostart=false",
        "[program:h]", "command : /bin/echo 100%%", "[program:i]", "command=",
        "[program:j]", "# a comment", "; another", "command=/bin/echo = : x",
        "[program:k] trailing words", "command=/bin/echo k",
        "[program:l]", "command=/bin/echo before", "[program:m]", "command=/bin/echo m",
        "[program:l]", "startsecs=7", "")))
    sv = t.serve("[include]\nfiles=commands.inc\n")
    _record_config(t, sv, "command", "startsecs", "autostart")


@scenario(tier="all")
def names_of_sections(t):
    """Case, spaces, empty names, unclosed brackets: which sections are programs."""
    names = ("[program:a]", "[Program:b]", "[ program : c ]", "[program]", "[program:]",
             "[program: d]", "[program:e ]", "[unknown:f]", "[program:prög]", "[program:g.h-i_j]",
             "[program:k")
    sv = t.serve("".join(f"{name}\ncommand=/bin/true\nautostart=false\n" for name in names))
    sv.ctl("avail")
    sv.ctl("status")


@scenario(tier="all")
def several_processes(t):
    """numprocs, numprocs_start and process_name."""
    rows = ("numprocs=3\nprocess_name=%(program_name)s_%(process_num)02d",
            "numprocs=2\nnumprocs_start=5\nprocess_name=x%(process_num)s",
            "process_name=%(group_name)s-%(program_name)s-%(numprocs)s",
            "numprocs=11\nprocess_name=%(process_num)d\nstdout_logfile=%(here)s/%(process_num)d.log",
            "numprocs=0\nprocess_name=%(process_num)d")
    sv = t.serve(_programs(rows))
    _record_config(t, sv, "stdout_logfile", "process_prio")
    sv.ctl("status")


@scenario
def expansions(t):
    """Names that can be expanded, where, and formats."""
    rows = ("command=/bin/echo %(program_name)s %(group_name)s %(process_num)03d %(numprocs)d %(here)s",
            "command=/bin/echo %(ENV_GIVEN)s",
            'environment=LOCAL="lv"\ncommand=/bin/echo %(ENV_LOCAL)s',
            "startsecs=%(ENV_NUMBER)s\npriority=%(ENV_NUMBER)s",
            "command=/bin/echo %(ENV_FROMFILE)s",
            "stdout_logfile=%(here)s/%(program_name)s-%(process_num)d.log",
            "stdout_logfile=%(here)s/a%%%%b.log",
            "directory=%(here)s/%(program_name)s",
            'environment=P="%(program_name)s",H="%(here)s",C="50%%"')
    sv = t.serve(_programs(rows), env={"GIVEN": "from outside", "NUMBER": "7"},
                 daemon='environment=FROMFILE="base"')
    _record_config(t, sv, "command", "startsecs", "process_prio", "stdout_logfile", "directory")


@scenario
def host_name(t):
    """host_node_name is the machine's name."""
    sv = t.serve("[program:a]\ncommand=/bin/echo %(host_node_name)s\nautostart=false\n")
    t.record("command", sv.ask("getAllConfigInfo")[0]["command"] == f"/bin/echo {os.uname().nodename}")


@scenario
def includes(t):
    """Globs in order, files that override, %(here)s of an included file, no nesting."""
    t.write("conf.d/10.conf", "[program:a]\ncommand=/bin/echo included\n"
                              "[program:b]\ncommand=/bin/echo %(here)s\nautostart=false\n")
    t.write("conf.d/20.conf", "[program:b]\ncommand=/bin/echo %(here)s again\n"
                              "[include]\nfiles=more/*.conf\n[supervisord]\nidentifier=overridden\n")
    t.write("conf.d/more/30.conf", "[program:nested]\ncommand=/bin/true\n")
    t.write("conf.d/ignored.ini", "[program:ignored]\ncommand=/bin/true\n")
    t.write("e/x1.conf", "[program:x1]\ncommand=/bin/true\nautostart=false\n")
    t.write("e/y1.conf", "[program:y1]\ncommand=/bin/true\nautostart=false\n")
    sv = t.serve("[program:a]\ncommand=/bin/echo root\nautostart=false\n"
                 "[include]\nfiles=conf.d/*.conf none/*.conf\n    %(here)s/e/[xz]?.conf\n")
    _record_config(t, sv, "command", "autostart")
    sv.rpc("supervisor.getIdentification")
    t.record("log", "\n".join(line[24:] for line in sv.log().splitlines() if "nclude" in line))


@scenario
def groups(t):
    """Heterogeneous groups, a program in two groups, names used twice, empty groups, priorities."""
    names = "abcdef"
    sv = t.serve("".join(f"[program:{name}]\ncommand=/bin/echo {name}\nautostart=false\n"
                         f"priority={number}\n" for number, name in enumerate(names))
                 + "[program:twin1]\ncommand=/bin/echo 1\nprocess_name=twin\nautostart=false\n"
                 "[program:twin2]\ncommand=/bin/echo 2\nprocess_name=twin\nautostart=false\n"
                 "[group:g1]\nprograms=c, a\npriority=3\n"
                 "[group:g2]\nprograms=a,b\n"
                 "[group:twins]\nprograms=twin1,twin2\n"
                 "[group:d]\nprograms=e\n"
                 "[group:empty]\n")
    _record_config(t, sv, "command", "group_prio", "process_prio")
    sv.ctl("status")
    sv.ctl("avail")


@scenario(tier="all")
def environment_grammar(t):
    """What environment= makes of quotes, commas and odd characters."""
    values = ('A=1,B="2",C=\'3\'', 'A="it\'s",', 'A="a,b=c"', "A=/x/y.z+w-(v):u", 'A=""', "A=$HOME",
              'A="%%"', 'A = "spaced" , B = 2', 'A="1",\n    B="2"', "A=ü")
    t.script("show", 'env | grep "^[A-CU]=" | sort > "$0.$1"; : > "$0.$1.done"; exec sleep 300\n')
    t.serve("".join(f"[program:p{number}]\ncommand=%(here)s/show {number}\nstartsecs=0\n"
                    f"environment={value}\n" for number, value in enumerate(values)))
    for number, value in enumerate(values):
        t.wait_for(f"show.{number}.done")
        t.record(value.replace("\n", " | "), t.read(f"show.{number}"))


@scenario
def line_ends_and_delimiters(t):
    """CRLF, colons, tabs, trailing blanks."""
    t.config("[program:a]\ncommand : /bin/echo a\t \nautostart:false\n"
             "[program:b]\ncommand\t=\t/bin/echo b\nautostart = false\n")
    t.write("d.conf", t.read("d.conf").replace("\n", "\r\n").encode())
    sv = t.launch().ready()
    _record_config(t, sv, "command", "autostart")


@scenario
def options_over_the_file(t):
    """Options on the command line beat the file."""
    t.config("[program:a]\ncommand=/bin/true\nautostart=false\n", daemon="identifier=file\nloglevel=error")
    os.mkdir(t.path("other"))
    sv = t.launch("-i", "option", "-l", t.path("o.log"), "-j", t.path("o.pid"), "-e", "info",
                  "--childlogdir", t.path("other"), "--logfile_max=1MB", "-z", "3", "-n").ready()
    sv.rpc("supervisor.getIdentification")
    t.record("files", {name: t.exists(name) for name in ("d.log", "o.log", "d.pid", "o.pid")})
    t.record("logs", "\n".join(sorted(os.listdir(t.path("other")))))
    t.record("level", "supervisord started" in t.read("o.log"))


@scenario
def defaults_section(t):
    """[DEFAULT] reaches into every section, even where that is an error."""
    t.config("[DEFAULT]\nstartsecs=7\n[program:a]\ncommand=/bin/true\nautostart=false\n")
    t.refused("with an rpcinterface")


@scenario(tier="all")
def config_of_the_article(t):
    """The plain configuration many people start from, with paths of its own."""
    os.mkdir(t.path("log"))
    t.script("redis-server", "exec sleep 300\n")
    t.write("d.conf", f"""\
        [unix_http_server]
        file={t.path('s.sock')}                       ; path to your socket file
        [supervisord]
        logfile={t.path('log')}/supervisord.log    ; supervisord log file
        logfile_maxbytes=50MB                           ; maximum size of logfile before rotation
        logfile_backups=10                              ; number of backed up logfiles
        loglevel=error                                  ; info, debug, warn, trace
        pidfile={t.path('supervisord.pid')}                ; pidfile location
        nodaemon=false                                  ; run supervisord as a daemon
        minfds=1024                                     ; number of startup file descriptors
        minprocs=200                                    ; number of process descriptors
        childlogdir={t.path('log')}/               ; where child log files will live
        [rpcinterface:supervisor]
        supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
        [supervisorctl]
        serverurl=unix://{t.path('s.sock')}         ; use a unix:// URL  for a unix socket
        [program:mongod]
        command={t.path('mongod')}
        startretries=0
        [program:redis-server]
        command={t.path('redis-server')}
    """)
    sv = t.launch("-n").ready()
    sv.wait("mongod", "FATAL")
    sv.wait("redis-server", "RUNNING")
    sv.ctl("status")
    _record_config(t, sv)
    t.record("log", t.read("log/supervisord.log"))


@scenario
def sample_of_the_original(t):
    """What echo_supervisord_conf prints is accepted unmodified but for its directory."""
    sample = subprocess.run([os.path.join(os.path.dirname(sys.executable), "echo_supervisord_conf")],
                            capture_output=True, text=True, check=True).stdout
    t.write("d.conf", sample.replace("/tmp/", t.directory + "/").replace("supervisor.sock", "s.sock"))
    sv = t.launch("-n").ready()
    sv.ctl("status")
    t.record("files", sorted(os.listdir(t.directory)))


@scenario
def without_servers(t):
    """Without a server section the daemon runs and listens nowhere."""
    t.config("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\n")
    t.write("d.conf", t.read("d.conf").replace("[unix_http_server]", "[ignored]"))
    sv = t.launch()
    t.wait_for("d.log", "entered RUNNING")
    t.record("socket", t.exists("s.sock"))
    sv.stop()
    t.record("log", "\n".join(line for line in sv.log().splitlines() if "RLIMIT" not in line))


@scenario
def file_included_twice(t):
    """A file named twice by include counts once more and changes nothing."""
    t.write("a.inc", "[program:a]\ncommand=/bin/true\nautostart=false\n")
    sv = t.serve("[include]\nfiles=a.inc *.inc\n")
    _record_config(t, sv, "command")


@scenario(tier="all")
def many_programs(t):
    """Two hundred programs, all of them started."""
    with t.timed("until all run"):
        sv = t.serve("[program:n]\ncommand=/bin/sleep 300\nstartsecs=0\nnumprocs=200\n"
                     "process_name=%(process_num)03d\n")
        t.until(lambda: all(info["statename"] == "RUNNING" for info in sv.ask("getAllProcessInfo")),
                "all run", 30)
    t.record("names", [info["name"] for info in sv.ask("getAllProcessInfo")])
    with t.timed("the end"):
        sv.stop()
