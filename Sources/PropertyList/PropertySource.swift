import SourceText
import Synchronization

/// The file that nodes come from: shared, so that a node carries a reference and two offsets and no more. Lines and
/// columns are counted when somebody asks for one.
final class PropertySource: Sendable {
    let path: String
    /// The decoded text; empty for a binary file, whose positions are line 1 and the byte as the column.
    private let text: [UInt8]
    /// Behind a byte order mark, which takes up no column.
    private let start: Int
    private let isBinary: Bool
    private let marks = Mutex<[Mark]>([])

    /// Line and column at every so many bytes, so that no question costs a scan of the whole file.
    private struct Mark {
        var line: UInt32
        var column: UInt32
    }

    private static let markDistance = 512

    /// A text file.
    init(path: String, text: [UInt8], start: Int) {
        self.path = path
        self.text = text
        self.start = start
        isBinary = false
    }

    /// A binary file.
    init(binary path: String) {
        self.path = path
        text = []
        start = 0
        isBinary = true
    }

    /// The position of an offset; one past the end is the end.
    func position(at offset: Int) -> SourcePosition {
        if isBinary { return SourcePosition(offset: offset, line: 1, column: offset + 1) }
        let target = max(start, min(offset, text.count))
        return marks.withLock { marks in
            let index = (target - start) / Self.markDistance
            extend(&marks, to: index)
            var mark = marks[index]
            count(from: start + index * Self.markDistance, to: target, &mark)
            return SourcePosition(offset: target, line: Int(mark.line), column: Int(mark.column))
        }
    }

    /// A place without extent.
    func span(at offset: Int) -> SourceSpan { SourceSpan(file: path, at: position(at: offset)) }

    /// Marks up to the one of that number; what lies behind the places asked for is not counted.
    private func extend(_ marks: inout [Mark], to index: Int) {
        if marks.isEmpty { marks.append(Mark(line: 1, column: 1)) }
        while marks.count <= index {
            let place = start + (marks.count - 1) * Self.markDistance
            var mark = marks[marks.count - 1]
            count(from: place, to: place + Self.markDistance, &mark)
            marks.append(mark)
        }
    }

    private func count(from place: Int, to target: Int, _ mark: inout Mark) {
        text.withUnsafeBytes { text in
            var place = place
            while place < target {
                if place + 8 <= target {
                    // Eight bytes of ASCII without a line end, which most are, at a time.
                    let word = text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                    let others = word ^ 0x0A0A_0A0A_0A0A_0A0A
                    let lineEnds = (others &- 0x0101_0101_0101_0101) & ~others
                    if (word | lineEnds) & 0x8080_8080_8080_8080 == 0 {
                        mark.column += 8
                        place += 8
                        continue
                    }
                }
                if text[place] == UInt8(ascii: "\n") {
                    mark.line += 1
                    mark.column = 1
                } else if text[place] & 0xC0 != 0x80 {
                    // Columns count scalars: continuation bytes of UTF-8 do not open a new one.
                    mark.column += 1
                }
                place += 1
            }
        }
    }
}

/// Where something begins and ends, small enough to sit in every node of a large tree.
struct PropertyStretch: Sendable {
    let source: PropertySource
    /// Bytes of the decoded text before it.
    let start: UInt32
    /// Bytes before what follows it.
    let end: UInt32

    init(_ source: PropertySource, _ start: Int, _ end: Int) {
        self.source = source
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    var span: SourceSpan {
        SourceSpan(file: source.path, start: source.position(at: Int(start)), end: source.position(at: Int(end)))
    }
}
