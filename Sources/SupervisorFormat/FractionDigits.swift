/// A whole number as Python's `%e`, `%f` and `%g` write it (CPython 3.11: C's rules, halves to even), without its sign.
struct FractionDigits {
    /// Decimal digits of the number, the first one not 0 unless it is all.
    private let digits: [UInt8]
    /// Whether the point stays although nothing follows it, and zeros at the end do (`#`).
    let isAlternate: Bool

    init(_ number: Int, isAlternate: Bool) {
        // Python makes it a fraction first, which has 53 bits.
        digits = Array(String(UInt64(Double(number).magnitude)).utf8)
        self.isAlternate = isAlternate
    }

    /// `%f`.
    func fixed(decimals: Int) -> String {
        Self.text(digits) + point(Array(repeating: Self.zero, count: decimals))
    }

    /// `%e`.
    func scientific(decimals: Int) -> String {
        let (shown, exponent) = rounded(to: decimals + 1)
        return Self.text(shown.prefix(1)) + point(Array(shown.dropFirst())) + Self.tail(exponent)
    }

    /// `%g`: whichever of both is shorter, zeros at the end removed.
    func general(precision: Int) -> String {
        let count = max(1, precision)
        let (shown, exponent) = rounded(to: count)
        let isFixed = exponent < count
        let whole = isFixed ? exponent + 1 : 1
        var fraction = Array(shown.dropFirst(whole))
        if !isAlternate { while fraction.last == Self.zero { fraction.removeLast() } }
        return Self.text(shown.prefix(whole)) + point(fraction) + (isFixed ? "" : Self.tail(exponent))
    }

    /// So many significant digits, and the power of ten of the first.
    private func rounded(to count: Int) -> (digits: [UInt8], exponent: Int) {
        guard digits.count > count else {
            return (digits + Array(repeating: Self.zero, count: count - digits.count), digits.count - 1)
        }
        var kept = Array(digits.prefix(count))
        let rest = digits.dropFirst(count)
        let five = Self.zero + 5
        let isHalf = rest.first == five && rest.dropFirst().allSatisfy { $0 == Self.zero }
        let isUp = isHalf ? (kept.last ?? Self.zero) % 2 == 1 : (rest.first ?? Self.zero) >= five
        guard isUp else { return (kept, digits.count - 1) }
        var place = count - 1
        while place >= 0, kept[place] == Self.zero + 9 {
            kept[place] = Self.zero
            place -= 1
        }
        guard place < 0 else {
            kept[place] += 1
            return (kept, digits.count - 1)
        }
        return ([Self.zero + 1] + kept.dropLast(), digits.count)
    }

    private func point(_ fraction: [UInt8]) -> String {
        fraction.isEmpty && !isAlternate ? "" : "." + Self.text(fraction[...])
    }

    /// At least two digits; whole numbers have no negative exponent.
    private static func tail(_ exponent: Int) -> String { "e+" + (exponent < 10 ? "0" : "") + String(exponent) }

    private static func text(_ digits: some Sequence<UInt8>) -> String {
        String(decoding: Array(digits), as: UTF8.self)
    }

    private static let zero = UInt8(ascii: "0")
}
