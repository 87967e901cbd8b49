/// What the engine's own timers are for; the machine's deadlines are not among them.
enum TimerToken: Hashable, Sendable {
    /// Jobs wait for a worker.
    case congestion
    case ticks
    /// The logger takes too long with the output of a program (`Engine.settleOutput`).
    case settling(UInt64)

    /// For `TimerHeap`: the kind in the lowest two bits.
    var number: UInt64 {
        switch self {
        case .congestion: 0
        case .ticks: 1
        case .settling(let number): number << 2 | 2
        }
    }

    init(number: UInt64) {
        switch number & 3 {
        case 0: self = .congestion
        case 1: self = .ticks
        default: self = .settling(number >> 2)
        }
    }
}
