import SourceText

/// Writes the OpenStep format, tabs a level, texts in pure ASCII.
enum OpenStepWriter {
    /// Numbers, booleans and dates become strings, since the format has no such types: each with a warning.
    static func write(_ value: PropertyValue, sortingKeys: Bool) throws(Failure) -> PropertyListDocument.Output {
        var writer = OpenStepOutput()
        try writer.write(sortingKeys ? value.sorted : value, indent: 0)
        writer.bytes.append(UInt8(ascii: "\n"))
        return PropertyListDocument.Output(bytes: writer.bytes, warnings: writer.warnings.all)
    }
}

private struct OpenStepOutput {
    var bytes: [UInt8] = []
    var warnings = WarningList()
    /// Keys and indices from the root to the value being written, for messages.
    private var path: [String] = []

    mutating func write(_ value: PropertyValue, indent: Int) throws(Failure) {
        switch value {
        case .string(let text): self.text(text)
        case .integer(let number): replace(value, by: number.description)
        case .real(let number): replace(value, by: "\(number)")
        case .boolean(let flag): replace(value, by: flag ? "YES" : "NO")
        case .date(let date): replace(value, by: date.iso8601 ?? "\(date.secondsSince2001)")
        case .data(let data): write(data)
        case .array(let elements):
            guard !elements.isEmpty else { return raw("()") }
            raw("(\n")
            for (index, element) in elements.enumerated() {
                tabs(indent + 1)
                path.append("\(index)")
                try write(element, indent: indent + 1)
                path.removeLast()
                raw(index + 1 < elements.count ? ",\n" : "\n")
            }
            tabs(indent)
            raw(")")
        case .dictionary(let dictionary):
            guard !dictionary.isEmpty else { return raw("{}") }
            raw("{\n")
            for (key, value) in dictionary.entries {
                tabs(indent + 1)
                text(key)
                raw(" = ")
                path.append(key)
                try write(value, indent: indent + 1)
                path.removeLast()
                raw(";\n")
            }
            tabs(indent)
            raw("}")
        case .uid, .null:
            throw Failure(
                .badInput, code: "plist-unwritable",
                "\(place) is of the kind \(value.kind.rawValue), which the OpenStep format cannot say",
                remedy: "write the binary format")
        }
    }

    private var place: String { path.isEmpty ? "the root" : path.joined(separator: ".") }

    private mutating func replace(_ value: PropertyValue, by text: String) {
        warnings.append(
            Diagnostic(
                .warning, code: "openstep-type",
                "\(place) becomes a string: the OpenStep format has no type for \(value.kind.rawValue)"))
        self.text(text)
    }

    private mutating func write(_ data: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        raw("<")
        for (index, byte) in data.enumerated() {
            if index > 0 && index % 4 == 0 { raw(" ") }
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
        raw(">")
    }

    /// A text: without quotes where every reader takes it so, else with escapes for all that is not plain ASCII.
    private mutating func text(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            OpenStepText.isPlain(byte) && byte != UInt8(ascii: "-") && byte != UInt8(ascii: "$")
                && byte != UInt8(ascii: ":")
        }
        let looksLikeComment = zip(text.utf8, text.utf8.dropFirst()).contains { $0 == UInt8(ascii: "/") && $1 == $0 }
        // At the beginning of a file these letters announce the binary format.
        if isPlain && !text.isEmpty && !looksLikeComment && !text.hasPrefix("bplist") {
            bytes.append(contentsOf: text.utf8)
            return
        }
        raw("\"")
        for unit in text.utf16 {
            switch unit {
            case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, UInt8(unit)])
            case 0x0A: raw("\\n")
            case 0x09: raw("\\t")
            case 0x0D: raw("\\r")
            case 0x20..<0x7F: bytes.append(UInt8(unit))
            default:
                raw("\\U")
                bytes.append(contentsOf: Digits.hexadecimal(UInt64(unit), width: 4).utf8)
            }
        }
        raw("\"")
    }

    private mutating func tabs(_ count: Int) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "\t"), count: count))
    }

    private mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
