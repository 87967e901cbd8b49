/// When the logger rests before it reads again. Programs that write small pieces would wake it with each of them; a rest
/// lets pieces gather, and the next reads are long.
struct ReadingPace {
    /// Turns in a row in which every read was short: the programs write small pieces.
    private var shortTurns = 0
    /// A long read after a rest is the rest's doing.
    private(set) var hasRested = false

    /// What a program that writes lines one by one gets written while one of its reads is dealt with.
    private static var shortRead: Int { 16_384 }
    private static var turnsBeforeRest: Int { 16 }
    /// Nanoseconds: many short reads in a row lead to a rest this long.
    static var rest: Int64 { 300_000 }

    /// What became of a pipe's turn.
    enum Pumped: Equatable {
        case nothing
        /// So many bytes, and there are no more.
        case emptied(Int)
        case more

        var isShort: Bool {
            switch self {
            case .nothing: true
            case .emptied(let count): count < ReadingPace.shortRead
            case .more: false
            }
        }

        /// Whether a rest has made a read long, and the pipe is empty all the same.
        var isPouring: Bool {
            if case .emptied = self { !isShort } else { false }
        }
    }

    /// Whether to let pieces gather before the next turn. After a rest one short turn leads to the next one, not sixteen,
    /// each of which the program would pay for with waking us.
    mutating func isRestDue(afterShortTurn wasShort: Bool) -> Bool {
        if wasShort {
            shortTurns = min(shortTurns, Self.turnsBeforeRest) + 1
        } else {
            shortTurns = hasRested ? Self.turnsBeforeRest : 0
        }
        hasRested = shortTurns > Self.turnsBeforeRest
        return hasRested
    }
}
