import SourceText

/// What reading one configuration may cost: a small hostile file must neither fill the memory nor take hours. Everything
/// that can be larger than the files themselves is counted here.
final class ReadingBudget {
    /// Bytes that expansions and processes may come to.
    static let mostBytes = 256 << 20
    /// Names of files that includes may look at.
    static let mostNames = 1_000_000

    private var bytes = ReadingBudget.mostBytes
    private var names = ReadingBudget.mostNames

    /// Counts bytes of texts that are made.
    func spend(bytes count: Int) throws(BadValue) {
        bytes -= min(count, Self.mostBytes + 1)
        guard bytes < 0 else { return }
        throw BadValue(
            "the configuration is larger than \(Self.mostBytes >> 20) MB when it is expanded",
            remedy: "lower numprocs, or shorten what every process repeats")
    }

    /// Counts a look at the file system; `cost` in names compared with short patterns.
    func spend(names cost: Int) throws(BadValue) {
        names -= min(cost, Self.mostNames + 1)
        guard names < 0 else { return }
        throw BadValue(
            "[include] looks at more than \(Self.mostNames) files", remedy: "name the files with fewer wildcards")
    }
}

extension String {
    /// A message of a length that a person can read and a log can hold; values in it may be as long as the file.
    var bounded: String {
        guard utf8.count > 16_384 else { return self }
        return String(decoding: utf8.prefix(16_384), as: UTF8.self) + "…"
    }
}
