import ServiceFormats
import ServiceModel
import SourceText
import Testing

/// `convert` into the formats that are written and never read.
@Suite struct InitConversionTests {
    static let formats: [Format] = [.openrc, .sysv, .runit, .s6, .dinit, .upstart, .cron]

    @Test(arguments: formats) func `every format is written from every other, each key in the report once`(
        format: Format
    ) throws {
        for input in [Sample.article, Sample.rich, Sample.unit] {
            let result = try Sample.convert(input, format)
            let items = result.reports.flatMap(\.items).filter { !$0.key.isEmpty }
            let keys = try FormatRegistry.read(input, world: TestWorld()).keys.map(\.name)
            #expect(items.map(\.key).sorted() == keys.sorted(), "\(format) \(input.path)")
            #expect(result.outputs.first?.bytes.isEmpty == false)
            #expect(result.reports.first?.to == format.dialect)
        }
    }

    @Test(arguments: formats) func `as input they are refused with a reason`(format: Format) {
        let file = InputFile(path: "x", bytes: Array("#!/bin/sh\n".utf8))
        let failure = #expect(throws: Failure.self) {
            try FormatRegistry.read(file, as: format, world: TestWorld())
        }
        #expect(failure?.status == .badInput)
        #expect(failure?.diagnostics.map(\.code) == ["format-only-written"])
        #expect(failure?.diagnostics.first?.span != nil)
    }

    @Test(arguments: formats) func `scripts are executable, and no two files have one name`(format: Format) throws {
        let conf = "[supervisord]\n[program:a+b]\ncommand=/bin/a\n[program:a@b]\ncommand=/bin/b\n"
        let outputs = try Sample.convert(InputFile(path: "s.conf", bytes: Array(conf.utf8)), format).outputs
        #expect(Set(outputs.map(\.name)).count == outputs.count)
        for output in outputs {
            let isScript = String(decoding: output.bytes, as: UTF8.self).hasPrefix("#!")
            #expect(output.isExecutable == isScript, "\(output.name)")
        }
        // Two services, two places: neither is written over the other.
        for program in ["/bin/a", "/bin/b"] {
            #expect(outputs.contains { String(decoding: $0.bytes, as: UTF8.self).contains(program) }, "\(program)")
        }
    }

    @Test func `a Procfile and what its programs share come out together`() throws {
        let conf = "[supervisord]\n[program:a]\ncommand=/bin/a\nenvironment=A=\"two words\"\n"
        let outputs = try Sample.convert(InputFile(path: "s.conf", bytes: Array(conf.utf8)), .procfile).outputs
        #expect(outputs.map(\.name) == ["Procfile", ".env"])
        #expect(outputs.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a: /bin/a\n", "A='two words'\n"])
    }
}
