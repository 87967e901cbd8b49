import ServiceModel
import Supervision

/// What a listener has said on its standard output and what that means (supervisord 4.3, event listener protocol).
///
/// The bytes are a stranger's: nothing here grows with them, whatever they are.
package struct ListenerConversation: Hashable, Sendable {
    package enum State: String, Hashable, Sendable {
        /// Waiting for `READY`.
        case acknowledged = "ACKNOWLEDGED"
        case ready = "READY"
        /// An event was sent; waiting for `RESULT n` and n bytes.
        case busy = "BUSY"
        /// It broke the protocol and is told nothing any more, until it is started again.
        case unknown = "UNKNOWN"
    }

    /// What became of the event that the listener had.
    package enum Verdict: Hashable, Sendable {
        case accepted
        /// It is to be handed out again.
        case returned
    }

    package private(set) var state = State.acknowledged
    /// A piece of a token or of a result line that is not whole yet.
    private var pending: [UInt8] = []
    private var result: Result?

    /// A result being received. Only whether it is `OK` matters, so no more of it is kept than that takes.
    private struct Result: Hashable, Sendable {
        var missing: Int
        var beginning: [UInt8] = []
    }

    /// A result line longer than that is no result line.
    package static let lineLimit = 65_536

    package init() {}

    /// Reads what `encode` wrote.
    init(decoding reader: inout StateReader) throws(StateDecodingError) {
        guard let state = State(rawValue: try reader.string()) else { throw reader.invalid }
        self.state = state
        pending = try reader.block()
        result = try reader.optional { reader throws(StateDecodingError) in
            let missing = try reader.integer(Int64.self)
            guard missing > 0 else { throw reader.invalid }
            return Result(missing: Int(missing), beginning: try reader.block())
        }
        guard pending.count < Self.lineLimit, state == .busy || result == nil,
            state == .busy || pending.count < Self.ready.count
        else { throw reader.invalid }
    }

    func encode(to writer: inout StateWriter) {
        writer.string(state.rawValue)
        writer.block(pending)
        writer.optional(result) { writer, result in
            writer.integer(Int64(result.missing))
            writer.block(result.beginning)
        }
    }

    private static let ready = Array("READY\n".utf8)
    private static let accepting = Array("OK".utf8)
    /// What stands before the number is not looked at.
    private static let prefixLength = "RESULT ".utf8.count
    private static let newline = UInt8(ascii: "\n")

    /// An event has been sent.
    package mutating func sent() { state = .busy }

    /// What follows from what was said, in order.
    package enum Outcome: Hashable, Sendable {
        case note(PoolNote)
        /// At most one, since there was at most one event.
        case verdict(Verdict)
    }

    /// Takes in what the listener `name` said.
    package mutating func hear(_ bytes: [UInt8], _ name: String) -> [Outcome] {
        var outcomes: [Outcome] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .unknown: return outcomes
            // It has nothing to say before it gets something.
            case .ready: enter(.unknown, name, &outcomes)
            case .acknowledged: hearReady(&rest, name, &outcomes)
            case .busy: hearResult(&rest, name, &outcomes)
            }
        }
        return outcomes
    }

    private mutating func hearReady(_ rest: inout ArraySlice<UInt8>, _ name: String, _ outcomes: inout [Outcome]) {
        let missing = Self.ready.count - pending.count
        pending += rest.prefix(missing)
        rest = rest.dropFirst(missing)
        guard pending.count == Self.ready.count else { return }
        enter(pending == Self.ready ? .ready : .unknown, name, &outcomes)
    }

    private mutating func hearResult(
        _ rest: inout ArraySlice<UInt8>, _ name: String, _ outcomes: inout [Outcome]
    ) {
        if result == nil {
            guard let line = takeLine(&rest) else { return }
            guard let length = PythonBytes.naturalNumber(line.dropFirst(Self.prefixLength)) else {
                let text = String(decoding: PythonBytes.text(line), as: UTF8.self)
                outcomes.append(.note(PoolNote(.warning, "\(name): bad result line: '\(text)'")))
                enter(.unknown, name, &outcomes)
                return outcomes.append(.verdict(.returned))
            }
            result = Result(missing: length)
        }
        guard var result else { return }
        let piece = rest.prefix(result.missing)
        rest = rest.dropFirst(result.missing)
        result.missing -= piece.count
        result.beginning += piece.prefix(Self.accepting.count + 1 - result.beginning.count)
        self.result = result
        guard result.missing == 0 else { return }

        let isAccepted = result.beginning == Self.accepting
        let note =
            isAccepted
            ? PoolNote(.debug, "\(name): event was processed") : PoolNote(.warning, "\(name): event was rejected")
        outcomes.append(.note(note))
        enter(.acknowledged, name, &outcomes)
        outcomes.append(.verdict(isAccepted ? .accepted : .returned))
    }

    /// The line that ends in `rest`, without its end; one that is too long ends where it is too long.
    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        let end = rest.firstIndex(of: Self.newline)
        pending += rest[..<(end ?? rest.endIndex)].prefix(Self.lineLimit - pending.count)
        rest = end.map { rest[($0 + 1)...] } ?? []
        guard end != nil || pending.count == Self.lineLimit else { return nil }
        defer { pending = [] }
        return pending
    }

    private mutating func enter(_ next: State, _ name: String, _ outcomes: inout [Outcome]) {
        outcomes.append(.note(PoolNote(.debug, "\(name): \(state.rawValue) -> \(next.rawValue)")))
        if next == .unknown {
            let text =
                "\(name): has entered the UNKNOWN state and will no longer receive events, this usually indicates the "
                + "process violated the eventlistener protocol"
            outcomes.append(.note(PoolNote(.warning, text)))
        }
        state = next
        pending = []
        result = nil
    }
}
