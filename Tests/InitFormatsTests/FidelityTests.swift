import InitFormats
import ServiceModel
import SourceText
import Testing

@Suite struct InitFidelityTests {
    @Test(arguments: Example.written) func `each field that is set has one verdict, and none is made up`(
        dialect: Dialect
    ) throws {
        for service in Example.all {
            let verdicts = try InitWriter.write(service, as: dialect).verdicts.filter { $0.grade != .generated }
            let judged = verdicts.map(\.field)
            #expect(Set(judged).count == judged.count, "\(dialect) \(service.name.value): twice")
            let missing = Set(service.fieldsSet.map(\.field)).symmetricDifference(judged)
            #expect(missing.isEmpty, "\(dialect) \(service.name.value): \(missing)")
        }
    }

    @Test(arguments: Example.written) func `what is not exact says why, what is dropped says what to do`(
        dialect: Dialect
    ) throws {
        for verdict in try Example.all.flatMap({ try InitWriter.write($0, as: dialect).verdicts }) {
            #expect(verdict.code.hasPrefix(dialect.rawValue + "-"))
            if verdict.grade != .exact { #expect(!verdict.why.isEmpty, "\(verdict)") }
            if verdict.grade == .dropped { #expect(verdict.remedy != nil, "\(verdict)") }
            if verdict.grade == .generated { #expect(verdict.target?.isEmpty == false, "\(verdict)") }
        }
    }

    @Test(arguments: Example.written) func `a service without a command is refused with its place`(dialect: Dialect) {
        for command in [nil, Command.malformed(text: "'", reason: "No closing quotation")] {
            let service = Example.service { $0.command = command.map { Setting($0) } }
            let failure = #expect(throws: Failure.self) { try InitWriter.write(service, as: dialect) }
            #expect(failure?.status == .badInput)
            #expect(failure?.diagnostics.first?.code == "\(dialect.rawValue)-no-command")
        }
    }

    @Test(arguments: Example.written) func `a byte that no process can be given is refused`(dialect: Dialect) {
        let service = Example.service { $0.command = Setting(.words(["/bin/a", "b\0c"])) }
        let failure = #expect(throws: Failure.self) { try InitWriter.write(service, as: dialect) }
        #expect(failure?.diagnostics.first?.code == "\(dialect.rawValue)-nul")
    }

    @Test(arguments: Example.written) func `no name leads out of the directory`(dialect: Dialect) throws {
        for name in ["../../etc/x", ".", "..", "-rf", "/", "", "a\nb", "é"] {
            for file in try InitWriter.write(Example.service(name), as: dialect).files {
                #expect(!file.path.hasPrefix("/") && !file.path.split(separator: "/").contains(".."), "\(file.path)")
                #expect(file.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            }
        }
    }

    @Test func `a user's own manager switches to no other user`() throws {
        for dialect in Example.written {
            let result = try InitWriter.write(Example.full(), as: dialect, isForUser: true)
            #expect(!result.files.map(\.text).joined().contains("www-data"), "\(dialect)")
        }
    }
}
