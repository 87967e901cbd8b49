import Engine
import Kernel
import ServiceModel
import SourceText
import Supervision
import Synchronization

/// An engine that runs nothing: shows a snapshot, records requests and answers them as the test says.
final class FakeEngine: EngineControl {
    typealias Answer = @Sendable (ControlAnswer) -> Void

    private struct State {
        var snapshot: Snapshot
        var requests: [String] = []
        var lines: [String] = []
        var reply: @Sendable (ControlRequest) -> ControlAnswer? = { _ in .done }
        /// Answers that the test gives later.
        var parked: [Answer] = []

        mutating func publish(_ new: Snapshot) {
            snapshot = new
            snapshot.generation += 1
        }
    }

    private let state: Mutex<State>

    init(_ snapshot: Snapshot = .sample) { state = Mutex(State(snapshot: snapshot)) }

    var snapshot: Snapshot {
        get { state.withLock { $0.snapshot } }
        set { state.withLock { $0.publish(newValue) } }
    }

    /// Changes the snapshot without saying so.
    func alterUnseen(_ change: (inout Snapshot) -> Void) { state.withLock { change(&$0.snapshot) } }

    func now() -> Instant { Instant(monotonic: 200_000_000_000, boot: 200_000_000_000, wall: Self.wall) }

    /// 2026-11-22T11:04:01Z.
    static let wall: Int64 = 1_795_345_441_000_000_000

    func log(_ level: LogLevel, _ message: @autoclosure () -> String) {
        let line = "\(level.tag) \(message())"
        state.withLock { $0.lines.append(line) }
    }

    /// What was logged, at every level.
    var lines: [String] { state.withLock { $0.lines } }

    /// `nil` parks the request.
    func replies(_ reply: @escaping @Sendable (ControlRequest) -> ControlAnswer?) {
        state.withLock { $0.reply = reply }
    }

    func submit(_ request: ControlRequest, answer: @escaping Answer) {
        let reply = state.withLock { state -> ControlAnswer? in
            state.requests.append("\(request)")
            let reply = state.reply(request)
            if reply == nil { state.parked.append(answer) }
            return reply
        }
        if let reply { answer(reply) }
    }

    var requests: [String] { state.withLock { $0.requests } }

    /// Answers everything that waits.
    func release(_ answer: ControlAnswer) {
        let parked = state.withLock { state in
            defer { state.parked = [] }
            return state.parked
        }
        for waiting in parked { waiting(answer) }
    }

    /// Nobody waits any more. Who waits holds what they wait in, and that holds us.
    func forgetParked() { state.withLock { $0.parked = [] } }

    var parkedCount: Int { state.withLock { $0.parked.count } }
}

extension Snapshot {
    /// Five programs, one a state that tells something different.
    static let sample = Snapshot(
        generation: 7, daemonState: .running, pid: 4711, identifier: "supervisor", offersSupervisorNamespace: true,
        logFile: nil,
        programs: [
            .sample("bad", .fatal) { $0.spawnError = "can't find command '/no'" },
            .sample("done", .exited) {
                $0.started = .at(seconds: 10)
                $0.stopped = .at(seconds: 20)
                $0.exitStatus = 3
            },
            .sample("g1", .running, group: "grp") {
                $0.pid = 77
                $0.started = .at(seconds: 100)
            },
            .sample("g2", .stopped, group: "grp"),
            .sample("run", .running) {
                $0.pid = 76
                $0.started = .at(seconds: -90_000)
            },
        ], groups: ["bad", "done", "grp", "run"])
}

extension ProgramSnapshot {
    static func sample(
        _ name: String, _ state: ProcessState, group: String? = nil, _ change: (inout ProgramStatus) -> Void = { _ in }
    ) -> ProgramSnapshot {
        var status = ProgramStatus(id: ProgramID(number: 1), group: group ?? name, name: name)
        status.state = state
        change(&status)
        return ProgramSnapshot(status: status, outputLog: "/log/\(name).out", errorLog: nil)
    }
}

extension Instant {
    /// So many seconds after the fake clock's beginning; `FakeEngine.now` is second 200.
    static func at(seconds: Int64) -> Instant {
        Instant(
            monotonic: seconds * 1_000_000_000, boot: seconds * 1_000_000_000,
            wall: FakeEngine.wall + (seconds - 200) * 1_000_000_000)
    }
}
