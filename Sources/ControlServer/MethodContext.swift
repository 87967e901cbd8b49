import Engine
import Kernel
import ServiceModel
import SourceText
import Supervision
import XMLRPC

/// What a method may look at: the state at the moment of the call, and nothing that blocks.
struct MethodContext: Sendable {
    var snapshot: Snapshot
    var now: Instant
    /// Nanoseconds since 1970 as local time.
    var civilTime: @Sendable (Int64) -> CivilTime
    /// The number of a user; may block, so only for `ControlQuestion.mayBlock`.
    var userID: @Sendable (String) -> UInt32?
    /// Of the client.
    var rights: AccessRights
    /// The methods this listener offers.
    var table: MethodTable

    /// The program of `group:name`; supervisord's names, `x` meaning `x:x`.
    func program(named namespec: String) throws(MethodFailure) -> ProgramSnapshot {
        guard case .process(let group, let name) = Target(namespec: namespec),
            let found = snapshot.programs.first(where: { $0.status.group == group && $0.status.name == name })
        else { throw .fault(.badName, namespec) }
        return found
    }

    /// The programs of an active group.
    func programs(ofGroup group: String, named text: String) throws(MethodFailure) -> [ProgramSnapshot] {
        guard snapshot.groups.contains(group) else { throw .fault(.badName, text) }
        return snapshot.programs.filter { $0.status.group == group }
    }
}

/// A question to the engine, and what its answer means to the client.
struct ControlQuestion: Sendable {
    var request: ControlRequest
    /// The name as the client wrote it: what faults about it say, as supervisord's do.
    var name: String?
    /// Whether `interpret` looks things up that can block, such as user names.
    var mayBlock = false
    var interpret: @Sendable (ControlAnswer) -> MethodOutcome

    init(
        _ request: ControlRequest, name: String? = nil, mayBlock: Bool = false,
        _ interpret: @escaping @Sendable (ControlAnswer) -> MethodOutcome = ControlQuestion.truthOrStatuses
    ) {
        self.request = request
        self.name = name
        self.mayBlock = mayBlock
        self.interpret = interpret
    }

    /// What the client is told. Where supervisord's code trips over something, its clients hear of that; ours, who come
    /// by the private socket, hear the reason.
    func outcome(of answer: ControlAnswer, isPrivate: Bool) -> MethodOutcome {
        if !isPrivate, let crash = answer.crash { return .broken(crash) }
        guard case .fault(var fault) = answer else { return interpret(answer) }
        if let name, Self.speakOfName.contains(fault.code) { fault.detail = name }
        return .fault(fault)
    }

    /// Faults whose detail is the name that the client gave.
    private static let speakOfName: Set<Fault.Code> = [
        .badName, .spawnError, .abnormalTermination, .alreadyStarted, .notRunning, .alreadyAdded, .stillRunning,
    ]

    /// `true` for what succeeded, the array of a group call.
    static let truthOrStatuses: @Sendable (ControlAnswer) -> MethodOutcome = { answer in
        switch answer {
        case .done: .value(true)
        case .statuses(let statuses): .statuses(statuses)
        default: .unexpected(answer)
        }
    }
}

extension ControlAnswer {
    fileprivate var crash: String? {
        switch self {
        case .fault(let fault): fault.crash
        case .statuses(let statuses): statuses.lazy.compactMap(\.crash).first
        default: nil
        }
    }
}
