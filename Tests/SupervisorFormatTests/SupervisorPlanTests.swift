import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// Groups, files, directories, listeners: how sections become a plan.
@Suite struct SupervisorPlanTests {
    private func plan(_ text: String, _ files: [String: String] = [:]) throws -> Plan {
        var files = files
        files["/etc/s.conf"] = text
        return try SupervisorReader(world: MemoryWorld(files)).plan(path: "/etc/s.conf")
    }

    private func names(_ plan: Plan) -> [String] {
        plan.groups.flatMap { group in group.services.map { "\(group.name):\($0.name.value)" } }
    }

    @Test("groups are sorted by priority and name, kinds built one after the other")
    func order() throws {
        let plan = try plan(
            """
            [supervisord]
            [program:z]
            command=x
            [program:b]
            command=x
            [fcgi-program:a]
            command=x
            socket=tcp://h:1
            [eventlistener:y]
            command=x
            events=tick_60,TICK_60, process_state
            [program:c]
            command=x
            priority=1
            """)
        #expect(plan.groups.map(\.name) == ["y", "c", "a", "b", "z"])
        #expect(plan.groups.map(\.priority) == [-1, 1, 999, 999, 999])
        #expect(plan.groups.first?.services.first?.priority == nil, "a listener's process keeps 999")
        let pool = EventPool(
            events: ["TICK_60", "PROCESS_STATE"], bufferSize: 10,
            resultHandler: "supervisor.dispatchers:default_handler")
        #expect(plan.groups.first?.kind == .eventListener(pool))
        #expect(plan.groups[2].kind == .fastCGI(FastCGISocket(url: "tcp://h:1")))
        #expect(plan.groups[2].services.first?.standardInput?.value == .socket)
    }

    @Test("numprocs makes processes in the order of their names")
    func processes() throws {
        let plan = try plan(
            "[supervisord]\n[program:p]\ncommand=x %(process_num)d/%(numprocs)d\nnumprocs=3\nnumprocs_start=9\n"
                + "process_name=%(program_name)s_%(process_num)s")
        #expect(names(plan) == ["p:p_10", "p:p_11", "p:p_9"])
        #expect(plan.groups.first?.services.map(\.supervisor.commandText) == ["x 10/3", "x 11/3", "x 9/3"])
    }

    @Test("numprocs=0 makes an empty group")
    func noProcess() throws {
        let plan = try plan("[supervisord]\n[program:p]\ncommand=x\nnumprocs=0\n")
        #expect(plan.groups.map(\.name) == ["p"])
        #expect(names(plan).isEmpty)
    }

    @Test("a group takes its programs in its own order, and they lose theirs")
    func group() throws {
        let plan = try plan(
            "[supervisord]\n[program:a]\ncommand=%(group_name)s\npriority=1\n[program: b]\ncommand=x\n[program:c]\n"
                + "command=x\n[group:g]\nprograms=c, a\npriority=7\n[group:h]\nprograms=a\n[group:e]")
        #expect(names(plan) == ["g:c", "g:a", "b:b", "h:a"])
        #expect(plan.groups.map(\.name) == ["g", "b", "e", "h"])
        #expect(plan.groups.first?.kind == .heterogeneous)
        #expect(plan.groups.first?.services.last?.supervisor.commandText == "g")
        #expect(plan.groups.last?.services.first?.supervisor.commandText == "h")
    }

    @Test("of clashing names in a group the last survives, in the first one's place")
    func clash() throws {
        let plan = try plan(
            "[supervisord]\n[program:a]\ncommand=1\nprocess_name=n\n[program:b]\ncommand=2\n[program:c]\ncommand=3\n"
                + "process_name=n\n[group:g]\nprograms=a,b,c")
        #expect(names(plan) == ["g:n", "g:b"])
        #expect(plan.groups.first?.services.first?.supervisor.commandText == "3")
    }

    @Test("a group and a program of one name are both there, the group first")
    func sameName() throws {
        let plan = try plan("[supervisord]\n[program:a]\ncommand=1\n[program:b]\ncommand=2\n[group:a]\nprograms=b")
        #expect(names(plan) == ["a:b", "a:a"])
    }

    private func include(_ root: String, _ files: [String: String]) throws -> Plan {
        var world = MemoryWorld(files)
        world.files["/etc/s.conf"] = Array(root.utf8)
        world.directories.formUnion(["/etc/conf.d", "/etc/conf.d/dir.conf"])
        return try SupervisorReader(world: world).plan(path: "/etc/s.conf")
    }

    @Test("included files are read in order, override, and know their own place; theirs are not followed")
    func include() throws {
        let plan = try include(
            """
            [supervisord]
            loglevel=info
            [include]
            files = conf.d/[ab]*.conf %(host_node_name)s/x*
                %(here)s/last.conf
            [program:a]
            command=root
            """,
            [
                "/etc/conf.d/b.conf": "[program:b]\ncommand=%(here)s/run\n",
                "/etc/conf.d/a.conf": "[program:a]\ncommand=included\n[supervisord]\nloglevel=debug\n",
                "/etc/conf.d/.a.conf": "garbage", "/etc/conf.d/c.txt": "garbage", "/etc/never.conf": "garbage",
                "/etc/last.conf": "[include]\nfiles=never.conf\n",
            ])
        #expect(plan.files == ["/etc/s.conf", "/etc/conf.d/a.conf", "/etc/conf.d/b.conf", "/etc/last.conf"])
        #expect(plan.patterns == ["/etc/conf.d/[ab]*.conf", "/etc/host1/x*", "/etc/last.conf"])
        #expect(plan.daemon.logLevel == .debug)
        #expect(plan.groups.map { $0.services.first?.supervisor.commandText } == ["included", "/etc/conf.d/run"])
        #expect(plan.groups.first?.services.first?.command?.span?.description == "/etc/conf.d/a.conf:2:9")
        let notices = plan.notices.filter { $0.level != .critical }
        #expect(
            notices == [
                PlanNotice(.warning, "No file matches via include \"/etc/host1/x*\""),
                PlanNotice(.info, "Included extra file \"/etc/conf.d/a.conf\" during parsing"),
                PlanNotice(.info, "Included extra file \"/etc/conf.d/b.conf\" during parsing"),
                PlanNotice(.info, "Included extra file \"/etc/last.conf\" during parsing"),
            ])
    }

    @Test("errors in an included file name it")
    func includeError() {
        let root = "[supervisord]\n[include]\nfiles=conf.d/a.conf"
        let file = "[program:a]\ncommand=x\nstartsecs=y\n"
        let failure = #expect(throws: Failure.self) { try include(root, ["/etc/conf.d/a.conf": file]) }
        #expect(
            failure?.diagnostics.first?.message
                == "invalid literal for int() with base 10: 'y' in section 'program:a' (file: '/etc/conf.d/a.conf')")
        #expect(failure?.diagnostics.first?.span?.description == "/etc/conf.d/a.conf:3:11")
    }

    @Test("what matches and cannot be read is said and skipped")
    func includeUnreadable() throws {
        let plan = try include("[supervisord]\nuser=root\n[include]\nfiles=conf.d/*.conf", [:])
        #expect(
            plan.notices.map(\.text) == [
                "Included file \"/etc/conf.d/dir.conf\" cannot be read (Permission denied); it is skipped",
                "Included extra file \"/etc/conf.d/dir.conf\" during parsing",
            ])
    }

    @Test("missing directories of logs are noted to be made, each once; the daemon's own is refused")
    func directories() throws {
        let plan = try plan(
            """
            [supervisord]
            logfile=/var/log/new/s.log
            pidfile=~/run/s.pid
            childlogdir=/var/log/new/
            [program:a]
            command=x
            stdout_logfile=/var/log/new/deep/a.log
            stderr_logfile=logs/a.err
            """)
        #expect(
            plan.directoriesToMake == ["/var/log/new", "/home/kim/run", "/var/log/new/deep", "/work/logs"])
        #expect(plan.daemon.logFile == "/var/log/new/s.log")
        #expect(plan.daemon.pidFile == "/home/kim/run/s.pid")
        #expect(plan.groups.first?.services.first?.standardError?.value == .file("logs/a.err"))
    }

    @Test("defaults of the daemon")
    func daemonDefaults() throws {
        let daemon = try plan("[supervisord]\n").daemon
        #expect(daemon.logFile == "/work/supervisord.log")
        #expect(daemon.pidFile == "/work/supervisord.pid")
        #expect(daemon.childLogDirectory == "/tmp")
        #expect(!daemon.offersSupervisorNamespace)
        #expect(daemon.configurationFile == "/etc/s.conf")
        #expect(daemon.listeners.isEmpty)
    }

    @Test("files that nobody names may be put elsewhere, in directories that are made; named ones stay")
    func unnamedFiles() throws {
        let files = UnnamedFiles(log: "/var/new/s.log", pid: "/var/new/s.pid")
        func read(_ text: String) throws -> Plan {
            try SupervisorReader(world: MemoryWorld(["/etc/s.conf": text]), unnamedFiles: files).plan(
                path: "/etc/s.conf")
        }
        let silent = try read("[supervisord]\n")
        #expect(silent.daemon.logFile == "/var/new/s.log" && silent.daemon.pidFile == "/var/new/s.pid")
        #expect(silent.directoriesToMake == ["/var/new"])
        let named = try read("[supervisord]\nlogfile=/work/a.log\npidfile=/work/a.pid\n")
        #expect(named.daemon.logFile == "/work/a.log" && named.daemon.pidFile == "/work/a.pid")
        #expect(try read("[supervisord]\nlogfile=syslog\n").daemon.logToSyslog)
    }

    @Test("logfile=syslog is no path")
    func syslog() throws {
        let daemon = try plan("[supervisord]\nlogfile=syslog").daemon
        #expect(daemon.logToSyslog)
        #expect(daemon.logFile == nil)
    }

    @Test("listeners: inet before unix, in any number")
    func listeners() throws {
        let plan = try plan(
            """
            [supervisord]
            [unix_http_server:two]
            file=%(here)s/../tmp/s.sock ; c
            chmod=0770
            chown=kim:users
            [unix_http_server]
            file = ~/s.sock
            username=%(ENV_HOME)s
            password={SHA}abc
            [inet_http_server]
            port=LOCALHOST:9001
            [inet_http_server:b]
            port=*:1_0
            """)
        #expect(
            plan.daemon.listeners == [
                ListenerSettings(section: "inet_http_server", address: .tcp(host: "localhost", port: 9001)),
                ListenerSettings(section: "inet_http_server:b", address: .tcp(host: "", port: 10)),
                ListenerSettings(
                    section: "unix_http_server:two",
                    address: .unix(path: "/tmp/s.sock", mode: 0o770, owner: "kim:users")),
                ListenerSettings(
                    section: "unix_http_server", address: .unix(path: "/home/kim/s.sock", mode: 0o700, owner: nil),
                    username: "/home/kim", password: "{SHA}abc"),
            ])
    }

    @Test("Python plug-ins are skipped aloud")
    func plugins() throws {
        let plan = try plan(
            """
            [supervisord]
            user=root
            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
            [rpcinterface:twiddler]
            supervisor.rpcinterface_factory = supervisor_twiddler.rpcinterface:make
            x = 1
            """)
        #expect(plan.daemon.offersSupervisorNamespace)
        #expect(plan.notices.map(\.level) == [.warning])
        #expect(
            plan.notices.first?.text
                == "[rpcinterface:twiddler] is skipped: its factory supervisor_twiddler.rpcinterface:make is Python and cannot "
                + "be loaded; its methods are not offered")
        #expect(plan.notices.first?.span?.description == "/etc/s.conf:6:35")
    }

    private static let warnings: [(keys: String, text: String)] = [
        (
            "redirect_stderr=true\nstderr_logfile=/tmp/x",
            "For [program:a], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has "
                + "been ignored"
        ),
        (
            "stdout_logfile_maxbytes=0",
            "For [program:a], AUTO logging used for stdout_logfile without rollover, set maxbytes > 0 to avoid filling up "
                + "filesystem unintentionally"
        ),
        (
            "stderr_logfile=SYSLOG",
            "For [program:a], stderr_logfile=syslog but this is deprecated and will be removed.  Use stderr_syslog=true "
                + "to enable syslog instead."
        ),
    ]

    @Test("warnings have the original's words", arguments: warnings)
    func warning(keys: String, text: String) throws {
        let plan = try plan("[supervisord]\nuser=root\n[program:a]\ncommand=x\n" + keys)
        #expect(plan.notices == [PlanNotice(.warning, text)])
    }

    @Test("the fcgi socket belongs to the program's user unless said otherwise")
    func fastCGIOwner() throws {
        let section =
            "[supervisord]\n[fcgi-program:f]\ncommand=x\nuser=kim\nsocket=unix:///tmp/../tmp/%(program_name)s\n"
        let socket = FastCGISocket(url: "unix:///tmp/f", mode: 0o700, owner: "1000:100")
        #expect(try plan(section).groups.first?.kind == .fastCGI(socket))
        let named = FastCGISocket(url: "unix:///tmp/f", backlog: 5, mode: 0o666, owner: "root")
        let keys = "socket_owner=root\nsocket_mode=666\nsocket_backlog=5"
        #expect(try plan(section + keys).groups.first?.kind == .fastCGI(named))
    }
}
