import Engine
import Testing

/// Capture mode: what stands between the tokens, and what does not.
@Suite struct CaptureFilterTests {
    static let begin = String(decoding: CaptureFilter.begin, as: UTF8.self)
    static let end = String(decoding: CaptureFilter.end, as: UTF8.self)

    /// What came out of a stream: the log, and the captured texts.
    struct Outcome: Hashable, Sendable {
        var log = ""
        var captured = ""
        var events: [String] = []

        mutating func add(_ pieces: [CaptureFilter.Piece]) {
            for piece in pieces {
                switch piece {
                case .plain(let bytes): log += String(decoding: bytes, as: UTF8.self)
                case .captured(let bytes): captured += String(decoding: bytes, as: UTF8.self)
                case .complete(let bytes): events.append(String(decoding: bytes, as: UTF8.self))
                }
            }
        }
    }

    static func run(_ chunks: [String], limit: Int = 1000) -> Outcome {
        var filter = CaptureFilter(limit: limit)
        var outcome = Outcome()
        for chunk in chunks { outcome.add(Array(chunk.utf8).withUnsafeBytes { filter.feed($0) }) }
        outcome.add(filter.finish())
        return outcome
    }

    static let streams: [(String, Outcome)] = [
        ("plain", Outcome(log: "plain")),
        ("a\(begin)b\(end)c", Outcome(log: "ac", captured: "b", events: ["b"])),
        ("\(begin)\(end)", Outcome(events: [""])),
        ("\(begin)x\(end)\(begin)y\(end)", Outcome(captured: "xy", events: ["x", "y"])),
        // Each token is looked for in its turn.
        ("\(end)a", Outcome(log: "\(end)a")),
        ("\(begin)a\(begin)b\(end)", Outcome(captured: "a\(begin)b", events: ["a\(begin)b"])),
        // Nobody's: the second token never came.
        ("a\(begin)b", Outcome(log: "a", captured: "b")),
        // A token's beginning is none until it is whole.
        ("a<!--XSUPERVISOR:BEGI", Outcome(log: "a<!--XSUPERVISOR:BEGI")),
        ("a<!--XSUPERVISOR:BEGIN--b", Outcome(log: "a<!--XSUPERVISOR:BEGIN--b")),
        ("<<\(begin)x\(end)", Outcome(log: "<<", captured: "x", events: ["x"])),
        ("<!--<!--XSUPER\(begin)x\(end)", Outcome(log: "<!--<!--XSUPER", captured: "x", events: ["x"])),
    ]

    @Test(arguments: streams) func tokensAreFoundWhereverTheStreamIsCut(_ stream: String, _ expected: Outcome) {
        #expect(Self.run([stream]) == expected)
        #expect(Self.run(stream.map { String($0) }) == expected)
        for cut in 0...stream.count {
            #expect(Self.run([String(stream.prefix(cut)), String(stream.dropFirst(cut))]) == expected)
        }
    }

    @Test func whatIsNoTokensBeginningIsGivenOutAtOnce() {
        var filter = CaptureFilter(limit: 10)
        #expect(Array("short".utf8).withUnsafeBytes { filter.feed($0) } == [.plain(Array("short".utf8))])
        #expect(Array("a<!".utf8).withUnsafeBytes { filter.feed($0) } == [.plain(Array("a".utf8))])
        #expect(filter.finish() == [.plain(Array("<!".utf8))])
        #expect(filter.finish() == [])
    }

    @Test(arguments: [
        (["12345678", "9a"], "123456789a"), (["12345678", "9abc"], "56789abc"), (["1234567890", "x"], "234567890x"),
        (["12345678", "a much longer piece"], "a much longer piece"),
    ]) func ofTooMuchTheNewestIsKept(_ chunks: [String], _ kept: String) {
        #expect(Self.run([Self.begin] + chunks + [Self.end], limit: 10).events == [kept])
    }

    @Test func whatIsKeptDoesNotGrow() {
        var filter = CaptureFilter(limit: 100)
        _ = CaptureFilter.begin.withUnsafeBytes { filter.feed($0) }
        for _ in 0..<10_000 { _ = Array("0123456789".utf8).withUnsafeBytes { filter.feed($0) } }
        let last = CaptureFilter.end.withUnsafeBytes { filter.feed($0) }
        guard case .complete(let bytes)? = last.last else {
            Issue.record("no event")
            return
        }
        #expect(bytes.count == 100)
    }
}
