import SourceText

/// Warnings about one file: the first hundred, and how many there were, so that a hostile file cannot fill memory.
struct WarningList {
    private var first: [Diagnostic] = []
    private var count = 0

    static let limit = 100

    /// Whether no more is shown: what comes need not be put into words, which cost time.
    var isFull: Bool { first.count == Self.limit }

    /// Counts a warning, and keeps it where it is shown.
    mutating func append(_ warning: Diagnostic?) {
        count += 1
        if let warning, !isFull { first.append(warning) }
    }

    /// What to show: the first warnings, and a last one that counts the rest.
    var all: [Diagnostic] {
        guard count > first.count else { return first }
        return first + [Diagnostic(.warning, code: "plist-more", "\(count - first.count) more warnings")]
    }
}
