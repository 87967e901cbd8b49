package import SourceText

/// What became of every key of a conversion: each input key is in exactly one item.
package struct FidelityReport: Hashable, Sendable {
    package var from: Dialect
    package var to: Dialect
    package var items: [FidelityItem]

    package init(from: Dialect, to: Dialect, items: [FidelityItem] = []) {
        self.from = from
        self.to = to
        self.items = items
    }

    package func count(_ grade: FidelityGrade) -> Int { items.count { $0.grade == grade } }
}

/// How well one key came over.
package enum FidelityGrade: String, Hashable, Sendable, CaseIterable {
    /// The target means the same.
    case exact
    /// The target means nearly the same; the item says what differs.
    case approximated
    /// The target cannot say it; it is kept there under a name the target's manager ignores.
    case carried
    /// It is gone; the item says why and what to do instead.
    case dropped
    /// Not from an input key: written because the dialects' defaults differ.
    case generated
}

/// The fate of one key.
package struct FidelityItem: Hashable, Sendable {
    package var grade: FidelityGrade
    /// Stable identifier, e.g. `launchd-throttle`.
    package var code: String
    /// The key in the source, e.g. `KeepAlive.SuccessfulExit`.
    package var key: String
    /// Where the key stands.
    package var span: SourceSpan?
    /// Where it went, e.g. `autorestart=unexpected`.
    package var target: String?
    /// Where in the written files that stands.
    package var places: [SourceSpan]
    /// What differs, or why it is gone; empty for exact items.
    package var why: String
    package var remedy: String?
    /// Of a generated one: whether the target, with what was written, still means something else than the source.
    package var differs = false

    package init(
        _ grade: FidelityGrade, code: String, key: String, span: SourceSpan? = nil, target: String? = nil,
        places: [SourceSpan] = [], why: String = "", remedy: String? = nil
    ) {
        self.grade = grade
        self.code = code
        self.key = key
        self.span = span
        self.target = target
        self.places = places
        self.why = why
        self.remedy = remedy
    }
}
