package import ServiceModel
package import SourceText

/// The scalar values of units (systemd.syntax(7)).
package enum UnitValue {
    /// `1 yes y true t on`, `0 no n false f off`, any case.
    package static func boolean(_ text: some StringProtocol) -> Bool? {
        switch text.lowercased() {
        case "1", "yes", "y", "true", "t", "on": true
        case "0", "no", "n", "false", "f", "off": false
        default: nil
        }
    }

    /// A signal's name with or without `SIG`, or its number; `RTMIN+3`.
    package static func signal(_ text: some StringProtocol) -> Signal? {
        if let number = Int32(text) { return (1...64).contains(number) ? Signal(number: number) : nil }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if name.hasPrefix("RTMIN+"), let offset = Int32(name.dropFirst(6)), (0...30).contains(offset) {
            return Signal(number: 34 + offset)
        }
        return Signal(named: name)
    }

    /// Octal permission bits.
    package static func mode(_ text: some StringProtocol) -> UInt32? {
        guard let value = UInt32(text, radix: 8), value <= 0o7777, text.first != "+" else { return nil }
        return value
    }

    /// The limits by their directive, and how a bare number counts.
    package static let limits: [(key: String, kind: ResourceKind, unit: LimitUnit)] = [
        ("LimitCPU", .cpuTime, .seconds), ("LimitFSIZE", .fileSize, .bytes), ("LimitDATA", .data, .bytes),
        ("LimitSTACK", .stack, .bytes), ("LimitCORE", .core, .bytes), ("LimitRSS", .residentSet, .bytes),
        ("LimitNOFILE", .openFiles, .count), ("LimitAS", .addressSpace, .bytes), ("LimitNPROC", .processes, .count),
        ("LimitMEMLOCK", .lockedMemory, .bytes),
    ]

    package enum LimitUnit: Hashable, Sendable {
        case bytes, seconds, count
    }

    /// `SOFT:HARD` or one value for both; `infinity` is `UInt64.max`.
    package static func limit(_ text: String, unit: LimitUnit) -> (soft: UInt64, hard: UInt64)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, let last = parts.last,
            let soft = limitValue(first, unit: unit), let hard = limitValue(last, unit: unit), soft <= hard
        else { return nil }
        return (soft, hard)
    }

    private static func limitValue(_ text: Substring, unit: LimitUnit) -> UInt64? {
        if text == "infinity" { return .max }
        switch unit {
        case .bytes: return size(text)
        case .count: return count(text)
        case .seconds:
            return TimeSpan(text).flatMap { $0.wholeSecondsUp }.flatMap { UInt64(exactly: $0) }
        }
    }

    /// A number of bytes: decimal numbers, fractions too, each with a suffix in capitals, powers of 1024, added up
    /// (systemd.syntax(7); measured on systemd 252: `1k` and `1KB` are refused, `1G 5M` is not).
    static func size(_ text: some StringProtocol) -> UInt64? {
        var rest = Substring(text).drop { $0 == " " }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count).drop { $0 == " " }
            guard number.first != ".", number.last != ".", let value = Double(String(number)) else { return nil }
            var factor = 1.0
            if let suffix = rest.first, let power = Array("BKMGTPE").firstIndex(of: suffix) {
                for _ in 0..<power { factor *= 1024 }
                rest = rest.dropFirst()
            } else if let next = rest.first, !next.isNumber {
                return nil
            }
            total += value * factor
            rest = rest.drop { $0 == " " }
        }
        return total < 0x1p64 ? UInt64(total) : nil
    }

    /// A count, in decimal or with `0x`.
    private static func count(_ text: Substring) -> UInt64? {
        let digits = text.first == "+" ? text.dropFirst() : text
        guard digits.first?.isNumber == true else { return nil }
        return digits.hasPrefix("0x") ? UInt64(digits.dropFirst(2), radix: 16) : UInt64(digits)
    }

    /// How a limit is written.
    package static func text(ofLimit value: UInt64) -> String { value == .max ? "infinity" : "\(value)" }
}
