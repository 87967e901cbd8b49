import ServiceModel
import SourceText

/// Services that the tests of every format share.
enum Example {
    static let written: [Dialect] = [.openrc, .sysv, .runit, .s6, .dinit, .upstart, .cron]

    static func service(
        _ name: String = "web", _ dialect: Dialect = .supervisor, _ change: (inout Service) -> Void = { _ in }
    ) -> Service {
        var service = Service(name: Setting(name), dialect: dialect)
        service.command = Setting(.words(["/usr/bin/web", "--port", "80"]))
        change(&service)
        return service
    }

    /// Every field of the model has a value.
    static func full(_ dialect: Dialect = .supervisor) -> Service {
        service("web", dialect) {
            $0.summary = Setting("the \"web\" server: 100% $HOME")
            $0.environment = [
                EnvironmentVariable("A", Setting("two words")), EnvironmentVariable("PATH", Setting("/opt/bin:/bin")),
                EnvironmentVariable("dotted.name", Setting("$x `y` 'z'")),
            ]
            $0.workingDirectory = Setting("/srv/my web")
            $0.umask = Setting(0o027)
            $0.user = Setting("www-data")
            $0.group = Setting("adm")
            for kind in ResourceKind.allCases {
                $0.limits[kind] = ResourceLimit(soft: Setting(4096), hard: Setting(8192))
            }
            $0.niceness = Setting(5)
            $0.startsAtLoad = Setting(true)
            $0.disabled = Setting(false)
            $0.calendar = Setting([CalendarRule(minute: 30, hour: 4)])
            $0.interval = Setting(.seconds(300))
            $0.watchedPaths = Setting(["/etc/web"])
            $0.queueDirectories = Setting(["/var/spool/web"])
            $0.priority = Setting(3)
            $0.readiness = Setting(.alive(.seconds(2)))
            $0.restartOn = Setting(TerminationSet.codes([0, 2]).inverted)
            $0.success = Setting(.codes([0, 2]))
            $0.giveUp = Setting(.earlyExits(4))
            $0.restartDelay = Setting(.afterExit(.seconds(3)))
            $0.stopSignal = Setting(.interrupt)
            $0.stopTimeout = Setting(.seconds(7))
            $0.stopScope = Setting(.processGroup)
            $0.killScope = Setting(.processGroup)
            $0.endsStragglers = Setting(true)
            $0.standardInput = Setting(.file("/dev/null"))
            $0.standardOutput = Setting(.file("/var/log/my web.log"))
            $0.standardError = Setting(.file("/var/log/web.err"))
            $0.outputRotation = Setting(LogRotation(maximumBytes: .megabytes(1), backups: 3))
            $0.errorRotation = Setting(LogRotation(maximumBytes: .megabytes(2), backups: 4))
            $0.supervisor.outputEvents = Setting(true)
            $0.supervisor.serverURL = Setting("http://localhost")
            $0.foreign = [ForeignSetting(dialect: .launchd, path: ["MachServices", "a"], value: "true")]
        }
    }

    /// Services that between them take every way through the writers.
    static let all: [Service] = [
        service(), full(), full(.systemd),
        service("a b/c", .launchd) {
            $0.restartOn = Setting(.unsuccessful)
            $0.standardOutput = Setting(.syslog)
            $0.standardError = Setting(.null)
            $0.stopTimeout = Setting(.infinity)
            $0.limits[.openFiles] = ResourceLimit(soft: Setting(1000))
            $0.limits[.processes] = ResourceLimit(hard: Setting(.max))
            $0.limits[.core] = ResourceLimit(soft: Setting(1), hard: Setting(1))
        },
        service("once", .systemd) {
            $0.restartOn = Setting(.none)
            $0.readiness = Setting(.completed)
            $0.startsAtLoad = Setting(false)
            $0.command = Setting(.words(path: "/bin/sh", arguments: ["shown name", "-c", "echo\n'it's'\"\\"]))
        },
        service("crashes", .procfile) {
            $0.restartOn = Setting(.signals([.segmentationFault, .abort]))
            $0.standardOutput = Setting(.automatic)
            $0.giveUp = Setting(.starts(5, within: .seconds(10)))
            $0.rootDirectory = Setting("/srv/root")
            $0.disabled = Setting(true)
        },
        service("bare") {
            $0.command = Setting(.words(["web=x", "%s"]))
            $0.environment = [EnvironmentVariable("PATH", Setting("/x"))]
            $0.group = Setting("adm")
            $0.restartOn = Setting(.all)
            $0.giveUp = Setting(.never)
            $0.stopSignal = Setting(.quit)
            $0.stopTimeout = Setting(.zero)
        },
    ]
}
