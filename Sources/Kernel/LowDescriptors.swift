import CPlatform
import Synchronization

/// A few descriptors with low numbers, kept for handing children their ends.
///
/// Linux copies the descriptor table for a child only as far as the child needs it (`svi_spawn`): a child whose ends lie
/// at 19,000 would pay for all of them. So ends with high numbers are copied onto reserved low ones for as long as the
/// spawn takes.
final class LowDescriptors: Sendable {
    /// Ends below this are low enough as they are.
    static let lowEnough: Int32 = 64
    /// Ends of one child; those beyond (passed sockets) stay where they are.
    static let setSize = 3
    /// Spawns that find reserved descriptors at the same time; the next one is merely dearer.
    private static let setCount = 8

    private struct State {
        var reserved = false
        /// Keeps the reserved numbers occupied while nobody uses them.
        var null: Int32 = -1
        var free: [[Int32]] = []
    }

    private let state = Mutex(State())

    /// Reserves the numbers, once. Early, while low ones are free; not at all for a process that may open few files.
    func reserve() {
        state.withLock { state in
            guard !state.reserved else { return }
            state.reserved = true
            var soft: UInt64 = 0
            var hard: UInt64 = 0
            guard svi_get_limit(Resource.openFiles.rawValue, &soft, &hard) == 0, soft >= 256 else { return }
            state.null = svi_open("/dev/null", O_RDWR, 0)
            guard state.null >= 0 else { return }
            for _ in 0..<Self.setCount {
                let set = (0..<Self.setSize).map { _ in svi_duplicate(state.null, 3) }
                guard set.allSatisfy({ $0 >= 0 && $0 < Self.lowEnough }) else {
                    for number in set where number >= 0 { _ = CPlatform.close(number) }
                    return
                }
                state.free.append(set)
            }
        }
    }

    /// Low-numbered copies of the first three `ends`, as far as there are any to be had. `giveBack` must follow, when the
    /// child has what it needs.
    func lend(_ ends: [Int32]) -> Loan {
        reserve()
        guard ends.prefix(Self.setSize).contains(where: { $0 >= Self.lowEnough }),
            let set = state.withLock({ $0.free.popLast() })
        else { return Loan(ends: ends) }
        var low = ends
        for (index, end) in ends.prefix(Self.setSize).enumerated()
        where end >= Self.lowEnough && svi_replace(end, set[index]) >= 0 {
            low[index] = set[index]
        }
        return Loan(ends: low, reserved: set)
    }

    func giveBack(_ loan: Loan) {
        guard !loan.reserved.isEmpty else { return }
        state.withLock { state in
            // The copies must go at once: a reader waits for the last writing end to be closed.
            for number in loan.reserved { _ = svi_replace(state.null, number) }
            state.free.append(loan.reserved)
        }
    }

    struct Loan: Sendable {
        var ends: [Int32]
        fileprivate var reserved: [Int32] = []
    }
}
