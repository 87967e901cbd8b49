import ServiceModel
package import SourceText

/// The supervision machine: a value. Same events at the same instants give the same actions, always.
///
/// Programs live in `programsByID`; everything else is an index on them. What a program does by itself after some time
/// stands in its `wakeAt`, what clients wait for in its `waiters`.
package struct Machine: Sendable {
    var state = DaemonState.running
    var isStarted = false
    /// `Action.finished` was given.
    var isFinished = false
    /// The instant of the event in hand. Before the first one: earlier than any clock says, and near enough to zero
    /// that a saved state can hold it.
    var now = Instant(monotonic: -1 << 61, boot: 0, wall: 0)

    var programsByID = ProgramTable()
    var groups: [String: ProgramGroup] = [:]
    /// Group names in the order in which they came.
    var groupOrder: [String] = []
    /// Every program by group name, then process name.
    var listing: [ProgramID] = []
    /// Programs in none of the stopped states.
    var unstopped = 0
    var runs: [RunID: ProgramID] = [:]

    var parked: [RequestID: ParkedRequest] = [:]
    var checks: [CheckID: CheckedEntry] = [:]
    /// The way down, once it has begun.
    var descent: Descent?

    var lastProgram: UInt32 = 0
    var lastRun: UInt64 = 0
    var lastCheck: UInt64 = 0

    var deadlines = DeadlineHeap()
    var actions: [Action] = []
    var changes: [ProgramID] = []

    package init() {}

    /// Takes in what happened and says what to do. `at` never goes back on its monotonic clock; where it does, the
    /// machine's time stands still.
    package mutating func handle(_ event: Event, at instant: Instant) -> [Action] {
        let latest = max(now.monotonic, instant.monotonic)
        now = instant
        now.monotonic = latest

        switch event {
        case .started: start()
        case .request(let id, let request): take(request, id)
        case .abandoned(let id): parked[id]?.isAbandoned = true
        case .commandChecked(let check, let problem): commandChecked(check, problem)
        case .spawned(let run, let pid): spawned(run, pid: pid)
        case .numbered(let run): lastRun = max(lastRun, run.number)
        case .survived(let run, let program, let pid, let since): survived(run, program, pid: pid, since: since)
        case .spawnFailed(let run, let problem): spawnFailed(run, problem)
        case .exited(let run, let termination): ended(run, termination)
        case .signalFailed(let run, let signal, let reason): signalFailed(run, signal, reason)
        case .deadline: expire()
        case .signalReceived(let request, let signal): received(request, signal)
        case .hurried: hurry()
        case .overdue: killWhatIsLeft()
        }
        descend()
        pruneDeadlines()

        var result: [Action] = []
        swap(&result, &actions)
        return result
    }

    /// When `Event.deadline` is due, in nanoseconds of the monotonic clock; `nil` = nothing is waited for.
    package var nextDeadline: Int64? { deadlines.first?.instant }

    package var daemonState: DaemonState { state }

    /// Whether it waits for the answer to `Action.spawn` or `Action.checkCommand`.
    package var awaitsBirthOrCheck: Bool {
        !checks.isEmpty || programsByID.values.contains { $0.run.map { !$0.isBorn } ?? false }
    }

    /// Every program, by group name, then process name.
    package var programs: [ProgramStatus] { listing.compactMap { programsByID[$0]?.status } }

    /// One program; `nil` when there is none of that id (any more).
    package func status(of program: ProgramID) -> ProgramStatus? { programsByID[program]?.status }

    /// The rules of a program's life that are in force.
    package func policy(of program: ProgramID) -> ProgramPolicy? { programsByID[program]?.policy }

    /// Names of the active groups in start order: by priority, then as they came.
    package var groupNames: [String] { groupsByPriority }

    /// Whose process a run is; `nil` before `Action.spawn` and after its end.
    package func program(of run: RunID) -> ProgramID? { runs[run] }

    /// Programs whose status has changed, came or went since the last call, each once, in order of the first change.
    /// Of those that went, `status(of:)` is `nil`.
    package mutating func takeChanges() -> [ProgramID] {
        var result: [ProgramID] = []
        swap(&result, &changes)
        for id in result { programsByID[id]?.isChanged = false }
        return result
    }

    /// What the process group of a run must be sent between the moment in which its leader's end is seen and the moment
    /// in which it is reaped; `nil` = nothing.
    ///
    /// Whoever runs the machine asks this before reaping, because afterwards the group's number may belong to somebody
    /// else: for that reason the machine never gives `Action.signal` for a run whose end it was told.
    /// The signal is the program's stop signal, as launchd and systemd do; SIGKILL when the leader needed it, and where
    /// the stop signal is for the leader alone and all others are there to be killed (`KillMode=mixed`).
    package func stragglerSignal(of run: RunID) -> Signal? {
        guard let id = runs[run], let program = programsByID[id], program.policy.endsStragglers else { return nil }
        let isForLeader = program.policy.stopScope == .main && program.policy.killScope != .main
        return program.kills > 0 || isForLeader ? .kill : program.policy.stopSignal
    }

    mutating func emit(_ action: Action) { actions.append(action) }

    mutating func markChanged(_ id: ProgramID) {
        guard programsByID[id]?.isChanged == false else { return }
        programsByID[id]?.isChanged = true
        changes.append(id)
    }
}

/// The entry of a parked request that a command check is for.
struct CheckedEntry: Hashable, Sendable {
    let request: RequestID
    let entry: Int
}
