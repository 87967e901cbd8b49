/// The programs by their ids, close together: a dictionary keeps room for twice as many, which thousands of programs of
/// this size would feel.
struct ProgramTable: Sendable {
    private var slots: [Program?] = []
    private var positions: [ProgramID: Int] = [:]
    /// Slots of programs that went.
    private var free: [Int] = []

    var count: Int { positions.count }

    /// All of them, in no particular order.
    var values: some Sequence<Program> { slots.lazy.compactMap { $0 } }

    subscript(id: ProgramID) -> Program? {
        get { positions[id].flatMap { slots[$0] } }
        _modify {
            if let position = positions[id] {
                yield &slots[position]
                if slots[position] == nil { release(id, position) }
            } else {
                var new: Program?
                yield &new
                if let new { add(new, as: id) }
            }
        }
    }

    private mutating func add(_ program: Program, as id: ProgramID) {
        if let position = free.popLast() {
            slots[position] = program
            positions[id] = position
        } else {
            positions[id] = slots.count
            slots.append(program)
        }
    }

    private mutating func release(_ id: ProgramID, _ position: Int) {
        positions[id] = nil
        free.append(position)
    }
}
