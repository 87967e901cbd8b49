import ServiceModel
import SourceText
import SystemdFormat
import Testing

@Suite struct SystemdReaderTests {
    private static func read(_ service: String, unit: String = "", path: String = "web.service") throws
        -> SystemdReader.Result
    {
        let text = "[Unit]\n\(unit)\n[Service]\n\(service)\n"
        return try SystemdReader().read(path: path, bytes: Array(text.utf8))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let expected: @Sendable (Service) -> Bool

        init(_ text: String, _ expected: @escaping @Sendable (Service) -> Bool) {
            self.text = text
            self.expected = expected
        }

        var testDescription: String { text }
    }

    @Test(arguments: [
        Row("Type=notify") { $0.readiness?.value == .notified },
        Row("Type=oneshot") { $0.readiness?.value == .completed },
        Row("User=www\nUser=web") { $0.user?.value == "web" },
        Row("RestartSec=5\nRestartSec=") { $0.restartDelay?.value == .afterExit(.seconds(5)) },
        Row("RestartSec=1\nRestartSec=5\nRestartSec=soon\nRestartSec=") {
            $0.restartDelay?.value == .afterExit(.seconds(5))
        },
        Row("User=www\nUser=") { $0.user == nil },
        Row("Group=%p") { $0.group?.value == "web" },
        Row("WorkingDirectory=-/srv") { $0.workingDirectory?.value == "/srv" },
        Row("UMask=22") { $0.umask?.value == 0o022 },
        Row("Nice=-5") { $0.niceness?.value == -5 },
        Row("LimitNOFILE=1024:2048") {
            $0.limits[.openFiles]?.soft?.value == 1024 && $0.limits[.openFiles]?.hard?.value == 2048
        },
        Row("LimitFSIZE=1.5K:2G") {
            $0.limits[.fileSize]?.soft?.value == 1536 && $0.limits[.fileSize]?.hard?.value == 2 << 30
        },
        Row("LimitCORE=infinity") { $0.limits[.core]?.soft?.value == .max },
        Row("LimitCPU=1min") { $0.limits[.cpuTime]?.hard?.value == 60 },
        Row("RestartSec=1min 30") { $0.restartDelay?.value == .afterExit(.seconds(90)) },
        Row("RestartSec=0") { $0.restartDelay?.value == RestartDelay.none },
        Row("TimeoutStopSec=0") { $0.stopTimeout?.value == .infinity },
        Row("KillMode=mixed") { $0.stopScope?.value == .main && $0.killScope?.value == .everything },
        Row("KillMode=process") { $0.killScope?.value == .main && $0.endsStragglers?.value == false },
        Row("KillSignal=SIGINT") { $0.stopSignal?.value == .interrupt },
        Row("StandardOutput=append:/l\nStandardError=inherit") {
            $0.standardOutput?.value == .file("/l") && $0.standardError?.value == .sameAsOutput
        },
        Row("StandardInput=file:/i") { $0.standardInput?.value == .file("/i") },
        Row("Restart=always\nRestartPreventExitStatus=0 2\nSuccessExitStatus=2") {
            $0.restartOn?.value == TerminationSet.codes([0, 2]).inverted && $0.success?.value.exitCodes == [0, 2]
        },
        Row("Restart=on-failure") {
            $0.restartOn?.value == RestartRule.success(adding: .none).inverted
        },
        Row(#"Environment="A=b c" D=e%%"# + "\nEnvironment=A=f") {
            $0.environment.map { $0.name + "=" + $0.value.value } == ["D=e%", "A=f"]
        },
        Row("Environment=A=1\nEnvironment=\nEnvironment=B=$A") {
            $0.environment.map { $0.name + "=" + $0.value.value } == ["B=$A"]
        },
        Row("[Unit]\nStartLimitIntervalSec=0") { $0.giveUp?.value == .never },
        Row("[Unit]\nStartLimitBurst=3") { $0.giveUp?.value == .starts(3, within: .seconds(10)) },
        Row("[Unit]\nDescription=The web") { $0.summary?.value == "The web" },
        Row("[Install]\nWantedBy=multi-user.target") { $0.startsAtLoad?.value == true },
        Row("[Install]\nWantedBy=x\nWantedBy=") { $0.startsAtLoad == nil },
    ])
    func `a key goes into its field`(row: Row) throws {
        let result = try Self.read("ExecStart=/bin/web\n" + row.text)
        let service = try #require(result.service, "\(result.diagnostics)")
        #expect(row.expected(service))
    }

    @Test(arguments: [
        ("ExecStart=/bin/a b", ["/bin/a", "b"]),
        ("ExecStart=/bin/x\nExecStart=\nExecStart=/bin/a", ["/bin/a"]),
        ("Environment=B=2\nExecStart=/bin/a $B ${B}c", ["/bin/a", "2", "2c"]),
        ("EnvironmentFile=/e\nExecStart=/bin/a $B", ["/bin/sh", "-c", "set -f; exec /bin/a $B"]),
        ("Type=oneshot\nExecStart=/bin/a\nExecStart=-/bin/b", ["/bin/sh", "-c", "set -ef; /bin/a; /bin/b || :"]),
        (#"ExecStart=/bin/find /a -exec rm {} \;"#, ["/bin/find", "/a", "-exec", "rm", "{}", ";"]),
        (#"ExecStart=/bin/a "\;" \\; ";" x\;"#, ["/bin/a", "\\;", "\\;", ";", "x\\;"]),
    ])
    func `a command is an argument vector, through a shell only where it must`(text: String, words: [String]) throws {
        #expect(try Self.read(text).service?.command?.value.arguments == words)
    }

    @Test(arguments: [
        ("", "unit-no-command"), ("ExecStart=bin/a", "unit-command"), ("ExecStart=/bin/a 'x", "unit-command"),
        ("ExecStart=/bin/a %F", "unit-command"), ("ExecStart=/bin/a\nExecStart=/bin/b", "unit-several-commands"),
        ("ExecStart=/bin/a\nType=oneshot\nRestart=always", "unit-oneshot-restart"),
        ("ExecStart=/bin/a\nUser=0day", "unit-user"), ("ExecStart=/bin/a\nWorkingDirectory=srv", "unit-relative-path"),
        ("ExecStart=/bin/a\nType=dbus", "unit-bus-name"), ("ExecStop=/bin/a", "unit-no-command"),
        ("ExecStart=/bin/a\nDescription=x\nUser=%Z", "unit-specifier"),
    ])
    func `what systemd refuses is an error with a place`(text: String, code: String) throws {
        let result = try Self.read(text)
        #expect(result.service == nil)
        let errors = result.diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.code) == [code])
        #expect(errors.allSatisfy { $0.span != nil && $0.remedy != nil })
    }

    @Test(arguments: [
        ("TimeoutStopSec=0", "unit-timeout-zero"), ("Restrat=always", "unit-unknown-key"),
        ("StartLimitIntervalSec=5", "unit-unknown-key"), ("Restart=sometimes", "unit-bad-value"),
        ("KillMode=none", "unit-kill-none"), ("StandardOutput=/log", "unit-bad-value"),
        ("ExecStart=\nExecStart=/bin/a $(date)", "unit-substitution"),
        ("ExecStart=\nExecStart=/bin/a ${NOBODY}", "unit-unset-variable"), ("Environment=9X=1", "unit-variable"),
        ("Environment='A=1", "unit-quotes"), ("SuccessExitStatus=300", "unit-bad-value"),
        ("UMask=999", "unit-bad-value"), ("LimitNOFILE=2:1", "unit-bad-value"), ("LimitNOFILE=1K", "unit-bad-value"),
        ("LimitFSIZE=1k", "unit-bad-value"),
        ("[Sevrice]\nA=b", "unit-unknown-section"),
        ("Nice={{ nice }}", "unit-placeholder"),
        ("PrivateTmp=maybe", "unit-bad-value"), ("ProtectSystem=much", "unit-bad-value"),
        ("CPUQuota=20", "unit-bad-value"), ("MemoryMax=much", "unit-bad-value"),
        ("OOMScoreAdjust=1001", "unit-bad-value"),
        ("EnvironmentFile=env", "unit-bad-value"), ("[Unit]\nConditionPathExists=|!a", "unit-bad-value"),
        ("RemainAfterExit=maybe", "unit-bad-value"), ("TimeoutStartSec=soon", "unit-bad-value"),
        ("FinalKillSignal=SIGFOO", "unit-bad-value"), ("StateDirectoryMode=9", "unit-bad-value"),
        ("NotifyAccess=everyone", "unit-bad-value"),
    ])
    func `what systemd ignores or only a person notices is a warning`(text: String, code: String) throws {
        let result = try Self.read("ExecStart=/bin/web\n" + text)
        #expect(result.diagnostics.map(\.code) == [code])
        #expect(result.service != nil)
    }

    @Test(arguments: [
        ("x.timer", "[Timer]\nOnCalendar=daily\n", "unit-starter-alone"),
        ("x.socket", "[Socket]\nListenStream=1\n", "unit-starter-alone"),
        ("x.service.d/1.conf", "[Unit]\nDescription=a\n", "unit-drop-in-alone"),
        ("x.mount", "[Mount]\nWhat=/dev/a\n", "unit-no-program"),
        ("x.service", "[Unit]\nDescription=x\n", "unit-no-service"),
        ("x.service", "[service]\nExecStart=/bin/a\n", "unit-no-service"),
        ("x.service", "# nothing\n", "unit-masked"), ("x.service", "[Unit]\nSuccessAction=exit\n", "unit-no-program"),
    ])
    func `what starts no program by itself says so`(path: String, text: String, code: String) {
        let failure = #expect(throws: Failure.self) {
            try SystemdReader().read(path: path, bytes: Array(text.utf8))
        }
        #expect(failure?.diagnostics.map(\.code) == [code])
    }

    @Test func `every assignment is accounted for once`() throws {
        let text =
            "ExecStart=/bin/a\nUser=a\nUser=b\nProtectHome=yes\nExecStartPre=/bin/x\nExecStartPre=/bin/y\nBogus=1\n"
            + "Environment=A=1\nEnvironment=\nTimeoutSec=5\n[Install]\nWantedBy=a.target b.target\nAlias=c"
        let result = try Self.read(text, unit: "After=network.target")
        let document = try UnitDocument(
            path: "web.service", bytes: Array("[Unit]\nAfter=network.target\n[Service]\n\(text)\n".utf8))
        #expect(
            result.keys.map { $0.name + "@" + ($0.span?.description ?? "") }.sorted()
                == document.assignments.map { $0.name + "@" + $0.keySpan.description }.sorted())
    }

    @Test func `a unit that is read and written says the same`() throws {
        let text = """
            [Unit]
            Description=web
            After=network.target
            StartLimitIntervalSec=0

            [Service]
            Type=notify
            ExecStart=/bin/web "a b" 100%%
            User=www
            WorkingDirectory=/srv
            UMask=0027
            Environment=A=1
            SuccessExitStatus=2
            Restart=on-failure
            RestartSec=5s
            TimeoutStopSec=20s
            KillMode=mixed
            StandardOutput=append:/log
            ProtectHome=yes
            ExecStartPre=/bin/x
            ExecStartPre=/bin/y

            [Install]
            WantedBy=multi-user.target

            """
        let first = try #require(try SystemdReader().read(path: "web.service", bytes: Array(text.utf8)).service)
        #expect(
            try SystemdWriter().write(first).units[0].text.split(separator: "\n").sorted()
                == text.split(separator: "\n").sorted())
    }

    /// Each was compared with every key there is, letter by letter: two minutes for a megabyte.
    @Test(.timeLimit(.minutes(1))) func `a third of a megabyte of unknown keys is read in seconds`() throws {
        let keys = (0..<20_000).map { "Unknwn\($0)Sec=1\n" }.joined()
        let bytes = Array("[Service]\nExecStart=/bin/true\n\(keys)".utf8)
        let result = try SystemdReader().read(path: "/d/many.service", bytes: bytes)
        #expect(result.diagnostics.count >= 20_000)
    }

    @Test(arguments: [
        ("UMask=027\nUMask=\n", "UMask"), ("LimitNOFILE=9\nLimitNOFILE=\n", "LimitNOFILE"),
        ("TimeoutStopSec=9\nTimeoutStopSec=\n", "TimeoutStopSec"), ("KillMode=mixed\nKillMode=x\n", "KillMode"),
        ("Restart=always\nRestart=maybe\n", "Restart"), ("Type=exec\nType=\n", "Type"),
    ])
    func `an empty or unreadable value is told, and resets nothing`(lines: String, key: String) throws {
        let first = lines.prefix { $0 != "\n" }
        func read(_ lines: some StringProtocol) throws -> SystemdReader.Result {
            try SystemdReader().read(path: "a.service", bytes: Array("[Service]\nExecStart=/bin/a\n\(lines)\n".utf8))
        }
        let result = try read(lines)
        #expect(result.service == (try read(first)).service)
        #expect(result.diagnostics.map(\.code) == ["unit-bad-value"])
        #expect(result.keys.count { $0.name == "Service.\(key)" } == 2)
    }
}
