import SourceText
import SystemdFormat
import Testing

/// What `systemd-analyze verify` of systemd 252 passes without a word.
@Suite struct UnitLintTests {
    private struct World: UnitSurroundings {
        static let files: [String: [UInt8]] = [
            "/bin/ok": [0x7F, 0x45, 0x4C, 0x46] + Array("fork sd_notify".utf8), "/bin/sh": [0x7F, 0x45, 0x4C, 0x46],
            "/bin/mute": [0x7F, 0x45, 0x4C, 0x46], "/bin/script": Array("echo\n".utf8),
            "/bin/bad": Array("#!/no/sh\n".utf8),
            "/bin/good": Array("#!/bin/sh -e\n".utf8), "/etc/env": [],
        ]

        func kind(of path: String) -> UnitPathKind? {
            ["/", "/srv", "/var/log"].contains(path) ? .directory : Self.files[path] == nil ? nil : .file
        }
        func content(of path: String, limit: Int) -> [UInt8]? { Self.files[path] }
        func hasUser(_ name: String) -> Bool { name == "www" }
        func hasGroup(_ name: String) -> Bool { name == "staff" }
    }

    private static func problems(_ service: String) throws -> [Diagnostic] {
        let text = "[Service]\n" + service + "\n"
        let document = try UnitDocument(path: "web.service", bytes: Array(text.utf8))
        let set = UnitSet(name: "web.service", service: UnitFragments(document))
        return UnitLint.problems(in: set, world: World()) + document.diagnostics
    }

    @Test(arguments: [
        ("ExecStart=/bin/ok\nUser=nobody-here", "unit-no-user", 3, 6),
        ("ExecStart=/bin/ok\nGroup=none", "unit-no-group", 3, 7),
        ("ExecStart=/bin/ok\nSupplementaryGroups=staff none", "unit-no-group", 3, 21),
        ("ExecStart=/bin/ok\nEnvironmentFile=/etc/none", "unit-no-environment-file", 3, 17),
        ("ExecStart=/bin/ok\nWorkingDirectory=/none", "unit-no-directory", 3, 18),
        ("ExecStart=/bin/ok\nWorkingDirectory=/etc/env", "unit-no-directory", 3, 18),
        ("ExecStart=/bin/ok\nStandardOutput=append:/var/log/web/o.log", "unit-no-log-directory", 3, 16),
        ("ExecStart=/bin/ok\nStandardError=truncate:/none/o.log", "unit-no-log-directory", 3, 15),
        ("ExecStart=/bin/none", "unit-no-executable", 2, 11),
        ("ExecStart=/bin/script", "unit-no-shebang", 2, 11),
        ("ExecStart=/bin/bad", "unit-no-interpreter", 2, 11),
        ("ExecStart=/bin/ok\nExecStartPre=/bin/ok $(date)", "unit-substitution", 3, 14),
        ("ExecStart=/bin/ok +%S", "unit-specifier-accident", 2, 11),
        ("ExecStart=/bin/ok %H:%M", "unit-specifier-accident", 2, 11),
        ("ExecStart=/bin/ok\nExecStop=/bin/ok date %s", "unit-specifier-accident", 3, 10),
        ("ExecStart=/bin/mute\nType=notify", "unit-notify-never", 3, 6),
        ("ExecStart=/bin/sh -c 'sleep 5; true'\nType=notify", "unit-notify-never", 3, 6),
        ("ExecStart=/bin/sh -c 'systemd-notify --ready'\nType=notify", "unit-notify-never", 3, 6),
        ("ExecStart=/bin/mute\nType=forking", "unit-forking-never", 3, 6),
        ("ExecStart=/bin/ok --foreground\nType=forking", "unit-forking-never", 3, 6),
        ("ExecStart=/bin/ok\\\nUser=www", "unit-trailing-backslash", 2, 18),
        ("ExecStart=/bin/ok a > /tmp/x", "unit-shell-syntax", 2, 11),
        ("ExecStart=/bin/ok a && /bin/ok", "unit-shell-syntax", 2, 11),
        ("ExecStart=/bin/ok # says ok", "unit-comment", 2, 11),
        ("ExecStart=A=1 /bin/ok", "unit-assignment-first", 2, 11),
        (#"ExecStart=/bin/ok a\ b"#, "unit-unknown-escape", 2, 11),
        ("ExecStart=/bin/ok\nExecStartPre=@/bin/ok", "unit-command", 3, 14),
        ("ExecStart=/bin/ok\nExecStop=bin/ok", "unit-command", 3, 10),
        ("ExecStart=/bin/ok\nEnvironment=PATH=$PATH:/x", "unit-literal-variable", 3, 13),
        ("ExecStart=/bin/ok\nEnvironment=A=1 \"B=~/x\"", "unit-literal-variable", 3, 13),
        ("ExecStart=/bin/ok\nStandardError=syslog", "unit-obsolete-value", 3, 15),
        ("ExecStart=/bin/ok\nType=oneshot\nRuntimeMaxSec=5", "unit-oneshot-run-time", 4, 15),
        ("ExecStart=/bin/ok\n[Install]\nWantedBy=multi-user", "unit-name-without-kind", 4, 10),
        ("ExecStart=/bin/ok\n[Unit]\nAfter=a.service network", "unit-name-without-kind", 4, 7),
    ])
    func `what only shows at the start is told with its place`(text: String, code: String, line: Int, column: Int)
        throws
    {
        let found = try Self.problems(text)
        #expect(found.map(\.code).contains(code), "\(found)")
        let problem = try #require(found.first { $0.code == code })
        #expect([problem.span?.start.line, problem.span?.start.column] == [line, column])
        #expect(problem.remedy?.isEmpty == false)
    }

    @Test func `a backslash at the end of the file continues nothing`() throws {
        let document = try UnitDocument(path: "web.service", bytes: Array("[Service]\nExecStart=/bin/ok \\".utf8))
        #expect(document.diagnostics.map(\.code) == ["unit-trailing-backslash"])
    }

    @Test(arguments: [
        "ExecStart=/bin/ok\nUser=www\nGroup=staff", "ExecStart=/bin/ok\nUser=any\nDynamicUser=yes",
        "ExecStart=/bin/ok\nEnvironmentFile=-/etc/none", "ExecStart=/bin/ok\nEnvironmentFile=/etc/env",
        "ExecStart=/bin/ok\nEnvironmentFile=/none/*.conf", "ExecStart=/bin/ok\nWorkingDirectory=-/none",
        "ExecStart=/bin/ok\nWorkingDirectory=/run/web\nRuntimeDirectory=web",
        "ExecStart=/bin/ok\nStandardOutput=append:/var/log/web/o.log\nLogsDirectory=web",
        "ExecStart=/bin/ok\nStandardOutput=append:/var/log/o.log", "ExecStart=-/bin/none", "ExecStart=/bin/good",
        "ExecStart=/bin/ok %n %i/%p", "ExecStart=/bin/ok 100%% +%%S", "ExecStart=/bin/ok\nType=notify",
        "ExecStart=/bin/ok\nType=forking", "ExecStart=/bin/sh -c 'exec ok'\nType=notify",
        "ExecStart=/bin/none\nExecStart=\nExecStart=/bin/ok", "ExecStart=/bin/ok a \\\n b",
        #"ExecStart=/bin/ok -exec x \; ";" 'a > b' \s\\ \x41"#, "ExecStart=/bin/sh -c 'ok > /tmp/x && ok'",
        "ExecStart=/bin/ok\nEnvironment=A=$ B=5$ C=a~b", "ExecStart=/bin/ok\nEnvironmentFile=-/etc/none",
        "ExecStart=/bin/ok\n[Unit]\nAfter=a@%i.service network.target %i",
    ])
    func `a unit in order is not complained about`(text: String) throws {
        #expect(try Self.problems(text).map(\.description) == [])
    }
}
