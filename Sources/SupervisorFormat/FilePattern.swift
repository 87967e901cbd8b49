/// `glob.glob` without recursion (CPython 3.11): `*`, `?`, `[…]`, `[!…]`; names that begin with a dot match only a
/// pattern that does.
enum FilePattern {
    /// The paths that match, in no particular order.
    static func matches(
        _ pattern: String, in world: any ConfigurationWorld, _ budget: ReadingBudget
    ) throws(BadValue) -> [String] {
        try budget.spend(names: 1)
        guard hasMagic(pattern) else { return world.kind(of: pattern) == nil ? [] : [pattern] }
        let directory = PythonPath.directory(of: pattern)
        let name = PythonPath.name(of: pattern)
        let directories =
            directory.isEmpty || !hasMagic(directory)
            ? [directory]
            : try matches(directory, in: world, budget).filter { world.kind(of: $0) == .directory }
        var found: [String] = []
        for folder in directories {
            for name in try names(name, in: folder, world, budget) { found.append(PythonPath.join(folder, name)) }
        }
        return found
    }

    /// Whether it stands for whatever is put into a directory that is there: nothing, too.
    static func isOfDropIns(_ pattern: String, in world: any ConfigurationWorld) -> Bool {
        let directory = PythonPath.directory(of: pattern)
        return hasMagic(PythonPath.name(of: pattern)) && !hasMagic(directory) && world.kind(of: directory) == .directory
    }

    private static func names(
        _ pattern: String, in folder: String, _ world: any ConfigurationWorld, _ budget: ReadingBudget
    ) throws(BadValue) -> [String] {
        let place = folder.isEmpty ? "." : folder
        guard hasMagic(pattern) else {
            if pattern.isEmpty { return world.kind(of: place) == .directory ? [""] : [] }
            return world.kind(of: PythonPath.join(place, pattern)) == nil ? [] : [pattern]
        }
        let tokens = tokens(of: pattern)
        let list = world.list(place) ?? []
        try budget.spend(names: list.count * (1 + tokens.count / 64))
        return list.filter { name in
            (pattern.hasPrefix(".") || !name.hasPrefix(".")) && matches(Array(name.unicodeScalars), tokens)
        }
    }

    private static func hasMagic(_ text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
    }

    private enum Token {
        case anything
        case anyOne
        case one(Unicode.Scalar)
        case set([ClosedRange<UInt32>], isNegated: Bool)
    }

    private static func tokens(of pattern: String) -> [Token] {
        let scalars = Array(pattern.unicodeScalars)
        var tokens: [Token] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            switch scalar {
            case "*": tokens.append(.anything)
            case "?": tokens.append(.anyOne)
            case "[":
                // The set ends at the first `]` that is not its first member; without one the bracket is itself.
                var end = index
                if end < scalars.count, scalars[end] == "!" { end += 1 }
                if end < scalars.count, scalars[end] == "]" { end += 1 }
                while end < scalars.count, scalars[end] != "]" { end += 1 }
                guard end < scalars.count else {
                    tokens.append(.one(scalar))
                    continue
                }
                tokens.append(set(scalars[index..<end]))
                index = end + 1
            default: tokens.append(.one(scalar))
            }
        }
        return tokens
    }

    private static func set(_ members: ArraySlice<Unicode.Scalar>) -> Token {
        let isNegated = members.first == "!"
        let list = Array(isNegated ? members.dropFirst() : members)
        var ranges: [ClosedRange<UInt32>] = []
        var index = 0
        while index < list.count {
            let low = list[index].value
            if index + 2 < list.count, list[index + 1] == "-" {
                let high = list[index + 2].value
                // A range that runs backwards is empty.
                if low <= high { ranges.append(low...high) }
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        return .set(ranges, isNegated: isNegated)
    }

    /// Matches in time name × pattern at worst: on failure only the last `*` takes one more character.
    private static func matches(_ name: [Unicode.Scalar], _ tokens: [Token]) -> Bool {
        var at = 0
        var token = 0
        var star: (token: Int, at: Int)?
        while at < name.count {
            if token < tokens.count, case .anything = tokens[token] {
                star = (token, at)
                token += 1
            } else if token < tokens.count, accepts(tokens[token], name[at]) {
                token += 1
                at += 1
            } else if let last = star {
                star = (last.token, last.at + 1)
                token = last.token + 1
                at = last.at + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { if case .anything = $0 { true } else { false } }
    }

    private static func accepts(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .anything: false
        case .anyOne: true
        case .one(let expected): expected == scalar
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar.value) } != isNegated
        }
    }
}
