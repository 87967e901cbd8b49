/// A moment of a property list: seconds since 2001-01-01T00:00:00Z, which is what the binary format stores.
package struct PropertyDate: Hashable, Sendable {
    /// Seconds, negative before 2001; finite.
    package var secondsSince2001: Double

    package init(secondsSince2001: Double) {
        self.secondsSince2001 = secondsSince2001
    }

    /// A civil UTC time of the proleptic Gregorian calendar; `nil` when there is no such day or hour.
    package init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (0...23).contains(hour),
            (0...59).contains(minute), (0...59).contains(second), day >= 1, day <= Self.days(of: month, in: year)
        else { return nil }
        let days = Self.dayNumber(year: year, month: month, day: day) - Self.dayNumber(year: 2001, month: 1, day: 1)
        secondsSince2001 = Double(days * 86400 + hour * 3600 + minute * 60 + second)
    }

    /// `YYYY-MM-DDThh:mm:ssZ`, fractions of a second cut off; `nil` outside the years 1 to 9999, which no XML date
    /// can say.
    package var iso8601: String? {
        var text: [UInt8] = []
        return appendISO8601(to: &text) ? String(decoding: text, as: UTF8.self) : nil
    }

    /// Appends `iso8601`; false, with nothing appended, where there is none.
    func appendISO8601(to text: inout [UInt8]) -> Bool {
        let total = secondsSince2001.rounded(.down)
        guard total.isFinite, abs(total) < 1e12 else { return false }
        let seconds = Int(total)
        let dayOffset = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400)
        let rest = seconds - dayOffset * 86400
        let (year, month, day) = Self.civil(Self.dayNumber(year: 2001, month: 1, day: 1) + dayOffset)
        guard (1...9999).contains(year) else { return false }
        func two(_ value: Int, then mark: Unicode.Scalar? = nil) {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10))
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
            if let mark { text.append(UInt8(ascii: mark)) }
        }
        two(year / 100)
        two(year % 100, then: "-")
        two(month, then: "-")
        two(day, then: "T")
        two(rest / 3600, then: ":")
        two(rest / 60 % 60, then: ":")
        two(rest % 60, then: "Z")
        return true
    }

    private static func days(of month: Int, in year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 0000-03-01, counted in years that begin in March so that the leap day comes last.
    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    }

    private static func civil(_ number: Int) -> (year: Int, month: Int, day: Int) {
        let era = (number >= 0 ? number : number - 146_096) / 146_097
        let dayOfEra = number - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
