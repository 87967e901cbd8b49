import SourceText
package import PropertyList

/// A property list value as one short text and back, types kept: JSON, with `<hex>` for data, `@date` for dates and
/// reals that always have a point or an exponent. This is the text form of a launchd value in a `ForeignSetting`.
package enum PropertyLiteral {
    /// The text of a value.
    package static func text(_ value: PropertyValue) -> String {
        switch value {
        case .string(let text): return quote(text)
        case .integer(let number): return number.description
        case .real(let number):
            let digits = "\(number)"
            return digits.contains { "0123456789".contains($0) } && !digits.contains(where: { ".e".contains($0) })
                ? digits + ".0" : digits
        case .boolean(let flag): return flag ? "true" : "false"
        case .date(let date): return "@\(date.secondsSince2001)"
        case .data(let bytes): return "<" + bytes.map { Digits.hexadecimal(UInt64($0), width: 2) }.joined() + ">"
        case .array(let elements): return "[" + elements.map(text).joined(separator: ",") + "]"
        case .dictionary(let members):
            return "{" + members.entries.map { quote($0.key) + ":" + text($0.value) }.joined(separator: ",") + "}"
        case .uid(let number): return "#\(number)"
        case .null: return "null"
        }
    }

    /// The value of a text; `nil` for anything that `text` does not write.
    package static func value(_ text: String) -> PropertyValue? {
        var scanner = LiteralScanner(text)
        guard let value = scanner.value(depth: 0), scanner.isAtEnd else { return nil }
        return value
    }

    private static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\u" + Digits.hexadecimal(UInt64(scalar.value), width: 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

private struct LiteralScanner {
    private var rest: Substring.UnicodeScalarView

    /// Nothing that we write is nested deeper than a property list may be.
    private static let deepest = 512

    init(_ text: String) {
        rest = text[...].unicodeScalars
    }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func word() -> String {
        let word = rest.prefix { !",:]}>".unicodeScalars.contains($0) }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    mutating func value(depth: Int) -> PropertyValue? {
        guard depth <= Self.deepest, let first = rest.first else { return nil }
        switch first {
        case "\"": return string().map(PropertyValue.string)
        case "[": return array(depth: depth)
        case "{": return dictionary(depth: depth)
        case "<": return data()
        case "@":
            rest.removeFirst()
            return Double(word()).map { .date(PropertyDate(secondsSince2001: $0)) }
        case "#":
            rest.removeFirst()
            return UInt64(word()).map(PropertyValue.uid)
        default: return scalar(word())
        }
    }

    private func scalar(_ word: String) -> PropertyValue? {
        switch word {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "null": return .null
        default: break
        }
        if let number = Int64(word) { return .integer(PropertyInteger(number)) }
        if let number = UInt64(word) { return .integer(PropertyInteger(number)) }
        return Double(word).map(PropertyValue.real)
    }

    private mutating func array(depth: Int) -> PropertyValue? {
        rest.removeFirst()
        var elements: [PropertyValue] = []
        if take("]") { return .array([]) }
        repeat {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func dictionary(depth: Int) -> PropertyValue? {
        rest.removeFirst()
        var members = PropertyDictionary()
        if take("}") { return .dictionary(members) }
        repeat {
            guard rest.first == "\"", let key = string(), take(":"), let element = value(depth: depth + 1) else {
                return nil
            }
            members[key] = element
        } while take(",")
        return take("}") ? .dictionary(members) : nil
    }

    private mutating func data() -> PropertyValue? {
        rest.removeFirst()
        let digits = Array(word().utf8)
        guard take(">"), digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = Digits.hexadecimal(digits[index...index + 1]) else { return nil }
            bytes.append(UInt8(byte))
        }
        return .data(bytes)
    }

    private mutating func string() -> String? {
        rest.removeFirst()
        var text = ""
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return text
            case "\\":
                switch rest.popFirst() {
                case "n": text += "\n"
                case "t": text += "\t"
                case "u":
                    let digits = String(String.UnicodeScalarView(rest.prefix(4))).utf8
                    guard let number = Digits.hexadecimal(digits), let found = Unicode.Scalar(number) else {
                        return nil
                    }
                    text.unicodeScalars.append(found)
                    rest = rest.dropFirst(4)
                case let other?: text.unicodeScalars.append(other)
                case nil: return nil
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        return nil
    }
}
