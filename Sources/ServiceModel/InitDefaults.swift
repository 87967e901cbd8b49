import SourceText

/// What the other service managers do where a file is silent: a writer says in so many words what differs from it.
extension Defaults {
    /// supervise-daemon(8): any end is followed by a restart, at once; TERM and 5 s; output goes nowhere.
    static let openrc = Defaults.startedAtBoot {
        $0.restartOn = .all
        $0.giveUp = .earlyExits(11)
        $0.restartDelay = .none
        $0.stopTimeout = .seconds(5)
        $0.workingDirectory = "/"
    }

    /// start-stop-daemon(8) starts a program once; `--background` keeps it in the directory `/`.
    static let sysv = Defaults.startedAtBoot {
        $0.restartOn = .none
        $0.stopTimeout = .infinity
        $0.workingDirectory = "/"
    }

    /// runsv(8): any end is followed by a restart, a second after the start at the earliest; nobody is killed.
    static let runit = Defaults.startedAtBoot {
        $0.restartOn = .all
        $0.restartDelay = .sinceStart(.seconds(1))
        $0.stopTimeout = .infinity
        $0.standardOutput = .inherit
        $0.standardError = .inherit
    }

    /// s6-supervise, of s6's own documentation: as runsv, and a session for each program.
    static let s6 = runit

    /// dinit-service(5).
    static let dinit = Defaults.startedAtBoot {
        $0.restartOn = .none
        $0.giveUp = .starts(4, within: .seconds(10))
        $0.restartDelay = .sinceStart(.milliseconds(200))
        $0.stopTimeout = .seconds(10)
        $0.stopScope = .processGroup
        $0.killScope = .processGroup
    }

    /// init(5) of Upstart 1.12.
    static let upstart = Defaults.startedAtBoot {
        $0.restartOn = .none
        $0.giveUp = .starts(10, within: .seconds(5))
        $0.restartDelay = .none
        $0.stopTimeout = .seconds(5)
        $0.stopScope = .processGroup
        $0.killScope = .processGroup
        $0.standardOutput = .automatic
        $0.workingDirectory = "/"
    }

    /// crontab(5): a program is started, and that is all; its output is mailed.
    static let cron = Defaults.startedAtBoot {
        $0.restartOn = .none
        $0.stopTimeout = .infinity
        $0.standardOutput = .inherit
        $0.searchPath = "/usr/bin:/bin"
    }

    /// What most of them have in common, and the change that makes one of them.
    private static func startedAtBoot(_ change: (inout Defaults) -> Void) -> Defaults {
        var defaults = Defaults(
            startsAtLoad: true, readiness: .executed, restartOn: .none, success: .codes([0]), giveUp: .never,
            restartDelay: .none, stopSignal: .terminate, stopTimeout: .seconds(5), stopScope: .main, killScope: .main,
            endsStragglers: false, standardInput: .null, standardOutput: .null, standardError: .sameAsOutput,
            rotation: LogRotation(maximumBytes: ByteSize(bytes: 0), backups: 0), priority: 999, searchPath: nil,
            workingDirectory: nil)
        change(&defaults)
        return defaults
    }
}
