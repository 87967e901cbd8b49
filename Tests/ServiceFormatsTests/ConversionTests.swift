import ServiceFormats
import ServiceModel
import SourceText
import Testing

@Suite struct ConversionTests {
    @Test(arguments: [
        (Sample.article, Format.plist, Format.supervisor), (Sample.article, .systemd, .systemd),
        (Sample.unit, .systemd, .supervisor), (Sample.unit, .plist, .plist), (Sample.unit, .supervisor, .supervisor),
    ])
    func `what is FORMAT becomes supervisor config, anything else becomes FORMAT`(
        file: InputFile, word: Format, target: Format
    ) throws {
        #expect(try Sample.convert(file, word).format == target)
    }

    @Test func `the article's job becomes this program`() throws {
        let text = Sample.text(try Sample.converted(Sample.article, to: .supervisor))
        for line in [
            "[program:supervisord]", "command=/usr/local/bin/supervisord -n -c /etc/supervisord.conf",
            "autorestart=unexpected", "exitcodes=0", "startsecs=0", "restart_throttle=10", "stdout_logfile=NONE",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line) in \(text)")
        }
    }

    @Test func `the article's job becomes this unit`() throws {
        #expect(
            Sample.text(try Sample.converted(Sample.article, to: .systemd)) == """
                [Unit]
                Description=supervisord
                StartLimitIntervalSec=0

                [Service]
                Type=exec
                ExecStart=/usr/local/bin/supervisord -n -c /etc/supervisord.conf
                Environment=PATH=/usr/bin:/bin:/usr/sbin:/sbin
                Restart=always
                RestartPreventExitStatus=0
                RestartSec=10s
                TimeoutStopSec=20s
                KillMode=mixed
                StandardOutput=null
                StandardError=null

                [Install]
                WantedBy=multi-user.target

                [X-Svinstall]
                Carried=launchd ExitTimeOut - =20

                """)
    }

    /// What goes to syslog alone is told in two keys by a supervisor config, and in one word by others.
    @Test(arguments: [
        ("stdout_logfile=NONE\nstdout_syslog=true", "StandardOutput=journal"),
        ("stdout_logfile=syslog", "StandardOutput=journal"), ("stdout_logfile=NONE", "StandardOutput=null"),
    ])
    func `a stream to syslog is not lost on the way`(keys: String, line: String) throws {
        let file = Sample.supervisor("[program:a]\ncommand=/bin/a\n\(keys)\n")
        let result = try Sample.convert(file, .systemd, to: .systemd)
        let text = Sample.text(Sample.whole(result.outputs))
        #expect(text.split(separator: "\n").contains { $0 == line }, "\(text)")
        let items = try #require(result.reports.first).items.filter { $0.key.contains("stdout") }
        #expect(items.allSatisfy { $0.target == line }, "\(items)")
    }

    @Test(arguments: [Format.runit, .cron, .openrc, .plist])
    func `no manager's report names what only the model calls so`(to: Format) throws {
        let file = Sample.supervisor(
            "[program:a]\ncommand=/bin/a\nstdout_logfile=/l\nstdout_syslog=true\nstdout_capture_maxbytes=1\n")
        let report = try #require(try Sample.convert(file, to, to: to).reports.first)
        #expect(!report.items.contains { $0.why.contains("output") && $0.why.contains("Syslog") })
        #expect(!report.items.contains { $0.why.contains("CaptureBytes") })
    }

    /// Two pipes would lose the order of the lines.
    @Test func `two streams of one file become one`() throws {
        let job = Sample.plist(
            """
            <key>Label</key><string>a</string><key>Program</key><string>/bin/a</string>
            <key>StandardOutPath</key><string>/l</string><key>StandardErrorPath</key><string>/l</string>
            """)
        let text = Sample.text(try Sample.converted(job, to: .supervisor))
        #expect(text.contains("\nredirect_stderr=true\nstdout_logfile=/l\n"), "\(text)")
        #expect(!text.contains("stderr_logfile"))
    }

    @Test func `what a unit writes to the journal is told as lost where nothing was named`() throws {
        let report = try #require(try Sample.convert(Sample.unit, .plist, to: .plist).reports.first)
        let item = report.items.first { $0.key.isEmpty && $0.why.contains("/dev/null") }
        #expect(item?.remedy == "name a log file in StandardOutPath")
        #expect(item?.differs == true)
    }

    @Test func `a program that no file has is refused with those that there are`() {
        let options = Conversion.Options(format: .systemd, program: "nobody")
        let failure = #expect(throws: Failure.self) {
            try Conversion.convert([Sample.article], options: options, world: TestWorld())
        }
        #expect(failure?.status == .usage)
        #expect(failure?.description.contains("supervisord") == true)
    }

    @Test func `files that would become different formats need --to`() {
        let failure = #expect(throws: Failure.self) {
            try Conversion.convert(
                [Sample.article, Sample.unit], options: Conversion.Options(format: .plist), world: TestWorld())
        }
        #expect(failure?.diagnostics.map(\.code) == ["convert-mixed"])
    }

    @Test func `a format that cannot be written yet says so`() {
        let failure = #expect(throws: Failure.self) { try Sample.convert(Sample.article, .nomad) }
        #expect(failure?.status == .usage)
        #expect(failure?.diagnostics.map(\.code) == ["format-not-yet"])
    }

    @Test func `names of files cannot lead out of a directory`() throws {
        let evil = Sample.plist(
            "<key>Label</key><string>../../etc/x</string><key>Program</key><string>/bin/true</string>")
        for format in [Format.plist, .systemd] {
            for output in try Sample.convert(evil, format, to: format).outputs {
                #expect(!output.name.contains("/") && !output.name.hasPrefix("."))
            }
        }
    }

    @Test func `jobs that launchd refuses are refused with a place`() {
        let failure = #expect(throws: Failure.self) {
            try Sample.convert(Sample.plist("<key>Label</key><string>x</string>"), .systemd)
        }
        #expect(failure?.status == .badInput)
        #expect(failure?.diagnostics.first?.span?.start.line == 3)
    }

    @Test func `check tells errors and warnings in the order of the file`() {
        let found = Check.check(Sample.rich, world: TestWorld())
        #expect(found.map(\.code).contains("launchd-unknown-key"))
        let lines = found.compactMap { $0.span?.start.line }
        #expect(lines == lines.sorted())
        #expect(Check.check(Sample.article, world: TestWorld()).isEmpty)
    }

    @Test func `a plan for a job has its program with the surroundings that launchd gives it`() throws {
        let read = try FormatRegistry.read(Sample.article, world: TestWorld())
        let plan = FormatRegistry.plan(for: read.services + read.services, files: ["job.plist"])
        #expect(plan.groups.map(\.name) == ["supervisord", "supervisord-2"])
        let service = try #require(plan.groups.first?.services.first)
        #expect(service.environment.map(\.name) == ["PATH"])
        #expect(service.workingDirectory?.value == "/")
        #expect(service.effective(\.restartDelay, \.restartDelay) == .sinceStart(.seconds(10)))
    }

    @Test func `drop-ins beside a unit are read, not passed over`() throws {
        var world = TestWorld()
        world.listings["web.service.d"] = ["10.conf"]
        world.files["web.service.d/10.conf"] = Array("[Service]\nUser=other\n".utf8)
        #expect(try FormatRegistry.read(Sample.unit, world: world).services.map(\.user?.value) == ["other"])
    }

    @Test(arguments: [("/srv/app/Procfile", "/srv/app"), ("app/../x/Procfile", "/x")])
    func `a Procfile's programs run in its directory, wherever they are taken`(path: String, directory: String) throws {
        let file = InputFile(path: path, bytes: Array("web: a\nworker: b\n".utf8))
        for (to, line) in [(Format.systemd, "WorkingDirectory=\(directory)"), (.supervisor, "directory=\(directory)")] {
            let result = try Sample.convert(file, to, to: to)
            let texts = result.outputs.map { String(decoding: $0.bytes, as: UTF8.self) }
            #expect(texts.joined().split(separator: "\n").filter { $0 == line }.count == 2, "\(texts)")
            let told = try #require(result.reports.first).items.filter { $0.target?.contains("irectory") == true }
            #expect(told.map(\.grade) == [.generated], "\(told)")
        }
        let options = Conversion.Options(format: .procfile, to: .procfile, program: "web")
        let same = try Conversion.convert([file], options: options, world: AnywhereWorld())
        #expect(same.outputs.map { String(decoding: $0.bytes, as: UTF8.self) } == ["web: a\n"])
    }

    @Test func `the variables beside a Procfile are read, and each program gets its PORT`() throws {
        var world = TestWorld()
        world.files["app/.env"] = Array("A=1\n".utf8)
        let read = try FormatRegistry.read(
            InputFile(path: "app/Procfile", bytes: Array("web: a\n".utf8)), world: world)
        #expect(read.services.first?.environment.map(\.name) == ["A", "PORT"])
    }

    @Test func `a template becomes the program of the instance that is asked for`() throws {
        let template = InputFile(path: "u/web@.service", bytes: Array("[Service]\nExecStart=/bin/web %i\n".utf8))
        let options = Conversion.Options(format: .supervisor, to: .supervisor, instance: "blue")
        let result = try Conversion.convert([template], options: options, world: TestWorld())
        let text = Sample.text(Sample.whole(result.outputs))
        #expect(text.contains("[program:web@blue]\ncommand=/bin/web blue\n"))
        let failure = #expect(throws: Failure.self) {
            try Conversion.convert([Sample.unit], options: options, world: TestWorld())
        }
        #expect(failure?.status == .usage && failure?.diagnostics.map(\.code) == ["convert-instance"])
    }
}
