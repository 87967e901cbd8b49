import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// What supervisord 4.3.0 refuses is refused with its words and with the place; what it accepts is accepted.
@Suite struct SupervisorReaderTests {
    private static let head = "[supervisord]\nuser=root\n"

    private func plan(_ text: String, world: MemoryWorld = MemoryWorld()) throws -> Plan {
        try SupervisorReader(world: world).plan(path: "/etc/s.conf", bytes: Array(text.utf8))
    }

    private func service(_ keys: String) throws -> Service {
        let plan = try plan(Self.head + "[program:a]\n" + (keys.contains("command") ? "" : "command=/bin/cat\n") + keys)
        return try #require(plan.groups.first?.services.first)
    }

    // MARK: values

    /// Key, value, and the message; the original adds the section and file.
    private static let badValues: [(key: String, value: String, message: String)] = [
        ("startsecs", "abc", "invalid literal for int() with base 10: 'abc'"),
        ("startsecs", "1.5", "invalid literal for int() with base 10: '1.5'"),
        ("startsecs", "", "invalid literal for int() with base 10: ''"),
        ("startsecs", "1__0", "invalid literal for int() with base 10: '1__0'"),
        ("startsecs", "0x10", "invalid literal for int() with base 10: '0x10'"),
        ("autostart", "maybe", "not a valid boolean value: 'maybe'"),
        ("autostart", "", "not a valid boolean value: ''"),
        ("stdout_logfile_maxbytes", "5xb", "invalid literal for int() with base 10: '5xb'"),
        ("stdout_logfile_maxbytes", "5K", "invalid literal for int() with base 10: '5k'"),
        ("stdout_logfile_maxbytes", "1.5MB", "invalid literal for int() with base 10: '1.5'"),
        ("stdout_capture_maxbytes", "MB", "invalid literal for int() with base 10: ''"),
        ("stopsignal", "FOO", "value 'FOO' is not a valid signal name"),
        ("stopsignal", "99", "value '99' is not a valid signal number"),
        ("stopsignal", "-1", "value '-1' is not a valid signal number"),
        ("umask", "999", "999 can not be converted to an octal type"),
        ("umask", "0x1", "0x1 can not be converted to an octal type"),
        ("exitcodes", "0,256", "not a valid list of exit codes: '0,256'"),
        ("exitcodes", "0,", "not a valid list of exit codes: '0,'"),
        ("exitcodes", "-1", "not a valid list of exit codes: '-1'"),
        ("autorestart", "FOO", "invalid 'autorestart' value 'foo'"),
        ("user", "nosuch", "Invalid user name nosuch"), ("user", "77", "Invalid user id 77"),
        ("user", "", "Invalid user name "),
        ("process_name", "a b", "Invalid name: 'a b' because of character: ' '"),
        ("process_name", "a/b", "Invalid name: 'a/b' because of character: '/'"),
        (
            "command", "%(nope)s",
            "Format string '%(nope)s' for 'program:a.command' contains names ('nope') which cannot "
                + "be expanded. Available names: ENV_HOME, ENV_PATH, group_name, here, host_node_name, numprocs, "
                + "process_num, program_name"
        ),
        (
            "startsecs", "%(nope)s",
            "Format string '%(nope)s' for 'program:a.startsecs' contains names ('nope') which "
                + "cannot be expanded. Available names: ENV_HOME, ENV_PATH, group_name, here, host_node_name, program_name"
        ),
        (
            "command", "date +%Y",
            "Format string 'date +%Y' for 'program:a.command' is badly formatted: unsupported "
                + "format character 'Y' (0x59) at index 7"
        ),
        (
            "stdout_logfile", "/tmp/%%x",
            "Format string '/tmp/%x' for 'stdout_logfile' is badly formatted: %x format: an "
                + "integer is required, not dict"
        ),
        ("environment", "A=\"1\" B=\"2\"", "Unexpected end of key/value pairs in value 'A=\"1\" B=\"2\"'"),
        ("environment", "A=\"x ; y\"", "No closing quotation"),
        (
            "stdout_logfile", "\"/tmp/x.log\"",
            "The directory named as part of the path \"/tmp/x.log\" does not exist"
        ),
        (
            "stdout_logfile", "/etc/s.conf/x/y.log",
            "The directory named as part of the path /etc/s.conf/x/y.log does not exist"
        ),
        ("numprocs", "2", "%(process_num) must be present within process_name when numprocs > 1"),
        ("restart_delay", "soon", "not a valid time span: 'soon'"),
        ("restart_throttle", "-1", "not a valid time span: '-1'"),
    ]

    @Test("a bad value is told in the original's words, with its place", arguments: badValues)
    func badValue(key: String, value: String, message: String) throws {
        let command = key == "command" ? "" : "command=/bin/cat\n"
        var world = MemoryWorld()
        world.files["/etc/s.conf"] = []
        let failure = #expect(throws: Failure.self) {
            try plan(Self.head + "[program:a]\n\(command)\(key) = \(value)\n", world: world)
        }
        let diagnostic = try #require(failure?.diagnostics.first)
        #expect(failure?.status == .badConfiguration)
        #expect(diagnostic.message == message + " in section 'program:a' (file: '/etc/s.conf')")
        let line = command.isEmpty ? 4 : 5
        let column = value.isEmpty ? key.utf8.count + 3 : key.utf8.count + 4
        #expect(diagnostic.span?.description == "/etc/s.conf:\(line):\(column)")
    }

    private static let badFiles: [(rule: String, text: String, message: String, place: String)] = [
        ("no section of the daemon", "[program:a]\ncommand=x", ".ini file does not include supervisord section", "1:1"),
        (
            "a bad priority has no suffix", "[supervisord]\n[program:a]\ncommand=x\npriority=x",
            "invalid literal for int() with base 10: 'x'", "4:10"
        ),
        (
            "nor has a bad name", "[supervisord]\n[program: a b]\ncommand=x",
            "Invalid name: ' a b' because of character: ' '", "2:2"
        ),
        (
            "a program needs a command", "[supervisord]\n[program:a]\nautostart=no",
            "program section program:a does not specify a command in section 'program:a' (file: '/etc/s.conf')", "2:2"
        ),
        (
            "stopasgroup wants killasgroup", "[supervisord]\n[program:a]\ncommand=x\nstopasgroup=1\nkillasgroup=0",
            "Cannot set stopasgroup=true and killasgroup=false in section 'program:a' (file: '/etc/s.conf')", "5:13"
        ),
        (
            "an unknown program in a group", "[supervisord]\n[group:g]\nprograms=zz",
            "[group:g] names unknown program or fcgi-program zz", "3:10"
        ),
        (
            "the original blames the section before", "[supervisord]\n[program:a]\ncommand=x\n[group:g]\nprograms=a,zz",
            "[program:a] names unknown program or fcgi-program zz", "5:10"
        ),
        (
            "one name, two kinds",
            "[supervisord]\n[program:a]\ncommand=x\n[fcgi-program:a]\ncommand=x\nsocket=tcp://h:1\n[group:g]\nprograms=a",
            "[group:g] name a is ambiguous (exists as program and fcgi-program)", "8:10"
        ),
        ("a level's name", "[supervisord]\nloglevel=warning", "bad logging level name 'warning'", "2:10"),
        (
            "the daemon's directory is not made", "[supervisord]\ndirectory=/nope",
            "/nope is not an existing directory",
            "2:11"
        ),
        ("the daemon's user", "[supervisord]\nuser=nosuch", "Invalid user name nosuch", "2:6"),
        (
            "%% breaks in the second expansion", "[supervisord]\nenvironment=URI=\"/a%%20b\"",
            "Format string 'URI=\"/a%20b\"' for 'environment' is badly formatted: unsupported format character 'b' (0x62) "
                + "at index 10", "2:13"
        ),
        (
            "no host name in the first", "[supervisord]\nenvironment=A=%(host_node_name)s",
            "Format string 'A=%(host_node_name)s' for 'supervisord.environment' contains names ('host_node_name') which "
                + "cannot be expanded. Available names: ENV_HOME, ENV_PATH, here", "2:13"
        ),
        (
            "a socket needs a file", "[supervisord]\n[unix_http_server]\nchmod=0700",
            "section [unix_http_server] has no file value", "2:2"
        ),
        (
            "its owner must exist", "[supervisord]\n[unix_http_server:x]\nfile=/tmp/s\nchown=kim:nosuch",
            "Invalid sockchown value kim:nosuch", "4:7"
        ),
        (
            "its mode is octal", "[supervisord]\n[unix_http_server]\nfile=/tmp/s\nchmod=888", "Invalid chmod value 888",
            "4:7"
        ),
        (
            "half of the credentials", "[supervisord]\n[inet_http_server]\nport=1\nusername=u",
            "Section [inet_http_server] contains incomplete authentication: If a username or a password is specified, both "
                + "the username and password must be specified", "4:10"
        ),
        ("a port", "[supervisord]\n[inet_http_server]\nport=abc", "not a valid port number: 'abc' ", "3:6"),
        (
            "a port out of range", "[supervisord]\n[inet_http_server]\nport=h:70000",
            "70000 is above upper bound (65535)", "3:6"
        ),
        ("no port", "[supervisord]\n[inet_http_server]\nport=h:", "no port number specified in ''", "3:6"),
        ("no port key", "[supervisord]\n[inet_http_server]\n", "section [inet_http_server] has no port value", "2:2"),
        (
            "include wants files", "[supervisord]\n[include]\n",
            ".ini file has [include] section, but no files setting",
            "2:2"
        ),
        (
            "a listener wants events", "[supervisord]\n[eventlistener:e]\ncommand=x",
            "[eventlistener:e] section requires an \"events\" line", "2:2"
        ),
        (
            "that exist", "[supervisord]\n[eventlistener:e]\ncommand=x\nevents=FOO",
            "Unknown event type FOO in [eventlistener:e] events", "4:8"
        ),
        (
            "its buffer", "[supervisord]\n[eventlistener:e]\ncommand=x\nevents=TICK\nbuffer_size=0",
            "[eventlistener:e] section sets invalid buffer_size (0)", "5:13"
        ),
        (
            "its standard error", "[supervisord]\n[eventlistener:e]\ncommand=x\nevents=TICK\nredirect_stderr=true",
            "[eventlistener:e] section sets redirect_stderr=true but this is not allowed because it will interfere with "
                + "the eventlistener protocol", "5:17"
        ),
        (
            "fcgi wants a socket", "[supervisord]\n[fcgi-program:f]\ncommand=x",
            "[fcgi-program:f] section requires a \"socket\" line", "2:2"
        ),
        (
            "of a known kind", "[supervisord]\n[fcgi-program:f]\ncommand=x\nsocket=udp://x:1",
            "('Bad socket format %s', 'udp://x:1') in [fcgi-program:f] socket", "4:8"
        ),
        (
            "with an absolute path", "[supervisord]\n[fcgi-program:f]\ncommand=x\nsocket=unix://x",
            "('Unix socket path %s is not an absolute path', 'x') in [fcgi-program:f] socket", "4:8"
        ),
        (
            "no mode for tcp", "[supervisord]\n[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\nsocket_mode=0700",
            "socket_owner and socket_mode params should only be used with a Unix domain socket in [fcgi-program:f] socket",
            "4:8"
        ),
        (
            "its backlog", "[supervisord]\n[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\nsocket_backlog=0",
            "Invalid socket_backlog value 0", "5:16"
        ),
        (
            "an interface wants a factory", "[supervisord]\n[rpcinterface:x]\n",
            "section [rpcinterface:x] does not specify a supervisor.rpcinterface_factory", "2:2"
        ),
        (
            "DEFAULT leaks into the factory's arguments",
            "[DEFAULT]\nstartsecs=0\n[supervisord]\n[inet_http_server]\nport=1\n[rpcinterface:supervisor]\n"
                + "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
            "Could not make supervisor rpc interface", "2:11"
        ),
        (
            "too many processes",
            "[supervisord]\n[program:a]\ncommand=x\nnumprocs=1000000000\nprocess_name=%(process_num)s",
            "more than 100000 processes in section 'program:a' (file: '/etc/s.conf')", "4:10"
        ),
        (
            "two waits", "[supervisord]\n[program:a]\ncommand=x\nrestart_delay=1\nrestart_throttle=2",
            "restart_delay and restart_throttle exclude each other in section 'program:a' (file: '/etc/s.conf')", "4:15"
        ),
    ]

    @Test("a bad file is told in the original's words, with the place", arguments: badFiles)
    func badFile(rule: String, text: String, message: String, place: String) throws {
        let failure = #expect(throws: Failure.self) { try plan(text) }
        let diagnostic = try #require(failure?.diagnostics.first)
        #expect(diagnostic.message == message, "\(rule)")
        #expect(diagnostic.span?.description == "/etc/s.conf:" + place, "\(rule)")
        #expect(failure?.diagnostics.count == 1)
    }

    @Test("the directory of the pid file: made like those of logs, or refused as by the original")
    func pidDirectory() throws {
        let bytes = Array("[supervisord]\npidfile=/none/d.pid\n".utf8)
        let world = MemoryWorld()
        #expect(try SupervisorReader(world: world).plan(path: "/d.conf", bytes: bytes).directoriesToMake == ["/none"])
        let strict = SupervisorReader(world: world, keepsToOriginal: true)
        let failure = #expect(throws: Failure.self) { try strict.plan(path: "/d.conf", bytes: bytes) }
        #expect(
            failure?.diagnostics.first?.message
                == "The directory named as part of the path /none/d.pid does not exist")
        // A log next to it has the directory made.
        let beside = Array("[supervisord]\nlogfile=/none/d.log\npidfile=/none/d.pid\n".utf8)
        #expect(try strict.plan(path: "/d.conf", bytes: beside).directoriesToMake == ["/none"])
    }

    @Test("a result handler in Python: the default one with a warning, or refused as by the original")
    func resultHandler() throws {
        let text = "[supervisord]\n[eventlistener:e]\ncommand=x\nevents=TICK\nresult_handler=their:handler\n"
        let world = MemoryWorld()
        let plan = try SupervisorReader(world: world).plan(path: "/d.conf", bytes: Array(text.utf8))
        #expect(plan.notices.contains { $0.text.contains("their:handler") })
        let strict = SupervisorReader(world: world, keepsToOriginal: true)
        let failure = #expect(throws: Failure.self) { try strict.plan(path: "/d.conf", bytes: Array(text.utf8)) }
        #expect(failure?.diagnostics.first?.message == "their:handler cannot be resolved within [eventlistener:e]")
    }

    @Test("a missing and an unreadable file")
    func noFile() {
        var world = MemoryWorld(["/x.conf": ""])
        world.unreadable = ["/x.conf"]
        let reader = SupervisorReader(world: world)
        let missing = #expect(throws: Failure.self) { try reader.plan(path: "/nope") }
        #expect(missing?.status == .noInput)
        #expect(missing?.diagnostics.first?.message == "could not find config file /nope")
        let unreadable = #expect(throws: Failure.self) { try reader.plan(path: "/x.conf") }
        #expect(unreadable?.diagnostics.first?.message == "could not read config file /x.conf")
        #expect(unreadable?.status == .noInput)
    }

    // MARK: what the values mean

    @Test("a bare program has nothing but its command: the rest is absent, not default")
    func bare() throws {
        let service = try service("")
        #expect(service.fieldsSet.map(\.field) == [.name, .command])
        #expect(service.name.value == "a")
        #expect(service.command?.value == .words(path: "/bin/cat", arguments: ["/bin/cat"]))
        #expect(service.effective(\.restartOn, \.restartOn) == TerminationSet.codes([0]).inverted)
    }

    @Test("every key reaches its field")
    func everyKey() throws {
        let service = try service(
            """
            command=/bin/sh -c "echo %(program_name)s"
            priority=5
            AutoStart=off
            autorestart=TRUE
            startsecs=0
            startretries=-1
            exitcodes=2, 0
            stopsignal=hup
            stopwaitsecs=7
            stopasgroup=yes
            user=kim
            umask=027
            directory=/nonexistent
            redirect_stderr=true
            stdout_logfile=/tmp/%(process_num)02d.log
            stdout_logfile_maxbytes=5 MB
            stdout_capture_maxbytes=1KB
            stdout_events_enabled=1
            stderr_syslog=on
            environment=A="1",B=%(group_name)s
            serverurl=http://x:1
            restart_delay=1min
            """)
        #expect(service.command?.value == .words(path: "/bin/sh", arguments: ["/bin/sh", "-c", "echo a"]))
        #expect(service.supervisor.commandText == "/bin/sh -c \"echo a\"")
        #expect(service.priority?.value == 5)
        #expect(service.startsAtLoad?.value == false)
        #expect(service.restartOn?.value == .all)
        #expect(service.readiness?.value == .executed)
        #expect(service.giveUp?.value == .earlyExits(0))
        #expect(service.success?.value == .codes([0, 2]))
        #expect(service.supervisor.exitCodeList == [2, 0])
        #expect(service.stopSignal?.value == .hangUp)
        #expect(service.stopTimeout?.value == .seconds(7))
        #expect(service.stopScope?.value == .processGroup)
        #expect(service.killScope?.value == .processGroup)
        #expect(service.user?.value == "kim")
        #expect(service.supervisor.userID == 1000)
        #expect(service.umask?.value == 0o027)
        #expect(service.workingDirectory?.value == "/nonexistent")
        #expect(service.standardOutput?.value == .file("/tmp/00.log"))
        #expect(service.standardError?.value == .sameAsOutput)
        #expect(service.outputRotation?.value == LogRotation(maximumBytes: .megabytes(5), backups: 10))
        #expect(service.errorRotation == nil)
        #expect(service.supervisor.outputCaptureBytes?.value == ByteSize(bytes: 1024))
        #expect(service.supervisor.outputEvents?.value == true)
        #expect(service.supervisor.errorSyslog?.value == true)
        #expect(service.environment.map { "\($0.name)=\($0.value.value)" } == ["A=1", "B=a"])
        #expect(service.supervisor.serverURL?.value == "http://x:1")
        #expect(service.restartDelay?.value == .afterExit(.seconds(60)))
        #expect(service.readiness?.span?.description == "/etc/s.conf:8:11")
    }

    private static let restarts: [(keys: String, restart: TerminationSet)] = [
        ("autorestart=unexpected", TerminationSet.codes([0]).inverted),
        ("autorestart=unexpected\nexitcodes=0,3", TerminationSet.codes([0, 3]).inverted),
        ("exitcodes=3", TerminationSet.codes([3]).inverted), ("exitcodes=", .all), ("autorestart=false", .none),
        ("autorestart=1\nexitcodes=3", .all),
    ]

    @Test("autorestart and exitcodes make one set of ends", arguments: restarts)
    func restart(keys: String, restart: TerminationSet) throws {
        #expect(try service(keys).restartOn?.value == restart)
    }

    private static let delays: [(key: String, delay: RestartDelay)] = [
        ("restart_delay=0", .none), ("restart_delay=1.5", .afterExit(.milliseconds(1500))),
        ("restart_throttle=10", .sinceStart(.seconds(10))), ("restart_throttle=250ms", .sinceStart(.milliseconds(250))),
    ]

    @Test("our own keys", arguments: delays)
    func delay(key: String, delay: RestartDelay) throws {
        #expect(try service(key).restartDelay?.value == delay)
    }

    private static let commands: [(text: String, command: Command)] = [
        ("/bin/echo a;b", .words(path: "/bin/echo", arguments: ["/bin/echo", "a;b"])),
        ("/bin/echo a #b", .words(path: "/bin/echo", arguments: ["/bin/echo", "a"])),
        ("a\n  b\n; c\n  d", .words(path: "a", arguments: ["a", "b", "d"])),
        (
            "/bin/sh -c 'echo foo ; echo bar'",
            .malformed(
                text: "/bin/sh -c 'echo foo",
                reason: "No closing quotation")
        ),
        ("", .malformed(text: "", reason: "command is empty")),
        ("a \\", .malformed(text: "a \\", reason: "No escaped character")),
    ]

    @Test("a command that is no list of words is the start's failure, not the file's", arguments: commands)
    func command(text: String, command: Command) throws {
        #expect(try service("command=\(text)").command?.value == command)
    }

    @Test("a program's own environment is known to its command, and not to itself")
    func ownEnvironment() throws {
        let service = try service("environment=V=lv\ncommand=x %(ENV_V)s\ndirectory=/%(ENV_V)s")
        #expect(service.supervisor.commandText == "x lv")
        #expect(service.workingDirectory?.value == "/lv")
        #expect(throws: Failure.self) { try self.service("environment=V=lv,W=%(ENV_V)s") }
    }

    @Test("the daemon's environment lies below the program's, and its names are known to what follows")
    func daemonEnvironment() throws {
        let plan = try plan(
            "[supervisord]\nenvironment=A=1,B=2\n[program:p]\ncommand=%(ENV_A)s %(ENV_B)s\nenvironment=C=3,A=9")
        let service = try #require(plan.groups.first?.services.first)
        #expect(service.environment.map { "\($0.name)=\($0.value.value)" } == ["A=9", "B=2", "C=3"])
        #expect(service.supervisor.commandText == "9 2")
        #expect(plan.daemon.environment.map(\.name) == ["A", "B"])
    }

    private static let silent: [String] = [
        "[Program:x]\ncommand=y", "[ program:y ]", "[program]\ncommand=x", "[foo]\nbar=%(nope",
    ]

    @Test("sections and keys that the original does not know are passed over", arguments: silent)
    func unknown(text: String) throws {
        let plan = try plan(Self.head + text + "\n[supervisord]\nnosuchkey=1\n")
        #expect(plan.groups.isEmpty)
        #expect(plan.notices.isEmpty)
    }

    @Test("[DEFAULT] brings names into sections that have none of their own")
    func namesOfDefault() throws {
        let plan = try plan(
            "[DEFAULT]\ncommand=/%(program_name)s/%(process_num)d\n[supervisord]\n[program:a]\npriority=5\n")
        #expect(plan.groups.first?.services.first?.supervisor.commandText == "/a/0")
    }

    @Test("[DEFAULT] shines through everywhere")
    func defaults() throws {
        let plan = try plan("[DEFAULT]\ncommand=x\nstartsecs=9\n[supervisord]\n[program:a]\n[program:b]\nstartsecs=2")
        #expect(plan.groups.map { $0.services.first?.readiness?.value } == [.alive(.seconds(9)), .alive(.seconds(2))])
    }
}
