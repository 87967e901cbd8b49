import SourceText

/// Warnings about one file: the first hundred, and how many there were, so that a hostile file cannot fill memory.
struct WarningList {
    private var first: [Diagnostic] = []
    private var count = 0

    static let limit = 100

    mutating func append(_ warning: Diagnostic) {
        count += 1
        if first.count < Self.limit { first.append(warning) }
    }

    /// What to show: the first warnings, and a last one that counts the rest.
    var all: [Diagnostic] {
        guard count > first.count else { return first }
        return first + [Diagnostic(.warning, code: "plist-more", "\(count - first.count) more warnings")]
    }
}
