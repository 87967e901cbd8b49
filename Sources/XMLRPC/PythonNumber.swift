import SourceText

/// Numbers as Python reads them from text, which is how supervisord 4.3 reads those of a call.
package enum PythonNumber {
    /// `int(text)`: a sign, blanks around, single underscores between digits of any alphabet. What 64 bits cannot hold
    /// is the nearest that they can.
    package static func integer(_ text: String) -> Int64? {
        if let plain = Int64(text) { return plain }
        var rest = text.utf8.allSatisfy { $0 < 0x80 } ? text.trimmed[...] : asciiDigits(text).trimmed[...]
        var isNegative = false
        if let first = rest.first, first == "-" || first == "+" {
            isNegative = first == "-"
            rest.removeFirst()
        }
        // Python refuses to convert more digits than these.
        guard rest.utf8.count <= 4300 else { return nil }
        let pieces = rest.split(separator: "_", omittingEmptySubsequences: false)
        guard pieces.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        return Int64((isNegative ? "-" : "") + pieces.joined()) ?? (isNegative ? .min : .max)
    }

    /// Other alphabets' digits and blanks as those of ASCII.
    private static func asciiDigits(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
                result += "\(Int(value))"
            } else {
                result.unicodeScalars.append(scalar.properties.isWhitespace ? " " : scalar)
            }
        }
        return result
    }

    /// `float(text)`: decimal, `inf` and `nan`; no hexadecimal digits.
    package static func double(_ text: String) -> Double? {
        let word = text.trimmed
        guard !word.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") || $0 == UInt8(ascii: "(") }) else {
            return nil
        }
        return Double(word)
    }
}
