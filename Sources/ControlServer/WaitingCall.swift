import Engine
import Kernel
import NIOHTTP1
import SourceText
import Supervision
import Synchronization

/// A call that waits for the machine, as whoever gives the answer must know it when the connection is all that is left.
struct WaitingCall: Hashable, Sendable {
    var ticket: UInt64
    /// See `ControlQuestion.name`.
    var name: String?
    var isPrivate: Bool

    /// As bytes, with the client's HTTP version: two letters and the name.
    func manner(isOld: Bool) -> [UInt8] {
        Array(((isOld ? "0" : "1") + (isPrivate ? "p" : "o") + (name.map { "=" + $0 } ?? "")).utf8)
    }

    /// The whole answer, after which the connection ends: nobody reads on from it.
    static func answer(_ manner: [UInt8], _ content: ControlAnswer, now: Int64) -> [UInt8] {
        let text = String(decoding: manner, as: UTF8.self)
        let rest = text.dropFirst(2)
        let question = ControlQuestion(
            .supervise(.shutdown), name: rest.first == "=" ? String(rest.dropFirst()) : nil)
        let outcome = question.outcome(of: content, isPrivate: text.dropFirst().first == "p")
        var answer = HTTPAnswer(message: outcome.message())
        answer.headers.append(("Connection", "close"))
        let head = RequestHead(
            HTTPRequestHead(
                version: text.first == "0" ? .http1_0 : .http1_1, method: .POST, uri: "/RPC2",
                headers: ["connection": "close"]))
        return answer.bytes(for: head, now: now)
    }
}

/// Numbers that tell requests apart, never 0; from any thread.
final class Tickets: Sendable {
    private let last = Atomic<UInt64>(0)

    func next() -> UInt64 { last.add(1, ordering: .relaxed).newValue }
}
