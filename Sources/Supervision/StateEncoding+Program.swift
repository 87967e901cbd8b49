import ServiceModel
import SourceText

extension StateWriter {
    mutating func program(_ value: Program) {
        integer(value.id.number)
        policy(value.policy)
        integer(UInt16(clamping: value.state.rawValue))
        optional(value.run) { $0.run($1) }
        integer(value.latestRun)
        optional(value.started) { $0.instant($1) }
        optional(value.stopped) { $0.instant($1) }
        string(value.spawnError)
        integer(value.exitStatus)
        history(value.history)
        flag(value.isBeingStopped)
        integer(Int64(value.kills))
        list(value.heldSignals) { $0.integer($1.number) }
        optional(value.wakeAt) { $0.integer($1) }
        optional(value.reportAt) { $0.integer($1) }
        list(value.waiters) { $0.waiter($1) }
    }

    private mutating func run(_ value: Run) {
        integer(value.id.number)
        integer(value.role.rawValue)
        integer(value.pid)
    }

    private mutating func history(_ value: RestartHistory) {
        integer(Int64(value.tries))
        integer(Int64(value.quickEnds))
        integer(value.lastStart)
        list(value.starts) { $0.integer($1) }
    }

    private mutating func waiter(_ value: Waiter) {
        integer(value.request.number)
        count(value.entry)
        integer(value.purpose.rawValue)
    }

    mutating func parked(_ value: ParkedRequest) {
        flag(value.isCollection)
        flag(value.waits)
        list(value.entries) { $0.entry($1) }
        list(value.completed) { $0.count($1) }
        count(value.cursor)
        optional(value.orderUntil) { $0.integer($1) }
        flag(value.isAbandoned)
    }

    private mutating func entry(_ value: ParkedRequest.Entry) {
        integer(value.program.number)
        string(value.group)
        string(value.name)
        switch value.step {
        case .checking(let check):
            integer(UInt8(0))
            integer(check.number)
        case .checked(let problem):
            integer(UInt8(1))
            optional(problem) { $0.problem($1) }
        case .waiting: integer(UInt8(2))
        case .settled(let fault, let atOnce):
            integer(UInt8(3))
            optional(fault) { $0.fault($1) }
            flag(atOnce)
        }
    }

    private mutating func problem(_ value: CommandProblem) {
        switch value {
        case .notFound: integer(UInt8(0))
        case .notExecutable: integer(UInt8(1))
        }
        string(value.text)
    }

    private mutating func fault(_ value: Fault) {
        integer(UInt8(clamping: value.code.rawValue))
        optional(value.detail) { $0.string($1) }
        optional(value.crash) { $0.string($1) }
    }
}

extension StateReader {
    mutating func program(group: String) throws(StateDecodingError) -> Program {
        let id = ProgramID(number: try integer())
        var value = Program(id: id, group: group, policy: try policy())
        guard let state = ProcessState(rawValue: Int(try integer(UInt16.self))) else { throw invalid }
        value.state = state
        value.run = try optional { reader throws(StateDecodingError) in try reader.run() }
        value.latestRun = try integer()
        value.started = try optional { reader throws(StateDecodingError) in try reader.instant() }
        value.stopped = try optional { reader throws(StateDecodingError) in try reader.instant() }
        value.spawnError = try string()
        value.exitStatus = try integer()
        value.history = try history()
        value.isBeingStopped = try flag()
        value.kills = try natural()
        value.heldSignals = try list { reader throws(StateDecodingError) in Signal(number: try reader.integer()) }
        value.wakeAt = try optional { reader throws(StateDecodingError) in try reader.nanoseconds() }
        value.reportAt = try optional { reader throws(StateDecodingError) in try reader.nanoseconds() }
        value.waiters = try list { reader throws(StateDecodingError) in try reader.waiter() }
        return value
    }

    private mutating func run() throws(StateDecodingError) -> Run {
        Run(id: RunID(number: try integer()), role: try choice(), pid: try integer())
    }

    private mutating func history() throws(StateDecodingError) -> RestartHistory {
        RestartHistory(
            tries: try natural(), quickEnds: try natural(), lastStart: try nanoseconds(),
            starts: try list { reader throws(StateDecodingError) in try reader.nanoseconds() })
    }

    /// A counter: not negative, and far from its end.
    private mutating func natural() throws(StateDecodingError) -> Int {
        let value = try nanoseconds()
        guard value >= 0 else { throw invalid }
        return Int(value)
    }

    private mutating func waiter() throws(StateDecodingError) -> Waiter {
        Waiter(request: RequestID(number: try integer()), entry: try count(), purpose: try choice())
    }

    mutating func parked() throws(StateDecodingError) -> ParkedRequest {
        let isCollection = try flag()
        let waits = try flag()
        var value = ParkedRequest(
            isCollection: isCollection, waits: waits,
            entries: try list { reader throws(StateDecodingError) in try reader.entry() })
        value.completed = try list { reader throws(StateDecodingError) in try reader.count() }
        value.cursor = try count()
        value.orderUntil = try optional { reader throws(StateDecodingError) in try reader.nanoseconds() }
        value.isAbandoned = try flag()
        return value
    }

    private mutating func entry() throws(StateDecodingError) -> ParkedRequest.Entry {
        ParkedRequest.Entry(
            program: ProgramID(number: try integer()), group: try string(), name: try string(), step: try step())
    }

    private mutating func step() throws(StateDecodingError) -> ParkedRequest.Step {
        switch try integer(UInt8.self) {
        case 0: return .checking(CheckID(number: try integer()))
        case 1: return .checked(try optional { reader throws(StateDecodingError) in try reader.problem() })
        case 2: return .waiting
        case 3:
            let fault = try optional { reader throws(StateDecodingError) in try reader.fault() }
            return .settled(fault, atOnce: try flag())
        default: throw invalid
        }
    }

    private mutating func problem() throws(StateDecodingError) -> CommandProblem {
        switch try integer(UInt8.self) {
        case 0: return .notFound(try string())
        case 1: return .notExecutable(try string())
        default: throw invalid
        }
    }

    private mutating func fault() throws(StateDecodingError) -> Fault {
        guard let code = Fault.Code(rawValue: Int(try integer(UInt8.self))) else { throw invalid }
        let detail = try optional { reader throws(StateDecodingError) in try reader.string() }
        return Fault(code, detail, crash: try optional { reader throws(StateDecodingError) in try reader.string() })
    }
}
