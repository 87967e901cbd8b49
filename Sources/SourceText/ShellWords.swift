/// POSIX shell words without a shell: splitting and quoting, no expansion of any kind.
///
/// The rules are those of Python's `shlex.split`, which supervisord 4.3 applies to `command`: white space separates,
/// `'…'` is literal, in `"…"` a backslash escapes only `"` and itself, elsewhere it escapes any character.
package enum ShellWords {
    /// Why a text is no list of words; the texts are those that supervisord 4.3 shows.
    package enum SplitError: String, Error, Hashable, Sendable {
        case noClosingQuotation = "No closing quotation"
        case noEscapedCharacter = "No escaped character"
    }

    private enum Mode { case between, word, single, double }

    /// The words of `text`.
    package static func split(_ text: String) throws(SplitError) -> [String] {
        // Nearly always there is nothing but words and blanks.
        if !text.utf8.contains(where: isSpecial) {
            return text.utf8.split { Unicode.Scalar($0).isShellBlank }.map { String(Substring($0)) }
        }
        var words: [String] = []
        var word = ""
        var mode = Mode.between
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch (mode, scalar) {
            case (.between, _) where scalar.isShellBlank:
                break
            case (.word, _) where scalar.isShellBlank:
                words.append(word)
                word = ""
                mode = .between
            case (.between, "'"), (.word, "'"):
                mode = .single
            case (.between, "\""), (.word, "\""):
                mode = .double
            case (.between, "\\"), (.word, "\\"):
                guard let next = scalars.next() else { throw .noEscapedCharacter }
                word.unicodeScalars.append(next)
                mode = .word
            case (.single, "'"), (.double, "\""):
                mode = .word
            case (.double, "\\"):
                guard let next = scalars.next() else { throw .noEscapedCharacter }
                if next != "\"" && next != "\\" { word.unicodeScalars.append("\\") }
                word.unicodeScalars.append(next)
            case (.between, _):
                mode = .word
                word.unicodeScalars.append(scalar)
            default:
                word.unicodeScalars.append(scalar)
            }
        }
        switch mode {
        case .single, .double: throw .noClosingQuotation
        case .word: words.append(word)
        case .between: break
        }
        return words
    }

    /// Whether a byte is more than itself or a blank.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// `words` as one text that `split`, and a POSIX shell, read back as the same words.
    package static func join(_ words: some Sequence<String>) -> String {
        words.map(quote).joined(separator: " ")
    }

    /// One word, quoted only where it must be.
    package static func quote(_ word: String) -> String {
        guard !word.isEmpty else { return "''" }
        if word.unicodeScalars.allSatisfy(isPlain) { return word }
        if !word.contains("'") { return "'\(word)'" }
        // A word with both kinds of quotes closes, escapes and reopens the literal.
        var result = "'"
        for character in word.unicodeScalars {
            if character == "'" { result += "'\\''" } else { result.unicodeScalars.append(character) }
        }
        return result + "'"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", ":", "=", "@", "+", ",", "%": true
        default: scalar.value >= 0x80 && !scalar.properties.isWhitespace
        }
    }
}

extension Unicode.Scalar {
    /// What separates words: blank, tab, CR, LF.
    fileprivate var isShellBlank: Bool { self == " " || self == "\t" || self == "\r" || self == "\n" }
}
