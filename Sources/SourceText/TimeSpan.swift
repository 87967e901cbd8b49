/// A duration: whole milliseconds, or without end. The only type for durations, and the only parser.
package enum TimeSpan: Hashable, Sendable, Comparable, CustomStringConvertible {
    case milliseconds(Int64)
    case infinity

    /// `count` seconds; saturates instead of overflowing.
    package static func seconds(_ count: Int64) -> TimeSpan {
        let product = count.multipliedReportingOverflow(by: 1000)
        return .milliseconds(product.overflow ? (count < 0 ? .min : .max) : product.partialValue)
    }

    package static let zero = TimeSpan.milliseconds(0)

    /// Milliseconds, or `nil` for infinity.
    package var finiteMilliseconds: Int64? {
        if case .milliseconds(let count) = self { count } else { nil }
    }

    /// Whole seconds rounded up, or `nil` for infinity.
    package var wholeSecondsUp: Int64? {
        guard let count = finiteMilliseconds else { return nil }
        return count / 1000 + (count % 1000 > 0 ? 1 : 0)
    }

    package static func < (left: TimeSpan, right: TimeSpan) -> Bool {
        switch (left, right) {
        case (.milliseconds(let a), .milliseconds(let b)): a < b
        case (.milliseconds, .infinity): true
        case (.infinity, _): false
        }
    }

    /// The shortest systemd.time(7) form: `1min 30s`, `250ms`, `infinity`.
    package var description: String {
        guard case .milliseconds(var rest) = self else { return "infinity" }
        if rest == 0 { return "0" }
        if rest < 0 { return "\(rest)ms" }
        var parts: [String] = []
        for (unit, size) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)]
        where rest >= size {
            parts.append("\(rest / size)\(unit)")
            rest %= size
        }
        return parts.joined(separator: " ")
    }

    /// Reads a time span as systemd.time(7) writes it: numbers with optional fraction and unit, added up.
    ///
    /// A bare number takes `bareUnit` (milliseconds each). `infinity` is accepted. Fractions of a millisecond round
    /// up, so that a positive span never becomes zero. Returns `nil` when the text is none.
    package init?(_ text: some StringProtocol, bareUnit: Int64 = 1000) {
        let trimmedText = trimming(Substring(text))
        if trimmedText == "infinity" {
            self = .infinity
            return
        }
        var rest = trimmedText.unicodeScalars[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            guard let value = Double(String(number)), value.isFinite else { return nil }
            rest = rest.dropFirst(number.count)
            rest = rest.drop { $0.isBlank }
            let unit = rest.prefix { !$0.isBlank && !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(unit.count).drop { $0.isBlank }
            guard let size = unit.isEmpty ? Double(bareUnit) : Self.units[String(unit)] else { return nil }
            total += value * size
        }
        guard total < 9.2e18 else { return nil }
        self = .milliseconds(Int64(total.rounded(.up)))
    }

    /// Milliseconds of each unit word of systemd.time(7).
    private static let units: [String: Double] = [
        "us": 0.001, "usec": 0.001, "µs": 0.001, "μs": 0.001,
        "ms": 1, "msec": 1,
        "s": 1000, "sec": 1000, "second": 1000, "seconds": 1000,
        "m": 60_000, "min": 60_000, "minute": 60_000, "minutes": 60_000,
        "h": 3_600_000, "hr": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
        "d": 86_400_000, "day": 86_400_000, "days": 86_400_000,
        "w": 604_800_000, "week": 604_800_000, "weeks": 604_800_000,
        "M": 2_629_800_000, "month": 2_629_800_000, "months": 2_629_800_000,
        "y": 31_557_600_000, "year": 31_557_600_000, "years": 31_557_600_000,
    ]
}
