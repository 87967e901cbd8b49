import ServiceFormats
import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// A complete supervisord.conf: what belongs to the daemon and not to a program is accounted for and comes back.
@Suite struct DaemonSectionsTests {
    static let complete = InputFile(
        path: "/etc/supervisor/supervisord.conf",
        bytes: Array(
            """
            ; everything that the original's sample has, and programs
            [unix_http_server]
            file=/tmp/supervisor.sock   ; the path to the socket file
            chmod=0700
            chown=nobody:nogroup
            username=user
            password=123

            [inet_http_server]
            port=127.0.0.1:9001
            username=user
            password=123

            [supervisord]
            logfile=/tmp/supervisord.log
            logfile_maxbytes=50MB
            logfile_backups=10
            loglevel=info
            pidfile=/tmp/supervisord.pid
            nodaemon=false
            silent=false
            minfds=1024
            minprocs=200
            umask=027
            user=chrism
            identifier=supervisor
            directory=/data
            nocleanup=true
            childlogdir=/tmp
            environment=KEY="value"
            strip_ansi=false

            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

            [supervisorctl]
            serverurl=unix:///tmp/supervisor.sock
            username=chris
            password=123
            prompt=mysupervisor
            history_file=~/.sc_history

            [program:theprogramname]
            command=/bin/cat
            environment=A="1",B="2"
            priority=999

            [program:workers]
            command=/bin/worker --id %(process_num)d
            process_name=%(program_name)s_%(process_num)02d
            numprocs=3
            user=other

            [eventlistener:theeventlistenername]
            command=/bin/eventlistener
            events=EVENT
            buffer_size=10

            [group:thegroupname]
            programs=theprogramname
            priority=5
            """.utf8), looksAround: false)

    private func back(_ outputs: [Conversion.Output], _ format: Format) throws -> InputFile {
        let result = try Conversion.convert(
            Sample.inputs(outputs, format), options: Conversion.Options(format: format, to: .supervisor),
            world: AnywhereWorld())
        var file = Sample.whole(result.outputs)
        file.path = Self.complete.path
        return file
    }

    @Test(arguments: [Format.plist, .systemd])
    func `every section goes over and comes back as the same daemon, groups and programs`(through: Format) throws {
        let there = try Sample.convert(Self.complete, through, to: through)
        #expect(there.outputs.count(where: { !$0.name.hasSuffix(".timer") }) == 5)
        let report = try #require(there.reports.first)
        #expect(report.count(.dropped) == 0)
        let returned = try back(there.outputs, through)
        let difference = Likeness.difference(try Likeness.model(Self.complete), try Likeness.model(returned))
        #expect(difference == nil)
        #expect(try Likeness.daemon(returned) == Likeness.daemon(Self.complete))
        let document = try IniDocument(path: "", bytes: returned.bytes)
        let names = Set(try IniDocument(path: "", bytes: Self.complete.bytes).sections.map(\.name))
        #expect(names.isSubset(of: Set(document.sections.map(\.name))))
        #expect(document.value("command", in: "program:workers") == "/bin/worker --id %(process_num)d")
    }

    @Test(arguments: [Format.plist, .systemd])
    func `what the daemon gives to its programs is written for each of them`(target: Format) throws {
        let there = try Sample.convert(Self.complete, target, to: target)
        let texts = Dictionary(
            uniqueKeysWithValues: there.outputs.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) })
        let isUnit = target == .systemd
        let suffix = isUnit ? ".service" : ".plist"
        let own = try #require(texts["theprogramname" + suffix])
        for line in isUnit
            ? ["User=chrism", "UMask=0027", "WorkingDirectory=/data", "Environment=KEY=value"]
            : ["<string>chrism</string>", "<integer>23</integer>", "<string>/data</string>", "<key>KEY</key>"]
        { #expect(own.contains(line), "\(line)") }
        #expect(texts["workers_00" + suffix]?.contains(isUnit ? "User=other" : "<string>other</string>") == true)
    }

    @Test func `the manager's own settings pass --strict and not --strict=exact`() throws {
        let text = "[supervisord]\nlogfile=/tmp/s.log\n[program:a]\ncommand=/bin/a\nautostart=true\n"
        let file = InputFile(path: "s.conf", bytes: Array(text.utf8), looksAround: false)
        for target in [Format.plist, .systemd] {
            #expect(try Sample.convert(file, target, to: target, strict: .strict).violations.isEmpty)
            let exact = try Sample.convert(file, target, to: target, strict: .exact)
            #expect(exact.violations.map(\.code) == ["manager-setting"])
        }
        // A crontab keeps nothing.
        #expect(
            try Sample.convert(file, .runit, to: .runit, strict: .strict).violations.map(\.code) == ["manager-setting"])
    }

    @Test func `one of its programs alone comes back with what the daemon gave it`() throws {
        let there = try Sample.convert(Self.complete, .systemd, to: .systemd)
        let one = there.outputs.filter { $0.name == "workers_01.service" }
        let document = try IniDocument(path: "", bytes: try back(one, .systemd).bytes)
        #expect(document.value("command", in: "program:workers_01") == "/bin/worker --id 1")
        let read = try FormatRegistry.read(try back(one, .systemd), world: AnywhereWorld())
        #expect(read.services.map(\.umask?.value) == [0o027])
        #expect(read.services.first?.environment.map(\.name).sorted() == ["KEY"])
    }

    @Test func `a stranger among them does not get what the daemon gave to the others`() throws {
        let there = try Sample.convert(Self.complete, .plist, to: .plist)
        let stranger = Conversion.Output(name: "stranger.plist", bytes: Sample.article.bytes)
        let returned = try back(there.outputs + [stranger], .plist)
        let read = try FormatRegistry.read(returned, world: AnywhereWorld())
        let other = try #require(read.services.first { $0.name.value == "supervisord" })
        #expect(other.user == nil && other.umask == nil && !other.environment.contains { $0.name == "KEY" })
        let own = try #require(read.services.first { $0.name.value == "theprogramname" })
        #expect(own.user?.value == "chrism" && own.umask?.value == 0o027)
    }

    @Test func `an edit of one of several processes wins over their common section`() throws {
        var outputs = try Sample.convert(Self.complete, .systemd, to: .systemd).outputs
        let index = try #require(outputs.firstIndex { $0.name == "workers_02.service" })
        let text = String(decoding: outputs[index].bytes, as: UTF8.self)
        outputs[index].bytes = Array(text.replacing("--id 2", with: "--id 22").utf8)
        let document = try IniDocument(path: "", bytes: try back(outputs, .systemd).bytes)
        #expect(document.value("command", in: "program:workers_02") == "/bin/worker --id 22")
        #expect(document.value("command", in: "program:workers_01") == "/bin/worker --id 1")
        #expect(document.sections(named: "program:workers").isEmpty)
    }

    @Test func `included files are accounted for and their programs come over`() throws {
        var world = TestWorld()
        world.files["/etc/s/conf.d/a.conf"] = Array("[program:inside]\ncommand=/bin/in\npriority=3\n".utf8)
        world.listings["/etc/s/conf.d"] = ["a.conf"]
        world.directories.formUnion(["/etc", "/etc/s", "/etc/s/conf.d"])
        let text = "[supervisord]\n[include]\nfiles=conf.d/*.conf\n[program:outside]\ncommand=/bin/out\n"
        let file = InputFile(path: "/etc/s/s.conf", bytes: Array(text.utf8))
        let result = try Conversion.convert([file], options: Conversion.Options(format: .systemd), world: world)
        #expect(result.outputs.map(\.name).sorted() == ["inside.service", "outside.service"])
        let items = try #require(result.reports.first).items.filter { !$0.key.isEmpty }
        #expect(
            items.map(\.key).sorted() == [
                "include.files", "program:inside.command", "program:inside.priority", "program:outside.command",
            ])
        #expect(items.first { $0.key == "program:inside.priority" }?.grade == .carried)
        #expect(items.first { $0.key == "program:inside.priority" }?.span?.file == "/etc/s/conf.d/a.conf")
    }

    @Test func `with --program the other programs' keys are told as not asked for`() throws {
        let options = Conversion.Options(format: .systemd, program: "theprogramname")
        let result = try Conversion.convert([Self.complete], options: options, world: AnywhereWorld())
        #expect(result.outputs.map(\.name) == ["theprogramname.service"])
        let report = try #require(result.reports.first)
        let other = report.items.filter { $0.key.hasPrefix("program:workers.") }
        #expect(other.count == 4 && other.allSatisfy { $0.code == "not-asked-for" && $0.grade == .exact })
    }

    @Test func `items say where in the written file they went`() throws {
        let there = try Sample.convert(Self.complete, .systemd, to: .systemd)
        let item = try #require(there.reports.first?.items.first { $0.key == "supervisord.umask" })
        let place = try #require(item.places.first)
        let file = try #require(there.outputs.first { $0.name == place.file })
        let lines = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[place.start.line - 1].hasPrefix("UMask="))
        let json = ReportRendering.render(there.reports, as: .json)
        #expect(json.contains("\"places\""))
    }

    @Test func `a program alone goes into another configuration with its expansions as written`() throws {
        let text = "[program:a]\ncommand=/bin/a %(here)s %(ENV_HOME)s\npriority = 5\n[program:b]\ncommand=/bin/b\n"
        let file = InputFile(path: "/etc/s.conf", bytes: Array(text.utf8), looksAround: false)
        let options = Conversion.Options(format: .supervisor, to: .supervisor, program: "a")
        let result = try Conversion.convert([file], options: options, world: AnywhereWorld())
        #expect(
            Sample.text(Sample.whole(result.outputs))
                == "[supervisord]\n\n[program:a]\ncommand=/bin/a %(here)s %(ENV_HOME)s\npriority=5\n")
        #expect(result.reports.flatMap(\.items).allSatisfy { $0.grade == .exact })
    }
}
