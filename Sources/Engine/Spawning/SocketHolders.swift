package import Supervision

/// Which runs hold the shared socket of which group (supervisord 4.3: it is made for the first of them and closed after
/// the last).
package struct SocketHolders: Hashable, Sendable {
    private var holders: [String: Set<RunID>] = [:]

    package init() {}

    /// The runs that hold a group's socket.
    func holders(of group: String) -> [RunID] { (holders[group] ?? []).sorted() }

    package mutating func take(_ run: RunID, of group: String) {
        holders[group, default: []].insert(run)
    }

    /// Whether that was the last one; `false` for a run that held none.
    package mutating func giveBack(_ run: RunID, of group: String) -> Bool {
        guard holders[group]?.remove(run) != nil, holders[group]?.isEmpty == true else { return false }
        holders[group] = nil
        return true
    }
}
