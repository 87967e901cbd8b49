/// The lines that two short texts differ in.
enum TextDiff {
    /// `-old` and `+new` lines in their order; lines that both have are left out.
    static func lines(_ old: String, _ new: String) -> [String] {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        let change = after.difference(from: before)
        let removed = change.removals.compactMap { entry -> (Int, String)? in
            if case .remove(let offset, let line, _) = entry { (offset, "-\(line)") } else { nil }
        }
        let added = change.insertions.compactMap { entry -> (Int, String)? in
            if case .insert(let offset, let line, _) = entry { (offset, "+\(line)") } else { nil }
        }
        return removed.map(\.1) + added.map(\.1)
    }
}
