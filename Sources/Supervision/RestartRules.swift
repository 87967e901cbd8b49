import ServiceModel
import SourceText

/// What a program's earlier runs mean for its next one. All times are nanoseconds of the monotonic clock, so that a
/// stepped wall clock or a sleeping machine changes nothing.
struct RestartHistory: Hashable, Sendable {
    /// Ends in a row that came before readiness.
    var tries = 0
    /// Ends in a row that came within a second of their start.
    var quickEnds = 0
    /// The last start, by hand or not.
    var lastStart: Int64 = 0
    /// The latest starts since somebody last started it by hand; filled only where a start limit needs it.
    var starts: [Int64] = []
}

/// The crash-loop brake: who ended within `span` of its start `limit` times in a row is started at most
/// once in `span`, until it has lived that long.
enum CrashLoopBrake {
    static let limit = 6
    static let span: Int64 = 1_000_000_000

    /// `quickEnds` after one more end.
    static func count(_ quickEnds: Int, uptime: Int64) -> Int {
        uptime < span ? min(quickEnds + 1, limit) : 0
    }
}

extension ProgramPolicy {
    private static let second: Int64 = 1_000_000_000
    /// No start limit is remembered further back than this many starts.
    private static let longestStartLimit = 10_000

    /// How long a run must live to be ready; `nil` = it need not live at all but end well (`Type=oneshot`).
    var readyAfter: Int64? {
        switch readiness {
        case .executed, .notified, .forked: 0
        case .alive(let span): span.finiteNanoseconds.map { max(0, $0) } ?? .max
        case .completed: nil
        }
    }

    /// Whether an end so long after the start came before readiness.
    func isEarly(_ termination: Termination, uptime: Int64) -> Bool {
        guard let readyAfter else { return !success.contains(termination) }
        return uptime < readyAfter
    }

    /// The instant of the next start after an end that came before readiness; `nil` = never.
    func restartAfterEarlyEnd(_ history: RestartHistory, now: Int64) -> Int64? {
        switch restartDelay {
        case .none: now
        case .supervisor: saturating(now, Self.second.multipliedReportingOverflow(by: Int64(history.tries)))
        case .afterExit(let span): later(now, span)
        case .sinceStart(let span): later(history.lastStart, span).map { max(now, $0) }
        }
    }

    /// The instant of the next start after an exit of a ready program; `nil` = never.
    func restartAfterExit(_ history: RestartHistory, now: Int64) -> Int64? {
        switch restartDelay {
        case .none: now
        case .supervisor:
            history.quickEnds < CrashLoopBrake.limit ? now : max(now, history.lastStart + CrashLoopBrake.span)
        case .afterExit(let span): later(now, span)
        case .sinceStart(let span): later(history.lastStart, span).map { max(now, $0) }
        }
    }

    /// Whether the program has failed before readiness as often as it may. What is ready by ending well is tried again
    /// only where its rule asks for that, as after any other end (systemd.service(5), `Type=oneshot`).
    func givesUpAfterEarlyEnd(_ history: RestartHistory, _ termination: Termination) -> Bool {
        if readyAfter == nil, !restartOn.contains(termination) { return true }
        guard case .earlyExits(let limit) = giveUp else { return false }
        return history.tries >= limit
    }

    /// Whether one more start now would break the start limit (systemd.unit(5), StartLimitBurst).
    func givesUpBeforeStart(_ history: RestartHistory, now: Int64) -> Bool {
        guard case .starts(let limit, let span) = giveUp else { return false }
        let bound = min(max(1, limit), Self.longestStartLimit)
        guard history.starts.count >= bound else { return false }
        guard let window = span.finiteNanoseconds else { return true }
        return now - history.starts[history.starts.count - bound] < window
    }

    /// Whether a process that could not be created is tried again. supervisord always does; other dialects do what
    /// they do after a failing program.
    var retriesFailedSpawns: Bool {
        if case .earlyExits = giveUp { return true }
        return restartOn.contains(.exited(code: 127))
    }

    /// The instant of the next try after a failed creation. Where nothing else bounds the tries, at most one a second:
    /// a missing file does not appear any sooner for being asked for without pause.
    func restartAfterFailedSpawn(_ history: RestartHistory, now: Int64) -> Int64? {
        let next = restartAfterEarlyEnd(history, now: now)
        if case .earlyExits = giveUp { return next }
        return next.map { max($0, history.lastStart + Self.second, now) }
    }

    /// Writes a start into the history.
    func noteStart(_ history: inout RestartHistory, now: Int64, byHand: Bool) {
        history.lastStart = now
        if byHand {
            history.quickEnds = 0
            history.starts = []
        }
        guard case .starts(let limit, _) = giveUp else { return }
        history.starts.append(now)
        let surplus = history.starts.count - min(max(1, limit), Self.longestStartLimit)
        if surplus > 0 { history.starts.removeFirst(surplus) }
    }
}

/// The instant so long after another; `nil` = never.
func later(_ instant: Int64, _ span: TimeSpan) -> Int64? {
    guard let length = span.finiteNanoseconds else { return nil }
    return saturating(instant, (max(0, length), false))
}

private func saturating(_ instant: Int64, _ length: (partialValue: Int64, overflow: Bool)) -> Int64? {
    guard !length.overflow else { return nil }
    let sum = instant.addingReportingOverflow(length.partialValue)
    return sum.overflow ? nil : sum.partialValue
}
