package import SourceText

/// Writes XML property lists in Apple's layout, the same bytes for the same value every time.
package enum XMLPropertyListWriter {
    /// The file's bytes.
    ///
    /// Fails where XML cannot say the value: control characters in texts, years outside 1 to 9999, UIDs and nulls.
    /// `sortingKeys` orders keys by their UTF-8 bytes, as Apple's tools do; else they keep their order.
    package static func write(_ value: PropertyValue, sortingKeys: Bool = false) throws(Failure) -> [UInt8] {
        var writer = XMLPropertyListOutput(sortingKeys: sortingKeys, room: 512 + value.room(indent: 0))
        writer.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        writer.raw("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\"")
        writer.raw(" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n")
        writer.write(value, indent: 0)
        writer.raw("</plist>\n")
        if writer.isUnsayable, let (path, what) = value.unsayable(at: []) {
            throw Failure(
                .badInput, code: "plist-unwritable",
                "\(path.isEmpty ? "the root" : path.joined(separator: ".")) holds \(what), which XML property lists cannot say",
                remedy: "change the value or write the binary format")
        }
        return writer.bytes
    }
}

extension PropertyValue {
    /// About how many bytes the value takes, rather too many: memory that is never written to costs nothing, and a file
    /// that outgrows its place is copied.
    fileprivate func room(indent: Int) -> Int {
        let tags = indent + 20
        switch self {
        case .string(let text): return tags + text.utf8.count
        case .integer, .real, .boolean, .date, .uid, .null: return tags + 24
        case .data(let data): return 2 * tags + data.count / 3 * 5
        case .array(let elements):
            return elements.reduce(2 * tags) { $0 + $1.room(indent: indent + 1) }
        case .dictionary(let members):
            return members.entries.reduce(2 * tags) { room, entry in
                room + tags + entry.key.utf8.count + entry.value.room(indent: indent + 1)
            }
        }
    }

    /// The first value inside that XML cannot say: keys and indexes that lead there, and what it is.
    fileprivate func unsayable(at path: [String]) -> (path: [String], what: String)? {
        switch self {
        case .string(let text) where !XMLPropertyListOutput.isSayable(text): return (path, "a control character")
        case .date(let date) where date.iso8601 == nil: return (path, "a date outside the years 1 to 9999")
        case .uid: return (path, "a UID")
        case .null: return (path, "a null")
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if let found = element.unsayable(at: path + ["\(index)"]) { return found }
            }
        case .dictionary(let members):
            for (key, value) in members.entries {
                if !XMLPropertyListOutput.isSayable(key) { return (path + [key], "a control character") }
                if let found = value.unsayable(at: path + [key]) { return found }
            }
        default: break
        }
        return nil
    }
}

/// The growing file.
private struct XMLPropertyListOutput {
    private(set) var bytes: [UInt8] = []
    /// Whether something was met that XML cannot say: what is written is then of no use.
    private(set) var isUnsayable = false
    private let sortingKeys: Bool

    init(sortingKeys: Bool, room: Int) {
        self.sortingKeys = sortingKeys
        bytes.reserveCapacity(room)
    }

    mutating func write(_ value: PropertyValue, indent: Int) {
        tabs(indent)
        switch value {
        case .string(let text):
            raw("<string>")
            self.text(text)
            raw("</string>\n")
        case .integer(let number):
            raw("<integer>")
            digits(of: number)
            raw("</integer>\n")
        case .real(let number):
            raw("<real>")
            bytes.append(contentsOf: Self.digits(number).utf8)
            raw("</real>\n")
        case .boolean(let flag):
            raw(flag ? "<true/>\n" : "<false/>\n")
        case .date(let date):
            guard let text = date.iso8601 else { return isUnsayable = true }
            raw("<date>")
            bytes.append(contentsOf: text.utf8)
            raw("</date>\n")
        case .data(let data):
            write(data, indent: indent)
        case .array(let elements):
            guard !elements.isEmpty else { return raw("<array/>\n") }
            raw("<array>\n")
            for element in elements { write(element, indent: indent + 1) }
            tabs(indent)
            raw("</array>\n")
        case .dictionary(let dictionary):
            write(dictionary, indent: indent)
        case .uid, .null: isUnsayable = true
        }
    }

    private mutating func write(_ dictionary: PropertyDictionary, indent: Int) {
        guard !dictionary.isEmpty else { return raw("<dict/>\n") }
        raw("<dict>\n")
        var entries = dictionary.entries
        if sortingKeys { entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
        for (key, value) in entries {
            tabs(indent + 1)
            raw("<key>")
            text(key)
            raw("</key>\n")
            write(value, indent: indent + 1)
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

    private mutating func digits(of number: PropertyInteger) {
        if number.isNegative { bytes.append(UInt8(ascii: "-")) }
        guard number.magnitude >= 10 else { return bytes.append(UInt8(ascii: "0") + UInt8(number.magnitude)) }
        let start = bytes.count
        var rest = number.magnitude
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }

    /// The shortest digits that read back as the same number; whole numbers without a fraction.
    private static func digits(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-infinity" : "+infinity" }
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// For each byte whether it may be written as it is; 0xBE and 0xBF may end U+FFFE and U+FFFF.
    private static let isPlain: [Bool] = (0..<256).map { byte in
        switch UInt8(byte) {
        case 9, 10: true
        case 0..<0x20, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0xBE, 0xBF: false
        default: true
        }
    }

    /// Whether XML has all characters of a text.
    static func isSayable(_ text: String) -> Bool {
        var output = XMLPropertyListOutput(sortingKeys: false, room: text.utf8.count)
        output.text(text)
        return !output.isUnsayable
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { source in
            Self.isPlain.withUnsafeBufferPointer { isPlain in
                var copied = 0
                for place in source.indices where !isPlain[Int(source[place])] {
                    let replacement: StaticString
                    switch source[place] {
                    case UInt8(ascii: "&"): replacement = "&amp;"
                    case UInt8(ascii: "<"): replacement = "&lt;"
                    case UInt8(ascii: ">"): replacement = "&gt;"
                    // A raw CR would be read back as LF.
                    case 0x0D: replacement = "&#13;"
                    case 0x80...:
                        if place >= 2, source[place - 2] == 0xEF, source[place - 1] == 0xBF { isUnsayable = true }
                        continue
                    default:
                        isUnsayable = true
                        continue
                    }
                    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[copied..<place]))
                    raw(replacement)
                    copied = place + 1
                }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[copied...]))
            }
        }
    }

    private mutating func tabs(_ count: Int) {
        for _ in 0..<count { bytes.append(UInt8(ascii: "\t")) }
    }

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
