"""A. Every section and what its keys come to in a running daemon."""

import os
import stat

from harness import rpc
from harness.registry import suite

# Long tables are for the whole tier: `parity` reads the same values without starting anything.
scenario = suite("A")

PROGRAM = "[program:a]\ncommand=/bin/true\nautostart=false\n"


def _values(t, sv, *keys):
    for info in sv.ask("getAllConfigInfo"):
        t.record(f"{info['group']}:{info['name']}", t.normaliser.value({key: info[key] for key in keys}))


def _table(t, rows, **sections):
    """Each row under the section that is named, refused or accepted."""
    for name, keys in sections.items():
        for key in keys:
            t.config(rows, **{name: key})
            t.refused(key.replace("\n", " | "))


def _warnings(sv):
    return "\n".join(line[24:] for line in sv.log().splitlines()
                     if line[24:28] == "WARN" or "nclude" in line)


@scenario(tier="all", seconds=120)
def log_levels(t):
    """The words for levels; `warning` is none."""
    _table(t, "", daemon=("loglevel=warn", "loglevel=BLATHER", "loglevel=Critical", "loglevel=warning", "loglevel=", "loglevel=20"))


@scenario(tier="all", seconds=120)
def values_of_supervisord_accepted(t):
    """Each key of [supervisord] with a value that is unusual and right."""
    _table(t, "", daemon=("logfile_maxbytes=0", "logfile_maxbytes=1 gb", "logfile_backups=-1", "umask=0o77", "umask=7",
                          "minfds=0", "minprocs=1_0", "silent=ON", "strip_ansi=1", "nocleanup=Yes", "identifier=", "identifier=a b",
                          "environment=", "user=0", "directory=/", "nosuchkey=x", "pidfile=p.pid", "childlogdir=/tmp/"))


@scenario
def identity_and_files(t):
    """identifier, pidfile, logfile and childlogdir show where they should."""
    os.mkdir(t.path("children"))
    t.config("[program:a]\ncommand=/bin/sleep 300\nstartsecs=0\n",
             daemon="identifier=my id\npidfile=%(here)s/my.pid\nlogfile=%(here)s/my.log\nchildlogdir=%(here)s/children\n"
                    "umask=077\nenvironment=BASE=b")
    sv = t.launch().ready()
    sv.wait("a", "RUNNING")
    sv.rpc("supervisor.getIdentification")
    sv.rpc("supervisor.getPID", field="pid", order=lambda pid: str(pid) + "\n" == t.read("my.pid"))
    t.record("modes", [t.mode("my.log"), t.mode("my.pid")])
    t.record("children", sorted(name.split("-")[0] + "-" + name.split("-")[1] for name in os.listdir(t.path("children"))))
    with open(f"/proc/{sv.pid('a')}/environ", encoding="utf-8") as file:
        t.record("environment", "BASE=b" in file.read().split("\0"))


@scenario
def two_unix_servers(t):
    """[unix_http_server:second] is a second socket with a mode of its own."""
    sv = t.serve("[unix_http_server:second]\nfile=%(here)s/two.sock\nchmod=0770\n" + PROGRAM, unix="chmod=0700")
    for name in ("s.sock", "two.sock"):
        status = os.stat(t.path(name))
        t.record(name, [oct(stat.S_IMODE(status.st_mode)), stat.S_ISSOCK(status.st_mode),
                        rpc.call(t.path(name), "supervisor.getIdentification")])
    sv.stop()
    t.record("afterwards", [t.exists("s.sock"), t.exists("two.sock")])


@scenario(tier="all", seconds=120)
def owner_of_a_socket(t):
    """chown= by names and numbers, with and without a group."""
    rows = ("root", "0:0", "root:root", "nosuchuser", "root:nosuchgroup", "root:", ":root", "987654")
    _table(t, "", unix=[f"chown={row}" for row in rows])


@scenario(tier="all", seconds=120)
def modes_of_a_socket(t):
    """chmod= is an octal number."""
    _table(t, "", unix=("chmod=0700", "chmod=700", "chmod=0o700", "chmod=0999", "chmod=rwx", "chmod="))


@scenario(tier="all", seconds=120)
def addresses(t):
    """port= with every kind of host."""
    for host in ("127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}", "*:{}", ":{}", "{}"):
        port = t.port()
        t.config(PROGRAM + f"[inet_http_server]\nport={host.format(port)}\n")
        sv = t.launch().ready()
        t.record(host, rpc.call(("127.0.0.1", port), "supervisor.getIdentification"))
        sv.signal("TERM")
        sv.ended()


@scenario(tier="all", seconds=120)
def addresses_it_refuses(t):
    """Ports out of range, missing, no numbers."""
    for port in ("0", "65536", "x:0", "x:65536", "x:", "x:y", "-1", "1.5", "x:-1", "[::1]:x"):
        t.config(f"[inet_http_server]\nport={port}\n")
        t.refused(port)


@scenario(seconds=120)
def passwords(t):
    """username and password go together; the password may be hashed."""
    for word in ("secret", "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"):
        t.config(PROGRAM, unix=f"username=user\npassword={word}", client="username=user\npassword=secret")
        sv = t.launch()
        sv.login = ("user", "secret")
        sv.ready()
        sv.ctl("status")
        sv.ctl("-p", "wrong", "status")
        sv.signal("TERM")
        sv.ended()
    _table(t, "", unix=("username=x", "password=x"))


@scenario
def server_url_of_programs(t):
    """SUPERVISOR_SERVER_URL: the unix socket, else the port, else what serverurl= says."""
    t.script("show", 'echo "$SUPERVISOR_SERVER_URL" > "$0.$1"; : > "$0.$1.done"; exec sleep 300\n')
    program = "[program:{0}]\ncommand=%(here)s/show {0}\nstartsecs=0\n{1}\n"
    sv = t.serve(program.format("unix", "") + program.format("own", "serverurl=http://elsewhere:1")
                 + program.format("auto", "serverurl=auto") + program.format("empty", "serverurl="))
    for name in ("unix", "own", "auto", "empty"):
        t.wait_for(f"show.{name}.done")
        t.record(name, t.read(f"show.{name}"))
    sv.stop()
    for name, host in (("any", ""), ("loop", "127.0.0.1")):
        port = t.port()
        t.config(program.format(name, ""))
        t.write("d.conf", t.read("d.conf").replace("[unix_http_server]", f"[inet_http_server]\nport={host}:{port}\n[ignored]"))
        sv = t.launch()
        t.wait_for(f"show.{name}.done")
        t.record(name, t.read(f"show.{name}"))
        sv.stop()


@scenario
def built_in_variables_overridden(t):
    """environment= replaces what the daemon sets itself."""
    t.script("show", 'env | grep "^SUPERVISOR_" | sort > "$0.txt"; : > "$0.done"; exec sleep 300\n')
    t.serve("[program:a]\ncommand=%(here)s/show\nstartsecs=0\n"
            "environment=SUPERVISOR_ENABLED=no,SUPERVISOR_PROCESS_NAME=other,SUPERVISOR_EXTRA=1\n")
    t.wait_for("show.done")
    t.record("environment", t.read("show.txt"))


@scenario
def own_variable_in_a_command(t):
    """A variable of a program's environment in its command, directory and log."""
    os.mkdir(t.path("deep"))
    sv = t.serve('[program:a]\ncommand=/bin/echo %(ENV_LOCALV)s\nenvironment=LOCALV="lv",WHERE="deep"\n'
                 "directory=%(here)s/%(ENV_WHERE)s\nstdout_logfile=%(here)s/%(ENV_LOCALV)s.out\n"
                 "startsecs=0\nautorestart=false\n")
    sv.wait("a", "EXITED")
    t.record("output", t.read("lv.out"))
    sv.stop()
    t.config('[program:a]\ncommand=/bin/true\nenvironment=X=1,Y="%(ENV_X)s"\n')
    t.refused("within environment itself")


@scenario
def numbered_processes(t):
    """numprocs_start=5 and numprocs=3 make 5, 6, 7, each with its log."""
    sv = t.serve("[program:n]\ncommand=/bin/echo %(process_num)s of %(numprocs)d\nnumprocs=3\nnumprocs_start=5\n"
                 "process_name=%(program_name)s_%(process_num)d\nstdout_logfile=%(here)s/n%(process_num)02d.out\n"
                 "startsecs=0\nautorestart=false\n")
    for number in (5, 6, 7):
        sv.wait(f"n:n_{number}", "EXITED")
        t.record(f"log {number}", t.read(f"n{number:02}.out"))
    sv.ctl("avail")


@scenario(tier="all", seconds=120)
def numbers_of_processes(t):
    """numprocs: none, less than none, several of one name."""
    sv = t.serve("[program:none]\ncommand=/bin/true\nnumprocs=0\n[program:less]\ncommand=/bin/true\nnumprocs=-3\n" + PROGRAM)
    sv.ctl("status")
    sv.ctl("avail")
    sv.stop()
    for keys in ("numprocs=2", "numprocs=2\nprocess_name=x", "numprocs=2\nprocess_name=%(numprocs)d", "numprocs=1.5",
                 "numprocs=2\nprocess_name=%(process_num)", "numprocs_start=x", "numprocs="):
        t.config(PROGRAM + keys + "\n")
        t.refused(keys.replace("\n", " | "))


@scenario
def included_file_overrides(t):
    """An included file redefines a program's command and the daemon's own keys."""
    t.write("over.inc", "[program:a]\ncommand=/bin/echo over\n[supervisord]\nidentifier=over\nloglevel=debug\n")
    sv = t.serve(PROGRAM + "[include]\nfiles=over.inc\n", daemon="identifier=root\nloglevel=error")
    _values(t, sv, "command")
    sv.rpc("supervisor.getIdentification")
    t.record("log", _warnings(sv))


@scenario
def nested_and_missing_includes(t):
    """An [include] of an included file is not followed; a pattern without a file is a warning."""
    t.write("one.inc", "[include]\nfiles=two.inc\n[program:one]\ncommand=/bin/true\nautostart=false\n")
    t.write("two.inc", "[program:two]\ncommand=/bin/true\n")
    sv = t.serve("[include]\nfiles=one.inc none.inc nowhere/*.conf\n")
    sv.ctl("avail")
    t.record("log", _warnings(sv))


@scenario
def here_of_an_included_file(t):
    """%(here)s is the directory of the file in which it stands."""
    t.write("deep/in.conf", "[program:in]\ncommand=/bin/echo %(here)s\nautostart=false\nenvironment=X=\"%(here)s\"\n")
    sv = t.serve("[program:root]\ncommand=/bin/echo %(here)s\nautostart=false\n[include]\nfiles=deep/*.conf\n")
    _values(t, sv, "command")


@scenario(tier="all", seconds=120)
def patterns_of_includes(t):
    """Globs: sets, question marks, hidden names, directories, absolute paths, names twice."""
    for name in ("a1", "a2", "b1", ".a3", "c!"):
        t.write(f"d/{name}.conf", f"[program:{name.strip('.!')}]\ncommand=/bin/echo {name}\nautostart=false\n")
    os.mkdir(t.path("d/dir.conf"))
    for pattern in ("d/[a]?.conf", "d/[!a]*.conf", "d/*", "d/.*.conf", "d", "%(here)s/d/a1.conf d/a1.conf", "*/a?.conf",
                    "d/../d/b1.conf", "d/[", "~/d/a1.conf", "d/a1.conf\n  d/a2.conf", ""):
        sv = t.serve(PROGRAM + f"[include]\nfiles={pattern}\n")
        t.record(pattern.replace("\n", " | "), [info["name"] for info in sv.ask("getAllConfigInfo")])
        sv.signal("TERM")
        sv.ended()
        os.unlink(t.path("d.log"))


@scenario(seconds=120)
def errors_of_includes(t):
    """[include] without files, with a name that cannot be expanded, of files with mistakes."""
    t.write("bad.inc", "[program:a\ncommand\n")
    t.write("words.inc", "words\n")
    t.write("user.inc", "[program:x]\ncommand=/bin/true\nuser=nosuchuser\n")
    t.write("latin.inc", b"[program:x]\ncommand=/bin/echo \xe9\n")
    for keys in ("", "file=x", "files=%(zz)s", "files=100%", "files=bad.inc", "files=words.inc", "files=user.inc", "files=latin.inc"):
        t.config(f"[include]\n{keys}\n")
        t.refused(keys)


@scenario
def program_in_two_groups(t):
    """A program of two groups runs twice, its own group is gone."""
    sv = t.serve("[program:p]\ncommand=/bin/sleep 300\nstartsecs=0\nenvironment=G=\"%(group_name)s\"\n"
                 "[group:one]\nprograms=p\n[group:two]\nprograms=p\npriority=1\n")
    sv.wait("one:p", "RUNNING")
    sv.wait("two:p", "RUNNING")
    sv.ctl("status")
    sv.ctl("status", "p")
    sv.ctl("avail")


@scenario
def one_name_twice_in_a_group(t):
    """Of two processes of one name in a group one survives."""
    sv = t.serve("[program:a]\ncommand=/bin/sleep 301\nprocess_name=same\nstartsecs=0\n"
                 "[program:b]\ncommand=/bin/sleep 302\nprocess_name=same\nstartsecs=0\n[group:g]\nprograms=a,b\n")
    sv.wait("g:same", "RUNNING")
    sv.ctl("status")
    with open(f"/proc/{sv.pid('g:same')}/cmdline", encoding="utf-8") as file:
        t.record("which", file.read().replace("\0", " "))


@scenario(tier="all", seconds=120)
def groups_it_refuses(t):
    """Groups of programs that are not there, or there twice."""
    for keys in ("programs=zz", "programs=a,zz", "programs=a,,b", "programs=A", "programs=l", "programs=both",
                 "programs=a\npriority=x", "programs=a b"):
        t.config(PROGRAM + PROGRAM.replace(":a", ":both") + "[fcgi-program:both]\ncommand=/bin/cat\nsocket=unix:///tmp/x\n"
                 "[eventlistener:l]\ncommand=/bin/cat\nevents=EVENT\n" + f"[group:g]\n{keys}\n")
        t.refused(keys.replace("\n", " | "))


@scenario
def names_beyond_ascii(t):
    """A program's name may be written in any script; columns count its characters."""
    sv = t.serve("[program:prög]\ncommand=/bin/sleep 300\nstartsecs=0\n[program:日本]\ncommand=/bin/true\nautostart=false\n")
    sv.wait("prög", "RUNNING")
    sv.ctl("stop", "prög")
    sv.ctl("status")
    sv.record_story("prög")


@scenario
def warnings_of_a_program(t):
    """redirect_stderr with a file, AUTO without rotation, syslog as a file: accepted, and warned of."""
    sv = t.serve(PROGRAM + "redirect_stderr=true\nstderr_logfile=%(here)s/ignored.log\n"
                 + PROGRAM.replace(":a", ":b") + "stdout_logfile_maxbytes=0\nstderr_logfile_maxbytes=0\n"
                 + PROGRAM.replace(":a", ":c") + "stdout_logfile=syslog\nstderr_logfile=SYSLOG\n"
                 + PROGRAM.replace(":a", ":d") + "redirect_stderr=true\nstderr_logfile=NONE\nstderr_logfile_maxbytes=0\n")
    t.record("log", _warnings(sv))
    _values(t, sv, "stdout_logfile", "stderr_logfile", "stdout_syslog", "stderr_syslog", "redirect_stderr")


@scenario(tier="all", seconds=120)
def event_listeners(t):
    """Keys of [eventlistener:x]: names of events in any case, priorities of group and process."""
    sv = t.serve("[eventlistener:e]\ncommand=/bin/cat\nautostart=false\nevents=tick_5, Process_State,TICK_5\n"
                 "[eventlistener:f]\ncommand=/bin/cat\nautostart=false\nevents=EVENT\npriority=5\nbuffer_size=1\n"
                 "[eventlistener:g]\ncommand=/bin/cat\nautostart=false\nevents=TICK\nnumprocs=2\nprocess_name=%(process_num)s\n"
                 "result_handler=supervisor.dispatchers:default_handler\n")
    _values(t, sv, "group_prio", "process_prio", "redirect_stderr")
    sv.stop()
    listener = "[eventlistener:e]\ncommand=/bin/cat\nevents=TICK_5\n"
    for keys in ("buffer_size=0", "buffer_size=-1", "buffer_size=x", "redirect_stderr=true", "events=", "events=TICK_5,FOO",
                 "events=TICK_5,", "priority=x", "numprocs=2"):
        t.config(listener + keys + "\n")
        t.refused(keys)


@scenario
def result_handler_of_others(t):
    """A result handler that is Python of somebody else."""
    t.config("[eventlistener:e]\ncommand=/bin/cat\nautostart=false\nevents=TICK_5\nresult_handler=nosuch:handler\n")
    t.refused("result_handler=nosuch:handler")


@scenario(seconds=120)
def rpc_interfaces(t):
    """[rpcinterface:x]: a factory is required; the main one takes no keys; without any there are no methods."""
    for row in ("[rpcinterface:x]", "[rpcinterface:x]\nother=1", "[rpcinterface:x]\nsupervisor.rpcinterface_factory=%(zz)s",
                "[rpcinterface:supervisor]\nretries=1",
                "[rpcinterface:x]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\nx=1"):
        t.config(row + "\n")
        t.refused(row.replace("\n", " | "))
    t.config(PROGRAM)
    t.write("d.conf", t.read("d.conf").replace("[rpcinterface:supervisor]", "[ignored]"))
    sv = t.launch()
    t.until(lambda: t.exists("s.sock") == "there", "the socket is there")
    t.until(lambda: "supervisord started" in sv.log(), "it has started")
    sv.rpc("supervisor.getState")
    sv.rpc("system.listMethods")


@scenario
def client_plugins_are_no_matter(t):
    """[ctlplugin:x] is nothing to the daemon."""
    sv = t.serve(PROGRAM + "[ctlplugin:x]\nsupervisor.ctl_factory=nosuch:make\nother=%(zz)s\n")
    sv.rpc("supervisor.getIdentification")
    t.record("log", _warnings(sv))


@scenario(tier="all", seconds=120)
def fastcgi_programs(t):
    """Keys of [fcgi-program:x]: addresses, backlog, mode, owner."""
    program = "[fcgi-program:{}]\ncommand=/bin/cat\nautostart=false\n{}\n"
    sv = t.serve(program.format("u", "socket=unix://%(here)s/%(program_name)s.sock\nsocket_mode=0770\nsocket_owner=root:root\n")
                 + program.format("t", f"socket=tcp://127.0.0.1:{t.port()}\nsocket_backlog=5\n")
                 + program.format("n", "socket=unix://%(here)s/n.sock\nnumprocs=2\nprocess_name=%(process_num)d\npriority=3\n"))
    _values(t, sv, "group_prio", "process_prio", "command")
    sv.ctl("status")
    sv.stop()
    for keys in ("", "socket=", "socket=tcp://h:0", "socket=tcp://h:70000", "socket=tcp://a:b:1", "socket=http://x:1",
                 "socket=unix:///tmp/x\nsocket_backlog=65536", "socket=unix:///tmp/x\nsocket_owner=nosuch",
                 "socket=tcp://localhost:1\nsocket_owner=root", "socket=unix:///tmp/x\nsocket_mode=9", "socket=unix://%(zz)s",
                 "socket=unix:///tmp/x\nuser=nosuchuser", "socket=unix:///tmp/x\nsocket_backlog=x"):
        t.config(program.format("f", keys))
        t.refused(keys.replace("\n", " | "))


@scenario(tier="all", seconds=120)
def accounts(t):
    """user= of a program: names and numbers that exist."""
    sv = t.serve("".join(f"{PROGRAM.replace(':a', f':p{number}')}user={user}\n" for number, user in
                         enumerate(("root", "0", "nobody", " 0 ", "00"))))
    _values(t, sv, "uid")
    sv.stop()
    for user in ("nosuchuser", "987654", "-1", "", "root:root", "4294967296", "0x0"):
        t.config(PROGRAM + f"user={user}\n")
        t.refused(user)


@scenario(tier="all", seconds=120)
def log_paths(t):
    """Log files: words in any case, relative paths, homes, quotes, directories that cannot be."""
    paths = ("NONE", "none", "Off", "auto", "AUTO", "x.log", "./x.log", "logs/x.log", "~/x.log", "~root/x.log", "%(here)s/../x.log",
             "/dev/null", "no:ne", "/tmp//x.log")
    sv = t.serve("".join(f"{PROGRAM.replace(':a', f':p{number:02}')}stdout_logfile={path}\n" for number, path in enumerate(paths)))
    _values(t, sv, "stdout_logfile")
    sv.stop()
    for path in ('"/x.log"', "'/tmp/x.log'", "/dev/null/x.log", "/etc/passwd/x.log", "%(here)s/none/../x.log"):
        t.config(PROGRAM + f"stdout_logfile={path}\n")
        t.refused(path)


@scenario
def stop_flags(t):
    """stopasgroup and killasgroup: one follows the other, one forbids the other."""
    rows = ("", "stopasgroup=true", "killasgroup=true", "stopasgroup=true\nkillasgroup=true", "stopasgroup=false\nkillasgroup=true")
    sv = t.serve("".join(f"{PROGRAM.replace(':a', f':p{number}')}{row}\n" for number, row in enumerate(rows)))
    _values(t, sv, "killasgroup")
    sv.stop()
    t.config(PROGRAM + "stopasgroup=true\nkillasgroup=false\n")
    t.refused("true and false")
