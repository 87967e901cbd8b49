extension StringProtocol {
    /// Whether it begins with these bytes. `hasPrefix` compares what a person sees: a combining mark behind the prefix makes
    /// another letter of its last one.
    package func begins(with prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }
}
