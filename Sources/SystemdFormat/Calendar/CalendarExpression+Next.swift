extension CalendarExpression {
    /// An instant to the microsecond, since 1970 by UTC.
    package struct Elapse: Hashable, Sendable, Comparable {
        package var seconds: Int64
        package var microseconds: Int

        package init(seconds: Int64, microseconds: Int = 0) {
            self.seconds = seconds
            self.microseconds = microseconds
        }

        package static func < (left: Self, right: Self) -> Bool {
            (left.seconds, left.microseconds) < (right.seconds, right.microseconds)
        }
    }

    /// The next instants after `start`, at most `count`; fewer when there are no more until 2199. `zone` is that of the
    /// expression (`.utc` for UTC). Agrees with `systemd-analyze calendar --iterations` of systemd 252.
    package func next(_ count: Int, after start: Elapse, in zone: CalendarZone) -> [Elapse] {
        var found: [Elapse] = []
        var last = start
        while found.count < count, let next = next(after: last, in: zone) {
            found.append(next)
            last = next
        }
        return found
    }

    /// The next instant after `start`; `nil` when there is none until 2199.
    package func next(after start: Elapse, in zone: CalendarZone) -> Elapse? {
        var search = CalendarSearch(expression: self, zone: zone, after: start)
        return search.run()
    }

    /// Whether no day of any year fits, as in `*-02-30`.
    package var isImpossible: Bool {
        next(after: Elapse(seconds: 0), in: .utc) == nil
            && (years.isEmpty || next(after: Elapse(seconds: -1), in: .utc) == nil)
    }
}

/// The search for the next instant: the fields from the year down to the second are raised one after the other to the
/// next value that fits; a field without one raises the field before it.
private struct CalendarSearch {
    private let expression: CalendarExpression
    private let zone: CalendarZone
    private var time: CivilTime
    private var microsecond: Int
    /// The offset in force where the search stands: decides about times that a clock shows twice.
    private var offset: Int

    /// More rounds than any expression needs; systemd gives up as well.
    private static let mostRounds = 1000

    private enum Step {
        /// The field fits and the time exists.
        case fits
        /// The clock never shows that time; the search goes on where it goes on.
        case moved
        case none
    }

    init(expression: CalendarExpression, zone: CalendarZone, after start: CalendarExpression.Elapse) {
        self.expression = expression
        self.zone = zone
        let isLast = start.microseconds + 1 >= CalendarExpression.microsecondsPerSecond
        let first = isLast ? start.seconds + 1 : start.seconds
        microsecond = isLast ? 0 : start.microseconds + 1
        offset = zone.offset(at: first)
        time = zone.civilTime(at: first)
    }

    mutating func run() -> CalendarExpression.Elapse? {
        for _ in 0..<Self.mostRounds {
            time = zone.civilTime(at: zone.instant(of: time, usualOffset: &offset))
            guard
                raise(
                    \.year, expression.years,
                    {
                        $0.month = 1; $0.day = 1; $0.clearTime()
                    }) == .fits
            else { return nil }
            switch raise(
                \.month, expression.months,
                {
                    $0.day = 1; $0.clearTime()
                })
            {
            case .fits: break
            case .moved: continue
            case .none:
                time.year += 1
                (time.month, time.day) = (1, 1)
                clear()
                continue
            }
            switch raise(\.day, dayParts, { $0.clearTime() }) {
            case .fits: break
            case .moved: continue
            case .none:
                time.month += 1
                time.day = 1
                clear()
                continue
            }
            guard expression.weekdays == 0 || expression.weekdays & (1 << time.weekday) != 0 else {
                time.day += 1
                clear()
                continue
            }
            switch raise(\.hour, expression.hours, { ($0.minute, $0.second) = (0, 0) }) {
            case .fits: break
            case .moved: continue
            case .none:
                time.day += 1
                clear()
                continue
            }
            switch raise(\.minute, expression.minutes, { $0.second = 0 }) {
            case .fits: break
            case .moved: continue
            case .none:
                time.hour += 1
                (time.minute, time.second, microsecond) = (0, 0, 0)
                continue
            }
            switch raiseSecond() {
            case .fits: break
            case .moved: continue
            case .none:
                time.minute += 1
                (time.second, microsecond) = (0, 0)
                continue
            }
            let seconds = zone.instant(of: time, usualOffset: &offset)
            return CalendarExpression.Elapse(seconds: seconds, microseconds: microsecond)
        }
        return nil
    }

    private mutating func clear() {
        time.clearTime()
        microsecond = 0
    }

    /// The days that fit, counted from the month's beginning.
    private var dayParts: [CalendarExpression.Part] {
        guard expression.countsFromMonthEnd else { return expression.days }
        let length = CivilTime(secondsSinceEpoch: CivilTime(time.year, time.month + 1, 0).secondsSinceEpoch).day
        return expression.days.map { part in
            let start = length + 1 - part.start
            guard let stop = part.stop else { return CalendarExpression.Part(start, step: part.step) }
            return CalendarExpression.Part(length + 1 - stop, through: start, step: part.step)
        }
    }

    /// Raises a field to the next value that fits; `reset` puts the smaller fields to their beginning.
    private mutating func raise(
        _ field: WritableKeyPath<CivilTime, Int>, _ parts: [CalendarExpression.Part], _ reset: (inout CivilTime) -> Void
    ) -> Step {
        guard let value = Self.next(parts, from: time[keyPath: field]) else { return .none }
        if value != time[keyPath: field] {
            time[keyPath: field] = value
            reset(&time)
            microsecond = 0
        }
        return settle()
    }

    private mutating func raiseSecond() -> Step {
        let unit = CalendarExpression.microsecondsPerSecond
        guard let value = Self.next(expression.microseconds, from: time.second * unit + microsecond) else {
            return .none
        }
        (time.second, microsecond) = (value / unit, value % unit)
        return settle()
    }

    /// Whether the clock shows the time at all; where it jumps over it, the search goes on behind the jump.
    private mutating func settle() -> Step {
        guard time.year <= CalendarExpression.knownYears.upperBound else { return .none }
        var shown = zone.civilTime(at: zone.instant(of: time, usualOffset: &offset))
        if shown == time { return .fits }
        guard shown.order > time.order else { return .none }
        // What lies between must not be jumped over: below the first field that differs all begins anew.
        if shown.year != time.year {
            shown.month = 1
        } else if shown.month != time.month {
            shown.day = 1
        } else if shown.day != time.day {
            shown.hour = 0
        } else if shown.hour != time.hour {
            shown.minute = 0
        } else if shown.minute != time.minute {
            shown.second = 0
        }
        time = shown
        return .moved
    }

    /// The smallest value of the parts that is not below `value`.
    private static func next(_ parts: [CalendarExpression.Part], from value: Int) -> Int? {
        if parts.isEmpty { return value }
        var best: Int?
        for part in parts {
            if part.start >= value {
                best = min(best ?? .max, part.start)
            } else if let step = part.step {
                let raised = part.start + (value - part.start + step - 1) / step * step
                if part.stop.map({ raised <= $0 }) ?? true { best = min(best ?? .max, raised) }
            }
        }
        return best
    }
}

extension CivilTime {
    fileprivate mutating func clearTime() { (hour, minute, second) = (0, 0, 0) }

    /// For comparison: a number that grows with the time, fields as they stand.
    fileprivate var order: [Int] { [year, month, day, hour, minute, second] }
}

private func > (left: [Int], right: [Int]) -> Bool { right.lexicographicallyPrecedes(left) }
