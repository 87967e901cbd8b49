// ServiceModel, floor 1: what runs, when, how it restarts, stops, logs; and what became of every key.

package import SourceText

/// A value somebody wrote down, with the place where it stands.
///
/// A field of a `Service` is a `Setting?`: `nil` means that the file does not mention it, and the dialect's default
/// (`Dialect.defaults`) holds. Two settings are equal when their values are; the place is provenance, not meaning.
package struct Setting<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    /// Where it was written; `nil` when a program made it up.
    package var span: SourceSpan?

    package init(_ value: Value, at span: SourceSpan? = nil) {
        self.value = value
        self.span = span
    }

    package static func == (left: Self, right: Self) -> Bool { left.value == right.value }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
