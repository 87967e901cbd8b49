/// How Python writes texts: supervisord speaks in these words, and so do we where its clients listen.
package enum PythonText {
    /// `repr(str)`: how supervisord quotes a value in its messages (CPython 3.11).
    package static func repr(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in scalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case quote: result += "\\" + String(scalar)
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            case _ where scalar.value <= 0xFF: result += "\\x" + Digits.hexadecimal(UInt64(scalar.value), width: 2)
            case _ where scalar.value <= 0xFFFF: result += "\\u" + Digits.hexadecimal(UInt64(scalar.value), width: 4)
            default: result += "\\U" + Digits.hexadecimal(UInt64(scalar.value), width: 8)
            }
        }
        return result + String(quote)
    }

    /// `str.isprintable` of one character.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}
