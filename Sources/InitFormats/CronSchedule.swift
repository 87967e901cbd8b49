import ServiceModel
import SourceText

/// Times of crontab(5): five fields a line; a day and a weekday together mean either, as in launchd.plist(5).
enum CronSchedule {
    /// cron(8) of Debian cuts a longer command off (MAX_COMMAND).
    static let longest = 998

    static func fields(of rule: CalendarRule) -> String {
        [rule.minute, rule.hour, rule.day, rule.month, rule.weekday].map { $0.map(String.init) ?? "*" }
            .joined(separator: " ")
    }

    /// The nearest rhythm that a crontab can say, and whether it is the one that was asked for.
    static func fields(of interval: TimeSpan) -> (fields: String, isSame: Bool)? {
        guard let span = interval.finiteMilliseconds, span > 0 else { return nil }
        let minutes = max(1, (span + 59_999) / 60_000)
        func nearest(_ count: Int64, to whole: Int64) -> Int64 {
            (1...whole).filter { whole.isMultiple(of: $0) && $0 <= count }.max() ?? 1
        }
        let rhythm: (fields: String, minutes: Int64)
        if minutes < 60 {
            let step = nearest(minutes, to: 60)
            rhythm = (step == 1 ? "* * * * *" : "*/\(step) * * * *", step)
        } else if minutes < 24 * 60 {
            let step = nearest(minutes / 60, to: 24)
            rhythm = (step == 1 ? "0 * * * *" : "0 */\(step) * * *", step * 60)
        } else if minutes < 7 * 24 * 60 {
            rhythm = ("0 0 * * *", 24 * 60)
        } else {
            rhythm = ("0 0 * * 0", 7 * 24 * 60)
        }
        return (rhythm.fields, rhythm.minutes * 60_000 == span)
    }

    /// cron(8) hands everything behind a bare `%` to the program's standard input.
    static func escape(_ command: String) -> String { command.replacing("%", with: "\\%") }
}

extension InitDraft {
    /// The times of the service, and a verdict for each field that holds them.
    mutating func schedule(target: String) -> [String] {
        var times: [String] = []
        if let rules = service.calendar?.value {
            times += rules.map(CronSchedule.fields)
            judge(
                .calendar, "calendar", isSet: true, target: target,
                why: service.dialect == .launchd ? "cron does not make up for what it slept through" : nil)
        }
        if let interval = service.interval?.value {
            if let (fields, isSame) = CronSchedule.fields(of: interval) {
                times.append(fields)
                log.approximated(
                    .interval, "interval", "\(target) \(fields)",
                    why: isSame
                        ? "cron counts from the full hour or day, not from the start" : "cron has no such rhythm")
            } else {
                log.dropped(
                    .interval, "interval", why: "cron has no such rhythm", remedy: "choose an interval of minutes")
            }
        }
        return times
    }

    /// For a manager without a clock: a file for /etc/cron.d that starts the service by the manager's own command.
    mutating func scheduleFile(starting command: String) -> [InitFile] {
        guard service.calendar != nil || service.interval != nil else { return [] }
        // cron(8) reads no file of its directory with a dot in the name.
        let file = name.replacing(".", with: "_") + "-schedule"
        let times = schedule(target: "cron.d/\(file)")
        guard !times.isEmpty, service.disabled?.value != true else { return [] }
        let user = isForUser ? "" : " root"
        let lines = times.map { "\($0)\(user) \(CronSchedule.escape(command))" }
        return [InitFile("cron.d/\(file)", (["# \(title)"] + lines).joined(separator: "\n") + "\n")]
    }
}
