package import SourceText

/// The clocks. `now` is the only reader of them in the whole program.
package protocol ClockCalls: Sendable {
    /// The moment on all three clocks.
    func now() -> Instant

    /// The civil time of `wall` (nanoseconds since 1970) in the machine's time zone.
    func localTime(wall: Int64) -> CivilTime

    /// Blocks the caller for that long. For clients that wait for a daemon; the daemon itself never sleeps.
    func sleep(nanoseconds: Int64)
}

/// A wall-clock time as people write it.
package struct CivilTime: Hashable, Sendable {
    /// Gregorian year, e.g. 2026.
    package var year: Int
    /// 1 to 12.
    package var month: Int
    /// 1 to 31.
    package var day: Int
    /// 0 to 23.
    package var hour: Int
    package var minute: Int
    /// 0 to 60.
    package var second: Int
    /// 0 to 999 999 999.
    package var nanosecond: Int
    /// 0 is Sunday.
    package var weekday: Int
    /// Seconds east of Greenwich.
    package var offset: Int

    package init(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, nanosecond: Int, weekday: Int,
        offset: Int
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.nanosecond = nanosecond
        self.weekday = weekday
        self.offset = offset
    }

    /// `2026-11-22 10:52:49,123`: how supervisord stamps a log line (milliseconds rounded down).
    package var logStamp: String {
        "\(date) \(time),\(Digits.decimal(Int64(nanosecond / 1_000_000), width: 3))"
    }

    /// `2026-11-22`.
    package var date: String {
        "\(Digits.decimal(Int64(year), width: 4))-\(two(month))-\(two(day))"
    }

    /// `10:52:49`.
    package var time: String { "\(two(hour)):\(two(minute)):\(two(second))" }

    /// English month of three letters, as in C's `%b` and HTTP dates.
    package var monthName: String {
        CalendarNames.months.indices.contains(month - 1) ? CalendarNames.months[month - 1] : "???"
    }

    /// `Sun Nov  2 11:04:01 2026`: asctime(3).
    package var asctime: String {
        let names = CalendarNames.weekdays
        let name = names.indices.contains(weekday) ? names[weekday] : "???"
        return "\(name) \(monthName) \(day < 10 ? " " : "")\(day) \(time) \(year)"
    }

    private func two(_ value: Int) -> String { Digits.decimal(Int64(value), width: 2) }
}
