/// Beginnings of words by their bytes. `hasPrefix` and `dropFirst` go by what a person sees: a combining mark behind a prefix
/// makes another letter of its last one.
extension StringProtocol where SubSequence == Substring {
    @inlinable package func begins(with prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// What comes behind a prefix; `nil` without it.
    @inlinable package func rest(after prefix: String) -> Substring? {
        begins(with: prefix) ? self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...] : nil
    }
}
