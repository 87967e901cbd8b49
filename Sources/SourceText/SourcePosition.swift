// SourceText, floor 0: positions, diagnostics, durations, sizes, shell words: said once for all.

/// A place in a text file.
package struct SourcePosition: Hashable, Sendable, Comparable {
    /// Bytes before this place, from 0.
    package var offset: Int
    /// Line, from 1.
    package var line: Int
    /// Column in Unicode scalars, from 1.
    package var column: Int

    package init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// The first place of every file.
    package static let start = SourcePosition(offset: 0, line: 1, column: 1)

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        left.offset < right.offset
    }
}

/// A stretch of a file, `start` inclusive, `end` exclusive.
package struct SourceSpan: Hashable, Sendable, CustomStringConvertible {
    /// The path as the user gave it.
    package var file: String
    package var start: SourcePosition
    package var end: SourcePosition

    package init(file: String, start: SourcePosition, end: SourcePosition) {
        self.file = file
        self.start = start
        self.end = end
    }

    /// An empty span at one place.
    package init(file: String, at place: SourcePosition) {
        self.init(file: file, start: place, end: place)
    }

    /// `FILE:LINE:COLUMN` of the start.
    package var description: String { "\(file):\(start.line):\(start.column)" }
}
