package import SourceText

/// When a started program counts as running.
package enum Readiness: Hashable, Sendable {
    /// As soon as it is executed (`startsecs=0`, `Type=exec`, launchd).
    case executed
    /// After it has lived for this long (`startsecs`).
    case alive(TimeSpan)
    /// When it says so (`Type=notify`).
    case notified
    /// When its first process has ended with 0 (`Type=forking`).
    case forked
    /// When it has ended (`Type=oneshot`).
    case completed
}

/// When the manager stops trying.
package enum GiveUp: Hashable, Sendable {
    case never
    /// After so many ends in a row that came before readiness, the first included: `startretries` + 1.
    case earlyExits(Int)
    /// After so many starts within a span: systemd's start limit.
    case starts(Int, within: TimeSpan)
}

/// The wait before a restart.
package enum RestartDelay: Hashable, Sendable {
    /// None at all, not even the crash-loop brake (`restart_delay=0`).
    case none
    /// None for a program that ran, 1, 2, 3 … seconds after ends that came before readiness (supervisord), and the
    /// crash-loop brake for programs that keep ending within a second.
    case supervisor
    /// This long after each end (systemd's RestartSec).
    case afterExit(TimeSpan)
    /// Not before this long after the previous start (launchd's ThrottleInterval).
    case sinceStart(TimeSpan)
}

/// Whom a signal reaches.
package enum SignalScope: Hashable, Sendable {
    case main
    /// The main process's process group.
    case processGroup
    /// Everything the program has started and that still runs (a control group where there is one).
    case everything
}

/// What the program's standard input is.
package enum InputSource: Hashable, Sendable {
    case null
    /// A pipe that the manager writes to (supervisord).
    case pipe
    case file(String)
    case socket
}

/// Where an output stream goes.
package enum OutputSink: Hashable, Sendable {
    /// A file that the manager names and cleans up (supervisord's AUTO).
    case automatic
    case null
    case file(String)
    /// The manager's own log service (systemd's journal).
    case journal
    case syslog
    case inherit
    /// Standard error only: where standard output goes.
    case sameAsOutput
}

/// When a log file is renamed and how many old ones stay.
package struct LogRotation: Hashable, Sendable {
    /// Size at which the file is rotated; 0 = never.
    package var maximumBytes: ByteSize
    /// Old files kept.
    package var backups: Int

    package init(maximumBytes: ByteSize, backups: Int) {
        self.maximumBytes = maximumBytes
        self.backups = backups
    }
}

/// A resource of setrlimit(2), by launchd's and systemd's common meaning.
package enum ResourceKind: String, Hashable, Sendable, CaseIterable {
    case core, cpuTime, data, fileSize, lockedMemory, openFiles, processes, residentSet, stack, addressSpace
}

/// Limits of one resource; `nil` leaves that half as it is, `.max` is "unlimited".
package struct ResourceLimit: Hashable, Sendable {
    package var soft: Setting<UInt64>?
    package var hard: Setting<UInt64>?

    package init(soft: Setting<UInt64>? = nil, hard: Setting<UInt64>? = nil) {
        self.soft = soft
        self.hard = hard
    }
}

/// One rule of a calendar: `nil` is "every". Day and weekday together mean either (launchd.plist(5), cron).
package struct CalendarRule: Hashable, Sendable {
    package var minute: Int?
    package var hour: Int?
    package var day: Int?
    package var month: Int?
    /// 0 to 6, Sunday is 0.
    package var weekday: Int?

    package init(minute: Int? = nil, hour: Int? = nil, day: Int? = nil, month: Int? = nil, weekday: Int? = nil) {
        self.minute = minute
        self.hour = hour
        self.day = day
        self.month = month
        self.weekday = weekday
    }
}
