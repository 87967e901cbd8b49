import ProcfileFormat
import ServiceModel
import SourceText
import Testing

@Suite struct DotEnvTests {
    private static func read(_ text: String) -> DotEnv { DotEnv(path: ".env", bytes: Array(text.utf8)) }

    /// foreman 0.88's lib/foreman/env.rb tells the values, honcho 2.0's environ.py what it would read differently.
    @Test(arguments: [
        ("A=b", "b", false), ("A=", "", false), ("A='b c'", "b c", false), ("A='$x `y` \"z\"'", "$x `y` \"z\"", false),
        ("A=\"b c\"", "b c", false), ("A=\"a\\nb\"", "a\nb", false), ("A=\"say \\\"x\\\"\"", "say \"x\"", false),
        ("A=b c", "b c", true), ("A=b #c", "b #c", true), ("A='a\\nb'", "a\\nb", true), ("A=it's", "it's", true),
        ("export A=b", "b", false), ("A=x=y", "x=y", false),
    ])
    func `a value is what foreman reads, and a warning tells where honcho reads another`(
        line: String, value: String, isAmbiguous: Bool
    ) throws {
        let file = Self.read(line + "\n")
        #expect(file.variables.map(\.value.value) == [value])
        #expect(file.diagnostics.map(\.code) == (isAmbiguous ? ["env-ambiguous"] : []))
    }

    @Test(arguments: [("A=b c", "put the value into single quotes"), ("A='a\\nb'", "do without backslashes")])
    func `the remedy is none that is there already`(line: String, remedy: String) {
        #expect(Self.read(line + "\n").diagnostics.first?.remedy?.hasPrefix(remedy) == true)
    }

    @Test(arguments: [
        "", "plain", "two words", "it's", "\"x\"", "a\nb", "it's\n\"two\"", "$HOME", "\\", "#x", " x ", "é", "a=b",
        "\t",
    ])
    func `a value that is written is read as it was`(value: String) throws {
        let text = try #require(DotEnvValue.written(value))
        #expect(Self.read("A=\(text)\n").variables.map(\.value.value) == [value], "\(text)")
    }

    @Test(arguments: [(nil, ["5000", "5100", "5200"]), ("7000", ["7000", "7100", "7200"]), ("x", ["x", "x", "x"])])
    func `each program has a port of its own, a hundred apart`(base: String?, ports: [String]) {
        let result = ProcfileReader.read(
            path: "Procfile", bytes: Array("a: x\nb: y\nc: z\n".utf8),
            environment: base.map { Self.read("PORT=\($0)\n") })
        #expect(result.services.map { $0.environment.last { $0.name == "PORT" }?.value.value } == ports)
    }

    @Test func `what programs have in common goes to the file beside, the rest in front of their commands`() throws {
        func program(_ name: String, _ values: [(String, String)]) throws -> ProcfileWriter.Result {
            var service = Service(name: Setting(name), dialect: .supervisor)
            service.command = Setting(.words(["/bin/\(name)"]))
            service.environment = values.map { EnvironmentVariable($0.0, Setting($0.1)) }
            return try ProcfileWriter.write(service)
        }
        let (procfile, environment) = ProcfileWriter.files([
            try program("a", [("X", "1"), ("Y", "two words")]), try program("b", [("X", "1"), ("Y", "3")]),
        ])
        #expect(environment == "X=1\n")
        #expect(procfile == "a: export Y='two words' && /bin/a\nb: export Y=3 && /bin/b\n")
    }

    @Test func `the directory and the umask are the shell's`() throws {
        var service = Service(name: Setting("web"), dialect: .supervisor)
        service.command = Setting(.words(["/bin/a", "b c"]))
        service.workingDirectory = Setting("/srv/my web")
        service.umask = Setting(0o027)
        #expect(try ProcfileWriter.write(service).line == "web: cd '/srv/my web' && umask 0027 && exec /bin/a 'b c'\n")
    }
}
