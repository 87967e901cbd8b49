import Engine
import PropertyList
import ServiceModel
import SourceText
import Supervision

/// Our own interface beside the frozen XML-RPC: `GET /svinstall/v1/NAME`, and `POST` for what does something. Only adding
/// is allowed within a version.
enum JSONResource: String, CaseIterable, Sendable {
    case status, staleness, version
    /// Does something: replaces the daemon's program. On the private socket only.
    case upgrade

    /// The methods that it is asked by.
    var methods: [String] { self == .upgrade ? ["POST"] : ["GET", "HEAD"] }

    /// See `AccessTable`.
    var need: AccessTable.Need {
        switch self {
        case .status, .staleness: .look
        case .version: .nothing
        case .upgrade: .daemon
        }
    }

    static let prefix = "/svinstall/"

    /// The resource of an address.
    init?(path: String) {
        guard let name = path.rest(after: "/svinstall/v1/") else { return nil }
        self.init(rawValue: String(name))
    }

    /// All addresses, for people.
    static var list: String { allCases.map { "/svinstall/v1/\($0.rawValue)" }.joined(separator: ", ") }

    /// A refusal in the interface's own form.
    static func refusal(_ status: HTTPStatus, _ message: String) -> HTTPAnswer {
        answer(["error": .string(message)], status)
    }

    static func answer(_ value: PropertyValue, _ status: HTTPStatus = .ok) -> HTTPAnswer {
        var bytes = JSONWriter.bytes(value)
        bytes.append(UInt8(ascii: "\n"))
        return HTTPAnswer(status, type: "application/json", bytes)
    }
}

/// The values behind the resources.
enum JSONDocument {
    static func version(_ version: String, _ snapshot: Snapshot) -> PropertyValue {
        [
            "version": .string(version), "interface": 1, "supervisor": .string(DaemonMethods.supervisorVersion),
            "pid": .integer(Int(snapshot.pid)), "upgrades": .integer(Int(snapshot.upgrades)),
            "upgrade_problem": text(snapshot.upgradeProblem),
        ]
    }

    /// What was asked for is done after this answer.
    static let underWay: PropertyValue = ["state": "under way"]

    static func staleness(_ staleness: Staleness) -> PropertyValue {
        func names(_ list: [String]) -> PropertyValue { .array(list.map { .string($0) }) }
        let changes = staleness.changes
        return [
            "added": names(changes.added), "changed": names(changes.changed), "removed": names(changes.removed),
            "details": names(staleness.details), "problem": staleness.problem.map { .string($0) } ?? .null,
        ]
    }

    static func status(_ context: MethodContext) -> PropertyValue {
        let snapshot = context.snapshot
        return [
            "daemon": [
                "state": .string(snapshot.daemonState.name), "pid": .integer(Int(snapshot.pid)),
                "identifier": .string(snapshot.identifier), "log": text(snapshot.logFile),
                "generation": .integer(Int(clamping: snapshot.generation)),
            ],
            "programs": .array(snapshot.programs.map { program($0, context) }),
        ]
    }

    private static func program(_ program: ProgramSnapshot, _ context: MethodContext) -> PropertyValue {
        let status = program.status
        let isUp = status.pid != 0
        let uptime = status.started.map { max(0, context.now.monotonic - $0.monotonic) / 1_000_000_000 }
        return [
            "name": .string(ProcessName.join(status.group, status.name)), "group": .string(status.group),
            "process": .string(status.name), "state": .string(status.state.name),
            "pid": isUp ? .integer(Int(status.pid)) : .null,
            "uptime_seconds": isUp ? uptime.map { .integer(Int($0)) } ?? .null : .null,
            "started": time(status.started), "stopped": time(status.stopped),
            "exit_status": status.stopped == nil ? .null : .integer(Int(status.exitStatus)),
            "failed_tries": .integer(status.tries),
            "error": status.spawnError.isEmpty ? .null : .string(status.spawnError),
            "description": .string(ProcessInformation(program, context).description),
            "stdout_log": text(program.outputLog), "stderr_log": text(program.errorLog),
        ]
    }

    private static func text(_ text: String?) -> PropertyValue { text.map { .string($0) } ?? .null }

    /// Seconds since 1970.
    private static func time(_ instant: Instant?) -> PropertyValue {
        instant.map { .integer(Int($0.epochSeconds)) } ?? .null
    }
}
