package import ServiceModel
import SourceText

/// The model's calendar rules as `OnCalendar=` lines and back (systemd.time(7)).
package enum CalendarSpec {
    /// An expression that stands for more rules than this is not written out.
    private static let mostRules = 512

    /// The lines of several rules: one where one expression says exactly them, else the lines of each.
    package static func lines(of rules: [CalendarRule]) -> [String] {
        if rules.count > 1, let together = merged(rules), self.rules(of: together) == rules {
            return [together.description]
        }
        return rules.flatMap(lines(of:))
    }

    /// The lines of one rule; two where day and weekday are both given, because the rule means either and systemd both.
    package static func lines(of rule: CalendarRule) -> [String] {
        guard rule.day != nil, rule.weekday != nil else { return [expression(of: [rule]).description] }
        var byDay = rule
        byDay.weekday = nil
        var byWeekday = rule
        byWeekday.day = nil
        return [byDay, byWeekday].map { expression(of: [$0]).description }
    }

    /// The rules that mean the same as an expression, in ascending order of month, day, hour and minute; `nil` where the
    /// model has none: years, seconds, a time zone, days counted from the month's end, a day that must be a weekday too.
    package static func rules(of expression: CalendarExpression) -> [CalendarRule]? {
        guard expression.years.isEmpty, expression.zone == .local, expression.microseconds == [.init(0)],
            !expression.countsFromMonthEnd, expression.days.isEmpty || expression.weekdays == 0
        else { return nil }
        let months = values(expression.months, top: 12)
        let days = values(expression.days, top: 31)
        let hours = values(expression.hours, top: 23)
        let minutes = values(expression.minutes, top: 59)
        // The model's week begins with Sunday as 0.
        let weekdays: [Int?] =
            expression.weekdays == 0
            ? [nil] : (0..<7).filter { expression.weekdays & (1 << $0) != 0 }.map { ($0 + 1) % 7 }
        guard months.count * days.count * hours.count * minutes.count * weekdays.count <= mostRules else { return nil }
        var rules: [CalendarRule] = []
        for weekday in weekdays {
            for month in months {
                for day in days {
                    for hour in hours {
                        for minute in minutes {
                            rules.append(
                                CalendarRule(minute: minute, hour: hour, day: day, month: month, weekday: weekday))
                        }
                    }
                }
            }
        }
        return rules
    }

    /// Each value of a list once, ascending; `[nil]` for every value.
    private static func values(_ parts: [CalendarExpression.Part], top: Int) -> [Int?] {
        if parts.isEmpty { return [nil] }
        var values: Set<Int> = []
        for part in parts {
            guard let step = part.step else {
                values.insert(part.start)
                continue
            }
            values.formUnion(stride(from: part.start, through: part.stop ?? top, by: step))
        }
        return values.sorted().map { $0 }
    }

    /// The one expression that may say all of the rules, were every combination of their values among them.
    private static func merged(_ rules: [CalendarRule]) -> CalendarExpression? {
        guard rules.count <= mostRules, rules.allSatisfy({ $0.day == nil || $0.weekday == nil }) else { return nil }
        return expression(of: rules)
    }

    /// Every combination of the rules' values.
    private static func expression(of rules: [CalendarRule]) -> CalendarExpression {
        func parts(_ field: (CalendarRule) -> Int?) -> [CalendarExpression.Part] {
            Set(rules.compactMap(field)).sorted().map { CalendarExpression.Part($0) }
        }
        var expression = CalendarExpression()
        for weekday in rules.compactMap(\.weekday) { expression.weekdays |= 1 << UInt8((weekday + 6) % 7) }
        expression.months = parts(\.month)
        expression.days = parts(\.day)
        expression.hours = parts(\.hour)
        expression.minutes = parts(\.minute)
        expression.microseconds = [CalendarExpression.Part(0)]
        if expression.weekdays == 0x7F && rules.count == 1 { expression.weekdays = 0 }
        return expression
    }

    /// Whether the rule names a day that no year has: systemd accepts it and never elapses.
    package static func isImpossible(_ rule: CalendarRule) -> Bool {
        guard let day = rule.day, let month = rule.month, rule.weekday == nil else { return false }
        return day > [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
