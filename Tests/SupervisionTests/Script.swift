import ServiceModel
import SourceText
import Supervision

/// A machine, a clock that only moves when told, and a world that answers at once unless told otherwise.
struct Script {
    /// What the world does with `Action.spawn`.
    enum Birth: Equatable {
        case born
        case fails(SpawnProblem)
        /// It does not answer until `answerSpawn`.
        case hangs
    }

    var machine = Machine()
    private(set) var now = Instant(monotonic: 5_000_000_000, boot: 9_000_000_000, wall: 1_700_000_000_000_000_000)
    var births: [String: Birth] = [:]
    var commandProblems: [String: CommandProblem] = [:]
    /// Programs whose command check does not answer until `answerCheck`.
    var hangingChecks: Set<String> = []

    private(set) var runs: [String: RunID] = [:]
    private(set) var openChecks: [String: CheckID] = [:]
    private(set) var ids: [String: ProgramID] = [:]
    private(set) var transcript = Transcript()
    private(set) var journal: [JournalEntry] = []
    private var lastPid: Int32 = 100
    private var lastRequest: UInt64 = 0

    struct JournalEntry: Equatable {
        var instant: Instant
        var event: Event
        var actions: [Action]
    }

    init(_ groups: [GroupPolicy] = [], started: Bool = true) {
        for group in groups { request(.addGroup(group)) }
        if started { tell(.started) }
        _ = take()
    }

    /// Each program in a group of its own.
    init(_ programs: ProgramPolicy..., started: Bool = true) {
        self.init(programs.map { GroupPolicy(name: $0.name, priority: $0.priority, programs: [$0]) }, started: started)
    }

    /// Hands over an event and lets the world answer.
    mutating func tell(_ event: Event) {
        let actions = machine.handle(event, at: now)
        journal.append(JournalEntry(instant: now, event: event, actions: actions))
        var answers: [Event] = []
        for action in actions {
            transcript.note(action)
            switch action {
            case .adopt(let id, let group, let name):
                ids[group == name ? name : "\(group):\(name)"] = id
            case .spawn(let run, let id, _):
                let name = name(of: id)
                runs[name] = run
                switch births[name] ?? .born {
                case .born:
                    lastPid += 1
                    answers.append(.spawned(run, pid: lastPid))
                case .fails(let problem): answers.append(.spawnFailed(run, problem))
                case .hangs: break
                }
            case .checkCommand(let check, let id):
                let name = name(of: id)
                openChecks[name] = check
                if !hangingChecks.contains(name) { answers.append(.commandChecked(check, commandProblems[name])) }
            default: break
            }
        }
        for answer in answers { tell(answer) }
    }

    /// Numbered from 1; `Script.init` has used one for each group.
    @discardableResult
    mutating func request(_ request: Request) -> RequestID {
        lastRequest += 1
        let id = RequestID(number: lastRequest)
        tell(.request(id, request))
        return id
    }

    /// Moves all clocks, ringing at every deadline on the way.
    mutating func advance(_ seconds: Double) {
        let end = now.advanced(nanoseconds: Int64(seconds * 1e9)).monotonic
        while let next = machine.nextDeadline, next <= end {
            now = now.advanced(nanoseconds: max(0, next - now.monotonic))
            tell(.deadline)
        }
        now = now.advanced(nanoseconds: end - now.monotonic)
    }

    /// Steps the wall clock and lets the machine sleep: neither is time to the machine.
    mutating func disturbClocks(wall: Int64, asleep: Int64) {
        now = Instant(monotonic: now.monotonic, boot: now.boot + asleep, wall: now.wall + wall)
    }

    /// Lets time pass without telling the machine.
    mutating func skip(_ seconds: Double) { now = now.advanced(nanoseconds: Int64(seconds * 1e9)) }

    mutating func exit(_ name: String, _ code: Int32) { end(name, .exited(code: code)) }

    mutating func die(_ name: String, of signal: Signal, core: Bool = false) {
        end(name, .signalled(signal, coreDumped: core))
    }

    mutating func end(_ name: String, _ termination: Termination) {
        guard let run = runs.removeValue(forKey: name) else { return transcript.note("no run of \(name)") }
        tell(.exited(run, termination))
    }

    mutating func answerSpawn(_ name: String, _ problem: SpawnProblem? = nil) {
        guard let run = runs[name] else { return transcript.note("no run of \(name)") }
        if let problem { return tell(.spawnFailed(run, problem)) }
        lastPid += 1
        tell(.spawned(run, pid: lastPid))
    }

    mutating func answerCheck(_ name: String, _ problem: CommandProblem? = nil) {
        guard let check = openChecks[name] else { return transcript.note("no check of \(name)") }
        tell(.commandChecked(check, problem))
    }

    mutating func showDebug() { transcript.showsDebug = true }

    /// What has happened since the last call.
    mutating func take() -> [String] { transcript.take() }

    func name(of id: ProgramID) -> String { transcript.names[id] ?? "?" }

    func status(_ name: String) -> ProgramStatus? { ids[name].flatMap(machine.status) }

    func state(_ name: String) -> ProcessState? { status(name)?.state }

    /// Seconds until the next deadline.
    var wait: Double? { machine.nextDeadline.map { Double($0 - now.monotonic) / 1e9 } }
}

/// Actions as short lines. Logs below INFO are left out unless asked for.
struct Transcript {
    private(set) var names: [ProgramID: String] = [:]
    private var runs: [RunID: String] = [:]
    private var lines: [String] = []
    var showsDebug = false

    mutating func take() -> [String] {
        defer { lines = [] }
        return lines
    }

    mutating func note(_ line: String) { lines.append(line) }

    mutating func note(_ action: Action) {
        switch action {
        case .log(let level, let text): if level >= .info || showsDebug { note("\(level.tag) \(text)") }
        case .spawn(let run, let id, _):
            runs[run] = names[id]
            note("spawn \(names[id] ?? "?")")
        case .adopt(let id, let group, let name):
            names[id] = group == name ? name : "\(group):\(name)"
            note("adopt \(group):\(name)")
        case .release(let id): note("release \(names[id] ?? "?")")
        case .checkCommand(_, let id): note("check \(names[id] ?? "?")")
        case .signal(let run, let signal, let scope): note("signal \(runs[run] ?? "?") \(signal) \(scope)")
        case .finished(let end): note("finished \(end)")
        case .reply(let id, let reply): note("reply \(id.number) \(describe(reply))")
        case .announce(let announcement): note(describe(announcement))
        }
    }

    private func describe(_ reply: Reply) -> String {
        switch reply {
        case .done: "done"
        case .fault(let fault): "fault \(fault.text)"
        case .statuses(let all):
            "[" + all.map { "\($0.group):\($0.name) \($0.code.rawValue) \($0.description)" }.joined(separator: ", ")
                + "]"
        }
    }

    /// Process states with the extra values of supervisord's events (§5.2 of its event types).
    private func describe(_ announcement: Announcement) -> String {
        switch announcement {
        case .groupAdded(let name): return "added \(name)"
        case .groupRemoved(let name): return "removed \(name)"
        case .daemonRunning: return "daemon RUNNING"
        case .daemonStopping: return "daemon STOPPING"
        case .processState(let change):
            let line = "\(names[change.program] ?? "?") \(change.from.name)>\(change.to.name)"
            switch change.to {
            case .starting, .backoff: return line + " tries:\(change.tries)"
            case .running, .stopping, .stopped: return line + " pid:\(change.pid)"
            case .exited: return line + " expected:\(change.expected ? 1 : 0) pid:\(change.pid)"
            case .fatal, .unknown: return line
            }
        }
    }
}

/// A program as `[program:x]` describes it; what is not said has supervisord's default.
func program(
    _ name: String, priority: Int = 999, autostart: Bool = false, startsecs: TimeSpan = .seconds(1), retries: Int = 3,
    autorestart: TerminationSet = TerminationSet.codes([0]).inverted, exitcodes: [Int32] = [0],
    change: (inout ProgramPolicy) -> Void = { _ in }
) -> ProgramPolicy {
    var service = Service(name: Setting(name), dialect: .supervisor)
    service.priority = Setting(priority)
    service.startsAtLoad = Setting(autostart)
    service.readiness = Setting(.alive(startsecs))
    service.giveUp = Setting(.earlyExits(retries + 1))
    service.restartOn = Setting(autorestart)
    service.success = Setting(.codes(exitcodes))
    var policy = ProgramPolicy(service)
    change(&policy)
    return policy
}

func group(_ name: String, priority: Int = 999, _ programs: ProgramPolicy...) -> GroupPolicy {
    GroupPolicy(name: name, priority: priority, programs: programs)
}

func process(_ name: String) -> Target { Target(namespec: name) }
