#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import ServiceModel
import SourceText
import SystemdFormat
import Testing

/// systemd's own verdict on what is written, where systemd is installed.
@Suite struct SystemdOracleTests {
    private static let tool = "/usr/bin/systemd-analyze"
    static let isThere = access(tool, X_OK) == 0

    private static func services() -> [Service] {
        func service(_ dialect: Dialect, _ name: String, _ change: (inout Service) -> Void) -> Service {
            var service = Service(name: Setting(name), dialect: dialect)
            service.command = Setting(.words(["/bin/sleep", "5 $x %n \"q\"", ";", "", "é\n"]))
            change(&service)
            return service
        }
        return [
            service(.supervisor, "plain") { _ in },
            service(.supervisor, "my app\\n") {
                $0.environment = [EnvironmentVariable("A", Setting("b \"c\" 100% $d\n"))]
                $0.success = Setting(.codes([0, 2, 255]))
                $0.restartOn = Setting(TerminationSet.codes([0, 2, 255]).inverted)
                $0.stopSignal = Setting(.quit)
                $0.stopTimeout = Setting(.zero)
                $0.umask = Setting(0o077)
                $0.workingDirectory = Setting("/tmp")
                $0.standardOutput = Setting(.file("/tmp/x%y.log"))
                $0.foreign = [
                    ForeignSetting(dialect: .launchd, path: ["MachServices", "a.b"], value: "{\"x\": \"\\\\\"}")
                ]
            },
            service(.launchd, "timed") {
                $0.calendar = Setting([
                    CalendarRule(), CalendarRule(minute: 30, hour: 4, day: 1, month: 12, weekday: 0),
                ])
                $0.interval = Setting(.seconds(90))
                $0.watchedPaths = Setting(["/etc/hosts"])
                $0.limits[.openFiles] = ResourceLimit(soft: Setting(64))
                $0.niceness = Setting(20)
            },
            service(.launchd, "crashes") { $0.restartOn = Setting(.signals([.segmentationFault, .abort])) },
        ]
    }

    @Test(.enabled(if: isThere, "systemd-analyze is not installed")) func `systemd-analyze verify finds nothing`()
        throws
    {
        var template = Array("/tmp/svinstall-units-XXXXXX".utf8CString)
        _ = try #require(mkdtemp(&template))
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { _ = system("rm -rf \(directory)") }
        for service in Self.services() {
            for unit in try SystemdWriter().write(service).units {
                let file = try #require(fopen("\(directory)/\(unit.name)", "w"))
                fputs(unit.text, file)
                fclose(file)
            }
        }
        let command = "cd \(directory) && \(Self.tool) verify --man=no --recursive-errors=yes ./*.* 2>&1"
        let pipe = try #require(popen(command, "r"))
        var output = ""
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, Int32(line.count), pipe) != nil {
            output += String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        let status = pclose(pipe)
        // Units of the machine itself are not our business.
        let ours = output.split(separator: "\n").filter { line in
            Self.services().contains { line.contains(UnitName.escape($0.name.value)) } || line.contains(directory)
        }
        #expect(ours.isEmpty, "\(output)")
        if ours.isEmpty && status != 0 { print("systemd-analyze verify also found fault with the machine: \(output)") }
    }
}
