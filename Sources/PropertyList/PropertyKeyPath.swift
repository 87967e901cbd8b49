import SourceText

extension PropertyValue {
    /// The value that a key path leads to: keys and array indexes (from 0) separated by dots, as plutil takes them; `\.`
    /// is a dot inside a key. An empty path is the value itself; `nil` when the path leads nowhere.
    package func value(at keyPath: String) -> PropertyValue? {
        var value = self
        for step in Self.steps(keyPath) {
            switch value {
            case .dictionary(let dictionary):
                guard let member = dictionary[step] else { return nil }
                value = member
            case .array(let elements):
                guard let index = Int(step), elements.indices.contains(index) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    private static func steps(_ keyPath: String) -> [String] {
        guard !keyPath.isEmpty else { return [] }
        var steps = [""]
        var isEscaped = false
        for character in keyPath {
            switch character {
            case _ where isEscaped:
                steps[steps.count - 1].append(character)
                isEscaped = false
            case "\\": isEscaped = true
            case ".": steps.append("")
            default: steps[steps.count - 1].append(character)
            }
        }
        return steps
    }

    /// The value for a person: a scalar as it is (data as base64), a container as an outline. Ends with a line end.
    package var readable: String {
        switch self {
        case .string(let text): text + "\n"
        case .data(let bytes): Self.base64(bytes) + "\n"
        default: outline(indent: "") + "\n"
        }
    }

    private func outline(indent: String) -> String {
        let deeper = indent + "  "
        switch self {
        case .string(let text): return Self.quoted(text)
        case .integer(let number): return number.description
        case .real(let number): return "\(number)"
        case .boolean(let flag): return flag ? "true" : "false"
        case .date(let date): return date.iso8601 ?? "\(date.secondsSince2001) seconds since 2001"
        case .data(let bytes): return Self.excerpt(bytes)
        case .uid(let number): return "UID \(number)"
        case .null: return "null"
        case .array(let elements):
            let lines = elements.enumerated().map { "\(deeper)\($0) => \($1.outline(indent: deeper))\n" }
            return "[\n\(lines.joined())\(indent)]"
        case .dictionary(let dictionary):
            let lines = dictionary.entries.map { entry in
                "\(deeper)\(Self.quoted(entry.key)) => \(entry.value.outline(indent: deeper))\n"
            }
            return "{\n\(lines.joined())\(indent)}"
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        Base64.encode(bytes[...], into: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    /// As plutil -p shows data: how much it is, and the first bytes.
    private static func excerpt(_ bytes: [UInt8]) -> String {
        let shown = bytes.prefix(24).map { Digits.hexadecimal(UInt64($0), width: 2) }.joined()
        return "{length = \(bytes.count), bytes = 0x\(shown)\(bytes.count > 24 ? "…" : "")}"
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSONWriter.bytes(.string(text)), as: UTF8.self)
    }
}
