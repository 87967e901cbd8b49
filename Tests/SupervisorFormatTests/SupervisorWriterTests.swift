import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// Services as program sections: what is written reads back as the same, and every field has its verdict.
@Suite struct SupervisorWriterTests {
    private func service(_ dialect: Dialect = .launchd, _ words: [String] = ["/bin/x"]) -> Service {
        var service = Service(name: Setting("job"), dialect: dialect)
        service.command = Setting(.words(words))
        return service
    }

    private func read(_ text: String) throws -> Service {
        let plan = try SupervisorReader(world: MemoryWorld()).plan(
            path: "/s.conf", bytes: Array(("[supervisord]\n" + text).utf8))
        return try #require(plan.groups.first?.services.first)
    }

    private func lines(_ service: Service) throws -> [String] {
        try SupervisorWriter().write(service).text.split(separator: "\n").map { String($0) }
    }

    @Test("launchd's KeepAlive {SuccessfulExit false} with RunAtLoad")
    func launchdJob() throws {
        var job = service(.launchd, ["/usr/local/bin/supervisord", "-n", "-c", "/etc/supervisord.conf"])
        job.name.value = "supervisord"
        job.startsAtLoad = Setting(true)
        job.restartOn = Setting(.unsuccessful)
        #expect(
            try lines(job) == [
                "[program:supervisord]", "command=/usr/local/bin/supervisord -n -c /etc/supervisord.conf",
                "environment=PATH=\"/usr/bin:/bin:/usr/sbin:/sbin\"", "directory=/", "autostart=true", "startsecs=0",
                "startretries=2147483647", "autorestart=unexpected", "exitcodes=0", "restart_throttle=10",
                "stopwaitsecs=20", "stopasgroup=true", "stdout_logfile=NONE", "stderr_logfile=NONE",
            ])
        let result = try SupervisorWriter().write(job)
        let grades = Dictionary(result.verdicts.map { ($0.field, $0.grade) }, uniquingKeysWith: { $1 })
        #expect(grades[.restartOn] == .exact)
        #expect(grades[.startsAtLoad] == .exact)
        #expect(grades[.stopTimeout] == .generated)
        #expect(grades[.restartDelay] == .generated)
    }

    @Test("what supervisord passes over or leaves running is told, although no key asked for it")
    func toldWithoutKey() throws {
        var job = service(.launchd, ["/bin/x"])
        job.restartOn = Setting(.all)
        let told = try SupervisorWriter().write(job).verdicts.filter { $0.grade == .generated }.map(\.why)
        #expect(told.contains { $0.contains("supervisord passes it over") })
        #expect(told.contains { $0.contains("what outlives the program") })
        #expect(told.contains { $0.contains("hands on its own environment") })
        job.endsStragglers = Setting(false)
        #expect(try !lines(job).contains("stopasgroup=true"))
    }

    @Test("a bare supervisor program needs nothing but its command")
    func bare() throws {
        #expect(try lines(service(.supervisor)) == ["[program:job]", "command=/bin/x"])
    }

    private static let restarts: [(restart: TerminationSet, success: TerminationSet, lines: [String], isExact: Bool)] =
        [
            (.none, .codes([0]), ["autorestart=false"], true), (.all, .codes([0]), ["autorestart=true"], true),
            (.all, .codes([0, 2]), ["autorestart=true", "exitcodes=0,2"], true),
            (
                TerminationSet.codes([0, 2]).inverted, .codes([0, 2]), ["autorestart=unexpected", "exitcodes=0,2"], true
            ),
            (
                TerminationSet.codes([0]).union(.signals([.terminate])).inverted, .codes([0]),
                ["autorestart=unexpected", "exitcodes=0"], false
            ),
            (.codes([3]), .codes([0]), ["autorestart=unexpected"], false),
        ]

    @Test("restart rules", arguments: restarts)
    func restart(restart: TerminationSet, success: TerminationSet, lines: [String], isExact: Bool) throws {
        var program = service(.supervisor)
        program.restartOn = Setting(restart)
        if success != .codes([0]) { program.success = Setting(success) }
        let result = try SupervisorWriter().write(program)
        let written = result.text.split(separator: "\n").map { String($0) }
        #expect(lines.allSatisfy { written.contains($0) }, "\(written)")
        let grade = result.verdicts.first { $0.field == .restartOn }?.grade
        #expect(grade == (isExact ? .exact : .approximated))
        if isExact { #expect(try read(result.text).effective(\.restartOn, \.restartOn) == restart) }
    }

    @Test("a death by signal alone: every exit code is expected")
    func crashes() throws {
        var program = service(.supervisor)
        program.restartOn = Setting(TerminationSet.codes(0...255).inverted)
        let back = try read(try SupervisorWriter().write(program).text)
        #expect(back.restartOn?.value == TerminationSet.codes(0...255).inverted)
    }

    private static let sinks: [(output: OutputSink, error: OutputSink?, lines: [String])] = [
        (.null, nil, ["stdout_logfile=NONE"]), (.file("/a%b"), nil, ["stdout_logfile=/a%%%%b"]),
        (.file("auto"), nil, ["stdout_logfile=./auto"]), (.file("~x"), nil, ["stdout_logfile=./~x"]),
        (.automatic, .sameAsOutput, ["redirect_stderr=true", "stdout_logfile=AUTO"]),
        (.syslog, nil, ["stdout_logfile=NONE", "stdout_syslog=true"]),
        (.inherit, nil, ["stdout_logfile=/dev/fd/1", "stdout_logfile_maxbytes=0"]),
    ]

    @Test("where streams go", arguments: sinks)
    func sink(output: OutputSink, error: OutputSink?, lines: [String]) throws {
        var program = service(.supervisor)
        program.standardOutput = Setting(output)
        program.standardError = error.map { Setting($0) }
        #expect(try self.lines(program).dropFirst(2) == lines[...])
    }

    @Test("a file of a manager that rotates nothing is not rotated")
    func noRotation() throws {
        var job = service(.launchd)
        job.standardOutput = Setting(.file("/var/log/x"))
        #expect(try lines(job).contains("stdout_logfile_maxbytes=0"))
    }

    @Test("our own keys say how long to wait; supervisord passes them over")
    func delays() throws {
        var program = service(.supervisor)
        program.restartDelay = Setting(.afterExit(.milliseconds(1500)))
        let result = try SupervisorWriter().write(program)
        #expect(result.text.contains("restart_delay=1s 500ms\n"))
        #expect(result.verdicts.first { $0.field == .restartDelay }?.grade == .carried)
        #expect(try read(result.text).restartDelay == program.restartDelay)
    }

    private static let names = [
        ("a b", "a-b"), ("com.x/y:z", "com.x-y-z"), ("", "program"), ("prög", "prög"), ("a\nb", "a-b"),
    ]

    @Test("names that supervisord does not take are changed, and that is said", arguments: names)
    func name(given: String, written: String) throws {
        var program = service(.supervisor)
        program.name.value = given
        let result = try SupervisorWriter().write(program)
        #expect(result.text.hasPrefix("[program:\(written)]\n"))
        #expect(result.verdicts.first { $0.field == .name }?.grade == (given == written ? .exact : .approximated))
        #expect(try read(result.text).name.value == written)
    }

    @Test("names that clash are numbered, one file for all")
    func clash() throws {
        var other = service()
        other.name.value = "job"
        let document = try SupervisorWriter().document([service(), other])
        let names = try IniDocument(path: "x", bytes: Array(document.text.utf8)).sections.map(\.name)
        #expect(names == ["program:job", "program:job-2"])
        #expect(document.verdicts.count == 2)
    }

    @Test("a variable that cannot be said is dropped aloud, the others stay")
    func environment() throws {
        var program = service(.supervisor)
        program.environment = [
            EnvironmentVariable("A", Setting("50% it's")), EnvironmentVariable("B", Setting("both \" and '")),
            EnvironmentVariable("C", Setting("x ; y")), EnvironmentVariable("D", Setting("say \"hi\" now")),
            EnvironmentVariable("E", Setting("\"quoted\"")), EnvironmentVariable("F", Setting("two\nlines")),
            EnvironmentVariable("G~", Setting("1")),
        ]
        let result = try SupervisorWriter().write(program)
        let back = try read(result.text)
        #expect(back.environment.map(\.name) == ["A", "D", "F"])
        #expect(back.environment.map(\.value.value) == ["50% it's", "say \"hi\" now", "two\nlines"])
        let dropped = result.verdicts.filter { $0.grade == .dropped }.map(\.field)
        #expect(dropped == [.environment("B"), .environment("C"), .environment("E"), .environment("G~")])
    }

    @Test("fields without a key are dropped aloud, each once")
    func everyField() throws {
        var job = service(.launchd)
        job.summary = Setting("s")
        job.rootDirectory = Setting("/r")
        job.group = Setting("users")
        job.niceness = Setting(5)
        job.limits[.core] = ResourceLimit(soft: Setting(1), hard: Setting(2))
        job.calendar = Setting([CalendarRule(hour: 3)])
        job.standardInput = Setting(.file("/in"))
        job.endsStragglers = Setting(true)
        job.stopSignal = Setting(Signal(number: 40))
        job.disabled = Setting(true)
        let result = try SupervisorWriter().write(job)
        let set = job.fieldsSet.map(\.field)
        #expect(Set(result.verdicts.map(\.field)).isSuperset(of: set))
        for field in set { #expect(result.verdicts.count { $0.field == field } == 1, "\(field)") }
        #expect(result.verdicts.count { $0.grade == .dropped } == 10)
        #expect(result.text.contains("autostart=false\n"))
    }

    @Test("what only another dialect knows is carried key by key, and read back")
    func carried() throws {
        var job = service(.launchd)
        job.foreign = [
            ForeignSetting(dialect: .launchd, path: ["MachServices", "com.x.y"], value: "a ; b # 100%\n\"q\""),
            ForeignSetting(dialect: .systemd, path: ["#odd", "Key"], value: nil, replaces: ""),
        ]
        let result = try SupervisorWriter().write(job)
        #expect(try read(result.text).foreign == job.foreign)
        #expect(result.verdicts.count { $0.grade == .carried } == 2)
        let edited = result.text.replacing("1=launchd", with: "1=garbage")
        #expect(try read(edited).foreign.count == 1)
    }

    @Test("our own keys that travelled come back as they were written, unless the native one was edited")
    func restored() throws {
        var job = service(.launchd)
        job.stopTimeout = Setting(.seconds(7))
        job.foreign = [
            ForeignSetting(dialect: .supervisor, path: ["stopwaitsecs"], value: "0_7", replaces: "7"),
            ForeignSetting(dialect: .supervisor, path: ["numprocs"], value: "%(ENV_N)s", replaces: nil),
            ForeignSetting(dialect: .supervisor, path: ["stdout_logfile"], value: nil, replaces: "NONE"),
            ForeignSetting(dialect: .supervisor, path: ["directory"], value: "/old", replaces: "/edited"),
        ]
        let result = try SupervisorWriter().write(job)
        let written = result.text.split(separator: "\n")
        #expect(written.contains("stopwaitsecs=0_7"))
        #expect(written.contains("numprocs=%(ENV_N)s"))
        #expect(!written.contains { $0.hasPrefix("stdout_logfile=") })
        #expect(written.contains("directory=/"))
        #expect(result.verdicts.first { $0.field == .foreign(.supervisor, ["directory"]) }?.grade == .dropped)
    }

    @Test("a supervisor program written and read back is the same program")
    func roundTrip() throws {
        let text = """
            [program:a]
            command=/bin/sh -c "echo $HOME;  exit %%d" ; comment
            environment=A="1, 2",B='"x"y'
            directory=/tmp/%%x
            user=kim
            umask=007
            priority=3
            autostart=false
            startsecs=0
            startretries=100000
            autorestart=unexpected
            exitcodes=2,0
            stopsignal=USR2
            stopwaitsecs=99
            stopasgroup=true
            stdout_logfile=/tmp/%%%%x
            stdout_logfile_maxbytes=1000
            stdout_logfile_backups=0
            stdout_capture_maxbytes=1MB
            stdout_events_enabled=true
            stderr_logfile=NONE
            stderr_syslog=true
            serverurl=http://%%
            restart_throttle=5
            """
        let service = try read(text)
        let result = try SupervisorWriter().write(service)
        var back = try read(result.text)
        // `expected` codes that were written as a list come back as that list.
        #expect(back.supervisor.commandText == service.supervisor.commandText)
        back.supervisor.commandText = service.supervisor.commandText
        #expect(back == service)
        #expect(result.verdicts.allSatisfy { $0.grade == .exact || $0.field == .restartDelay }, "\(result.verdicts)")
    }

    @Test("any command comes back word by word", arguments: 1...2000)
    func commands(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let pieces = ["a", "B", " ", ";", "#", "\"", "'", "\\", "\n", "%", "$", "é", "\t", "\u{A0}", "=", "[", "%(x)s"]
        let words = ["/bin/x"] + (0..<4).map { _ in random.text(of: pieces, upTo: 7) }
        let back = try read(try SupervisorWriter().write(service(.supervisor, words)).text)
        #expect(back.command?.value == .words(words))
    }

    @Test("a command that no file can hold is refused")
    func unwritable() {
        let failure = #expect(throws: Failure.self) {
            try SupervisorWriter().write(service(.supervisor, ["a", "b\rc"]))
        }
        #expect(failure?.status == .badInput)
    }
}
