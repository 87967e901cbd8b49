import SourceText

/// What TAB offers, as GNU readline arranges it: people know it from supervisorctl's shell.
package struct CompletionList: Sendable {
    /// Sorted by code point, each once.
    package let words: [String]
    /// More than these are shown only to those who say yes.
    package static let modestCount = 100

    package init(_ candidates: [String]) {
        words = Set(candidates).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    /// How all of them begin.
    package var commonPrefix: String {
        words.dropFirst().reduce(words.first ?? "") { prefix, word in
            String(zip(prefix, word).prefix { $0 == $1 }.map(\.0))
        }
    }

    /// Columns that are read downwards, two blanks between them.
    package func lines(columns: Int) -> [String] {
        let width = (words.map(\.count).max() ?? 0) + 2
        var perLine = max(1, columns / width)
        if perLine > 1, perLine * width == columns { perLine -= 1 }
        let rows = (words.count + perLine - 1) / perLine
        return (0..<rows).map { row in
            let line = stride(from: row, to: words.count, by: rows).map { words[$0] }
            return line.enumerated().map { column, word in
                column + 1 < perLine ? PythonText.padded(word, width) : word
            }.joined()
        }
    }

    /// The word that TAB continues: it ends at the cursor and begins behind a blank or one of the marks at which
    /// Python's readline parts words; supervisorctl takes `:`, `*` and `-` out of these.
    package static func fragment(of beforeCursor: String) -> String {
        let marks = " \t\n`~!@#$%^&()=+[{]}\\|;'\",<>/?"
        return String(beforeCursor.reversed().prefix { !marks.contains($0) }.reversed())
    }
}
