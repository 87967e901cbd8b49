import Engine
import ServiceModel
import Testing

/// What a listener says, and what it means.
@Suite struct ListenerConversationTests {
    typealias Conversation = ListenerConversation

    static func verdicts(_ outcomes: [Conversation.Outcome]) -> [Conversation.Verdict] {
        outcomes.compactMap { if case .verdict(let verdict) = $0 { verdict } else { nil } }
    }

    /// What goes to the log.
    static func lines(_ outcomes: [Conversation.Outcome]) -> [String] {
        outcomes.compactMap { if case .note(let note) = $0 { "\(note.level.tag) \(note.text)" } else { nil } }
    }

    /// One that got an event.
    static func busy() -> Conversation {
        var conversation = Conversation()
        _ = conversation.hear(Array("READY\n".utf8), "l")
        conversation.sent()
        return conversation
    }

    struct Heard: Sendable {
        var said: String
        var state: Conversation.State
        var verdict: Conversation.Verdict?
    }

    static let beginnings = [
        Heard(said: "READY\n", state: .ready), Heard(said: "READY", state: .acknowledged),
        Heard(said: "hell", state: .acknowledged), Heard(said: "hello!", state: .unknown),
        Heard(said: "READY\r\n", state: .unknown), Heard(said: "ready\n", state: .unknown),
        Heard(said: "READY\n\n", state: .unknown), Heard(said: "READY\nREADY\n", state: .unknown),
        Heard(said: "\nREADY\n", state: .unknown), Heard(said: "", state: .acknowledged),
    ]

    @Test(arguments: beginnings) func itBeginsWithReadyAndThenWaits(_ heard: Heard) {
        var conversation = Conversation()
        let outcomes = conversation.hear(Array(heard.said.utf8), "l")
        #expect(conversation.state == heard.state)
        #expect(Self.verdicts(outcomes).isEmpty)
        let warnings = Self.lines(outcomes).filter { $0.hasPrefix("WARN ") }.map { String($0.dropFirst(5)) }
        let complaint =
            "l: has entered the UNKNOWN state and will no longer receive events, this usually indicates the process "
            + "violated the eventlistener protocol"
        #expect(warnings == (heard.state == .unknown ? [complaint] : []))
    }

    static let answers = [
        Heard(said: "RESULT 2\nOK", state: .acknowledged, verdict: .accepted),
        Heard(said: "RESULT 4\nFAIL", state: .acknowledged, verdict: .returned),
        Heard(said: "RESULT 2\nOKREADY\n", state: .ready, verdict: .accepted),
        Heard(said: "RESULT 3\nOK\n", state: .acknowledged, verdict: .returned),
        Heard(said: "RESULT 2\nok", state: .acknowledged, verdict: .returned),
        Heard(said: "RESULT 0\n", state: .acknowledged, verdict: .returned),
        Heard(said: "RESULT 0\nREADY\n", state: .ready, verdict: .returned),
        Heard(said: "whatever2\n", state: .unknown, verdict: .returned),
        Heard(said: "1234567 2 \nOK", state: .acknowledged, verdict: .accepted),
        Heard(said: "RESULT two\nOK", state: .unknown, verdict: .returned),
        Heard(said: "RESULT -1\nOK", state: .unknown, verdict: .returned),
        Heard(said: "RESULT\n", state: .unknown, verdict: .returned),
        Heard(said: "\n", state: .unknown, verdict: .returned),
        Heard(said: "RESULT 2\nO", state: .busy), Heard(said: "RESULT 2", state: .busy),
        Heard(said: "RESULT 2\nOKmore..", state: .unknown, verdict: .accepted),
        Heard(said: "RESULT 99999999999999999999\nOK", state: .busy),
    ]

    @Test(arguments: answers) func anAnswerIsALengthAndAResult(_ heard: Heard) {
        var conversation = Self.busy()
        let outcomes = conversation.hear(Array(heard.said.utf8), "l")
        #expect(conversation.state == heard.state)
        #expect(Self.verdicts(outcomes) == [heard.verdict].compactMap { $0 })
    }

    @Test func whatIsWrongIsSaidInSupervisordsWords() {
        func notes(_ said: [UInt8]) -> [String] {
            var conversation = Self.busy()
            return Self.lines(conversation.hear(said, "l"))
        }
        #expect(notes(Array("RESULT 4\nFAIL".utf8)) == ["WARN l: event was rejected", "DEBG l: BUSY -> ACKNOWLEDGED"])
        #expect(notes(Array("RESULT 2\nOK".utf8)) == ["DEBG l: event was processed", "DEBG l: BUSY -> ACKNOWLEDGED"])
        #expect(
            notes(Array("RESULT x\n".utf8)).prefix(2) == [
                "WARN l: bad result line: 'RESULT x'", "DEBG l: BUSY -> UNKNOWN",
            ])
        #expect(notes([0xff, 0x0a]).first == "WARN l: bad result line: 'Undecodable: b'\\xff''")
    }

    @Test func aLineWithoutEndIsNoResult() {
        var conversation = Self.busy()
        var verdict: Conversation.Verdict?
        for _ in 0..<100 where verdict == nil {
            verdict = Self.verdicts(conversation.hear([UInt8](repeating: 0x78, count: 1000), "l")).first
        }
        #expect(verdict == .returned)
        #expect(conversation.state == .unknown)
    }

    @Test(arguments: 0..<200) func fedByteByByteItHearsTheSame(_ seed: Int) {
        var generator = SeededGenerator(UInt64(seed))
        let words = [
            "READY\n", "RESULT 2\nOK", "RESULT 4\nFAIL", "RESULT ", "3\n", "\n", "OK", "x", "\u{e4}", "RESULT 0\n",
        ]
        var said: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            said += Array((words.randomElement(using: &generator) ?? "").utf8)
        }
        for start in [Conversation(), Self.busy()] {
            var whole = start
            var pieces = start
            let heard = whole.hear(said, "l")
            let heardInPieces = said.flatMap { pieces.hear([$0], "l") }
            #expect(pieces == whole)
            #expect(heardInPieces == heard)
        }
    }
}

/// Chance that can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
