import SourceText

/// The few rules of Python's `str` and `int` that supervisord's configuration is made of (CPython 3.11).
extension PythonText {
    /// `str.isspace` of one character; also what `\s` matches.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 9...13, 28...32, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// `str.strip()`.
    static func strip(_ text: String) -> String {
        // Nearly always there is nothing to strip.
        if let first = text.utf8.first, let last = text.utf8.last, isGraphic(first), isGraphic(last) { return text }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }

    private static func isGraphic(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

    /// `str.split()`: words between white space.
    static func words(_ text: String) -> [String] {
        text.unicodeScalars.split(whereSeparator: isSpace).map { String($0) }
    }

    /// `str.split(separator)`: keeps empty pieces.
    static func pieces(_ text: String, separator: Unicode.Scalar) -> [String] {
        text.unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
    }

    /// Python's order of strings: by code points, which is the order of their UTF-8 bytes.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// Why a text is no integer.
    enum NotAnInteger: Error { case malformed, tooManyDigits(Int) }

    /// `int(text, base)`: surrounding white space, a sign, single `_` between digits, decimal digits of any script, and
    /// for base 8 the prefix `0o`. Values beyond 64 bits are pinned to the nearest that fits.
    static func integer(_ text: String, base: Int = 10) throws(NotAnInteger) -> Int {
        var rest = Substring(strip(text)).unicodeScalars[...]
        var isNegative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            rest.removeFirst()
        }
        var mayUnderscore = false
        if base == 8, rest.first == "0", let second = rest.dropFirst().first, second == "o" || second == "O" {
            rest.removeFirst(2)
            mayUnderscore = true
        }
        var value = 0
        var isPinned = false
        var digits = 0
        for scalar in rest {
            if scalar == "_" {
                guard mayUnderscore else { throw .malformed }
                mayUnderscore = false
                continue
            }
            guard let digit = decimalDigit(scalar), digit < base else { throw .malformed }
            mayUnderscore = true
            digits += 1
            let (product, over) = value.multipliedReportingOverflow(by: base)
            let (sum, carry) = product.addingReportingOverflow(isNegative ? -digit : digit)
            if over || carry { isPinned = true } else { value = sum }
        }
        // Nothing, or an underscore at the end.
        guard digits > 0, mayUnderscore else { throw .malformed }
        if base == 10, digits > 4300 { throw .tooManyDigits(digits) }
        return isPinned ? (isNegative ? .min : .max) : value
    }

    /// A number for a message. Python's have no bounds; one that was pinned is shown as it was written.
    static func integer(_ value: Int, from text: String?) -> String {
        guard value == .max || value == .min, let text else { return String(value) }
        return strip(text)
    }

    /// What `\d` matches.
    static func isDecimalDigit(_ scalar: Unicode.Scalar) -> Bool { decimalDigit(scalar) != nil }

    private static func decimalDigit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.value < 0x80 { return ("0"..."9").contains(scalar) ? Int(scalar.value) - 48 : nil }
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return Int(value)
    }
}
