/// An active group: its programs and how many of them are not at rest.
struct ProgramGroup: Sendable {
    let name: String
    let priority: Int
    /// In the order of the configuration, which is the order of the first start.
    var programs: [ProgramID] = []
    var named: [String: ProgramID] = [:]
    /// Programs that are in none of the stopped states.
    var unstopped = 0

    init(name: String, priority: Int) {
        self.name = name
        self.priority = priority
    }
}

/// A name's order in listings: by code points, as Python sorts (supervisord 4.3).
func precedes(_ left: (group: String, name: String), _ right: (group: String, name: String)) -> Bool {
    left.group == right.group
        ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        : left.group.utf8.lexicographicallyPrecedes(right.group.utf8)
}
