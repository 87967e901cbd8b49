/// What the engine's own timers are for; the machine's deadlines are not among them.
enum TimerToken: Hashable, Sendable {
    /// Jobs wait for a worker.
    case starvation
    /// Births wait for the one before them.
    case stalledBirth
    case ticks
    /// The logger takes too long with the output of a program (`Engine.settleOutput`).
    case settling(UInt64)

    /// For `TimerHeap`: the kind in the lowest two bits.
    var number: UInt64 {
        switch self {
        case .starvation: 0
        case .ticks: 1
        case .settling(let number): number << 2 | 2
        case .stalledBirth: 3
        }
    }

    init(number: UInt64) {
        switch number & 3 {
        case 0: self = .starvation
        case 1: self = .ticks
        case 2: self = .settling(number >> 2)
        default: self = .stalledBirth
        }
    }
}
