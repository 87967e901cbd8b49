import ServiceModel
import SourceText
import Supervision

/// The world outside the machine, acting by chance, that knows what is true of it: which processes live, who waits.
///
/// Everything the machine does is held against that; the first contradiction stands in `problem` and ends the walk.
package struct RandomWorld {
    /// A process that was asked for and whose end was not reported.
    private struct Process {
        var program: ProgramID
        var isAlive = false
    }

    private(set) var machine = Machine()
    package private(set) var problem: String?
    package private(set) var eventCount = 0
    package private(set) var shutdowns = 0
    package private(set) var calms = 0
    package private(set) var twinSteps = 0
    /// What became of every action, folded into one number.
    package private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325

    private var chance: Chance
    private var now = Instant(monotonic: 1_000_000_000, boot: 1_000_000_000, wall: 1_700_000_000_000_000_000)
    private var processes: [RunID: Process] = [:]
    private var runOf: [ProgramID: RunID] = [:]
    private var unborn: [RunID] = []
    private var alive: [RunID] = []
    /// Alive and told to end.
    private var doomed: [RunID] = []
    private var signalled: [(run: RunID, signal: Signal)] = []
    private var checks: [CheckID] = []
    private var waiting: Set<RequestID> = []
    private var recent: [RequestID] = []
    private var states: [ProgramID: ProcessState] = [:]
    private var isFinished = false
    private var rings = 0
    private var lastRequest: UInt64 = 0
    private var lastPid: Int32 = 100
    private var pool: [GroupPolicy] = []
    private var twin: (machine: Machine, stepsLeft: Int)?

    package init(seed: UInt64) { self.init(Chance(seed: seed)) }

    package init(_ source: Chance) {
        chance = source
        pool = (0..<8).map { index in
            let programs = (0..<Int.random(in: 1...4, using: &chance)).map { randomProgram("p\($0)") }
            return GroupPolicy(name: "g\(index)", priority: Int.random(in: 1...4, using: &chance), programs: programs)
        }
        begin()
    }

    /// Walks until the bytes that decide are used up or something is wrong; then everything comes to its end.
    package mutating func walkThroughBytes() {
        while !chance.isExhausted, problem == nil { step() }
        if problem == nil { calm() }
        if problem == nil { shutDown() }
    }

    /// Walks until so many events have been handled or something is wrong.
    package mutating func walk(_ count: Int) {
        while eventCount < count, problem == nil {
            switch Int.random(in: 0..<20_000, using: &chance) {
            case 0: shutDown()
            case 1..<5: calm()
            default: step()
            }
        }
        if problem == nil { shutDown() }
    }

    private mutating func begin() {
        machine = Machine()
        processes = [:]
        runOf = [:]
        unborn = []
        alive = []
        doomed = []
        signalled = []
        checks = []
        waiting = []
        recent = []
        states = [:]
        isFinished = false
        twin = nil
        for group in pool.shuffled(using: &chance) { ask(.addGroup(group)) }
        tell(.started)
    }

    // MARK: Chance

    private mutating func step() {
        if let next = machine.nextDeadline, next <= now.monotonic { return tell(.deadline) }
        switch Int.random(in: 0..<100, using: &chance) {
        case 0..<12: answerCheck()
        case 12..<30: answerSpawn(mayFail: true)
        case 30..<45: end(Self.pick(&doomed, &chance))
        case 45..<58: end(Self.pick(&alive, &chance))
        case 58..<60: failSignal()
        case 60..<80: ask(randomRequest())
        case 80..<83:
            if let request = recent.randomElement(using: &chance), waiting.remove(request) != nil {
                tell(.abandoned(request))
            }
        case 83..<84: tell(.deadline)
        default: passTime()
        }
    }

    private mutating func passTime() {
        let span: Int64 = Int.random(in: 0..<3, using: &chance) == 0 ? 3_000_000_000 : 100_000_000
        var length = Int64.random(in: 0...span, using: &chance)
        // Mostly just up to the deadline: that is when things happen.
        if let next = machine.nextDeadline, Bool.random(using: &chance) { length = next - now.monotonic }
        pass(length)
    }

    private mutating func pass(_ length: Int64) {
        now = now.advanced(nanoseconds: length)
        // The wall clock is nobody's friend.
        if Int.random(in: 0..<50, using: &chance) == 0 {
            now.wall += Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &chance)
        }
    }

    private mutating func answerCheck() {
        guard let check = Self.pick(&checks, &chance) else { return }
        let problem: CommandProblem? =
            switch Int.random(in: 0..<10, using: &chance) {
            case 0: .notFound("can't find command 'x'")
            case 1: .notExecutable("command is empty")
            default: nil
            }
        tell(.commandChecked(check, problem))
    }

    private mutating func answerSpawn(mayFail: Bool) {
        guard let run = Self.pick(&unborn, &chance) else { return }
        let fate = mayFail ? Int.random(in: 0..<8, using: &chance) : 7
        if fate < 2 {
            if let process = processes.removeValue(forKey: run) { runOf[process.program] = nil }
            return tell(.spawnFailed(run, SpawnProblem("no memory", failedInChild: fate == 0, pid: fate == 0 ? 7 : 0)))
        }
        lastPid += 1
        processes[run]?.isAlive = true
        alive.append(run)
        tell(.spawned(run, pid: lastPid))
    }

    private mutating func end(_ run: RunID?) {
        guard let run, let process = processes[run], process.isAlive else { return }
        processes[run] = nil
        runOf[process.program] = nil
        let termination: Termination =
            switch Int.random(in: 0..<6, using: &chance) {
            case 0: .signalled(.terminate, coreDumped: false)
            case 1: .signalled(.segmentationFault, coreDumped: true)
            case 2: .unknown
            case 3: .exited(code: 1)
            default: .exited(code: 0)
            }
        tell(.exited(run, termination))
    }

    private mutating func failSignal() {
        guard let last = signalled.popLast(), processes[last.run]?.isAlive == true else { return }
        tell(.signalFailed(last.run, last.signal, reason: "EPERM"))
    }

    private static func pick<Element>(_ list: inout [Element], _ chance: inout Chance) -> Element? {
        guard !list.isEmpty else { return nil }
        list.swapAt(Int.random(in: list.indices, using: &chance), list.count - 1)
        return list.removeLast()
    }

    private mutating func randomRequest() -> Request {
        let group = pool[Int.random(in: pool.indices, using: &chance)]
        let name = group.programs.randomElement(using: &chance)?.name ?? "p0"
        let target: Target =
            switch Int.random(in: 0..<40, using: &chance) {
            case 0: .all
            case 1: .process(group: "nobody", name: "x")
            case 2..<8: .group(group.name)
            default: .process(group: group.name, name: name)
            }
        let waits = Bool.random(using: &chance)
        switch Int.random(in: 0..<20, using: &chance) {
        case 0..<9: return .start(target, waits: waits)
        case 9..<15: return .stop(target, waits: waits)
        case 15..<17: return .signal(target, Bool.random(using: &chance) ? .hangUp : Signal(number: 99))
        case 17..<18: return .removeGroup(group.name)
        default: return .addGroup(group)
        }
    }

    // MARK: Phases

    /// Stops everything and answers everything: then nothing may be waited for.
    private mutating func calm() {
        calms += 1
        for _ in 0..<200 {
            ask(.stop(.all, waits: true))
            settle()
            let resting = states.values.allSatisfy { $0.isInStoppedSet }
            if resting, waiting.isEmpty, machine.nextDeadline == nil { return }
        }
        report("no rest: \(waiting.count) requests wait, next deadline \(String(describing: machine.nextDeadline))")
    }

    /// Whatever happens, the way down comes to its end.
    private mutating func shutDown() {
        shutdowns += 1
        let isRestart = Bool.random(using: &chance)
        tell(.signalReceived(isRestart ? .restart : .shutdown, isRestart ? .hangUp : .terminate))
        for _ in 0..<2000 where !isFinished && problem == nil {
            for _ in 0..<5 where !isFinished { step() }
            settle()
        }
        guard problem == nil else { return }
        if !isFinished { report("the shutdown does not end") }
        if machine.nextDeadline != nil { report("a deadline after the end") }
        if !waiting.isEmpty { report("\(waiting.count) requests unanswered at the end") }
        if states.values.contains(where: { !$0.isInStoppedSet }) { report("programs left at the end") }
        begin()
    }

    private mutating func settle() {
        for _ in checks.indices { answerCheck() }
        for _ in unborn.indices { answerSpawn(mayFail: false) }
        for _ in alive.indices { end(Self.pick(&alive, &chance)) }
    }

    // MARK: Truth

    private mutating func ask(_ request: Request) {
        lastRequest += 1
        let id = RequestID(number: lastRequest)
        waiting.insert(id)
        recent.append(id)
        if recent.count > 50 { recent.removeFirst(25) }
        tell(.request(id, request))
    }

    private mutating func tell(_ event: Event) {
        guard problem == nil else { return }
        eventCount += 1
        let actions = machine.handle(event, at: now)
        compareTwin(event, actions)
        for action in actions { check(action) }
        for id in machine.takeChanges() where machine.status(of: id)?.state != states[id] {
            report(
                "status of \(id) is \(String(describing: machine.status(of: id)?.state)), told \(String(describing: states[id]))"
            )
        }
        countRings(event)
        if problem != nil { report("after \(event) at event \(eventCount)") }
    }

    /// A ring may bring forth one that is due at once (the next group of a shutdown, with stopwaitsecs=0), but not for ever.
    private mutating func countRings(_ event: Event) {
        guard event == .deadline, let next = machine.nextDeadline, next <= now.monotonic else { return rings = 0 }
        rings += 1
        if rings > pool.count { report("a deadline spins") }
    }

    /// Every thousand events a machine read back from its bytes lives beside the other for a while.
    private mutating func compareTwin(_ event: Event, _ actions: [Action]) {
        if var pair = twin {
            twin = nil
            twinSteps += 1
            if pair.machine.handle(event, at: now) != actions { report("the decoded machine does something else") }
            if pair.machine.nextDeadline != machine.nextDeadline { report("the decoded machine waits differently") }
            pair.stepsLeft -= 1
            if pair.stepsLeft > 0 {
                twin = pair
            } else if pair.machine.encoded() != machine.encoded() {
                report("the decoded machine has another state")
            }
        } else if eventCount % 1000 == 0 {
            let bytes = machine.encoded()
            do throws(StateDecodingError) {
                let copy = try Machine(decoding: bytes)
                if copy.encoded() != bytes { report("the encoding does not round-trip") }
                if copy.nextDeadline != machine.nextDeadline { report("the decoded machine waits differently") }
                if copy.programs != machine.programs { report("the decoded machine lists other programs") }
                twin = (copy, 100)
            } catch {
                report("cannot be read back: \(error)")
            }
        }
    }

    private mutating func check(_ action: Action) {
        if isFinished, case .finished = action { report("finished twice") }
        switch action {
        case .adopt(let id, _, _):
            if states.updateValue(.stopped, forKey: id) != nil { report("an id was used again") }
        case .release(let id):
            states[id] = nil
            if runOf[id] != nil { report("released while a process lives") }
        case .spawn(let run, let id, _):
            if runOf[id] != nil { report("a second main run") }
            if isFinished || machine.daemonState != .running { report("a start on the way down") }
            runOf[id] = run
            processes[run] = Process(program: id)
            unborn.append(run)
        case .signal(let run, let signal, _):
            guard processes[run]?.isAlive == true else { return report("a signal to a process that is not alive") }
            if signal == .kill || Bool.random(using: &chance) { doomed.append(run) }
            if signal != .kill { signalled = signalled.suffix(3) + [(run, signal)] }
        case .checkCommand(let check, _): checks.append(check)
        case .reply(let id, _):
            if waiting.remove(id) == nil { report("an answer that nobody waits for") }
        case .announce(.processState(let change)):
            if states[change.program] != change.from { report("a change from a state that it was not in") }
            if !change.from.successors.contains(change.to) { report("no edge \(change.from) to \(change.to)") }
            states[change.program] = change.to
        case .finished: isFinished = true
        case .log, .announce: break
        }
        if digestsActions {
            digest = "\(action)".utf8.reduce(digest) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
    }

    /// Folding every action into `digest` is dear, so it is done only where it is asked for.
    package var digestsActions = false

    private mutating func report(_ text: String) {
        problem = problem.map { "\($0); \(text)" } ?? text
    }

    // MARK: Programs

    private mutating func randomProgram(_ name: String) -> ProgramPolicy {
        var service = Service(name: Setting(name), dialect: .supervisor)
        service.priority = Setting(Int.random(in: 1...3, using: &chance))
        service.startsAtLoad = Setting(Bool.random(using: &chance))
        service.readiness = Setting(.alive(one([.zero, .milliseconds(500), .seconds(1), .seconds(3)])))
        service.giveUp = Setting(.earlyExits(one([0, 1, 2, 4])))
        service.restartOn = Setting(one([.none, .all, TerminationSet.codes([0]).inverted]))
        service.success = Setting(.codes([0]))
        var policy = ProgramPolicy(service)
        policy.restartDelay = one([
            .supervisor, .supervisor, .none, .afterExit(.milliseconds(100)), .sinceStart(.seconds(2)),
        ])
        policy.giveUp = one([policy.giveUp, policy.giveUp, .never, .starts(3, within: .seconds(10))])
        policy.readiness = one([policy.readiness, policy.readiness, policy.readiness, .executed, .completed])
        policy.stopTimeout = one([.zero, .seconds(1), .seconds(10), .infinity])
        policy.stopScope = one([.main, .processGroup])
        policy.endsStragglers = Bool.random(using: &chance)
        return policy
    }

    private mutating func one<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: list.indices, using: &chance)]
    }
}
