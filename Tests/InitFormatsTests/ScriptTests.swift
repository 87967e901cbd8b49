import InitFormats
import ServiceModel
import SourceText
import Testing

@Suite struct InitScriptTests {
    private static func isScript(_ file: InitFile) -> Bool { file.text.hasPrefix("#!") }

    @Test(arguments: Example.written) func `a file that is started is a script of its mode, no other is`(
        dialect: Dialect
    ) throws {
        for file in try Example.all.flatMap({ try InitWriter.write($0, as: dialect).files }) {
            #expect(file.isExecutable == Self.isScript(file), "\(file.path)")
            #expect(file.text.isEmpty || file.text.hasSuffix("\n"))
        }
    }

    @Test(arguments: Example.written) func `every script is what a POSIX shell reads`(dialect: Dialect) throws {
        let shell = try Shell()
        defer { shell.remove() }
        let hasChecker = shell.run("command -v shellcheck").status == 0
        for service in Example.all {
            for file in try InitWriter.write(service, as: dialect).files {
                var text = file.text
                if dialect == .upstart, let script = Upstart.script(text) { text = "#!/bin/sh\n" + script }
                guard text.hasPrefix("#!") else { continue }
                try shell.write("script", text)
                let (status, output) = shell.run("sh -n script")
                #expect(status == 0, "\(dialect) \(file.path): \(output)\n\(text)")
                guard hasChecker else { continue }
                // A stanza has no place for the comment that the other scripts carry.
                let allowed = dialect == .upstart ? "SC2034,SC2154,SC3045" : "SC2034,SC2154"
                let checked = shell.run("shellcheck -s sh -S warning -e \(allowed) script")
                #expect(checked.status == 0, "\(dialect) \(file.path): \(checked.output)")
            }
        }
    }

    @Test func `the comment of a SysV script has the fields that insserv reads, each once`() throws {
        let text = try #require(try InitWriter.write(Example.full(), as: .sysv).files.first?.text)
        let lines = text.split(separator: "\n").map(String.init)
        let begin = try #require(lines.firstIndex(of: "### BEGIN INIT INFO"))
        let end = try #require(lines.firstIndex(of: "### END INIT INFO"))
        let fields = lines[(begin + 1)..<end].map { String($0.dropFirst(2).prefix { $0 != ":" }) }
        #expect(
            fields == [
                "Provides", "Required-Start", "Required-Stop", "Should-Start", "Should-Stop", "Default-Start",
                "Default-Stop", "Short-Description", "Description",
            ])
        #expect(lines[(begin + 1)..<end].allSatisfy { $0.hasPrefix("# ") })
        #expect(lines.contains("# Default-Start:     2 3 4 5"))
        for action in ["start", "stop", "restart", "force-reload", "status"] {
            #expect(text.contains("\(action))") || text.contains("| \(action))") || text.contains("\(action) |"))
        }
    }

    @Test func `what does not start at boot has no runlevels, a file down, no bundle, no start on`() throws {
        let service = Example.service { $0.startsAtLoad = Setting(false) }
        func files(_ dialect: Dialect) throws -> [InitFile] { try InitWriter.write(service, as: dialect).files }
        #expect(try files(.sysv).first?.text.contains("# Default-Start:\n") == true)
        #expect(try files(.runit).contains { $0.path == "web/down" })
        #expect(try !files(.s6).contains { $0.path.hasPrefix("default/") })
        #expect(try files(.upstart).first?.text.contains("start on") == false)
        #expect(try files(.cron).first?.text.contains("\n@reboot") == false)
    }

    @Test(arguments: [Dialect.openrc, .sysv, .runit, .s6, .dinit, .upstart])
    func `a manager without a clock gets a file for cron beside it`(dialect: Dialect) throws {
        let service = Example.service(dialect == .s6 ? "a.b" : "web") {
            $0.calendar = Setting([CalendarRule(minute: 5, weekday: 0)])
        }
        let file = try #require(try InitWriter.write(service, as: dialect).files.last)
        #expect(file.path == (dialect == .s6 ? "cron.d/a_b-schedule" : "cron.d/web-schedule"))
        #expect(file.text.contains("\n5 * * * 0 root "))
    }
}

enum Upstart {
    /// The lines of the job's `script` stanza.
    static func script(_ job: String) -> String? {
        guard let start = job.range(of: "\nscript\n"), let end = job.range(of: "\nend script\n") else { return nil }
        return String(job[start.upperBound..<end.lowerBound]) + "\n"
    }
}

extension String {
    /// Where a text stands first; the standard library has it for collections only.
    func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
