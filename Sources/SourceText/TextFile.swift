/// The bytes of one file with an index of its lines: turns byte offsets into positions.
package struct TextFile: Sendable {
    /// The path as the user gave it.
    package let path: String
    /// The content, as read.
    package let bytes: [UInt8]
    private let lineStarts: [Int]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    package init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    /// Number of lines; a trailing newline opens no further line.
    package var lineCount: Int {
        guard let last = lineStarts.last, last == bytes.count, lineStarts.count > 1 else { return lineStarts.count }
        return lineStarts.count - 1
    }

    /// The bytes of line `number` (from 1) without its line end (LF or CR LF).
    package func line(_ number: Int) -> ArraySlice<UInt8> {
        guard number >= 1, number <= lineStarts.count else { return [] }
        let start = lineStarts[number - 1]
        var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        if end > start, number < lineStarts.count, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return bytes[start..<end]
    }

    /// The position of a byte offset; an offset past the end is the end.
    package func position(at offset: Int) -> SourcePosition {
        let place = max(0, min(offset, bytes.count))
        var low = 0
        var high = lineStarts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lineStarts[middle] <= place { low = middle } else { high = middle - 1 }
        }
        // Columns count scalars: continuation bytes of UTF-8 do not open a new one.
        let column = bytes[lineStarts[low]..<place].reduce(into: 1) { count, byte in
            if byte & 0xC0 != 0x80 { count += 1 }
        }
        return SourcePosition(offset: place, line: low + 1, column: column)
    }

    /// The span of a range of byte offsets.
    package func span(_ range: Range<Int>) -> SourceSpan {
        SourceSpan(file: path, start: position(at: range.lowerBound), end: position(at: range.upperBound))
    }
}
