import ServiceModel
import SourceText

/// The script that runsv and s6-supervise run after each end: waits, gives up, or lets the restart happen.
extension InitDraft {
    /// - Parameters:
    ///   - signalled: what `$1` is for a program that a signal ended.
    ///   - giveUpLine: the line that ends the restarts when there were too many; `nil` = the manager cannot count.
    ///   - stop: the line that tells the manager not to start it again.
    /// - Returns: `nil` where the manager does by itself what is wanted.
    mutating func finishScript(signalled: String, giveUpLine: String?, stop: String) -> String? {
        let ends = service.effective(\.restartOn, \.restartOn)
        var body = ShellCases.lines(outside: ends, signalled: signalled, action: stop)
        judge(
            .restartOn, "restart", isSet: service.restartOn != nil, target: body.isEmpty ? nil : "finish",
            other: "to restart it after any end")
        judgeSuccess(target: service.success.map { _ in "finish" })
        judgeGiveUp(giveUpLine, restarts: !ends.isEmpty)
        if !ends.isEmpty, let giveUpLine { body.append(giveUpLine) }
        let wait = delaySeconds(restarts: !ends.isEmpty)
        if wait > 0 { body.append("sleep \(wait)") }
        if body.isEmpty { return nil }
        if dialect == .runit {
            body.insert("if [ -e supervise/asked ]; then rm -f supervise/asked; exit 0; fi", at: 0)
        }
        return "#!/bin/sh\n# $1: exit code, \(signalled) after a signal; $2: the signal\n"
            + body.joined(separator: "\n")
            + "\n"
    }

    /// Seconds beyond the one that the manager waits by itself.
    private mutating func delaySeconds(restarts: Bool) -> Int64 {
        let isSet = service.restartDelay != nil
        guard restarts || isSet else { return 0 }
        var wait: Int64 = 0
        let why: String?
        switch service.effective(\.restartDelay, \.restartDelay) {
        case .none:
            why = "a second lies between two starts at least"
        case .supervisor:
            why = "a second between two starts, always the same, where supervisord waits 1, 2, 3 … s after early ends"
        case .afterExit(let span):
            wait = seconds(span)
            why =
                wait * 1000 == span.finiteMilliseconds && wait > 0
                ? nil : "whole seconds, and a second between two starts at least"
        case .sinceStart(let span):
            wait = span <= .seconds(1) ? 0 : seconds(span)
            why = wait == 0 ? nil : "it waits after each end, not since the previous start"
        }
        judge(
            .restartDelay, "restart-delay", isSet: isSet, target: wait > 0 ? "finish: sleep \(wait)" : "1s", why: why,
            other: "1s")
        return wait
    }

    private mutating func judgeGiveUp(_ line: String?, restarts: Bool) {
        let isSet = service.giveUp != nil
        guard restarts || isSet else { return }
        let rule = service.effective(\.giveUp, \.giveUp)
        switch (rule, line) {
        case (.never, _):
            if isSet { log.exact(.giveUp, "give-up", nil) }
        case (_, nil):
            judge(.giveUp, "give-up", isSet: isSet, target: "finish", why: "\(dialect.rawValue) restarts it for ever")
        case (.starts, _?):
            judge(.giveUp, "give-up", isSet: isSet, target: "s6-permafailon", other: "never to give up")
        case (.earlyExits, _?):
            judge(
                .giveUp, "give-up", isSet: isSet, target: "s6-permafailon",
                why: "ends are counted by their number in a time, whether the program was ready or not")
        }
    }
}
