"""Keys, values and odds and ends from which the generator makes configurations."""

FIXTURES = (
    "[supervisord]\n",
    "[unix_http_server]\nfile=%(here)s/s.sock\nchmod=0770\nchown=root:root\nusername=u\npassword={SHA}ab\n"
    "[inet_http_server]\nport=127.0.0.1:9001\n[supervisord]\nlogfile=%(here)s/d.log\npidfile=%(here)s/d.pid\n"
    "[rpcinterface:supervisor]\n"
    "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
    "[supervisorctl]\nserverurl=unix://%(here)s/s.sock\nprompt=mine\n[program:a]\ncommand=/bin/cat\n",
    "[supervisord]\nenvironment=A=1,B=\"two words\"\nidentifier=me\n\n[program:a]\ncommand=/bin/echo %(ENV_A)s\n"
    "process_name=%(program_name)s_%(process_num)02d\nnumprocs=3\nnumprocs_start=1\nstdout_logfile=%(here)s/%(process_num)d\n"
    "[supervisorctl]\n",
    "; comment\n[supervisord]\nloglevel = debug ; inline\n\n[program:b]\ncommand : /bin/sh -c 'a'\n  b\n\n  c\nautostart=no\n"
    "[program:a]\ncommand=x\nstdout_logfile=AUTO\nstderr_logfile=NONE\n[group:g]\nprograms=a,b\npriority=5\n",
    "[eventlistener:e]\ncommand=/bin/cat\nevents=TICK_5,PROCESS_STATE\nbuffer_size=3\n[supervisord]\n"
    "[fcgi-program:f]\ncommand=/bin/cat\nsocket=unix://%(here)s/%(program_name)s.sock\nsocket_mode=0700\n"
    "[fcgi-program:t]\ncommand=/bin/cat\nsocket=tcp://localhost:9000\n[group:g]\nprograms=f\n[supervisorctl]\n",
    "[supervisord]\n[include]\nfiles=conf.d/*.conf more/?.ini\n[program:a]\ncommand=root\n[supervisorctl]\n",
    "[DEFAULT]\nstartsecs=5\n[supervisord]\nnodaemon=true\n[program:a]\ncommand=c\n[program:b]\ncommand=d\nstartsecs=1\n",
    "[supervisord]\n[program:a]\ncommand=c\nenvironment=X=\"%(program_name)s\",Y='q',Z=/a/b\nuser=root\numask=022\n"
    "stdout_syslog=true\nstderr_logfile=syslog\nredirect_stderr=true\nexitcodes=0,2\n[supervisorctl]\nhistory_file=~/h\n",
)

INCLUDED = (
    ("conf.d/10.conf", "[program:a]\ncommand=included %(here)s\n[program:i]\ncommand=%(here)s/i\n"),
    ("conf.d/20.conf", "[supervisord]\nidentifier=%(here)s\n[program:i]\nstartsecs=9\n[include]\nfiles=x\n"),
    ("conf.d/.hidden.conf", "garbage\n"),
    ("more/x.ini", "[group:m]\nprograms=i,a\n"),
)

BOOLEANS = ("true", "false", "Yes", "OFF", "1", "0", "2", "t", "", "true ", "on\xa0")
INTEGERS = ("0", "1", "5", "-1", " 7 ", "+3", "1_0", "_1", "1__0", "0x10", "1.5", "", "abc", "٣", "99999999999999999999",
            "007", "1e3", "- 1", "--1", "²")
SIZES = ("0", "1", "5MB", "5 MB", "5mb", "1.5MB", "5K", "KB", "2GB", "-1KB", "5 m b", "1_0kb", "5MB ", "", "5İB", "999999999999GB")
PATHS = ("%(here)s/x.log", "/tmp/x.log", "x.log", "~/x.log", "~root/x", "~nobodyknows/x", "NONE", "none", "Off", "AUTO", "auto",
         "syslog", "SYSLOG", "/no/such/dir/x.log", "'/tmp/x'", "\"/x.log\"", "/dev/stdout", "/dev/null/x", "", "/", "a//b/../c",
         "../x.log", "%(here)s/sub/x.log", "~", "/tmp/\u00fc.log", "./x", "/tmp//y")
SIGNALS = ("TERM", "term", "SIGTERM", "sigHup", "9", "15", "99", "0", "-1", "FOO", "", "USR1", "SIG_DFL", "_DFL", "CLD", "RTMIN",
           "RTMAX", "34", "33", "SIGRTMIN+1", " 9 ", "CHLD", "IOT", "POLL", "_BLOCK", "_SETMASK", "STKFLT", "64", "65", "32")
USERS = ("root", "0", "nobody", "daemon", "nosuchuser", "987654", "-1", "", " root", "root:root", "65534", "0x0", "4294967296")
ENVIRONMENTS = ("A=1", "A=1,B=2", "A=\"x y\",B='z'", "A=", "A", "=1", "A==1", "A=1,,B=2", "A=\"1\" B=\"2\"", "A=\"1", "A='it\"s'",
                "A=$HOME", "A=a$b", "A=/x/y.z+w-(v):u", "A=\"%(here)s\"", "A=\"%%\"", "A=\"%%%%\"", "A=\"50%\"", "A=1,", ",A=1",
                "A=ü", "A=\"ü,\"", "Ü=1", "A=a\"b\"c", "A=a'b", "A='a\n b'", "A=1,A=2", "A-B=1", "A=\"a\"\"b\"", "A=#x", "A=x\\ny",
                "A=\"\\\"\"", "SUPERVISOR_ENABLED=no", "A=\"%(ENV_GIVEN)s\"", "A=%(process_num)d", "A=''", "A=\"\",B=''", "A=\"'x'\"",
                "A=x B=y C=z", "A=\"1\";B=\"2\"", "A=~/x", "A=*", "A=a=b", "A='''", "A=\u2028")
NAMES = ("a", "b", "%(program_name)s", "%(program_name)s_%(process_num)02d", "%(group_name)s-%(process_num)d", "x y", "x:y", "x/y",
         "", "ü", "%(host_node_name)s", "%(process_num)s", "x%%y", "%(process_num)", "%(numprocs)d%(process_num)3d", "tab\tname", "%x")
EXPRESSIONS = ("%(here)s", "%%", "%", "%%%%", "%(zz)s", "%(ENV_GIVEN)s", "%(ENV_NOPE)s", "%(ENV_NUMBER)s", "%(ENV_PERCENT)s",
               "%(ENV_DOUBLE)s", "%(ENV_QUOTED)s", "%(ENV_lower)s", "%(program_name)s", "%(group_name)s", "%(process_num)d",
               "%(process_num)02d", "%(process_num)s", "%(numprocs)d", "%(host_node_name)s", "%(here)10s", "%(program_name)-8s|",
               "%(program_name).1s", "%(program_name)r", "%(program_name)a", "%(process_num)x", "%(process_num)#o", "%(process_num)+d",
               "%(process_num)5.2f", "%(process_num)c", "%(process_num)i", "%(process_num)X", "%(here)d", "%(here", "%(here)", "%(here)s%",
               "%s", "%d", "%(a(b)c)s", "%()s", "%(process_num)*d", "%(process_num) d", "%(process_num)ld", "%(here)hs", "%(here)%",
               "%5%", "%(process_num)-5d|", "%(process_num)05.3d", "%(here)é", "%é", "%(program_name)c", "%(process_num)u",
               "%(process_num)e", "%(process_num)g", "%(process_num)G", "%(process_num).3e", "%-", "% ", "%#", "%.", "%(HERE)s",
               "%(ENV_GIVEN)S", "%(process_num)08.3f", "%(process_num)#x", "%(process_num)b", "%(process_num)r", "%(ENV_EMPTY)5s|")
OWNERS = ("root", "root:root", "0:0", "root:nosuch", "nosuch", "root:", ":root", "0:987654", "root:root:x", "")
MODES = ("0700", "700", "0o700", "0O7", "888", "", "-1", "0x1", "1_0", "07777777", "٧", "abc", "0b1", "0o_7", "_7")
ADDRESSES = ("9001", ":9001", "*:9001", "127.0.0.1:9001", "LOCALHOST:9001", "localhost:", "0", "70000", "x:0", "x:70000", "", "a:b:80",
             "[::1]:80", "x", " 80 ", "host :80", "x:-1", "x: 80 ")
EVENTS = ("TICK_5", "tick_5", "PROCESS_STATE,TICK_60", "EVENT", "FOO", "", ",", "TICK_5,", "TICK_5, TICK_5", "PROCESS_GROUP",
          "PROCESS_STATE_RUNNING\n REMOTE_COMMUNICATION", "__CLASS__", "PROCESS_LOG_STDERR", "SUPERVISOR_STATE_CHANGE", "ß")
SOCKETS = ("unix:///tmp/x.sock", "unix://x", "tcp://localhost:80", "tcp://HOST:80", "tcp://:80", "tcp://h:0", "tcp://h:70000", "tcp://h:8x",
           "udp://x:1", "", "unix://%(here)s/%(program_name)s", "tcp://h:80\n", "tcp://a:b:80", "tcp://h h:80", "unix:////a/../b",
           "tcp://h:٨٠", "unix://~/x", "TCP://h:1")
WORDS = ("x", "", "a b", "\"quoted\"", "/bin/cat", "/bin/echo a;b", "/bin/echo a ;b", "/bin/echo a #b", "a#b", "a ; b # c", "a;b ; c #d",
         "unix:///tmp/x", "http://x:1", "=", ":", "= x", "100%%", "[x]", "'", "é\u2028é", "a\u00a0;b", "%(here)s", "a\u3000#b")
PROGRAMS = ("a", "b", "a,b", "a, b", "b,a,a", "", ",", "zz", "a,", "f", "e", "i", "t,a", "a\n b", "A")
FACTORIES = ("supervisor.rpcinterface:make_main_rpcinterface", "supervisor.rpcinterface : make_main_rpcinterface", "nosuch:thing", "x",
             "", "supervisor.rpcinterface:nosuch", "supervisor.nosuch:x", "a b", "supervisor_twiddler.rpcinterface:make [x]")
HANDLERS = ("supervisor.dispatchers:default_handler", "supervisor.dispatchers : default_handler", "nosuch:handler", "", "x")
LEVELS = ("info", "DEBUG", "warn", "warning", "blather", "trace", "error", "critical", "", "20", "zz", "crit", "İnfo")
RESTARTS = ("true", "false", "unexpected", "Unexpected", "UNEXPECTED", "1", "no", "foo", "", "always", "unexpected ")
CODES = ("0", "0,2", "", "0, 2", "256", "-1", "a", "0,", ",", "0 2", "1_0", "٣", "0,255,254", "0\n,1")
PATTERNS = ("conf.d/*.conf", "conf.d/10.conf", "conf.d/[12]0.conf", "conf.d/[!1]*.conf", "none/*", "*/*", "conf.d", "more/*.ini conf.d/*",
            "%(here)s/conf.d/*0.conf", "more/x.ini\n conf.d/10.conf", "", "conf.d/.*.conf", "conf.d//10.conf", "./conf.d/../conf.d/20.conf",
            "conf.d/10.conf conf.d/10.conf", "%(ENV_GIVEN)s", "%(host_node_name)s", "~/conf.d/*.conf", "conf.d/**", "**/*.ini", "conf.d/*/",
            "[", "conf.d/[", "conf.d/[z-a]*", "%(zz)s", "conf.d/\\*", "conf.d/{10,20}.conf")

_STREAMS = {f"{stream}_{key}": values for stream in ("stdout", "stderr") for key, values in (
    ("logfile", PATHS), ("logfile_maxbytes", SIZES), ("logfile_backups", INTEGERS), ("capture_maxbytes", SIZES),
    ("events_enabled", BOOLEANS), ("syslog", BOOLEANS))}
_PROGRAM = {
    "command": WORDS + EXPRESSIONS, "process_name": NAMES, "numprocs": ("0", "1", "2", "5", "-1", "x", ""), "numprocs_start": ("0", "1", "7", "-2", "x"),
    "priority": INTEGERS, "autostart": BOOLEANS, "autorestart": RESTARTS, "startsecs": INTEGERS, "startretries": INTEGERS,
    "exitcodes": CODES, "stopsignal": SIGNALS, "stopwaitsecs": INTEGERS, "stopasgroup": BOOLEANS, "killasgroup": BOOLEANS,
    "user": USERS, "umask": MODES, "directory": PATHS + EXPRESSIONS, "redirect_stderr": BOOLEANS, "environment": ENVIRONMENTS,
    "serverurl": ("AUTO", "auto", " AUTO ", "", "http://x", "unix:///%(here)s"), **_STREAMS,
}
_LISTENER = {"events": EVENTS, "buffer_size": INTEGERS, "result_handler": HANDLERS}
_SOCKET = {"socket": SOCKETS, "socket_owner": OWNERS, "socket_mode": MODES, "socket_backlog": INTEGERS + ("65535", "65536")}

# By what a section's name begins with.
KEYS = {
    "supervisord": {
        "logfile": PATHS, "logfile_maxbytes": SIZES, "logfile_backups": INTEGERS, "loglevel": LEVELS, "pidfile": PATHS, "umask": MODES,
        "nodaemon": BOOLEANS, "silent": BOOLEANS, "minfds": INTEGERS, "minprocs": INTEGERS, "nocleanup": BOOLEANS, "childlogdir": PATHS,
        "user": USERS, "directory": PATHS, "strip_ansi": BOOLEANS, "environment": ENVIRONMENTS, "identifier": WORDS + EXPRESSIONS,
    },
    "unix_http_server": {"file": PATHS, "chmod": MODES, "chown": OWNERS, "username": WORDS, "password": WORDS + EXPRESSIONS},
    "inet_http_server": {"port": ADDRESSES, "username": WORDS, "password": WORDS},
    "supervisorctl": {"serverurl": ("http://localhost:9001", "unix://~/s.sock", "unix:///a/../b", "", "x", "%(here)s", "%(zz)s"),
                      "username": WORDS, "password": EXPRESSIONS, "prompt": WORDS + EXPRESSIONS, "history_file": PATHS},
    "program:": _PROGRAM, "eventlistener:": {**_PROGRAM, **_LISTENER}, "fcgi-program:": {**_PROGRAM, **_SOCKET},
    "group:": {"programs": PROGRAMS, "priority": INTEGERS},
    "rpcinterface:": {"supervisor.rpcinterface_factory": FACTORIES, "other": WORDS},
    "ctlplugin:": {"supervisor.ctl_factory": FACTORIES, "other": WORDS + EXPRESSIONS},
    "include": {"files": PATTERNS},
    "DEFAULT": {**_PROGRAM, "username": WORDS, "files": PATTERNS, "socket": SOCKETS, "events": EVENTS, "port": ADDRESSES},
    "unknown": {"command": WORDS, "zz": EXPRESSIONS},
}

SECTIONS = ("supervisord", "unix_http_server", "unix_http_server:two", "inet_http_server", "inet_http_server:x", "supervisorctl", "program:a",
            "program:b", "program:c d", "program: e ", "program:", "program", "Program:x", " program:x", "program:x:y", "program:x/y", "program:ü",
            "program:f", "eventlistener:e", "eventlistener:a", "eventlistener: l", "eventlistener:x y", "fcgi-program:f", "fcgi-program:a",
            "group:g", "group:a", "group:x y", "rpcinterface:supervisor", "rpcinterface:other", "ctlplugin:x", "include", "DEFAULT", "unknown",
            "default", "unix_http_serverx", "program:[x]", "program:%(here)s", "x-svinstall:a", "group:", "SUPERVISORD", "inet_http_server2")
HEADERS = ("[%s]", "[%s", "%s]", "[%s] trailing", "[%s]]", "[[%s]", " [%s]", "[%s] ; comment", "[%s];c", "[ %s]", "[%s ]", "\t[%s]", "[%s]=x", "[]",
           "[%s]#", "[%s #x]", "[%s\u00a0]")
PIECES = ("=", ":", ";", "#", " ;", " #", "\t;", "%", "%(", ")s", "[", "]", "\"", "'", "\\", " ", "\t", "\u00a0", "\u2028", "\x85", "\x1c", "\x0b",
          "\x0c", "\r", "\r\n", "\n", "\n ", "\n\t", "\n\n", "\ufeff", "ü", "İ", "ß", "\U0001f600", "é", "\x01", "\x7f", "=", ",", "\u200b", "\x1b",
          "\u3000", "\x00", "\\n", "$", "~", "*", "ǅ", "ſ", "K")
RAW = (b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\x80", b"\xf0\x9f")
DELIMITERS = ("=", ":", " = ", "\t:\t", " : ", "==", ":=", "= :", " =", "", " ", "=\n ", "= ;", "\u00a0=\u00a0")
COMMENTS = ("; c", "# c", " ; c", "\t# c", ";", "#", "; [program:x]", " ;=", "# %(zz)s", "\u00a0; c")
