import Supervision

/// Keeps the list that read-only questions are answered from, and changes only what changed.
struct SnapshotPublisher {
    private(set) var snapshot: Snapshot
    private var positions: [ProgramID: Int] = [:]

    init(_ snapshot: Snapshot) {
        self.snapshot = snapshot
    }

    /// What `getIdentification` answers from now on.
    mutating func identify(as identifier: String) {
        snapshot.identifier = identifier
        snapshot.generation += 1
    }

    /// What is told of attempts to replace the daemon's program.
    mutating func tellUpgrade(_ problem: String?) {
        snapshot.upgradeProblem = problem
        snapshot.generation += 1
    }

    /// Takes the machine's changes in; `true` when there is something to publish.
    mutating func update(
        from machine: inout Machine, logs: (ProgramID) -> (output: String?, error: String?)
    ) -> Bool {
        let changed = machine.takeChanges()
        var isNew = false
        if snapshot.daemonState != machine.daemonState {
            snapshot.daemonState = machine.daemonState
            isNew = true
        }
        guard !changed.isEmpty || isNew else { return false }
        let listChanged = changed.contains { (positions[$0] == nil) != (machine.status(of: $0) == nil) }
        if listChanged {
            rebuild(from: machine, logs: logs)
            snapshot.groups = machine.groupNames
        } else {
            for id in changed {
                guard let position = positions[id], let status = machine.status(of: id) else { continue }
                snapshot.programs[position].status = status
            }
        }
        snapshot.generation += 1
        return true
    }

    private mutating func rebuild(
        from machine: Machine, logs: (ProgramID) -> (output: String?, error: String?)
    ) {
        positions.removeAll(keepingCapacity: true)
        snapshot.programs = ProgramList(
            machine.programs.map { status in
                let paths = logs(status.id)
                return ProgramSnapshot(status: status, outputLog: paths.output, errorLog: paths.error)
            })
        for (position, program) in snapshot.programs.enumerated() { positions[program.status.id] = position }
    }
}
