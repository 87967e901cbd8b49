package import SourceText

/// A configuration file as it stands: bytes in, the same bytes out, with sections, keys, values and comments found by
/// the rules of Python's RawConfigParser as supervisord 4.3 sets it up (not strict, inline comments on).
///
/// Sections stand here as they are written: a name may occur twice. Merging is `MergedConfiguration`'s.
package struct IniDocument: Sendable {
    /// The path as the user gave it.
    package let path: String
    /// The whole file.
    package internal(set) var bytes: [UInt8]
    package internal(set) var sections: [Section] = []
    /// Offset of each line's first byte. LF, CR LF and CR end a line (Python's universal newlines).
    var lineStarts: [Int] = []

    /// One header and what follows it.
    package struct Section: Hashable, Sendable {
        /// As written between the brackets: neither trimmed nor folded.
        package var name: String
        /// Bytes of the name.
        package var nameRange: Range<Int>
        /// The header's line, from 0.
        package var line: Int
        package var entries: [Entry] = []
    }

    /// One key with its value.
    package struct Entry: Hashable, Sendable {
        /// In lower case, as the original looks it up.
        package var key: String
        /// Bytes of the key as written.
        package var keyRange: Range<Int>
        /// Bytes of the value on the key's own line, without white space and comment; may be empty.
        package var firstLine: Range<Int>
        /// Bytes of the value on continuation lines; an empty range is a blank line.
        package var continuation: [Range<Int>] = []
        /// The key's line, from 0.
        package var line: Int
        /// Lines of the continuation, parallel to `continuation`.
        package var continuationLines: [Int] = []
    }

    /// Parses a file.
    ///
    /// A failure has status `.badConfiguration` and one diagnostic with the words of Python's parser. A NUL byte, which
    /// no command, path or variable can hold, is refused with its place, unless it is to be read as the original reads
    /// it: as a letter like any other.
    package init(path: String, bytes: [UInt8], acceptsNUL: Bool = false) throws(Failure) {
        self.path = path
        self.bytes = bytes
        try parse(acceptsNUL: acceptsNUL)
    }

    /// The text of an empty document with a name.
    package init(emptyAt path: String) {
        self.path = path
        bytes = []
    }
}

extension IniDocument {
    /// The value of an entry: its lines joined by line feeds, white space at the end removed.
    package func value(of entry: Entry) -> String {
        let first = text(entry.firstLine)
        guard !entry.continuation.isEmpty else { return first }
        var whole = first
        for range in entry.continuation {
            whole.unicodeScalars.append("\n")
            whole += text(range)
        }
        while let last = whole.unicodeScalars.last, PythonText.isSpace(last) { whole.unicodeScalars.removeLast() }
        return whole
    }

    /// The bytes of a range as text; they are UTF-8, `parse` made sure.
    func text(_ range: Range<Int>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: UnsafeBufferPointer(rebasing: $0[range]), as: UTF8.self) }
    }

    /// The key's name as it is written.
    package func name(of entry: Entry) -> String { text(entry.keyRange) }

    /// Where a key stands.
    package func keySpan(_ entry: Entry) -> SourceSpan { span(entry.keyRange, line: entry.line) }

    /// Where a value stands, from its first to its last byte.
    package func valueSpan(_ entry: Entry) -> SourceSpan {
        guard !entry.continuation.isEmpty, let last = entry.continuation.lastIndex(where: { !$0.isEmpty }) else {
            return span(entry.firstLine, line: entry.line)
        }
        return SourceSpan(
            file: path, start: position(entry.firstLine.lowerBound, line: entry.line),
            end: position(entry.continuation[last].upperBound, line: entry.continuationLines[last]))
    }

    /// Where a section's name stands.
    package func span(of section: Section) -> SourceSpan { span(section.nameRange, line: section.line) }

    /// The span of a range within one line.
    func span(_ range: Range<Int>, line: Int) -> SourceSpan {
        let start = position(range.lowerBound, line: line)
        var end = start
        end.offset = range.upperBound
        end.column += scalarCount(range)
        return SourceSpan(file: path, start: start, end: end)
    }

    /// The place of a byte of a known line.
    func position(_ offset: Int, line: Int) -> SourcePosition {
        SourcePosition(offset: offset, line: line + 1, column: 1 + scalarCount(lineStarts[line]..<offset))
    }

    /// Columns count scalars: continuation bytes of UTF-8 do not open a new one.
    private func scalarCount(_ range: Range<Int>) -> Int {
        let bytes = bytes.span
        var count = 0
        for offset in range where bytes[offset] & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The bytes of a line with its line end.
    func lineRange(_ line: Int) -> Range<Int> {
        lineStarts[line]..<(line + 1 < lineStarts.count ? lineStarts[line + 1] : bytes.count)
    }
}
