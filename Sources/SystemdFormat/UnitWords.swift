import SourceText

/// The words of a value, split and unescaped as systemd does it (systemd.service(5) "Command lines"): blanks separate,
/// both kinds of quotes group anywhere in a word, C escapes count inside and outside of both.
package enum UnitWords {
    package enum SplitError: Error, Hashable, Sendable {
        case unbalancedQuote
        case nul
        case notUTF8
    }

    /// One word, and whether any part of it was quoted or escaped (a lone `;` separates commands, `";"` does not).
    package struct Word: Hashable, Sendable {
        package var text: String
        package var isQuoted: Bool
        /// The first backslash with what follows it that is no escape, e.g. `\q`.
        package var unknownEscape: String?

        /// `\;` as a word of its own: in a command line the semicolon that separates nothing.
        var isEscapedSemicolon: Bool { text == "\\;" && !isQuoted }
    }

    /// The words of `value`. Unknown escapes stay as they are, backslash included.
    package static func split(_ value: String) throws(SplitError) -> [Word] {
        var words: [Word] = []
        var word: [UInt8] = []
        var isOpen = false
        var isQuoted = false
        var unknownEscape: String?
        var quote: UInt8?
        var rest = Array(value.utf8)[...]

        func close() throws(SplitError) {
            guard isOpen else { return }
            guard !word.contains(0) else { throw .nul }
            guard let text = String(validating: word, as: UTF8.self) else { throw .notUTF8 }
            words.append(Word(text: text, isQuoted: isQuoted, unknownEscape: unknownEscape))
            word = []
            isOpen = false
            isQuoted = false
            unknownEscape = nil
        }

        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                isOpen = true
                let (bytes, used) = unescape(rest)
                if used > 0 {
                    isQuoted = true
                } else {
                    let next = String(decoding: rest.prefix(4), as: UTF8.self).first.map(String.init) ?? ""
                    unknownEscape = unknownEscape ?? "\\" + next
                }
                word += bytes
                rest = rest.dropFirst(used)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if quote == byte {
                    quote = nil
                } else if quote == nil {
                    quote = byte
                    isOpen = true
                    isQuoted = true
                } else {
                    word.append(byte)
                }
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if quote == nil { try close() } else { word.append(byte) }
            default:
                isOpen = true
                word.append(byte)
            }
        }
        guard quote == nil else { throw .unbalancedQuote }
        try close()
        return words
    }

    /// What stands for the escape whose backslash was just read, and how many bytes of `rest` it used up. An unknown
    /// escape is the backslash itself, and uses none.
    private static func unescape(_ rest: ArraySlice<UInt8>) -> (bytes: [UInt8], used: Int) {
        guard let kind = rest.first else { return ([UInt8(ascii: "\\")], 0) }
        func number(_ digits: Int, skipping skipped: Int, radix: Int) -> UInt32? {
            let slice = rest.dropFirst(skipped).prefix(digits)
            guard slice.count == digits, slice.first != UInt8(ascii: "+"), slice.first != UInt8(ascii: "-") else {
                return nil
            }
            return UInt32(String(decoding: slice, as: UTF8.self), radix: radix)
        }
        if let plain = plainEscapes[kind] { return ([plain], 1) }
        switch kind {
        case UInt8(ascii: "x"):
            if let value = number(2, skipping: 1, radix: 16) { return ([UInt8(value)], 3) }
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            if let value = number(3, skipping: 0, radix: 8), value < 256 { return ([UInt8(value)], 3) }
        case UInt8(ascii: "u"):
            if let value = number(4, skipping: 1, radix: 16), let scalar = Unicode.Scalar(value) {
                return (Array(String(scalar).utf8), 5)
            }
        case UInt8(ascii: "U"):
            if let value = number(8, skipping: 1, radix: 16), let scalar = Unicode.Scalar(value) {
                return (Array(String(scalar).utf8), 9)
            }
        default:
            break
        }
        return ([UInt8(ascii: "\\")], 0)
    }

    private static let plainEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
        UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "s"): 32,
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""),
        UInt8(ascii: "'"): UInt8(ascii: "'"),
    ]

    /// One word so that `split` reads it back, and no specifier in it: bare where it may be, else in double quotes.
    ///
    /// - Parameter dollars: whether `$` is doubled too, as command lines need it and `Environment=` must not have it.
    package static func quote(_ word: String, dollars: Bool) -> String {
        let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy(isBare)
        var text = isPlain ? "" : "\""
        for scalar in word.unicodeScalars {
            switch scalar {
            case "%": text += "%%"
            case "$": text += dollars ? "$$" : "$"
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                text += "\\x" + Digits.hexadecimal(UInt64(scalar.value), width: 2)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return isPlain ? text : text + "\""
    }

    /// A value that is no list of words (a path, a description): only `%` has a meaning there.
    package static func escapeSpecifiers(_ value: String) -> String { value.replacing("%", with: "%%") }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "/", ":", "=", "@", ",", "+", "-", "%", "$": true
        default: false
        }
    }
}
