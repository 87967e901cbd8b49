import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// Command line beats file beats default.
@Suite struct CommandLineOverridesTests {
    private func plan(_ written: [CommandLineOverrides.Written]) throws -> Plan {
        let world = MemoryWorld(["/s.conf": "[supervisord]\nloglevel=debug\nlogfile=/tmp/file.log\nidentifier=file\n"])
        return try SupervisorReader(world: world, overrides: CommandLineOverrides(written)).plan(path: "/s.conf")
    }

    @Test("every option wins over its key, short or long")
    func wins() throws {
        let daemon = try plan([
            .init("-n"), .init("--silent"), .init("-u", "kim"), .init("--umask", "077"), .init("-d", "/tmp"),
            .init("-l", "cli.log"), .init("-y", "1MB"), .init("-z", "2"), .init("-e", "warn"),
            .init("-j", "/tmp/x.pid"),
            .init("-q", "/var/log"), .init("-k"), .init("-a", "99"), .init("-t"), .init("--minprocs", "98"),
            .init("--profile_options", "calls"),
        ]).daemon
        #expect(daemon.staysInForeground && daemon.silent && daemon.keepsOldChildLogs && daemon.stripsANSI)
        #expect(daemon.user == "kim")
        #expect(daemon.umask == 0o077)
        #expect(daemon.directory == "/tmp")
        #expect(daemon.logFile == "/work/cli.log")
        #expect(daemon.logRotation == LogRotation(maximumBytes: .megabytes(1), backups: 2))
        #expect(daemon.logLevel == .warning)
        #expect(daemon.pidFile == "/tmp/x.pid")
        #expect(daemon.childLogDirectory == "/var/log")
        #expect(daemon.minimumDescriptors == 99)
        #expect(daemon.minimumProcesses == 98)
        #expect(daemon.identifier == "file")
    }

    private static let faults: [(written: [CommandLineOverrides.Written], message: String)] = [
        ([.init("-e", "zz")], "invalid value for -e 'zz': bad logging level name 'zz'"),
        ([.init("--umask", "9")], "invalid value for --umask '9': 9 can not be converted to an octal type"),
        ([.init("-d", "/nope")], "invalid value for -d '/nope': /nope is not an existing directory"),
        ([.init("-n"), .init("--nodaemon")], "conflicting command line option '--nodaemon'"),
        ([.init("-e", "info"), .init("-e", "info")], "conflicting command line option '-e'"),
    ]

    @Test("wrong options are usage errors in the original's words", arguments: faults)
    func fault(written: [CommandLineOverrides.Written], message: String) {
        let failure = #expect(throws: Failure.self) { try plan(written) }
        #expect(failure?.status == .usage)
        #expect(failure?.diagnostics.first?.message == message)
    }

    @Test("an option's user must exist too")
    func user() {
        let failure = #expect(throws: Failure.self) { try plan([.init("-u", "nosuch")]) }
        #expect(failure?.diagnostics.first?.message == "Invalid user name nosuch")
    }
}
