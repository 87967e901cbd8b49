/// One value of a `.env` file: what it means, and how it is written.
package struct DotEnvValue: Hashable, Sendable {
    package let text: String
    /// Whether foreman 0.88 and honcho 2.0 disagree on it.
    let isReadDifferently: Bool
    /// What to write that they agree on.
    let remedy: String

    /// Reads a value as it stands behind `=`.
    init(_ written: String) {
        let isQuoted = ["'", "\""].contains(written.first)
        remedy =
            isQuoted
            ? "do without backslashes and quotes inside the quotes, or set it in a script"
            : "put the value into single quotes"
        guard let quote = written.first, quote == "\"" || quote == "'", written.count >= 2, written.last == quote else {
            text = written
            // honcho takes such a value apart as a shell would, and puts it together without its blanks.
            isReadDifferently = written.contains { " \t'\"\\#".contains($0) }
            return
        }
        let inside = written.dropFirst().dropLast()
        guard quote == "\"" else {
            text = String(inside)
            isReadDifferently = inside.contains("'") || inside.contains("\\n") || inside.contains("\\t")
            return
        }
        var result = ""
        var isOdd = false
        var rest = inside.makeIterator()
        while let character = rest.next() {
            guard character == "\\", let next = rest.next() else {
                result.append(character)
                continue
            }
            result.append(next == "n" ? "\n" : next)
            if !"n\"\\".contains(next) || (next == "\\") { isOdd = true }
        }
        text = result
        isReadDifferently = isOdd
    }

    /// The value as it is written: bare where it is plain, else in the quotes that both programs read alike; `nil` where
    /// neither can be told it (a line end that is no LF).
    package static func written(_ text: String) -> String? {
        guard
            !text.unicodeScalars.contains(where: {
                $0 == "\r" || $0 == "\u{B}" || $0 == "\u{C}" || $0 == "\u{85}" || $0 == "\u{2028}" || $0 == "\u{2029}"
            })
        else {
            return nil
        }
        let isPlain = text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "_./:@%+,-".unicodeScalars.contains($0)
        }
        if isPlain, !text.isEmpty { return text }
        if !text.contains("'"), !text.contains("\n") { return "'\(text)'" }
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return "\"\(escaped)\""
    }
}
