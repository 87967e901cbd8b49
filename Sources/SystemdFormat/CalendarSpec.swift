package import ServiceModel
import SourceText

/// Calendar rules as `OnCalendar=` lines (systemd.time(7)).
package enum CalendarSpec {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// The lines of one rule; two where day and weekday are both given, because the rule means either and systemd both.
    package static func lines(of rule: CalendarRule) -> [String] {
        guard rule.day != nil, rule.weekday != nil else { return [line(of: rule)] }
        var byDay = rule
        byDay.weekday = nil
        var byWeekday = rule
        byWeekday.day = nil
        return [line(of: byDay), line(of: byWeekday)]
    }

    /// The same rule for both, or a rule of which each line says a half: what `lines` made.
    private static func line(of rule: CalendarRule) -> String {
        let weekday = rule.weekday.map { weekdays[$0 % 7] + " " } ?? ""
        return "\(weekday)*-\(two(rule.month))-\(two(rule.day)) \(two(rule.hour)):\(two(rule.minute)):00"
    }

    private static func two(_ value: Int?) -> String {
        value.map { Digits.decimal(Int64($0), width: 2) } ?? "*"
    }

    /// Whether the rule names a day that no year has: systemd accepts it and never elapses.
    package static func isImpossible(_ rule: CalendarRule) -> Bool {
        guard let day = rule.day, let month = rule.month, rule.weekday == nil else { return false }
        return day > [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
