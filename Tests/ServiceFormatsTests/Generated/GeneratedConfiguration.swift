import ServiceFormats

/// Supervisor configurations put together by chance.
enum GeneratedConfiguration {
    /// Keys of a program, each with values that supervisord accepts.
    static let keys: [(key: String, values: [String])] = [
        ("priority", ["1", "999", "-5"]), ("autostart", ["true", "false", "on"]),
        ("autorestart", ["true", "false", "unexpected"]), ("startsecs", ["0", "1", "10"]),
        ("startretries", ["0", "3", "100"]),
        ("stopsignal", ["TERM", "HUP", "INT", "QUIT", "KILL", "USR1", "USR2", "10"]),
        ("stopwaitsecs", ["0", "1", "10", "3600"]), ("stopasgroup", ["true", "false"]), ("killasgroup", ["true"]),
        ("exitcodes", ["0", "0,2", "1", "3,1", "0, 99"]), ("user", ["root", "www", "501"]),
        ("umask", ["022", "077", "7", "000"]), ("directory", ["/", "/srv", "%(here)s/x", "/with blank"]),
        ("redirect_stderr", ["true", "false"]),
        ("stdout_logfile", ["AUTO", "NONE", "/var/log/a.log", "/dev/stdout", "/dev/fd/1", "syslog", "/l/%%%%.log"]),
        ("stderr_logfile", ["AUTO", "NONE", "/var/log/b.log", "/dev/stderr"]),
        ("stdout_logfile_maxbytes", ["0", "1KB", "50MB", "7"]), ("stderr_logfile_maxbytes", ["0", "2MB"]),
        ("stdout_logfile_backups", ["0", "10", "3"]), ("stderr_logfile_backups", ["1"]),
        ("stdout_capture_maxbytes", ["0", "1MB"]), ("stderr_capture_maxbytes", ["4KB"]),
        ("stdout_events_enabled", ["true", "false"]), ("stderr_events_enabled", ["true"]),
        ("stdout_syslog", ["true", "false"]), ("stderr_syslog", ["true", "false"]),
        ("serverurl", ["AUTO", "unix:///run/s.sock", "http://localhost:9001"]),
        ("restart_delay", ["0", "5", "1.5s"]), ("restart_throttle", ["10", "3"]),
        (
            "environment",
            [
                "A=\"1\"", "A=\"1\",B=\"two words\"", "PATH=\"/opt/bin:/bin\"", "C='q\"q'", "D=\"100%%\"",
                "H=\"%(here)s\"",
                "",
            ]
        ),
        ("dependent_startup", ["true"]), ("x-own", ["%(program_name)s", "text", "a=b"]), ("numprocs", ["1"]),
        ("process_name", ["%(program_name)s"]),
    ]

    static let daemonKeys: [(key: String, values: [String])] = [
        ("logfile", ["/var/log/s.log", "syslog"]), ("logfile_maxbytes", ["10MB"]), ("logfile_backups", ["2"]),
        ("loglevel", ["debug"]), ("pidfile", ["/run/s.pid"]), ("umask", ["027"]), ("nodaemon", ["true"]),
        ("silent", ["true"]), ("minfds", ["1024", "65535"]), ("minprocs", ["200"]), ("nocleanup", ["true"]),
        ("childlogdir", ["/var/log/children"]), ("user", ["www"]), ("directory", ["/data"]), ("strip_ansi", ["true"]),
        ("identifier", ["mine"]), ("environment", ["D=\"daemon\"", "A=\"0\",E=\"%%\""]),
    ]

    static let otherSections = [
        "[unix_http_server]\nfile=/run/s.sock\nchmod=0700\nchown=www:www\nusername=u\npassword=p;w\n",
        "[inet_http_server]\nport=127.0.0.1:9001\nusername=u\npassword={SHA}82ab876d1387bfafe46cc1c8a2ef074eae50cb1d\n",
        "[supervisorctl]\nserverurl=unix:///run/s.sock\nprompt=mine\nhistory_file=/tmp/h\n",
        "[rpcinterface:supervisor]\n"
            + "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n",
        "[ctlplugin:x]\nsupervisor.ctl_factory=x:y\n", "[mine]\na=b ; c\n",
        "[eventlistener:listen]\ncommand=/bin/listener\nevents=PROCESS_STATE,TICK_60\nbuffer_size=20\n"
            + "result_handler=supervisor.dispatchers:default_handler\n",
        "[fcgi-program:fast]\ncommand=/bin/fast\nsocket=unix:///run/f.sock\nsocket_owner=www\nsocket_mode=0700\n",
        "[program:many]\ncommand=/bin/many %(process_num)d\nnumprocs=3\nnumprocs_start=7\n"
            + "process_name=%(program_name)s-%(process_num)02d\n",
        "[program:other]\ncommand=/bin/o\nprocess_name=another\n",
    ]

    private static let commands = [
        "/bin/a", "/opt/b --port 80 \"two words\"", "/bin/sh -c 'a ; b'", "/bin/c 100%%", "/bin/d %(program_name)s",
        "%(here)s/run", "cat", "/bin/e \"\" 'q\"q' \\$x", "/bin/f é",
    ]

    private static func program(_ name: String, _ chance: inout Chance) -> String {
        var text = "[program:\(name)]\ncommand=\(chance.pick(commands))\n"
        var used: Set<String> = []
        for (key, values) in keys where chance.once(in: 4) {
            // What supervisord refuses together.
            if key == "restart_throttle", used.contains("restart_delay") { continue }
            used.insert(key)
            text += "\(key)\(chance.pick(["=", " = ", ": "]))\(chance.pick(values))\(chance.pick(["", " ; why"]))\n"
        }
        return text
    }

    static func file(_ chance: inout Chance) -> InputFile {
        var text = chance.pick(["", "; by chance\n\n"])
        if !chance.once(in: 4) {
            text += "[supervisord]\n"
            for (key, values) in daemonKeys where chance.once(in: 5) { text += "\(key)=\(chance.pick(values))\n" }
        }
        let names = Array(["web", "a.b", "x_1", "é", "worker"].prefix(1 + chance.below(3)))
        for name in names { text += "\n" + program(name, &chance) }
        for section in otherSections where chance.once(in: 8) { text += "\n" + section }
        if chance.once(in: 4) { text += "\n[group:some]\nprograms=\(names.joined(separator: ","))\npriority=5\n" }
        return InputFile(path: "/etc/s/supervisord.conf", bytes: Array(text.utf8), looksAround: false)
    }
}
