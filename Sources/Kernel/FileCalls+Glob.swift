/// Patterns over file names, as glob(3) and Python's `glob` have them: `*`, `?`, `[abc]`, `[!a-z]`; a name that begins
/// with a dot is matched only by a pattern that does.
extension FileCalls {
    /// The existing paths that match, sorted by their bytes. A pattern without wildcards gives itself when it exists.
    /// Directories that cannot be read match nothing, as in glob(3). Blocks.
    package func glob(_ pattern: String) -> [String] {
        let absolute = pattern.hasPrefix("/")
        let parts = pattern.split(separator: "/").map(String.init)
        guard !parts.isEmpty else { return exists(pattern) ? [pattern] : [] }
        var found = [absolute ? "/" : ""]
        for part in parts {
            found = found.flatMap { base in
                let prefix = base.isEmpty || base.hasSuffix("/") ? base : base + "/"
                guard NamePattern.hasWildcard(part) else {
                    return exists(prefix + part) ? [prefix + part] : []
                }
                let matcher = NamePattern(part)
                return names(in: base.isEmpty ? "." : base).filter(matcher.matches).map { prefix + $0 }
            }
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func exists(_ path: String) -> Bool {
        do throws(SystemError) {
            _ = try status(of: path, followLinks: false)
            return true
        } catch {
            return false
        }
    }

    private func names(in directory: String) -> [String] {
        do throws(SystemError) { return try list(directory) } catch { return [] }
    }
}

/// One file name's pattern.
struct NamePattern {
    private enum Item {
        case literal(Unicode.Scalar)
        case anyOne
        case anyMany
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)
    }

    private let items: [Item]

    static func hasWildcard(_ text: String) -> Bool {
        text.unicodeScalars.contains { "*?[".unicodeScalars.contains($0) }
    }

    init(_ text: String) {
        var items: [Item] = []
        var rest = text.unicodeScalars[...]
        while let first = rest.popFirst() {
            switch first {
            case "*": items.append(.anyMany)
            case "?": items.append(.anyOne)
            case "[":
                if let (set, after) = Self.set(rest) {
                    items.append(set)
                    rest = after
                } else {
                    items.append(.literal("["))
                }
            default: items.append(.literal(first))
            }
        }
        self.items = items
    }

    /// Reads a set behind its `[`; `nil` when no `]` ends it, and then the bracket stands for itself.
    private static func set(_ text: Substring.UnicodeScalarView) -> (Item, Substring.UnicodeScalarView)? {
        var rest = text
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        let negated = rest.first == "!" || rest.first == "^"
        if negated { rest.removeFirst() }
        var isFirst = true
        while let low = rest.popFirst() {
            if low == "]", !isFirst { return (.set(ranges, negated: negated), rest) }
            isFirst = false
            let ahead = rest.prefix(2)
            if ahead.first == "-", let high = ahead.dropFirst().first, high != "]" {
                rest.removeFirst(2)
                if low <= high { ranges.append(low...high) }
            } else {
                ranges.append(low...low)
            }
        }
        return nil
    }

    func matches(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars)
        if scalars.first == ".", !startsWithDot { return false }
        // Greedy with one point to go back to: linear in practice, never worse than name times pattern.
        var position = 0
        var item = 0
        var star: (item: Int, position: Int)?
        while position < scalars.count {
            if item < items.count, case .anyMany = items[item] {
                star = (item, position)
                item += 1
            } else if item < items.count, matchesOne(items[item], scalars[position]) {
                item += 1
                position += 1
            } else if let back = star {
                star = (back.item, back.position + 1)
                item = back.item + 1
                position = back.position + 1
            } else {
                return false
            }
        }
        return items[item...].allSatisfy { if case .anyMany = $0 { true } else { false } }
    }

    private var startsWithDot: Bool {
        if case .literal(".")? = items.first { true } else { false }
    }

    private func matchesOne(_ item: Item, _ scalar: Unicode.Scalar) -> Bool {
        switch item {
        case .literal(let expected): scalar == expected
        case .anyOne, .anyMany: true
        case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
        }
    }
}
