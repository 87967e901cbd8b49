import ServiceModel
import SourceText
import SystemdFormat
import Testing

@Suite struct SystemdWriterTests {
    static func service(_ dialect: Dialect, _ change: (inout Service) -> Void = { _ in }) -> Service {
        var service = Service(name: Setting("web"), dialect: dialect)
        service.command = Setting(.words(["/bin/web", "-x"]))
        change(&service)
        return service
    }

    private func lines(_ service: Service, user: Bool = false) throws -> [String] {
        try SystemdWriter(isUser: user).write(service).units[0].text.split(separator: "\n").map(String.init)
    }

    @Test func `a program of supervisord with every default becomes this unit`() throws {
        let text = try SystemdWriter().write(Self.service(.supervisor)).units[0].text
        #expect(
            text == """
                [Unit]
                Description=web
                StartLimitIntervalSec=0

                [Service]
                Type=exec
                ExecStart=/bin/web -x
                Restart=always
                RestartPreventExitStatus=0
                RestartSec=1s
                TimeoutStopSec=10s
                KillMode=process
                StandardOutput=journal
                StandardError=journal

                [Install]
                WantedBy=multi-user.target

                """)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let line: String
        let change: @Sendable (inout Service) -> Void

        init(_ line: String, _ change: @escaping @Sendable (inout Service) -> Void) {
            self.line = line
            self.change = change
        }

        var testDescription: String { line }
    }

    @Test(arguments: [
        Row("User=www") { $0.user = Setting("www") },
        Row("Group=staff") { $0.group = Setting("staff") },
        Row("WorkingDirectory=/srv/50%%") { $0.workingDirectory = Setting("/srv/50%") },
        Row("UMask=0027") { $0.umask = Setting(0o027) },
        Row("Nice=19") { $0.niceness = Setting(20) },
        Row(#"Environment="A=b $c %% \"d\"""#) { $0.environment = [EnvironmentVariable("A", Setting("b $c % \"d\""))] },
        Row("LimitNOFILE=64:128") { $0.limits[.openFiles] = ResourceLimit(soft: Setting(64), hard: Setting(128)) },
        Row("LimitCORE=infinity") { $0.limits[.core] = ResourceLimit(soft: Setting(.max), hard: Setting(.max)) },
        Row("TimeoutStopSec=1ms") { $0.stopTimeout = Setting(.zero) },
        Row("TimeoutStopSec=infinity") { $0.stopTimeout = Setting(.infinity) },
        Row("KillSignal=SIGQUIT") { $0.stopSignal = Setting(.quit) },
        Row("KillMode=control-group") {
            $0.stopScope = Setting(.processGroup); $0.killScope = Setting(.processGroup)
        },
        Row("KillMode=mixed") { $0.killScope = Setting(.processGroup) },
        Row("Restart=always") { $0.restartOn = Setting(.all) },
        Row("Restart=no") { $0.restartOn = Setting(.none) },
        Row("SuccessExitStatus=2 SIGUSR1") { $0.success = Setting(.codes([0, 2]).union(.signals([.user1]))) },
        Row("RestartSec=0") { $0.restartDelay = Setting(.none) },
        Row("RestartSec=2s 500ms") { $0.restartDelay = Setting(.afterExit(.milliseconds(2500))) },
        Row("StartLimitBurst=4") { $0.giveUp = Setting(.starts(4, within: .seconds(9))) },
        Row("StandardOutput=append:/var/log/x") { $0.standardOutput = Setting(.file("/var/log/x")) },
        Row("StandardOutput=null") { $0.standardOutput = Setting(.null) },
        Row("StandardError=inherit") { $0.standardError = Setting(.sameAsOutput) },
        Row("StandardInput=file:/in") { $0.standardInput = Setting(.file("/in")) },
        Row("Type=notify") { $0.readiness = Setting(.notified) },
        Row("Type=oneshot") { $0.readiness = Setting(.completed) },
        Row("Type=forking") { $0.readiness = Setting(.forked) },
    ])
    func `a field becomes this line`(row: Row) throws {
        let lines = try lines(Self.service(.supervisor, row.change))
        #expect(lines.contains(row.line), "\(lines)")
    }

    struct EarlyEnds: Sendable {
        let autorestart: TerminationSet
        let startSeconds: Readiness
        let tries: Int
        /// What the report says about them; `nil` = nothing, the unit means the same.
        let why: String?
    }

    @Test(
        "supervisord tries early ends again whatever autorestart says; the report says that systemd does not",
        arguments: [
            EarlyEnds(autorestart: .none, startSeconds: .alive(.seconds(1)), tries: 4, why: "not by systemd"),
            EarlyEnds(autorestart: .none, startSeconds: .alive(.seconds(1)), tries: 1, why: nil),
            EarlyEnds(autorestart: .none, startSeconds: .executed, tries: 4, why: nil),
            EarlyEnds(
                autorestart: .unsuccessful, startSeconds: .alive(.seconds(1)), tries: 4, why: "asks for no restart"),
            EarlyEnds(autorestart: .all, startSeconds: .alive(.seconds(1)), tries: 4, why: "restarted for ever"),
        ])
    func earlyEnds(row: EarlyEnds) throws {
        for isSet in [false, true] where isSet || row.tries == 4 {
            let service = Self.service(.supervisor) {
                $0.restartOn = Setting(row.autorestart)
                $0.readiness = Setting(row.startSeconds)
                if isSet { $0.giveUp = Setting(.earlyExits(row.tries)) }
            }
            let verdict = try SystemdWriter().write(service).verdicts.last { $0.field == .giveUp }
            if let why = row.why {
                #expect(verdict?.grade == (isSet ? .approximated : .generated))
                #expect(verdict?.why.contains(why) == true, "\(verdict?.why ?? "")")
            } else {
                #expect(verdict?.grade ?? .exact == .exact)
            }
        }
    }

    @Test func `a user's unit is wanted by its own target and names no user`() throws {
        let lines = try lines(Self.service(.supervisor) { $0.user = Setting("www") }, user: true)
        #expect(lines.contains("WantedBy=default.target"))
        #expect(!lines.contains { $0.hasPrefix("User=") })
    }

    @Test func `a calendar and an interval become a timer that is exact to the second`() throws {
        let service = Self.service(.launchd) {
            $0.calendar = Setting([CalendarRule(minute: 0, day: 1, weekday: 0), CalendarRule(hour: 3)])
            $0.interval = Setting(.seconds(300))
        }
        let units = try SystemdWriter().write(service).units
        #expect(units.map(\.name) == ["web.service", "web.timer"])
        #expect(
            units[1].text == """
                [Unit]
                Description=web

                [Timer]
                OnCalendar=*-*-01 *:00:00
                OnCalendar=Sun *-*-* *:00:00
                OnCalendar=*-*-* 03:*:00
                OnActiveSec=5min
                OnUnitActiveSec=5min
                AccuracySec=1s

                [Install]
                WantedBy=timers.target

                """)
    }

    @Test func `watched paths become a path unit`() throws {
        let service = Self.service(.launchd) {
            $0.watchedPaths = Setting(["/etc/hosts"])
            $0.queueDirectories = Setting(["/var/q"])
        }
        let unit = try #require(try SystemdWriter().write(service).units.last)
        #expect(unit.name == "web.path")
        #expect(unit.text.contains("PathModified=/etc/hosts\nDirectoryNotEmpty=/var/q\n"))
    }

    @Test(arguments: [
        ("my app", "my\\x20app.service"), ("a/b", "a\\x2fb.service"), (".x", "\\x2ex.service"),
        ("é", "\\xc3\\xa9.service"),
        ("web:1", "web:1.service"), ("a@b", "a@b.service"), ("a@", #"a\x40.service"#),
    ])
    func `a name is escaped as systemd-escape does it`(name: String, file: String) throws {
        let service = Self.service(.supervisor) { $0.name = Setting(name) }
        #expect(try SystemdWriter().write(service).units[0].name == file)
    }

    @Test(arguments: ["a\nb", "a ", "x\\", ""])
    func `a value that no unit can hold is refused`(value: String) {
        #expect(throws: Failure.self) {
            try SystemdWriter().write(Self.service(.supervisor) { $0.user = Setting(value) })
        }
    }

    @Test func `a relative program is taken from its directory or refused`() throws {
        let inside = Self.service(.supervisor) {
            $0.command = Setting(.words(["./run", "a"]))
            $0.workingDirectory = Setting("/app")
        }
        #expect(try lines(inside).contains("ExecStart=/app/run a"))
        #expect(throws: Failure.self) {
            try SystemdWriter().write(Self.service(.supervisor) { $0.command = Setting(.words(["./run"])) })
        }
    }

    @Test func `what systemd alone knows is written as it is and the rest is carried`() throws {
        let foreign = ForeignSetting(dialect: .launchd, path: ["MachServices"], value: "{\"a\":true}")
        let service = Self.service(.launchd) {
            $0.foreign = [
                ForeignSetting(dialect: .systemd, path: ["Service", "OOMPolicy"], value: "continue"),
                ForeignSetting(dialect: .systemd, path: ["Unit", "After"], value: "network.target"), foreign,
            ]
        }
        let lines = try lines(service)
        #expect(lines.contains("OOMPolicy=continue"))
        #expect(lines.contains("After=network.target"))
        #expect(lines.suffix(2) == ["[X-Svinstall]", "Carried=" + foreign.carrierText])
    }

    @Test func `the boot hook can be said`() throws {
        let hook = Self.service(.systemd) {
            $0.readiness = Setting(.notified)
            $0.startsAtLoad = Setting(true)
            $0.restartOn = Setting(
                RestartRule(.onFailure, prevent: .codes([78])).ends(success: RestartRule.success(adding: .none)))
            $0.stopScope = Setting(.main)
            $0.killScope = Setting(.main)
            $0.endsStragglers = Setting(false)
            $0.stopTimeout = Setting(.seconds(100))
            for (key, value) in [
                ("OOMPolicy", "continue"), ("NotifyAccess", "main"), ("Delegate", "yes"), ("TasksMax", "infinity"),
                ("FileDescriptorStoreMax", "512"), ("ExecReload", "/bin/kill -HUP $MAINPID"),
            ] {
                $0.foreign.append(ForeignSetting(dialect: .systemd, path: ["Service", key], value: value))
            }
        }
        let lines = try lines(hook)
        for line in [
            "Type=notify", "Restart=on-failure", "RestartPreventExitStatus=78", "KillMode=process",
            "TimeoutStopSec=1min 40s",
            "OOMPolicy=continue", "ExecReload=/bin/kill -HUP $MAINPID", "WantedBy=multi-user.target", "Delegate=yes",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }
}
