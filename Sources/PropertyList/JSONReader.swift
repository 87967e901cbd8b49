package import SourceText

/// Reads JSON (RFC 8259), strictly: no comments, no trailing commas, no lone surrogates, numbers that fit.
package enum JSONReader {
    /// The document; of equal keys the last one counts, with a warning. `null` is a value.
    ///
    /// Fails with `badInput` and a position. A whole number without fraction and exponent is an integer, every other
    /// number a real.
    package static func read(
        _ bytes: [UInt8], path: String, limits: PropertyListLimits = PropertyListLimits()
    ) throws(Failure) -> PropertyListDocument {
        try read(try PropertyText(bytes, path: path, limits: limits), limits: limits)
    }

    static func read(_ text: PropertyText, limits: PropertyListLimits) throws(Failure) -> PropertyListDocument {
        let result = text.bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(Failure) in
                var parser = JSONParser(buffer, text: text, depthLimit: limits.depth)
                let root = try parser.document()
                return PropertyListDocument(format: .json, root: root, warnings: parser.builder.warnings.all)
            }
        }
        return try result.get()
    }
}

/// One pass over the bytes with a stack of its own, so that depth costs no stack of the thread.
private struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place: Int
    private(set) var builder: TreeBuilder

    init(_ bytes: UnsafeBufferPointer<UInt8>, text: PropertyText, depthLimit: Int) {
        self.bytes = bytes
        place = text.start
        builder = TreeBuilder(
            source: PropertySource(path: text.path, text: text.bytes, start: text.start), depthLimit: depthLimit)
    }

    mutating func document() throws(Failure) -> PropertyNode {
        while true {
            try value()
            // A value has ended: so may the containers around it.
            while let isDictionary = builder.isInDictionary {
                skipBlanks()
                let closing = UInt8(ascii: isDictionary ? "}" : "]")
                if peek == UInt8(ascii: ",") {
                    place += 1
                    skipBlanks()
                    if isDictionary {
                        try key()
                    } else if peek == closing {
                        throw refuse("a comma before ]", remedy: "remove the comma")
                    }
                    break
                }
                guard peek == closing else {
                    throw refuse(
                        "\(found), where , or \(Unicode.Scalar(closing)) is expected",
                        remedy: "add what is missing between the two values")
                }
                place += 1
                builder.close(at: place)
            }
            if builder.isInDictionary == nil, let root = builder.root {
                skipBlanks()
                guard place == bytes.count else {
                    throw refuse("text behind the end of the value", remedy: "remove it")
                }
                return root
            }
        }
    }

    /// The value that begins here, up to its first scalar or empty container.
    private mutating func value() throws(Failure) {
        while true {
            skipBlanks()
            let start = place
            guard peek == UInt8(ascii: "[") || peek == UInt8(ascii: "{") else {
                let content = try scalar()
                return builder.add(content, from: start, to: place)
            }
            guard builder.mayOpen else {
                throw refuse(
                    "more than \(builder.depth) containers inside one another", remedy: "make it flatter")
            }
            let isDictionary = peek == UInt8(ascii: "{")
            if builder.depth == 0, !LargeText.isClosed(bytes, by: UInt8(ascii: isDictionary ? "}" : "]")) {
                place = bytes.count
                throw refuse(
                    "the text ends inside the \(isDictionary ? "object" : "array") with which it begins",
                    remedy: "it was cut off: get it again")
            }
            builder.open(dictionary: isDictionary, at: start)
            place += 1
            skipBlanks()
            if peek == UInt8(ascii: isDictionary ? "}" : "]") {
                place += 1
                return builder.close(at: place)
            }
            if isDictionary { try key() }
        }
    }

    private mutating func key() throws(Failure) {
        let start = place
        guard peek == UInt8(ascii: "\"") else {
            throw peek == UInt8(ascii: "}")
                ? refuse("a comma before }", remedy: "remove the comma")
                : refuse("\(found), where a key in double quotes is expected")
        }
        var key = try string()
        let end = place
        skipBlanks()
        guard peek == UInt8(ascii: ":") else {
            throw refuse("\(found), where : is expected", remedy: "write a : between key and value")
        }
        place += 1
        key.withUTF8 { builder.key($0, from: start, to: end) }
    }

    // MARK: scalars

    private mutating func scalar() throws(Failure) -> PropertyNode.Content {
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
            return try number()
        default:
            for (word, content) in Self.words where bytes[place...].starts(with: word.utf8) {
                place += word.utf8.count
                return content
            }
            throw refuse(
                "\(found), where a value is expected",
                remedy: "write a text in double quotes, a number, true, false, [ or {")
        }
    }

    private static let words: [(String, PropertyNode.Content)] = [
        ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null),
    ]

    private mutating func digits() -> Int {
        let start = place
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { place += 1 }
        return place - start
    }

    private mutating func number() throws(Failure) -> PropertyNode.Content {
        let start = place
        let isNegative = peek == UInt8(ascii: "-")
        if isNegative { place += 1 }
        let whole = place
        var count = digits()
        guard count == 1 || (count > 1 && bytes[whole] != UInt8(ascii: "0")) else {
            place = start
            throw refuse("a number needs digits, and no leading zero", remedy: "write it as 12 or 0.5")
        }
        var isWhole = true
        if peek == UInt8(ascii: ".") {
            isWhole = false
            place += 1
            count = digits()
            guard count > 0 else {
                throw refuse("\(found), where a digit is expected", remedy: "write it as 0.5 or 1e3")
            }
        }
        if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            place += 1
            if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { place += 1 }
            count = digits()
            guard count > 0 else {
                throw refuse("\(found), where a digit is expected", remedy: "write it as 0.5 or 1e3")
            }
        }
        let digits = UnsafeBufferPointer(rebasing: bytes[start..<place])
        if isWhole, let value = PropertyScalars.plainInteger(digits) { return .integer(value) }
        let text = String(decoding: digits, as: UTF8.self)
        if isWhole {
            guard let magnitude = UInt64(text.drop { $0 == "-" }),
                let value = PropertyInteger(magnitude: magnitude, isNegative: isNegative)
            else {
                place = start
                throw refuse(
                    "integer \(text.prefix(60)) is outside -2^63 to 2^64-1", remedy: "write a smaller one, or a text")
            }
            return .integer(value)
        }
        guard let value = Double(text), value.isFinite else {
            place = start
            throw refuse("number \(text.prefix(60)) is too large", remedy: "write a smaller one, or a text")
        }
        return .real(value)
    }

    private mutating func string() throws(Failure) -> String {
        place += 1
        var start = place
        var unescaped: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                let slice = bytes[start..<place]
                place += 1
                if unescaped.isEmpty { return String(decoding: slice, as: UTF8.self) }
                unescaped.append(contentsOf: slice)
                return String(decoding: unescaped, as: UTF8.self)
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: bytes[start..<place])
                unescaped.append(contentsOf: String(try escape()).utf8)
                start = place
            case 0..<0x20:
                throw refuse("a raw control character in a string", remedy: "write it as an escape such as \\n")
            default:
                place += 1
            }
        }
        throw refuse("the text ends inside a string", remedy: "close it with \"")
    }

    private mutating func escape() throws(Failure) -> Unicode.Scalar {
        let start = place
        place += 1
        guard let byte = peek else { throw refuse("the text ends inside a string", remedy: "close it with \"") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var value = try hexadecimal(from: start)
            if (0xD800..<0xDC00).contains(value), bytes[place...].starts(with: [0x5C, UInt8(ascii: "u")]) {
                place += 2
                let low = try hexadecimal(from: start)
                if (0xDC00..<0xE000).contains(low) { value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00) }
            }
            guard let scalar = Unicode.Scalar(value) else {
                place = start
                throw refuse("half of a surrogate pair", remedy: "write both halves, or the character itself")
            }
            return scalar
        default:
            place = start
            throw refuse(
                "unknown escape", remedy: "write one of \\\\ \\\" \\/ \\b \\f \\n \\r \\t \\uXXXX")
        }
    }

    private mutating func hexadecimal(from start: Int) throws(Failure) -> UInt32 {
        guard place + 4 <= bytes.count, let value = Digits.hexadecimal(bytes[place..<place + 4]) else {
            place = start
            throw refuse("\\u needs four hexadecimal digits", remedy: "write it as \\u00e9")
        }
        place += 4
        return value
    }

    // MARK: bytes

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    /// What stands at the place, for messages.
    private var found: String {
        guard place < bytes.count else { return "the text ends" }
        let shown = String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self).first
        return "found '\(shown.map(String.init) ?? "")'"
    }

    private func refuse(_ message: String, remedy: String? = nil) -> Failure {
        Failure(.badInput, code: "json-syntax", message, remedy: remedy, at: builder.source.span(at: place))
    }
}
