/// The machine as far as a unit depends on it; injected, so that tests need no machine.
package protocol UnitSurroundings: Sendable {
    /// What a path names, symbolic links followed; `nil` = nothing.
    func kind(of path: String) -> UnitPathKind?
    /// The content of a file of at most `limit` bytes; `nil` when it is larger or cannot be read.
    func content(of path: String, limit: Int) -> [UInt8]?
    /// By name or number.
    func hasUser(_ name: String) -> Bool
    /// By name or number.
    func hasGroup(_ name: String) -> Bool
}

/// What a path names.
package enum UnitPathKind: Hashable, Sendable {
    case file, directory, other
}
