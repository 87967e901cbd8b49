/// Answers to clients who are just being handed over: until it is known whom the port has given up, they wait here. Asked by
/// whichever thread gives an answer.
final class FarewellDesk: Sendable {
    private struct State {
        var isOpen = false
        var kept: [UInt64: ControlAnswer] = [:]
        /// How clients are answered who were given up while their answer was on its way.
        var givenUp: [UInt64: Answer] = [:]
    }

    private let state = Monitor(State())

    func open() { state.withLock { $0.isOpen = true } }

    /// Whether the answer is in good hands here, and the port's way is not to be taken.
    func takes(_ answer: ControlAnswer, for ticket: UInt64) -> Bool {
        let other = state.withLock { state -> Answer? in
            if state.isOpen {
                state.kept[ticket] = answer
                return { _ in }
            }
            return state.givenUp.removeValue(forKey: ticket)
        }
        other?(answer)
        return other != nil
    }

    /// `givenUp`: how those are answered whose answers are here or on their way.
    func close(_ givenUp: [UInt64: Answer]) {
        let kept = state.withLock { state in
            defer { state.kept = [:] }
            state.isOpen = false
            state.givenUp = givenUp.filter { state.kept[$0.key] == nil }
            return state.kept
        }
        for (ticket, content) in kept { givenUp[ticket]?(content) }
    }
}
