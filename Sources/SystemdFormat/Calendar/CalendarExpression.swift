import SourceText

/// A calendar expression, the value of `OnCalendar=` (systemd.time(7), "Calendar Events"), in its normalised form: what
/// `systemd-analyze calendar` prints is `description`.
package struct CalendarExpression: Hashable, Sendable, CustomStringConvertible {
    /// A number, a range or a repetition: `5`, `5..9`, `5/10`, `5..45/10`.
    package struct Part: Hashable, Sendable {
        package var start: Int
        package var stop: Int?
        /// The distance of repetitions; `nil` for a number alone.
        package var step: Int?

        package init(_ start: Int, through stop: Int? = nil, step: Int? = nil) {
            self.start = start
            self.stop = stop
            self.step = step
        }
    }

    /// The clock by which the expression is read.
    package enum Zone: Hashable, Sendable {
        case local, utc
        /// A name of the time zone database, e.g. `Europe/Berlin`.
        case named(String)
    }

    /// Bit 0 is Monday; 0 = every day.
    package var weekdays: UInt8 = 0
    /// An empty list is "every", here and below.
    package var years: [Part] = []
    package var months: [Part] = []
    /// 1 is the first day of the month, or the last where `countsFromMonthEnd`.
    package var days: [Part] = []
    package var countsFromMonthEnd = false
    package var hours: [Part] = []
    package var minutes: [Part] = []
    package var microseconds: [Part] = []
    package var zone = Zone.local

    package init() {}

    package static let microsecondsPerSecond = 1_000_000
    /// systemd evaluates no year outside.
    package static let knownYears = 1970...2199
    package static let weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// The normalised form: `Mon *-*-* 03:00:00`.
    package var description: String {
        var text = weekdays == 0 ? "" : weekdayText + " "
        text += Self.text(years, width: 4) + "-" + Self.text(months, width: 2)
        text += (countsFromMonthEnd ? "~" : "-") + Self.text(days, width: 2) + " "
        text += Self.text(hours, width: 2) + ":" + Self.text(minutes, width: 2) + ":" + Self.secondsText(microseconds)
        switch zone {
        case .local: break
        case .utc: text += " UTC"
        case .named(let name): text += " " + name
        }
        return text
    }

    /// `Mon..Wed,Fri`; two neighbours are a list, three a range.
    private var weekdayText: String {
        var runs: [ClosedRange<Int>] = []
        for day in 0..<7 where weekdays & (1 << day) != 0 {
            if let last = runs.last, last.upperBound == day - 1 {
                runs[runs.count - 1] = last.lowerBound...day
            } else {
                runs.append(day...day)
            }
        }
        return runs.map { run in
            let names = (Self.weekdayNames[run.lowerBound], Self.weekdayNames[run.upperBound])
            switch run.count {
            case 1: return names.0
            case 2: return names.0 + "," + names.1
            default: return names.0 + ".." + names.1
            }
        }.joined(separator: ",")
    }

    private static func text(_ parts: [Part], width: Int) -> String {
        if parts.isEmpty { return "*" }
        return parts.map { part in
            var text = Digits.decimal(Int64(part.start), width: width)
            if let stop = part.stop { text += ".." + Digits.decimal(Int64(stop), width: width) }
            if let step = part.step, part.stop == nil || step != 1 { text += "/\(step)" }
            return text
        }.joined(separator: ",")
    }

    private static func secondsText(_ parts: [Part]) -> String {
        let unit = microsecondsPerSecond
        if parts == [Part(0, step: unit)] { return "*" }
        func number(_ value: Int, width: Int) -> String {
            let whole = Digits.decimal(Int64(value / unit), width: width)
            return value % unit == 0 ? whole : whole + "." + Digits.decimal(Int64(value % unit), width: 6)
        }
        return parts.map { part in
            var text = number(part.start, width: 2)
            if let stop = part.stop { text += ".." + number(stop, width: 2) }
            if let step = part.step, part.stop == nil || step != unit { text += "/" + number(step, width: 0) }
            return text
        }.joined(separator: ",")
    }
}
