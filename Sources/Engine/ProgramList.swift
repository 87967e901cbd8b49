/// The programs of a snapshot, in pieces: one that differs from the last in a single program shares all other pieces with
/// it, so that what a change costs does not grow with the number of programs.
package struct ProgramList: RandomAccessCollection, MutableCollection, ExpressibleByArrayLiteral, Sendable {
    private static var size: Int { 64 }

    private var pieces: [[ProgramSnapshot]] = []
    package private(set) var endIndex = 0

    package init(_ programs: [ProgramSnapshot]) {
        endIndex = programs.count
        pieces = stride(from: 0, to: endIndex, by: Self.size).map {
            Array(programs[$0..<Swift.min($0 + Self.size, endIndex)])
        }
    }

    package init(arrayLiteral elements: ProgramSnapshot...) { self.init(elements) }

    package var startIndex: Int { 0 }

    package subscript(position: Int) -> ProgramSnapshot {
        get { pieces[position / Self.size][position % Self.size] }
        set { pieces[position / Self.size][position % Self.size] = newValue }
    }
}
