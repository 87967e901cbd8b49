package import PropertyList
package import SourceText
package import SupervisorFormat
import SystemdFormat

/// `svinstall check --calendar`: what a calendar expression means and when it comes next.
package struct CalendarForecast: Sendable {
    /// The expression as systemd writes it.
    package let normalised: String
    /// Each instant by the clock of its zone, e.g. `Mon 2026-01-05 03:00:00 CET`.
    package let instants: [String]
    /// The same instants in seconds since 1970.
    package let seconds: [Int64]

    /// The next `count` instants after `now` (seconds since 1970). A failure's status is `.badInput`.
    package init(
        _ text: String, count: Int = 10, after now: Int64, world: any ConfigurationWorld
    ) throws(Failure) {
        let expression: CalendarExpression
        do throws(CalendarExpression.ParseError) {
            expression = try CalendarExpression(text)
        } catch {
            throw Failure(
                .badInput, code: "calendar", "'\(text.prefix(80))', at character \(error.offset + 1): \(error.reason)",
                remedy: error.remedy ?? "write WEEKDAY YEAR-MONTH-DAY HOUR:MINUTE:SECOND, e.g. Mon *-*-* 03:00")
        }
        let zone = try Self.zone(expression.zone, world)
        normalised = expression.description
        let found = expression.next(count, after: CalendarExpression.Elapse(seconds: now), in: zone)
        seconds = found.map(\.seconds)
        instants = found.map { Self.text($0, in: zone) }
    }

    /// The instant that `--from` names: `2026-01-01 12:00` by the local clock, `@1767225600`, each as in an expression.
    package static func start(_ text: String, world: any ConfigurationWorld) throws(Failure) -> Int64 {
        let beginning = try CalendarForecast(text, count: 2, after: -1, world: world)
        guard let first = beginning.seconds.first, beginning.seconds.count == 1 else {
            throw Failure(
                .usage, code: "calendar-from", "'\(text.prefix(60))' is not one instant",
                remedy: "write e.g. '2026-01-01 12:00' or '2026-01-01 12:00 UTC'")
        }
        return first
    }

    private static func zone(_ zone: CalendarExpression.Zone, _ world: any ConfigurationWorld) throws(Failure)
        -> CalendarZone
    {
        let name: String
        switch zone {
        case .utc: return .utc
        case .named(let given): name = given
        case .local: name = world.environment["TZ"].map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 } ?? ""
        }
        let isSafe = !name.split(separator: "/").contains("..")
        let path = name.isEmpty ? "/etc/localtime" : name.hasPrefix("/") ? name : "/usr/share/zoneinfo/" + name
        if isSafe, case .content(let bytes) = world.read(path, limit: 1 << 20), let found = CalendarZone(bytes: bytes) {
            return found
        }
        // A machine without a zone file of its own keeps UTC.
        if zone == .local { return .utc }
        throw Failure(
            .badInput, code: "calendar-zone", "there is no time zone '\(name.prefix(60))' here",
            remedy: "install the time zone database, or write UTC")
    }

    private static func text(_ instant: CalendarExpression.Elapse, in zone: CalendarZone) -> String {
        let time = zone.civilTime(at: instant.seconds)
        func two(_ value: Int) -> String { Digits.decimal(Int64(value), width: 2) }
        var text = "\(CalendarExpression.weekdayNames[time.weekday]) \(Digits.decimal(Int64(time.year), width: 4))"
        text += "-\(two(time.month))-\(two(time.day)) \(two(time.hour)):\(two(time.minute)):\(two(time.second))"
        if instant.microseconds > 0 { text += "." + Digits.decimal(Int64(instant.microseconds), width: 6) }
        return text + " " + zone.period(at: instant.seconds).name
    }

    /// The forecast for programs: schema `svinstall.calendar/1`.
    package var json: PropertyValue {
        var members = PropertyDictionary()
        members["schema"] = "svinstall.calendar/1"
        members["normalised"] = .string(normalised)
        members["instants"] = .array(instants.map { .string($0) })
        members["seconds"] = .array(seconds.map { .integer(PropertyInteger($0)) })
        return .dictionary(members)
    }
}
