import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// Files that mean harm, or are no configuration at all: refused or read, soon, and in a message of moderate length.
@Suite(.timeLimit(.minutes(2))) struct HostileFileTests {
    private func plan(_ text: String, _ files: [String: String] = [:]) throws -> Plan {
        try SupervisorReader(world: MemoryWorld(files)).plan(path: "/etc/s.conf", bytes: Array(text.utf8))
    }

    private func refusal(_ text: String, _ files: [String: String] = [:]) -> Diagnostic? {
        let failure = #expect(throws: Failure.self) { try plan(text, files) }
        return failure?.diagnostics.first
    }

    @Test("a line of a megabyte is a value like another")
    func longValue() throws {
        let long = String(repeating: "x", count: 1 << 20)
        let plan = try plan("[supervisord]\n[program:a]\ncommand=\(long)\nenvironment=A=\"\(long)\"\n;\(long)\n")
        #expect(plan.groups.first?.services.first?.supervisor.commandText == long)
    }

    @Test("a wrong line of a megabyte is told in a moderate message")
    func longFault() throws {
        let long = String(repeating: "x", count: 1 << 20)
        let program = "[supervisord]\n[program:a]\ncommand=x\nautostart=\(long)\n"
        for text in ["[supervisord]\n\(long)\n", "\(long)\n", program] {
            let problem = refusal(text)
            #expect((1...20_000).contains(problem?.message.utf8.count ?? 0))
            #expect(problem?.span?.file == "/etc/s.conf")
        }
    }

    @Test("twenty thousand sections")
    func manySections() throws {
        let text = (0..<20_000).map { "[x\($0)]\nk=v\n" }.joined()
        #expect(try plan("[supervisord]\n" + text).groups.isEmpty)
        let programs = (0..<2000).map { "[program:p\($0)]\ncommand=x\n" }.joined()
        #expect(try plan("[supervisord]\n" + programs).groups.count == 2000)
    }

    @Test("no file makes more processes, or more bytes, than a machine can hold")
    func multiplication() {
        let big = String(repeating: "y", count: 100_000)
        let each = "process_name=%(process_num)d\ncommand=x\n"
        func says(_ words: String, _ text: String) {
            #expect(refusal("[supervisord]\n" + text)?.message.hasPrefix(words) == true)
        }
        let large = "the configuration is larger than 256 MB when it is expanded"
        says("more than 100000 processes", "[program:a]\nnumprocs=100001\n" + each)
        says("more than 100000 processes", "[program:a]\nnumprocs=9223372036854775807\n" + each)
        says(
            "more than 100000 processes",
            "[program:first]\ncommand=x\n[program:a]\nnumprocs=9223372036854775807\n" + each)
        says(large, "[program:a]\nnumprocs=99999\nenvironment=A=\"\(big)\"\n" + each)
        let list = String(repeating: "a,", count: 50_000) + "a"
        says(large, "[program:a]\nnumprocs=0\nenvironment=A=\"\(big)\"\n[group:g]\nprograms=\(list)\n")
    }

    @Test("a width that no memory holds is refused")
    func width() {
        #expect(refusal("[supervisord]\nidentifier=%(here)99999999999s\n")?.message.hasSuffix("width too big") == true)
    }

    @Test("an include looks at a million names at most; one that includes itself is read once more and no further")
    func includes() throws {
        // Long patterns cost more: each name is compared with each of their pieces.
        let pattern = String(repeating: "?", count: 120_000)
        let files = Dictionary(uniqueKeysWithValues: (0..<600).map { ("/etc/d\($0).txt", "") })
        let problem = refusal("[supervisord]\n[include]\nfiles=\(pattern)\n", files)
        #expect(problem?.message.hasPrefix("[include] looks at more than 1000000 files") == true)
        #expect(problem?.span?.start.line == 3)
        let circle = "[supervisord]\n[include]\nfiles=s.conf\n"
        #expect(try plan(circle, ["/etc/s.conf": circle]).files == ["/etc/s.conf", "/etc/s.conf"])
    }

    @Test("thousands of included files take time in proportion")
    func manyIncludes() throws {
        let files = Dictionary(
            uniqueKeysWithValues: (0..<3000).map { ("/etc/d\($0).conf", "[program:p\($0)]\ncommand=%(here)s/x\n") })
        #expect(try plan("[supervisord]\n[include]\nfiles=*.conf\n", files).groups.count == 3000)
    }
}
