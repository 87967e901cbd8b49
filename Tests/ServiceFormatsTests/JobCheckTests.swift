import ServiceFormats
import SourceText
import Testing

@Suite("A launchd job and the directories of this machine")
struct JobCheckTests {
    private func problems(_ body: String) -> [Diagnostic] {
        let text =
            "<plist><dict><key>Label</key><string>a.b</string><key>Program</key><string>/bin/a</string>\n\(body)</dict></plist>"
        let file = InputFile(path: "a.b.plist", bytes: Array(text.utf8))
        var world = TestWorld()
        world.directories = ["/", "/tmp", "/var", "/var/log", "/srv"]
        return Check.check(file, world: world)
    }

    @Test(
        "one that is missing is told where it is named",
        arguments: [
            ("<key>StandardOutPath</key><string>/var/log/a/out.log</string>", "/var/log/a"),
            ("<key>StandardErrorPath</key><string>/srv/logs/err.log</string>", "/srv/logs"),
            ("<key>WorkingDirectory</key><string>/srv/www</string>", "/srv/www"),
            ("<key>QueueDirectories</key><array><string>/srv/q</string></array>", "/srv/q"),
        ])
    func missing(body: String, directory: String) throws {
        let found = problems(body)
        let problem = try #require(found.first { $0.code == "launchd-missing-directory" }, "\(found)")
        #expect(problem.message == "there is no directory '\(directory)'")
        #expect(problem.span?.start.line == 2)
        #expect(problem.remedy?.hasPrefix("create it") == true)
        // A job waits for its queue; it does not fail for want of it.
        #expect(problem.remedy?.contains("78") == !body.contains("QueueDirectories"))
    }

    @Test(
        "one that is there, or belongs to another machine, is not",
        arguments: [
            "<key>StandardOutPath</key><string>/var/log/out.log</string>",
            "<key>StandardOutPath</key><string>/out.log</string>",
            "<key>StandardOutPath</key><string>/dev/null</string>",
            "<key>WorkingDirectory</key><string>/Users/me</string>",
            "<key>WorkingDirectory</key><string>/opt/homebrew/var</string>",
        ])
    func present(body: String) {
        #expect(problems(body).map(\.code) == [])
    }
}
