package import SourceText

/// Writes XML property lists in Apple's layout, the same bytes for the same value every time.
package enum XMLPropertyListWriter {
    /// The file's bytes.
    ///
    /// Fails where XML cannot say the value: control characters in texts, years outside 1 to 9999, UIDs and nulls.
    /// `sortingKeys` orders keys by their UTF-8 bytes, as Apple's tools do; else they keep their order.
    package static func write(_ value: PropertyValue, sortingKeys: Bool = false) throws(Failure) -> [UInt8] {
        try write(tree: value, sortingKeys: sortingKeys)
    }

    static func write(tree: some PropertyTree, sortingKeys: Bool) throws(Failure) -> [UInt8] {
        var writer = XMLPropertyListOutput(sortingKeys: sortingKeys)
        writer.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        writer.raw("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\"")
        writer.raw(" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n")
        writer.write(tree, indent: 0)
        writer.raw("</plist>\n")
        if writer.isUnsayable, let (path, what) = tree.unsayable(at: []) {
            throw Failure(
                .badInput, code: "plist-unwritable",
                "\(path.isEmpty ? "the root" : path.joined(separator: ".")) holds \(what), which XML property lists cannot say",
                remedy: "change the value or write the binary format")
        }
        return writer.bytes
    }
}

extension PropertyTree {
    /// The first value inside that XML cannot say: keys and indexes that lead there, and what it is.
    fileprivate func unsayable(at path: [String]) -> (path: [String], what: String)? {
        switch form {
        case .scalar(.string(let text)) where !XMLPropertyListOutput.isSayable(text):
            return (path, "a control character")
        case .scalar(.date(let date)) where date.iso8601 == nil: return (path, "a date outside the years 1 to 9999")
        case .scalar(.uid): return (path, "a UID")
        case .scalar(.null): return (path, "a null")
        case .scalar: return nil
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if let found = element.unsayable(at: path + ["\(index)"]) { return found }
            }
            return nil
        case .dictionary(let members):
            for member in members {
                let path = path + [Self.key(of: member)]
                if !XMLPropertyListOutput.isSayable(Self.key(of: member)) { return (path, "a control character") }
                if let found = Self.value(of: member).unsayable(at: path) { return found }
            }
            return nil
        }
    }
}

/// The growing file.
private struct XMLPropertyListOutput {
    private(set) var bytes: [UInt8] = []
    /// Whether something was met that XML cannot say: what is written is then of no use.
    private(set) var isUnsayable = false
    private let sortingKeys: Bool

    init(sortingKeys: Bool) {
        self.sortingKeys = sortingKeys
    }

    mutating func write<Tree: PropertyTree>(_ tree: Tree, indent: Int) {
        switch sortingKeys ? tree.form.sorted : tree.form {
        case .scalar(let value): write(value, indent: indent)
        case .array(let elements):
            tabs(indent)
            guard !elements.isEmpty else { return raw("<array/>\n") }
            raw("<array>\n")
            for element in elements { write(element, indent: indent + 1) }
            tabs(indent)
            raw("</array>\n")
        case .dictionary(let members):
            tabs(indent)
            guard !members.isEmpty else { return raw("<dict/>\n") }
            raw("<dict>\n")
            for member in members {
                line(indent + 1, "<key>", Tree.key(of: member), "</key>\n")
                write(Tree.value(of: member), indent: indent + 1)
            }
            tabs(indent)
            raw("</dict>\n")
        }
    }

    private mutating func write(_ scalar: PropertyValue, indent: Int) {
        if case .string(let text) = scalar { return line(indent, "<string>", text, "</string>\n") }
        tabs(indent)
        switch scalar {
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
            raw("<date>")
            if !date.appendISO8601(to: &bytes) { isUnsayable = true }
            raw("</date>\n")
        case .data(let data): write(data, indent: indent)
        case .string, .array, .dictionary, .uid, .null: isUnsayable = true
        }
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
        var output = XMLPropertyListOutput(sortingKeys: false)
        output.line(0, "", text, "")
        return !output.isUnsayable
    }

    /// Text between its tags, on a line of its own.
    private mutating func line(_ indent: Int, _ open: StaticString, _ text: String, _ close: StaticString) {
        tabs(indent)
        raw(open)
        var text = text
        text.withUTF8 { text in
            let special = Self.firstSpecial(in: text, from: 0)
            if special == text.count {
                bytes.append(contentsOf: text)
            } else {
                escape(text, from: special)
            }
        }
        raw(close)
    }

    /// The first byte from an offset on that may not be written as it is; the end where there is none.
    private static func firstSpecial(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        isPlain.withUnsafeBufferPointer { isPlain in
            var place = start
            while place < text.count, isPlain[Int(text[place])] { place += 1 }
            return place
        }
    }

    /// A text whose first special byte is at `first`.
    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>, from first: Int) {
        var (copied, place) = (0, first)
        while place < text.count {
            var replacement: StaticString?
            switch text[place] {
            case UInt8(ascii: "&"): replacement = "&amp;"
            case UInt8(ascii: "<"): replacement = "&lt;"
            case UInt8(ascii: ">"): replacement = "&gt;"
            // A raw CR would be read back as LF.
            case 0x0D: replacement = "&#13;"
            case 0x80...:
                if place >= 2, text[place - 2] == 0xEF, text[place - 1] == 0xBF { isUnsayable = true }
            default: isUnsayable = true
            }
            if let replacement {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<place]))
                raw(replacement)
                copied = place + 1
            }
            place = Self.firstSpecial(in: text, from: place + 1)
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied...]))
    }

    private mutating func tabs(_ count: Int) {
        var missing = count
        while missing >= 4 {
            raw("\t\t\t\t")
            missing -= 4
        }
        for _ in 0..<missing { bytes.append(UInt8(ascii: "\t")) }
    }

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: text.bytes)
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
