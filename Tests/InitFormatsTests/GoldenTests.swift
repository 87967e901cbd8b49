#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import InitFormats
import ServiceModel
import SourceText
import Testing

/// Whole files, one for each rule, as `Fixtures/` has them.
@Suite struct InitGoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// The file's name: format, then rule.
        var fixture: String
        var dialect: Dialect
        /// Which of the files that come out.
        var path: String
        var change: @Sendable (inout Service) -> Void
        var testDescription: String { fixture }
    }

    static let cases: [Case] = [
        Case(fixture: "runit-prepares-the-process.run", dialect: .runit, path: "web/run") {
            $0.environment = [
                EnvironmentVariable("A", Setting("two words")), EnvironmentVariable("PATH", Setting("/opt/bin")),
            ]
            $0.user = Setting("www")
            $0.group = Setting("adm")
            $0.workingDirectory = Setting("/srv/my web")
            $0.umask = Setting(0o027)
            $0.niceness = Setting(5)
            $0.limits[.openFiles] = ResourceLimit(soft: Setting(256), hard: Setting(512))
            $0.standardOutput = Setting(.file("/var/log/web.log"))
            $0.standardError = Setting(.sameAsOutput)
        },
        Case(fixture: "runit-does-not-restart-expected-exits.finish", dialect: .runit, path: "web/finish") {
            $0.restartOn = Setting(TerminationSet.codes([0, 2]).inverted)
            $0.restartDelay = Setting(.afterExit(.seconds(3)))
        },
        Case(fixture: "runit-stops-with-its-signal-and-kills.t", dialect: .runit, path: "web/control/t") {
            $0.stopSignal = Setting(.interrupt)
            $0.stopTimeout = Setting(.seconds(7))
            $0.killScope = Setting(.processGroup)
        },
        Case(fixture: "runit-logs-to-svlogd.run", dialect: .runit, path: "web/log/run") {
            $0.outputRotation = Setting(LogRotation(maximumBytes: .megabytes(1), backups: 3))
        },
        Case(fixture: "s6-gives-up-after-starts.finish", dialect: .s6, path: "web/finish") {
            $0.restartOn = Setting(.all)
            $0.giveUp = Setting(.starts(5, within: .seconds(10)))
        },
        Case(fixture: "s6-logs-to-s6-log.run", dialect: .s6, path: "web-log/run") { _ in },
        Case(fixture: "openrc-keeps-odd-words.openrc", dialect: .openrc, path: "web") {
            $0.command = Setting(.words(["/usr/bin/web", "two  words", "*", "plain"]))
            $0.environment = [EnvironmentVariable("A", Setting("x  y"))]
            $0.user = Setting("www")
            $0.restartOn = Setting(.all)
            $0.giveUp = Setting(.never)
            $0.stopTimeout = Setting(.seconds(7))
            $0.standardOutput = Setting(.file("/var/log/web.log"))
            $0.standardError = Setting(.null)
        },
        Case(fixture: "openrc-starts-once.openrc", dialect: .openrc, path: "web") { $0.restartOn = Setting(.none) },
        Case(fixture: "sysv-starts-and-stops.sysv", dialect: .sysv, path: "web") {
            $0.user = Setting("www")
            $0.workingDirectory = Setting("/srv/web")
            $0.stopSignal = Setting(.quit)
        },
        Case(fixture: "dinit-quotes-words.dinit", dialect: .dinit, path: "web") {
            $0.command = Setting(.words(["/usr/bin/web", "two  words", "\"quoted\"", "back\\slash", "$HOME", "#", ""]))
            $0.environment = [EnvironmentVariable("A", Setting("two words"))]
            $0.restartOn = Setting(.all)
        },
        Case(fixture: "upstart-names-normal-exits.conf", dialect: .upstart, path: "web.conf") {
            $0.restartOn = Setting(TerminationSet.codes([0, 2]).union(.signals([.terminate])).inverted)
            $0.giveUp = Setting(.starts(5, within: .seconds(10)))
            $0.stopTimeout = Setting(.seconds(7))
        },
        Case(fixture: "cron-escapes-percent-signs.cron", dialect: .cron, path: "web") {
            $0.command = Setting(.words(["/usr/bin/web", "100%", "two\nlines"]))
            $0.calendar = Setting([CalendarRule(minute: 30, hour: 4, day: 1, weekday: 0)])
            $0.restartOn = Setting(.none)
            $0.standardOutput = Setting(.null)
            $0.standardError = Setting(.null)
        },
    ]

    @Test(arguments: cases) func `what is written is the file of its rule`(golden: Case) throws {
        let service = Example.service("web", .supervisor, golden.change)
        let files = try InitWriter.write(service, as: golden.dialect).files
        let text = try #require(files.first { $0.path == golden.path }?.text)
        let here: String = #filePath
        let folder = here.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let path = "\(folder)/Fixtures/\(golden.fixture)"
        if getenv("SVINSTALL_WRITE_FIXTURES") != nil, let file = fopen(path, "w") {
            fputs(text, file)
            fclose(file)
        }
        let file = try #require(fopen(path, "r"), "\(golden.fixture) is missing")
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        #expect(text == String(decoding: bytes.prefix(count), as: UTF8.self))
    }
}
