/// What is due at some instant.
struct Deadline: Hashable, Sendable, Comparable {
    enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// A program's state ends by itself.
        case wake
        /// `waiting for N to stop`
        case stopReport
        /// A parked start no longer keeps its order.
        case order
        /// `waiting for a, b to die`
        case shutdownReport
    }

    /// Nanoseconds of the monotonic clock.
    var instant: Int64
    var kind: Kind
    /// Among deadlines of one instant and kind: the program's latest run, so that they come in the order of the starts.
    var order: UInt64 = 0
    /// The program or request it is about.
    var subject: UInt64

    /// Total, so that what is due together is always done in the same order.
    static func < (left: Deadline, right: Deadline) -> Bool {
        if left.instant != right.instant { return left.instant < right.instant }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        if left.order != right.order { return left.order < right.order }
        return left.subject < right.subject
    }
}

/// A binary heap of deadlines. It is only an index: whether an entry still holds is written in the program or request
/// it is about, so that taking a deadline back costs nothing and the heap need not be part of the encoded state.
struct DeadlineHeap: Sendable {
    private(set) var entries: [Deadline] = []

    var first: Deadline? { entries.first }
    var count: Int { entries.count }

    mutating func insert(_ deadline: Deadline) {
        entries.append(deadline)
        var position = entries.count - 1
        while position > 0 {
            let parent = (position - 1) / 2
            guard entries[position] < entries[parent] else { break }
            entries.swapAt(position, parent)
            position = parent
        }
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var position = 0
        while true {
            var child = 2 * position + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entries[position] else { break }
            entries.swapAt(position, child)
            position = child
        }
    }

    /// Keeps only these.
    mutating func keep(_ isCurrent: (Deadline) -> Bool) {
        // A sorted array is a heap.
        entries = Set(entries.filter(isCurrent)).sorted()
    }
}
