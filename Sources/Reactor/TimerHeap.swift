/// A timer that was set; good for cancelling it once.
package struct TimerID: Hashable, Sendable {
    fileprivate let slot: UInt32
    fileprivate let generation: UInt32
}

/// All deadlines of a loop in one binary heap: the next one is at hand, setting and cancelling cost O(log n).
///
/// Deadlines are nanoseconds of the monotonic clock. Timers of one deadline ring in the order in which they were set.
/// Deliberately not generic: a cross-module generic costs several times as much.
package struct TimerHeap: Sendable {
    private struct Entry {
        var deadline: Int64
        var order: UInt64
        var token: UInt64
        var slot: UInt32

        func isBefore(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : order < other.order
        }
    }

    /// Where a timer stands in the heap; -1 for a slot that is free.
    private struct Slot {
        var position: Int32
        var generation: UInt32
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var nextOrder: UInt64 = 0

    package init() {}

    /// Number of timers that are set.
    package var count: Int { heap.count }

    /// The earliest deadline; `nil` when no timer is set.
    package var nextDeadline: Int64? { heap.first?.deadline }

    /// Sets a timer; `token` is what the caller gets back when it rings.
    package mutating func set(at deadline: Int64, token: UInt64) -> TimerID {
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = UInt32(slots.count)
            slots.append(Slot(position: -1, generation: 0))
        }
        heap.append(Entry(deadline: deadline, order: nextOrder, token: token, slot: slot))
        nextOrder &+= 1
        slots[Int(slot)].position = Int32(heap.count - 1)
        siftUp(heap.count - 1)
        return TimerID(slot: slot, generation: slots[Int(slot)].generation)
    }

    /// Takes a timer back; `false` when it has rung or was cancelled before.
    @discardableResult
    package mutating func cancel(_ timer: TimerID) -> Bool {
        let slot = Int(timer.slot)
        guard slots.indices.contains(slot), slots[slot].generation == timer.generation, slots[slot].position >= 0
        else { return false }
        remove(at: Int(slots[slot].position))
        return true
    }

    /// Takes the earliest timer whose deadline has come and returns its token.
    package mutating func popExpired(at now: Int64) -> UInt64? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        remove(at: 0)
        return first.token
    }

    private mutating func remove(at position: Int) {
        let slot = Int(heap[position].slot)
        slots[slot].position = -1
        slots[slot].generation &+= 1
        freeSlots.append(UInt32(slot))
        let last = heap.removeLast()
        guard position < heap.count else { return }
        place(last, at: position)
        siftDown(position)
        siftUp(Int(slots[Int(last.slot)].position))
    }

    private mutating func place(_ entry: Entry, at position: Int) {
        heap[position] = entry
        slots[Int(entry.slot)].position = Int32(position)
    }

    private mutating func siftUp(_ start: Int) {
        let entry = heap[start]
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            place(heap[parent], at: position)
            position = parent
        }
        place(entry, at: position)
    }

    private mutating func siftDown(_ start: Int) {
        let entry = heap[start]
        var position = start
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            place(heap[child], at: position)
            position = child
        }
        place(entry, at: position)
    }
}
