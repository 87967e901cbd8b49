import ServiceModel
import SourceText

/// A request whose answer is not known yet.
struct ParkedRequest: Hashable, Sendable {
    /// How far one process of the request is.
    enum Step: Hashable, Sendable {
        /// Waits for `Event.commandChecked`.
        case checking(CheckID)
        /// Its command was checked, but one before it was not.
        case checked(CommandProblem?)
        /// Its program changes; a `Waiter` stands there.
        case waiting
        /// `nil` = success. `atOnce`: known without waiting for the program, so it stands before what was waited for.
        case settled(Fault?, atOnce: Bool)
    }

    struct Entry: Hashable, Sendable {
        let program: ProgramID
        let group: String
        let name: String
        var step: Step

        /// What clients call it (supervisord 4.3, make_namespec).
        var namespec: String { ProcessName.join(group, name) }
    }

    /// Whether the answer is an array, and not one process's success or fault.
    let isCollection: Bool
    /// The client wants to hear of completion.
    let waits: Bool
    var entries: [Entry]
    /// Entries not settled.
    var open: Int
    /// Entries in the order in which their wait ended.
    var completed: [Int] = []
    /// First entry that may still hold up the starts behind it.
    var cursor = 0
    /// Starts are held in order until then; `nil` once they are not.
    var orderUntil: Int64?
    /// Nobody listens any more.
    var isAbandoned = false

    init(isCollection: Bool, waits: Bool, entries: [Entry]) {
        self.isCollection = isCollection
        self.waits = waits
        self.entries = entries
        open = entries.count
    }

    /// Whether its starts wait for one another: one process's is its own order.
    var keepsOrder: Bool { !isCollection || orderUntil != nil }

    /// The entry at the cursor; `nil` behind the last one.
    var next: (index: Int, step: Step)? {
        cursor < entries.count ? (cursor, entries[cursor].step) : nil
    }

    /// The answer, once nothing is open: immediate results in the order of the request, then the others in the order
    /// of completion (supervisord 4.3).
    var reply: Reply {
        let order = entries.indices.filter(isAtOnce) + completed
        guard isCollection else {
            guard let only = order.first, case .settled(let fault?, _) = entries[only].step else { return .done }
            return .fault(fault)
        }
        return .statuses(order.map { status(of: entries[$0]) })
    }

    private func isAtOnce(_ index: Int) -> Bool {
        if case .settled(_, atOnce: true) = entries[index].step { true } else { false }
    }

    private func status(of entry: Entry) -> ProcessStatus {
        let fault: Fault? = if case .settled(let fault, _) = entry.step { fault } else { nil }
        return ProcessStatus(
            group: entry.group, name: entry.name, code: fault?.code ?? .success, description: fault?.text ?? "OK",
            crash: fault?.crash)
    }
}
