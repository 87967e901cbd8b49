/// Numbers as text without Foundation: fixed widths, octal, hexadecimal.
package enum Digits {
    /// Decimal, padded with zeros on the left to `width`; the sign counts, as in C's `%0*d`.
    package static func decimal(_ value: Int64, width: Int = 0) -> String {
        let digits = String(value.magnitude)
        let sign = value < 0 ? "-" : ""
        return sign + String(repeating: "0", count: max(0, width - digits.count - sign.count)) + digits
    }

    /// Lower-case hexadecimal, padded with zeros to `width`.
    package static func hexadecimal(_ value: UInt64, width: Int = 0) -> String {
        text(value, radix: 16, width: width)
    }

    /// Octal, padded with zeros to `width`: `0022` is `octal(18, width: 4)`.
    package static func octal(_ value: UInt64, width: Int = 0) -> String {
        text(value, radix: 8, width: width)
    }

    /// In a radix from 2 to 36, with small letters, padded with zeros to `width`. The standard library's is generic: its
    /// first call looks a dozen things up, which every start would pay for.
    package static func text(_ value: UInt64, radix: UInt64, width: Int = 0) -> String {
        var digits: [UInt8] = []
        var rest = value
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            digits.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest /= radix
        } while rest > 0
        while digits.count < width { digits.append(UInt8(ascii: "0")) }
        digits.reverse()
        return String(decoding: digits, as: UTF8.self)
    }

    /// What a digit of a hexadecimal number stands for, in either case; `nil` for any other byte. By range: asking
    /// Unicode's tables costs a hundred nanoseconds a byte.
    @inlinable
    package static func value(ofHexadecimal byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The number of up to eight hexadecimal digits; `nil` where a byte is none, and for none at all.
    package static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt32? {
        guard !digits.isEmpty, digits.count <= 8 else { return nil }
        var number: UInt32 = 0
        for byte in digits {
            guard let digit = value(ofHexadecimal: byte) else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return number
    }
}

extension String {
    /// The text followed by blanks up to `width` characters, as C's `%-*s`.
    package func padded(to width: Int) -> String {
        let missing = width - count
        return missing > 0 ? self + String(repeating: " ", count: missing) : self
    }

    /// Without white space (space, tab, line ends, vertical tab, form feed) at both ends.
    package var trimmed: String {
        String(trimming(self[...]))
    }
}

/// A slice without white space at both ends.
package func trimming(_ text: Substring) -> Substring {
    var slice = text
    while let first = slice.unicodeScalars.first, first.isBlank { slice.unicodeScalars.removeFirst() }
    while let last = slice.unicodeScalars.last, last.isBlank { slice.unicodeScalars.removeLast() }
    return slice
}

extension Unicode.Scalar {
    /// ASCII white space: space, tab, LF, VT, FF, CR.
    package var isBlank: Bool { self == " " || (value >= 9 && value <= 13) }
}
