// ServiceModel, floor 1: what runs, when, how it restarts, stops, logs; and what became of every key.

package import SourceText

/// A value somebody wrote down, with the place where it stands.
///
/// A field of a `Service` is a `Setting?`: `nil` means that the file does not mention it, and the dialect's default
/// (`Dialect.defaults`) holds. Two settings are equal when their values are; the place is provenance, not meaning.
package struct Setting<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    /// Where it was written; `nil` when a program made it up.
    package var span: SourceSpan? {
        get { place?.span }
        set { place = newValue.map(SettingPlace.init) }
    }
    private var place: SettingPlace?

    package init(_ value: Value, at span: SourceSpan? = nil) {
        self.value = value
        place = span.map(SettingPlace.init)
    }

    package static func == (left: Self, right: Self) -> Bool { left.value == right.value }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// Where a setting stands, out of line: a service has some fifty fields, of which a file mentions a few, and a daemon
/// keeps thousands of services.
private final class SettingPlace: Sendable {
    let span: SourceSpan

    init(_ span: SourceSpan) {
        self.span = span
    }
}
