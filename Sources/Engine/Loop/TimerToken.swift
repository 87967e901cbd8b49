/// What the engine's own timers are for; the machine's deadlines are not among them.
enum TimerToken: Hashable, Sendable {
    /// Jobs wait for a worker.
    case starvation
    /// Births wait for the one before them.
    case stalledBirth
    case ticks
    /// The logger takes too long with the output of a program (`Engine.settleOutput`).
    case settling(UInt64)
    /// The service manager is to be told how many programs run.
    case status
    /// The service manager waits for a sign of life.
    case watchdog
    /// The time to stop in is nearly over: all programs are told at once.
    case hurry
    /// It is over.
    case overdue
    /// Another program waits to take our place.
    case succession
    /// Births wait for the one thread that starts programs.
    case birthStarvation
    /// Orphans may have ended.
    case orphans

    /// For `TimerHeap`: the kind in the lowest four bits, or a number above those.
    var number: UInt64 {
        switch self {
        case .starvation: 0
        case .ticks: 1
        case .settling(let number): number << 4 | 2
        case .stalledBirth: 3
        case .status: 4
        case .watchdog: 5
        case .hurry: 6
        case .overdue: 7
        case .succession: 8
        case .birthStarvation: 9
        case .orphans: 10
        }
    }

    init(number: UInt64) {
        switch number & 15 {
        case 0: self = .starvation
        case 1: self = .ticks
        case 2: self = .settling(number >> 4)
        case 3: self = .stalledBirth
        case 4: self = .status
        case 5: self = .watchdog
        case 6: self = .hurry
        case 7: self = .overdue
        case 8: self = .succession
        case 9: self = .birthStarvation
        default: self = .orphans
        }
    }
}
