import SourceText

/// Reads the OpenStep (ASCII) format (see the edge cases in the tests): every scalar is a string or data; a file without braces, as
/// in `.strings` files, is a dictionary.
enum OpenStepReader {
    static func read(_ text: PropertyText, limits: PropertyListLimits) throws(Failure) -> PropertyListDocument {
        let result = text.bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(Failure) in
                var parser = OpenStepParser(buffer, text: text, depthLimit: limits.depth)
                let root = try parser.document()
                return PropertyListDocument(format: .openStep, root: root, warnings: parser.builder.warnings.all)
            }
        }
        return try result.get()
    }
}

private struct OpenStepParser {
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
        try skipBlanks()
        let start = place
        guard peek != nil else { throw refuse("the file is empty", remedy: "a property list has at least {}") }
        try value()
        try skipBlanks()
        if case .string? = builder.root?.content, peek == UInt8(ascii: "=") || peek == UInt8(ascii: ";") {
            // What looked like a string was the first key of a file without braces.
            place = start
            builder.open(dictionary: true, at: start)
            try members(closing: nil)
        }
        guard peek == nil else { throw refuse("\(found) behind the end of the value", remedy: "remove it") }
        guard let root = builder.root else {
            throw refuse("the file is empty", remedy: "a property list has at least {}")
        }
        return root
    }

    private mutating func value() throws(Failure) {
        try skipBlanks()
        let start = place
        switch peek {
        case UInt8(ascii: "{"), UInt8(ascii: "("):
            guard builder.mayOpen else {
                throw refuse(
                    "more than \(builder.depth) containers inside one another", remedy: "make it flatter")
            }
            let isDictionary = peek == UInt8(ascii: "{")
            if builder.depth == 0, !LargeText.isClosedBeforeComments(bytes, by: UInt8(ascii: isDictionary ? "}" : ")"))
            {
                place = bytes.count
                throw refuse(
                    "the file ends inside the \(isDictionary ? "dictionary" : "array") with which it begins",
                    remedy: "it was cut off: get it again")
            }
            builder.open(dictionary: isDictionary, at: start)
            place += 1
            if isDictionary { try members(closing: UInt8(ascii: "}")) } else { try elements() }
        case UInt8(ascii: "<"):
            let data = try data()
            builder.add(.data(data), from: start, to: place)
        default:
            let text = try string()
            builder.add(.string(text), from: start, to: place)
        }
    }

    /// The elements of the array that is open, up to its end.
    private mutating func elements() throws(Failure) {
        while true {
            try skipBlanks()
            if peek == UInt8(ascii: ")") { break }
            try value()
            try skipBlanks()
            if peek == UInt8(ascii: ",") {
                place += 1
            } else if peek != UInt8(ascii: ")") {
                throw refuse("\(found), where , or ) is expected", remedy: "put a comma between two values")
            }
        }
        place += 1
        builder.close(at: place)
    }

    /// The members of the dictionary that is open, up to the closing brace; without one, up to the end of the file,
    /// where the last `;` may be missing.
    private mutating func members(closing: UInt8?) throws(Failure) {
        while true {
            try skipBlanks()
            if peek == closing { break }
            let start = place
            var key = try string()
            key.withUTF8 { builder.key($0, from: start, to: place) }
            try skipBlanks()
            if peek == UInt8(ascii: "=") {
                place += 1
                try value()
                try skipBlanks()
            } else if peek == UInt8(ascii: ";") {
                // `key;` is short for `key = key;`.
                builder.add(.string(key), from: start, to: place)
            } else {
                throw refuse(
                    "\(found), where = is expected behind the key '\(key)'",
                    remedy: "write key = value; JSON wants \"key\": value, and no comments")
            }
            if peek == UInt8(ascii: ";") {
                place += 1
            } else if closing != nil || peek != nil {
                throw refuse("\(found), where ; is expected behind the value of '\(key)'", remedy: "add the ;")
            }
        }
        if closing != nil { place += 1 }
        builder.close(at: place)
    }

    // MARK: scalars

    private mutating func data() throws(Failure) -> [UInt8] {
        place += 1
        var result: [UInt8] = []
        var high: UInt8?
        while let byte = peek {
            switch byte {
            case UInt8(ascii: ">"):
                guard high == nil else {
                    throw refuse(
                        "data with an odd number of hexadecimal digits", remedy: "write two digits for each byte")
                }
                place += 1
                return result
            case 0x20, 9...13: break
            default:
                guard let digit = Digits.value(ofHexadecimal: byte) else {
                    throw refuse("\(found) in data", remedy: "data is written as <68656c6c 6f>")
                }
                if let first = high {
                    result.append(first << 4 | digit)
                    high = nil
                } else {
                    high = digit
                }
            }
            place += 1
        }
        throw refuse("the file ends inside data", remedy: "close it with >")
    }

    private mutating func string() throws(Failure) -> String {
        guard let first = peek else {
            throw refuse(
                "the file ends where a value or key is expected", remedy: "it was cut off: get it again")
        }
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") { return try quoted(first) }
        let start = place
        // Two slashes inside a word, as in an address, begin no comment: CoreFoundation reads on.
        while let byte = peek, OpenStepText.isPlain(byte), !isBlockComment { place += 1 }
        guard place > start else {
            throw refuse(
                "\(found), where a value or key is expected", remedy: "put texts with such characters into \"…\"")
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func quoted(_ quote: UInt8) throws(Failure) -> String {
        let opening = place
        place += 1
        var start = place
        var result: [UInt8] = []
        var pendingHigh: UInt16?
        while let byte = peek {
            if byte != quote && byte != UInt8(ascii: "\\") {
                place += 1
                continue
            }
            result.append(contentsOf: bytes[start..<place])
            if byte == quote {
                place += 1
                return String(decoding: result, as: UTF8.self)
            }
            let escape = OpenStepText.escape(bytes, at: place)
            guard let escape else {
                throw refuse("the file ends inside a string", remedy: "close it with \(Unicode.Scalar(quote))")
            }
            place += escape.length
            start = place
            // A character beyond the first plane is written as two escapes.
            if UTF16.isLeadSurrogate(escape.unit), pendingHigh == nil,
                let next = OpenStepText.escape(bytes, at: place), UTF16.isTrailSurrogate(next.unit)
            {
                pendingHigh = escape.unit
                continue
            }
            if pendingHigh == nil, escape.unit < 0x80 {
                result.append(UInt8(escape.unit))
                continue
            }
            let units = pendingHigh.map { [$0, escape.unit] } ?? [escape.unit]
            pendingHigh = nil
            guard let text = String(validating: units, as: UTF16.self) else {
                place -= escape.length
                throw refuse("an escape for half of a character", remedy: "write both halves")
            }
            result.append(contentsOf: text.utf8)
        }
        place = opening
        throw refuse("a string without closing quote", remedy: "close it with \(Unicode.Scalar(quote))")
    }

    // MARK: bytes

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private var isBlockComment: Bool { isComment && bytes[place + 1] == UInt8(ascii: "*") }

    private var isComment: Bool {
        place + 1 < bytes.count && bytes[place] == UInt8(ascii: "/")
            && (bytes[place + 1] == UInt8(ascii: "/") || bytes[place + 1] == UInt8(ascii: "*"))
    }

    /// Skips white space and comments.
    private mutating func skipBlanks() throws(Failure) {
        while let byte = peek {
            if byte == 0x20 || (9...13).contains(byte) {
                place += 1
            } else if isComment {
                let isLine = bytes[place + 1] == UInt8(ascii: "/")
                let start = place
                place += 2
                while place < bytes.count {
                    if isLine, bytes[place] == 10 || bytes[place] == 13 { break }
                    if !isLine, bytes[place] == UInt8(ascii: "/"), place > start + 2,
                        bytes[place - 1] == UInt8(ascii: "*")
                    {
                        break
                    }
                    place += 1
                }
                if !isLine {
                    guard place < bytes.count else {
                        place = start
                        throw refuse("a comment without end", remedy: "close it with */")
                    }
                    place += 1
                }
            } else {
                return
            }
        }
    }

    private var found: String {
        guard place < bytes.count else { return "the file ends" }
        let shown = String(decoding: bytes[place..<min(place + 4, bytes.count)], as: UTF8.self).first
        return "found '\(shown.map(String.init) ?? "")'"
    }

    private func refuse(_ message: String, remedy: String? = nil) -> Failure {
        Failure(
            .badInput, code: "openstep-syntax", "no property list in XML, JSON or OpenStep format: \(message)",
            remedy: remedy, at: builder.source.span(at: place))
    }
}
