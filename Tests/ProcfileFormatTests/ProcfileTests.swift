import ProcfileFormat
import ServiceModel
import SourceText
import Testing

@Suite struct ProcfileTests {
    private func read(_ text: String, environment: String? = nil) -> ProcfileReader.Result {
        ProcfileReader.read(
            path: "Procfile", bytes: Array(text.utf8),
            environment: environment.map { DotEnv(path: ".env", bytes: Array($0.utf8)) })
    }

    @Test(arguments: [
        ("web: ./web -p $PORT", "exec ./web -p $PORT"), ("web:a", "exec a"), ("w-1: a && b", "a && b"),
        ("web: A=1 ./x", "A=1 ./x"), ("web: exec x", "exec x"), ("web: cd /a; ./b", "cd /a; ./b"),
        ("web: a > /log 2>&1", "a > /log 2>&1"),
    ])
    func `a command is run by a shell, which it replaces where that changes nothing`(line: String, script: String)
        throws
    {
        let service = try #require(read(line).services.first)
        #expect(service.command?.value.arguments == ["/bin/sh", "-c", script])
    }

    @Test func `programs come in the order of the lines, comments and blank lines do not count`() {
        let result = read("# c\n\nweb: a\r\n  worker: b\n")
        #expect(result.services.map(\.name.value) == ["web", "worker"])
        #expect(result.services.last?.name.span?.description == "Procfile:4:3")
        #expect(result.diagnostics.isEmpty)
        #expect(result.keys.map(\.name) == ["web", "worker"])
    }

    @Test(arguments: [
        ("web a", "procfile-no-colon"), ("we b: a", "procfile-name"), (": a", "procfile-name"),
        ("web:", "procfile-no-command"),
        ("web: a\nweb: b", "procfile-twice"), ("", "procfile-empty"), ("# only\n", "procfile-empty"),
        ("web: \0", "procfile-not-text"),
    ])
    func `a line that is none is an error with its place`(text: String, code: String) {
        let errors = read(text).diagnostics
        #expect(errors.map(\.code) == [code])
        #expect(errors.allSatisfy { $0.severity == .error && $0.span != nil })
    }

    @Test func `the variables of the file beside it go to every program`() {
        let result = read("a: x\nb: y", environment: "# c\nexport A=1\nB = \"two words\"\nC='$x'\nA=3\nnonsense\n")
        let expected = ["B=two words", "C=$x", "A=3"]
        for service in result.services {
            let own = service.environment.filter { $0.name != "PORT" }
            #expect(own.map { $0.name + "=" + $0.value.value } == expected)
        }
        #expect(result.diagnostics.map(\.code) == ["env-no-assignment"])
    }

    @Test(arguments: ["web: ./a b\n", "web: a && b\n", "web: exec x 'y z'\n"])
    func `a line that is read and written is the same`(line: String) throws {
        let service = try #require(read(line).services.first)
        let written = try ProcfileWriter.write(service).line
        #expect(read(written).services == read(line).services)
    }

    @Test func `only the command comes over from another dialect`() throws {
        var service = Service(name: Setting("my web"), dialect: .supervisor)
        service.command = Setting(.words(["/bin/a", "b c"]))
        service.user = Setting("www")
        let written = try ProcfileWriter.write(service)
        let (line, verdicts) = (written.line, written.verdicts)
        #expect(line == "my_web: /bin/a 'b c'\n")
        #expect(verdicts.first { $0.field == .user }?.grade == .dropped)
        #expect(verdicts.first { $0.field == .name }?.grade == .approximated)
    }
}
