import LaunchdFormat
import PropertyList
import ServiceModel
import SourceText
import Testing

@Suite struct LaunchdWriterTests {
    private func service(_ dialect: Dialect, _ change: (inout Service) -> Void = { _ in }) -> Service {
        var service = Service(name: Setting("web"), dialect: dialect)
        service.command = Setting(.words(["/bin/web", "-x"]))
        change(&service)
        return service
    }

    @Test func `supervisord's defaults are written where launchd's differ`() throws {
        let job = try LaunchdWriter().write(service(.supervisor)).job
        #expect(
            job == [
                "Label": "web", "ProgramArguments": ["/bin/web", "-x"], "RunAtLoad": true,
                "KeepAlive": ["SuccessfulExit": false], "ThrottleInterval": 1, "ExitTimeOut": 10,
                "AbandonProcessGroup": true,
            ])
    }

    @Test func `a job of launchd's own defaults has only what it says`() throws {
        let job = try LaunchdWriter().write(service(.launchd)).job
        #expect(job == ["Label": "web", "ProgramArguments": ["/bin/web", "-x"]])
    }

    struct Row: Sendable {
        let ends: TerminationSet
        let form: KeepAliveRule.Form
        let isExact: Bool
    }

    @Test(arguments: [
        Row(ends: .none, form: .absent, isExact: true),
        Row(ends: .all, form: .always, isExact: true),
        Row(ends: .unsuccessful, form: .conditions(KeepAliveRule(successfulExit: false)), isExact: true),
        Row(ends: .codes([0]), form: .conditions(KeepAliveRule(successfulExit: true)), isExact: true),
        Row(ends: KeepAliveRule.crashes, form: .conditions(KeepAliveRule(crashed: true)), isExact: true),
        Row(ends: .codes([0, 2]).inverted, form: .conditions(KeepAliveRule(successfulExit: false)), isExact: false),
        Row(ends: .codes([3]).inverted, form: .always, isExact: false),
        Row(
            ends: .signals([.segmentationFault]), form: .conditions(KeepAliveRule(crashed: true)), isExact: false),
    ])
    func `a set of ends becomes the KeepAlive that misses no failure`(row: Row) {
        let (form, isExact) = KeepAliveRule.form(of: row.ends)
        #expect(form == row.form)
        #expect(isExact == row.isExact)
    }

    @Test func `foreign keys of launchd are written as they are, of others they are carried`() throws {
        let carried = ForeignSetting(dialect: .systemd, path: ["Service", "ProtectHome"], value: "yes")
        let written = service(.supervisor) {
            $0.foreign = [
                ForeignSetting(dialect: .launchd, path: ["ProcessType"], value: "\"Interactive\""), carried,
            ]
        }
        let result = try LaunchdWriter().write(written)
        #expect(result.job["ProcessType"] == "Interactive")
        #expect(result.job[LaunchdReader.carrierKey] == [.string(carried.carrierText)])
        let grades = result.verdicts.filter { if case .foreign = $0.field { true } else { false } }.map(\.grade)
        #expect(grades == [.exact, .carried])
    }

    @Test func `a key that was put aside holds only while the file still says what replaced it`() throws {
        let aside = ForeignSetting(dialect: .launchd, path: ["ExitTimeOut"], value: nil, replaces: "20")
        let unedited = service(.supervisor) {
            $0.stopTimeout = Setting(.seconds(20))
            $0.foreign = [aside]
        }
        #expect(try LaunchdWriter().write(unedited).job["ExitTimeOut"] == nil)
        let edited = service(.supervisor) {
            $0.stopTimeout = Setting(.seconds(30))
            $0.foreign = [aside]
        }
        #expect(try LaunchdWriter().write(edited).job["ExitTimeOut"] == 30)
    }

    @Test func `every field that is set gets exactly one verdict, or several of one writer's rows`() throws {
        let full = service(.supervisor) {
            $0.user = Setting("www")
            $0.priority = Setting(1)
            $0.stopSignal = Setting(.quit)
            $0.outputRotation = Setting(LogRotation(maximumBytes: .megabytes(1), backups: 2))
            $0.supervisor.outputEvents = Setting(true)
            $0.limits[.addressSpace] = ResourceLimit(soft: Setting(1))
            $0.summary = Setting("words")
        }
        let result = try LaunchdWriter().write(full)
        let judged = Set(result.verdicts.map(\.field))
        for (field, _) in full.fieldsSet { #expect(judged.contains(field), "\(field)") }
        let dropped = result.verdicts.filter { $0.grade == .dropped }
        #expect(dropped.count == 6)
        #expect(dropped.allSatisfy { !$0.why.isEmpty })
    }

    @Test func `a malformed command is refused with the reason`() throws {
        var broken = service(.supervisor)
        broken.command = Setting(.malformed(text: "a 'b", reason: "No closing quotation"))
        #expect(throws: Failure.self) { try LaunchdWriter().write(broken) }
    }
}
