// ServiceModel, floor 1: what runs, when, how it restarts, stops, logs; and what became of every key.

package import SourceText

/// A value somebody wrote down, with the place where it stands.
///
/// A field of a `Service` is a `Setting?`: `nil` means that the file does not mention it, and the dialect's default
/// (`Dialect.defaults`) holds. Two settings are equal when their values are; the place is provenance, not meaning.
///
/// Both are kept out of line: a service has some fifty fields, of which a file mentions a few, and a daemon keeps
/// thousands of services, many of which share what their section says.
package struct Setting<Value: Hashable & Sendable>: Hashable, Sendable {
    private var written: WrittenValue<Value>

    package var value: Value {
        get { written.value }
        set { written = WrittenValue(newValue, written.place) }
    }

    /// Where it was written; `nil` when a program made it up.
    package var span: SourceSpan? {
        get { written.place?.span }
        set { written = WrittenValue(written.value, newValue.map(SettingPlace.init)) }
    }

    package init(_ value: Value, at span: SourceSpan? = nil) {
        written = WrittenValue(value, span.map(SettingPlace.init))
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.written === right.written || left.value == right.value
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// What a setting holds; never changed, so that many can share it.
final class WrittenValue<Value: Sendable>: Sendable {
    let value: Value
    let place: SettingPlace?

    init(_ value: Value, _ place: SettingPlace?) {
        self.value = value
        self.place = place
    }
}

/// A span in half of its size. No file that is read here has as many bytes as its numbers can count.
struct SettingPlace: Sendable {
    private struct Position {
        var offset: UInt32
        var line: UInt32
        var column: UInt32

        init(_ position: SourcePosition) {
            offset = UInt32(clamping: position.offset)
            line = UInt32(clamping: position.line)
            column = UInt32(clamping: position.column)
        }

        var position: SourcePosition { SourcePosition(offset: Int(offset), line: Int(line), column: Int(column)) }
    }

    private let file: String
    private let start: Position
    private let end: Position

    init(_ span: SourceSpan) {
        file = span.file
        start = Position(span.start)
        end = Position(span.end)
    }

    var span: SourceSpan { SourceSpan(file: file, start: start.position, end: end.position) }
}
