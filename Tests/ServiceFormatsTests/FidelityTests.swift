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
