package import SourceText

/// Writes XML property lists in Apple's layout, the same bytes for the same value every time.
package enum XMLPropertyListWriter {
    /// The file's bytes.
    ///
    /// Fails where XML cannot say the value: control characters in texts, years outside 1 to 9999, UIDs and nulls.
    /// `sortingKeys` orders keys by their UTF-8 bytes, as Apple's tools do; else they keep their order.
    package static func write(_ value: PropertyValue, sortingKeys: Bool = false) throws(Failure) -> [UInt8] {
        var writer = XMLPropertyListOutput(sortingKeys: sortingKeys)
        writer.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        writer.raw("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\"")
        writer.raw(" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n")
        try writer.write(value, indent: 0)
        writer.raw("</plist>\n")
        return writer.bytes
    }
}

/// The growing file.
private struct XMLPropertyListOutput {
    var bytes: [UInt8] = []
    let sortingKeys: Bool
    /// Keys and indices from the root to the value being written, for messages.
    private var path: [String] = []

    init(sortingKeys: Bool) {
        self.sortingKeys = sortingKeys
        bytes.reserveCapacity(1024)
    }

    mutating func write(_ value: PropertyValue, indent: Int) throws(Failure) {
        tabs(indent)
        switch value {
        case .string(let text):
            raw("<string>")
            try self.text(text)
            raw("</string>\n")
        case .integer(let number):
            raw("<integer>")
            bytes.append(contentsOf: number.description.utf8)
            raw("</integer>\n")
        case .real(let number):
            raw("<real>")
            bytes.append(contentsOf: Self.digits(number).utf8)
            raw("</real>\n")
        case .boolean(let flag):
            raw(flag ? "<true/>\n" : "<false/>\n")
        case .date(let date):
            guard let text = date.iso8601 else { throw refuse("a date outside the years 1 to 9999") }
            raw("<date>")
            bytes.append(contentsOf: text.utf8)
            raw("</date>\n")
        case .data(let data):
            write(data, indent: indent)
        case .array(let elements):
            guard !elements.isEmpty else { return raw("<array/>\n") }
            raw("<array>\n")
            for (index, element) in elements.enumerated() {
                path.append("\(index)")
                try write(element, indent: indent + 1)
                path.removeLast()
            }
            tabs(indent)
            raw("</array>\n")
        case .dictionary(let dictionary):
            try write(dictionary, indent: indent)
        case .uid: throw refuse("a UID")
        case .null: throw refuse("a null")
        }
    }

    private mutating func write(_ dictionary: PropertyDictionary, indent: Int) throws(Failure) {
        guard !dictionary.isEmpty else { return raw("<dict/>\n") }
        raw("<dict>\n")
        var entries = dictionary.entries
        if sortingKeys { entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
        for (key, value) in entries {
            path.append(key)
            tabs(indent + 1)
            raw("<key>")
            try text(key)
            raw("</key>\n")
            try write(value, indent: indent + 1)
            path.removeLast()
        }
        tabs(indent)
        raw("</dict>\n")
    }

    /// Lines of 76 columns, a tab counting 8; deeper than 8 tabs nothing moves further (CoreFoundation's layout).
    private mutating func write(_ data: [UInt8], indent: Int) {
        raw("<data>\n")
        let margin = min(indent, 8)
        let width = (76 - 8 * margin) / 4 * 3
        for start in stride(from: 0, to: data.count, by: width) {
            tabs(margin)
            Base64.encode(data[start..<min(start + width, data.count)], into: &bytes)
            raw("\n")
        }
        tabs(indent)
        raw("</data>\n")
    }

    /// The shortest digits that read back as the same number; whole numbers without a fraction.
    private static func digits(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-infinity" : "+infinity" }
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private mutating func text(_ text: String) throws(Failure) {
        var text = text
        let isSayable = text.withUTF8 { source in
            var copied = 0
            for (place, byte) in source.enumerated() {
                let replacement: StaticString
                switch byte {
                case UInt8(ascii: "&"): replacement = "&amp;"
                case UInt8(ascii: "<"): replacement = "&lt;"
                case UInt8(ascii: ">"): replacement = "&gt;"
                // A raw CR would be read back as LF.
                case 0x0D: replacement = "&#13;"
                case 0..<9, 0x0B, 0x0C, 0x0E..<0x20: return false
                case 0xBF where place >= 2 && source[place - 2] == 0xEF && source[place - 1] == 0xBF,
                    0xBE where place >= 2 && source[place - 2] == 0xEF && source[place - 1] == 0xBF:
                    return false
                default: continue
                }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[copied..<place]))
                raw(replacement)
                copied = place + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[copied...]))
            return true
        }
        if !isSayable { throw refuse("a control character") }
    }

    private func refuse(_ what: String) -> Failure {
        let place = path.isEmpty ? "the root" : path.joined(separator: ".")
        return Failure(
            .badInput, code: "plist-unwritable", "\(place) holds \(what), which XML property lists cannot say",
            remedy: "change the value or write the binary format")
    }

    private mutating func tabs(_ count: Int) {
        for _ in 0..<count { bytes.append(UInt8(ascii: "\t")) }
    }

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
