import ServiceFormats
import ServiceModel
import Testing

/// Codes are for scripts: none is renamed and none goes.
@Suite struct FidelityCodeTests {
    static let formats: [Format] = [
        .supervisor, .plist, .systemd, .procfile, .openrc, .sysv, .runit, .s6, .dinit, .upstart, .cron,
    ]

    @Test(arguments: formats) func `every code of a conversion is in the table`(target: Format) throws {
        var unknown: Set<String> = []
        var seen: Set<String> = []
        for source in GeneratedRoundTripTests.Pairing.formats where source != target {
            for seed in 1...60 {
                let file = GeneratedRoundTripTests.file(source, seed: seed)
                guard let result = try? Sample.convert(file, target, to: target) else { continue }
                for item in result.reports.flatMap(\.items) {
                    seen.insert(item.code)
                    if FidelityCodes.topic(of: item.code) == item.code { unknown.insert(item.code) }
                }
            }
        }
        #expect(unknown.isEmpty)
        #expect(seen.count > 10)
    }

    @Test func `the codes are these and stay these`() {
        #expect(FidelityCodes.topics.keys.sorted().joined(separator: " ") == Self.topics)
        #expect(FidelityCodes.readers.keys.sorted().joined(separator: " ") == Self.readers)
    }

    @Test func `each code says what it is about`() {
        for text in Array(FidelityCodes.topics.values) + Array(FidelityCodes.readers.values) {
            #expect(text.first?.isUppercase == true && text.last != ".", "\(text)")
        }
        #expect(FidelityCodes.topic(of: "systemd-restart-delay") == "The wait before the program is started again")
    }

    /// What may be added to, and never changed.
    private static let topics = """
        accept autorestart autostart calendar capture carried chroot command description directory disabled edited \
        environment events exit-time-out exitcodes foreign forking give-up group input install interval \
        keep-alive kill-mode killasgroup label limit logfile name native nice no-setting output path port \
        priority queue-directories readiness redirect restart restart-delay root rootdirectory rotation \
        run-at-load scope serverurl socket start startretries startsecs stop stop-scope stop-signal stop-timeout \
        stopasgroup stopsignal stopwaitsecs stragglers success supervisor-only syslog throttle umask user \
        watch-paths
        """

    private static let readers = """
        key launchd-socket-key manager-setting not-asked-for resolved supervisor-default supervisor-overridden unchanged \
        unit-carrier unit-dbus unit-empty unit-home unit-idle unit-ignore-failure unit-inherit unit-interval-end \
        unit-log-append unit-log-target unit-notify-reload unit-optional-directory unit-overridden \
        unit-privileged unit-quotes unit-reset unit-several-commands unit-specifier unit-start-timeout \
        unit-variable unit-variables
        """
}
