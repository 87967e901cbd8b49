import ServiceModel
import SourceText
import SystemdFormat
import Testing

@Suite struct RestartRuleTests {
    private static let exit0 = Termination.exited(code: 0)
    private static let exit1 = Termination.exited(code: 1)
    private static let killed = Termination.signalled(.kill, coreDumped: false)
    private static let ended = Termination.signalled(.terminate, coreDumped: false)
    private static let aborted = Termination.signalled(.abort, coreDumped: true)

    @Test(arguments: [
        (RestartRule.Word.no, [false, false, false, false, false]),
        (.onSuccess, [true, false, false, true, false]),
        (.onFailure, [false, true, true, false, true]),
        (.onAbnormal, [false, false, true, false, true]),
        (.onAbort, [false, false, true, false, true]),
        (.onWatchdog, [false, false, false, false, false]),
        (.always, [true, true, true, true, true]),
    ])
    func `the table of causes that was measured on systemd 252`(word: RestartRule.Word, restarts: [Bool]) {
        let ends = RestartRule(word).ends(success: RestartRule.success(adding: .none))
        let causes = [Self.exit0, Self.exit1, Self.killed, Self.ended, Self.aborted]
        #expect(causes.map(ends.contains) == restarts)
    }

    @Test func `to a oneshot no signal is a clean end`() {
        let ends = RestartRule(.onFailure).ends(success: RestartRule.success(adding: .none, isOneshot: true))
        #expect(ends.contains(Self.ended) && ends.contains(Self.exit1) && !ends.contains(Self.exit0))
    }

    @Test func `prevent beats the word and force beats no`() {
        let success = RestartRule.success(adding: .codes([2]))
        let always = RestartRule(.always, prevent: .codes([0, 2])).ends(success: success)
        #expect(always.contains(Self.ended) && !always.contains(.exited(code: 2)) && !always.contains(Self.exit0))
        let forced = RestartRule(.no, force: .codes([3]).union(.signals([.kill]))).ends(success: success)
        #expect(forced.exitCodes == [3] && forced.signalNumbers == [9])
    }

    struct Row: Sendable {
        let ends: TerminationSet
        let success: TerminationSet
        let rule: RestartRule
    }

    @Test(arguments: [
        // autorestart=false, true; unexpected with exitcodes 0 and 0,2.
        Row(ends: .none, success: .none, rule: RestartRule(.no)),
        Row(ends: .all, success: .none, rule: RestartRule(.always)),
        Row(ends: .unsuccessful, success: .none, rule: RestartRule(.always, prevent: .codes([0]))),
        Row(
            ends: .codes([0, 2]).inverted, success: .codes([2]), rule: RestartRule(.always, prevent: .codes([0, 2]))),
        // The boot hook: on-failure, but not after exit 78.
        Row(
            ends: RestartRule.ends(of: .onFailure, success: RestartRule.success(adding: .none)).subtracting(
                .codes([78])), success: .none, rule: RestartRule(.onFailure, prevent: .codes([78]))),
    ])
    func `a set of ends becomes the rule of the fewest words`(row: Row) {
        let success = RestartRule.success(adding: row.success)
        let (rule, isExact) = RestartRule.saying(row.ends, success: success, isOneshot: false)
        #expect(rule == row.rule)
        #expect(isExact)
    }

    @Test func `every word is said by itself`() {
        let success = RestartRule.success(adding: .codes([7]))
        for word in RestartRule.Word.allCases {
            let ends = RestartRule.ends(of: word, success: success)
            let (rule, isExact) = RestartRule.saying(ends, success: success, isOneshot: false)
            #expect(rule.ends(success: success) == ends)
            #expect(isExact)
            #expect(rule.word == word)
        }
    }

    @Test func `a oneshot is never told to restart always`() {
        let success = RestartRule.success(adding: .none)
        let (rule, _) = RestartRule.saying(.all, success: success, isOneshot: true)
        #expect(rule.word != .always && rule.word != .onSuccess)
    }

    @Test func `exit statuses are read by number and by name`() {
        var unknown: [String] = []
        let set = TerminationSet.reading("0 TEMPFAIL SIGKILL term RTMIN+1 300 nonsense", unknown: &unknown)
        #expect(set.exitCodes == [0, 75])
        #expect(set.signalNumbers == [9, 15, 35])
        #expect(unknown == ["300", "nonsense"])
    }
}
