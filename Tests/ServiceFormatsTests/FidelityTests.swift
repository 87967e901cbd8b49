import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import Testing

@Suite struct FidelityTests {
    @Test(arguments: [Sample.article, Sample.rich, Sample.unit], [Format.plist, .systemd, .supervisor, .procfile])
    func `every input key is in exactly one item`(file: InputFile, to: Format) throws {
        let read = try FormatRegistry.read(file, world: TestWorld())
        let report = try #require(try Sample.convert(file, to, to: to).reports.first)
        let told = report.items.filter { $0.grade != .generated }
        #expect(told.map(\.key).sorted() == read.keys.map(\.name).sorted())
        #expect(told.allSatisfy { $0.span != nil })
        for item in report.items where item.grade == .approximated || item.grade == .dropped {
            #expect(!item.why.isEmpty, "\(item.key)")
        }
    }

    @Test func `what a target cannot say is carried and told so`() throws {
        let report = try #require(try Sample.convert(Sample.rich, .systemd, to: .systemd).reports.first)
        let grades = Dictionary(report.items.map { ($0.key, $0.grade) }, uniquingKeysWith: { first, _ in first })
        #expect(grades["MachServices"] == .carried)
        #expect(grades["KeepAlive.PathState"] == .carried)
        #expect(grades["KeepAlive.SuccessfulExit"] == .exact)
        #expect(grades["UserName"] == .exact)
        #expect(grades["ThrottleInterval"] == .approximated)
        #expect(report.items.contains { $0.grade == .generated })
    }

    @Test func `items are in the order of the file, and what nobody wrote comes last`() throws {
        let report = try #require(try Sample.convert(Sample.rich, .systemd, to: .systemd).reports.first)
        let lines = report.items.map { $0.span?.start.offset ?? Int.max }
        #expect(lines == lines.sorted())
        #expect(report.items.drop { $0.span != nil }.allSatisfy { $0.grade == .generated })
    }

    @Test func `what stands in another file than the first is told with that file's name`() throws {
        let span = { (file: String) in SourceSpan(file: file, at: .start) }
        let items = [("a", "web.service"), ("b", "web.service.d/x.conf")].map { key, file in
            FidelityItem(.exact, code: "key", key: key, span: span(file))
        }
        let report = FidelityReport(from: .systemd, to: .launchd, items: items)
        let text = ReportRendering.render([report], as: .text)
        #expect(text.contains("a  [1:1]\n"))
        #expect(text.contains("b  [web.service.d/x.conf:1:1]\n"))
        let both = ReportRendering.render([report, report], as: .text)
        #expect(both.hasPrefix("web.service:\n") && both.contains("\n\nweb.service:\n"))
    }

    @Test func `what is carried or dropped says what to do where something does the same`() throws {
        let unit = InputFile(
            path: "web.service",
            bytes: Array("[Service]\nExecStart=/bin/a\nExecStartPre=/bin/b\nLimitNOFILE=9\nPrivateTmp=yes\n".utf8))
        for to in [Format.supervisor, .plist, .runit, .cron] {
            let report = try #require(try Sample.convert(unit, to, to: to).reports.first)
            for item in report.items where item.grade == .carried || item.grade == .dropped {
                #expect(item.remedy != nil, "\(item)")
            }
        }
    }

    @Test func `macOS is not told to use what only Linux has`() throws {
        let unit = InputFile(
            path: "web.service", bytes: Array("[Service]\nExecStart=/bin/a\nOOMScoreAdjust=5\n".utf8))
        for (to, tool) in [(Format.supervisor, true), (.plist, false)] {
            let items = try #require(try Sample.convert(unit, to, to: to).reports.first).items
            let item = try #require(items.first { $0.key == "Service.OOMScoreAdjust" })
            #expect(item.remedy?.contains("choom") == (tool ? true : nil))
        }
    }

    @Test func `strictness names the keys that it forbids`() throws {
        #expect(try Sample.convert(Sample.article, .systemd, to: .systemd).violations.isEmpty)
        let strict = try Sample.convert(Sample.rich, .systemd, to: .systemd, strict: .strict)
        #expect(strict.violations.contains { $0.message.hasPrefix("'ThrottleInterval'") })
        #expect(!strict.violations.contains { $0.message.hasPrefix("'MachServices'") })
        let exact = try Sample.convert(Sample.rich, .systemd, to: .systemd, strict: .exact)
        #expect(exact.violations.contains { $0.message.hasPrefix("'MachServices'") })
    }

    @Test func `the report has three forms that say the same`() throws {
        let reports = try Sample.convert(Sample.rich, .systemd, to: .systemd).reports
        let report = try #require(reports.first)
        let text = ReportRendering.render(reports, as: .text)
        #expect(text.split(separator: "\n").count == report.items.count + 1)
        let json = try PropertyListDocument.read(Array(ReportRendering.render(reports, as: .json).utf8), path: "r.json")
            .plain
        #expect(json["schema"] == "svinstall.fidelity/1")
        #expect(json["items"]?.array?.count == report.items.count)
        #expect(json["summary"]?["carried"]?.integer == report.count(.carried))
        let sarif = try PropertyListDocument.read(
            Array(ReportRendering.render(reports, as: .sarif).utf8), path: "r.json"
        ).plain
        #expect(sarif["version"] == "2.1.0")
        let results = sarif["runs"]?.array?.first?["results"]?.array ?? []
        #expect(results.count == report.items.count - report.count(.exact) - report.count(.generated))
        #expect(results.allSatisfy { $0["locations"] != nil })
    }
}
