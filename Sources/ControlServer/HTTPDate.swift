import SourceText

/// Times in HTTP's headers and in the web pages, without a time zone database.
enum HTTPDate {
    /// `Sun, 22 Nov 2026 11:04:01 GMT` (RFC 9110 §5.6.7) of a number of seconds since 1970.
    static func text(_ seconds: Int64) -> String {
        let days = floorDivision(seconds, 86_400)
        let (year, month, day) = civil(days)
        let weekday = CalendarNames.weekdays[Int(((days % 7) + 11) % 7)]
        let date = "\(weekday), \(two(day)) \(name(month)) \(Digits.decimal(year, width: 4))"
        return "\(date) \(clock(seconds)) GMT"
    }

    /// `22/Nov/2026:11:04:01 +0000`, as access logs have it.
    static func accessed(_ seconds: Int64) -> String {
        let days = floorDivision(seconds, 86_400)
        let (year, month, day) = civil(days)
        return "\(two(day))/\(name(month))/\(Digits.decimal(year, width: 4)):\(clock(seconds)) +0000"
    }

    /// Year, month and day of a number of days since 1970 (proleptic Gregorian calendar, eras of 400 years).
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivision(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    private static func floorDivision(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    /// `11:04:01`
    private static func clock(_ seconds: Int64) -> String {
        let rest = seconds - floorDivision(seconds, 86_400) * 86_400
        return "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
    }

    private static func name(_ month: Int64) -> String { CalendarNames.months[Int(month) - 1] }

    private static func two(_ value: Int64) -> String { Digits.decimal(value, width: 2) }
}
