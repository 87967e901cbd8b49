// Engine, floor 4: runs the supervision machine: processes, logs, listeners, triggers, config reload.

package import Kernel
package import ServiceModel
package import SourceText
package import Supervision

/// The daemon's ears, seen from the engine; floor 5 implements it.
package protocol ControlPort: Sendable {
    /// Answers on the bound sockets until `stop`, on a thread of its own. Takes ownership of the descriptors. Called
    /// again after `stop` when the daemon restarts.
    func start(_ listeners: [BoundListener], engine: any EngineControl) throws
    /// Answers on further sockets, e.g. one whose file was deleted and made again. Takes ownership of the descriptors.
    func add(_ listeners: [BoundListener])
    /// What it listens on at this moment; the descriptors stay its own.
    var listeners: [BoundListener] { get }
    /// Closes every socket and connection; answers under way are finished first, for at most `grace`.
    func stop(grace: TimeSpan)
    /// As `stop`, but clients that wait for the answer to a request with a ticket are not waited for: their connections
    /// are the caller's now, who sees to it that they are answered (`answer`).
    func part(grace: TimeSpan) -> [WaitingClient]
    /// Gives a client the answer it waits for, after whatever became of the port meanwhile, and closes its connection.
    /// Blocks.
    func answer(_ client: WaitingClient, _ answer: ControlAnswer)
}

extension ControlPort {
    package func part(grace: TimeSpan) -> [WaitingClient] {
        stop(grace: grace)
        return []
    }

    package func answer(_ client: WaitingClient, _ answer: ControlAnswer) {}
}

/// A client whose request the machine has not answered yet, without the port that took the request.
package struct WaitingClient: Hashable, Sendable {
    /// By which the port told it from others when it asked.
    package var ticket: UInt64
    /// The connection.
    package var descriptor: Descriptor
    /// How it wants to be answered, in the port's own words.
    package var manner: [UInt8]

    package init(ticket: UInt64, descriptor: Descriptor, manner: [UInt8]) {
        self.ticket = ticket
        self.descriptor = descriptor
        self.manner = manner
    }
}

/// A bound and listening socket with the settings it was made from.
package struct BoundListener: Sendable {
    package var settings: ListenerSettings
    package var descriptor: Descriptor

    package init(settings: ListenerSettings, descriptor: Descriptor) {
        self.settings = settings
        self.descriptor = descriptor
    }
}

/// The engine, seen from the daemon's ears. Safe to call from any thread; nothing here blocks.
package protocol EngineControl: Sendable {
    /// The latest published state; immutable.
    var snapshot: Snapshot { get }
    /// Hands a request to the engine; `answer` is called once, on an unspecified thread.
    func submit(_ request: ControlRequest, answer: @escaping @Sendable (ControlAnswer) -> Void)
    /// The same for a client that may be handed over while it waits; the ticket is not 0 and no other request's.
    func submit(
        _ request: ControlRequest, ticket: UInt64, answer: @escaping @Sendable (ControlAnswer) -> Void)
    /// Now, on the engine's clock.
    func now() -> Instant
    /// A line of the main log; not even made where it would not be written.
    func log(_ level: LogLevel, _ message: @autoclosure () -> String)
}

extension EngineControl {
    package func submit(
        _ request: ControlRequest, ticket: UInt64, answer: @escaping @Sendable (ControlAnswer) -> Void
    ) {
        submit(request, answer: answer)
    }
}

/// Everything that read-only questions are answered from.
package struct Snapshot: Sendable {
    /// Grows by one with each publication.
    package var generation: UInt64
    package var daemonState: DaemonState
    package var pid: Int32
    package var identifier: String
    package var offersSupervisorNamespace: Bool
    /// The daemon's main log, `nil` when there is none.
    package var logFile: String?
    /// By group name, then process name.
    package var programs: ProgramList
    /// Names of the active groups.
    package var groups: [String]
    /// How often the daemon's program was replaced while it ran, and why the last attempt failed.
    package var upgrades: UInt32 = 0
    package var upgradeProblem: String?

    package init(
        generation: UInt64, daemonState: DaemonState, pid: Int32, identifier: String,
        offersSupervisorNamespace: Bool, logFile: String?, programs: ProgramList, groups: [String]
    ) {
        self.generation = generation
        self.daemonState = daemonState
        self.pid = pid
        self.identifier = identifier
        self.offersSupervisorNamespace = offersSupervisorNamespace
        self.logFile = logFile
        self.programs = programs
        self.groups = groups
    }
}

/// One program in a snapshot.
package struct ProgramSnapshot: Sendable {
    package var status: ProgramStatus
    /// Path in force; `nil` when the stream has no file.
    package var outputLog: String?
    package var errorLog: String?

    package init(status: ProgramStatus, outputLog: String?, errorLog: String?) {
        self.status = status
        self.outputLog = outputLog
        self.errorLog = errorLog
    }
}

/// Which of a program's outputs.
package enum OutputChannel: String, Hashable, Sendable, CaseIterable {
    case output = "stdout"
    case error = "stderr"
}

/// Whose log file.
package enum LogSource: Hashable, Sendable {
    case daemon
    case program(Target, OutputChannel)
}

/// What can be asked of the engine.
package enum ControlRequest: Sendable {
    case supervise(Request)
    /// Read the configuration again and remember it (`reloadConfig`).
    case reread
    /// Take a group of the last read configuration into service.
    case addGroup(String)
    /// The last *read* configuration (`getAllConfigInfo`).
    case configuration
    /// What differs between the files on disk now and what runs; reads the files only when they changed.
    case staleness
    /// `readLog` rules: supervisord 4.3
    case readLog(LogSource, offset: Int64, length: Int64)
    /// `tail…Log` rules: supervisord 4.3
    case tailLog(LogSource, offset: Int64, length: Int64)
    case clearLog(LogSource)
    /// Both logs of one program.
    case clearProcessLogs(Target)
    case clearAllProcessLogs
    /// Reopen every log file (SIGUSR2).
    case reopenLogs
    case writeInput(Target, bytes: [UInt8])
    case remoteEvent(type: String, data: String)
    /// Put the program file that is now in our path's place, in our place; done: it has shown that it can.
    case upgrade
}

/// The answer to a `ControlRequest`.
package enum ControlAnswer: Sendable {
    case done
    case statuses([ProcessStatus])
    case groupChanges(GroupChanges)
    /// `taken`: the groups that came into service out of this plan, not out of an earlier one; `left`: the automatic logs of
    /// their programs that have gone again, by `ProcessName`.
    case configuration(plan: Plan, activeGroups: Set<String>, taken: Set<String>, left: [String: AutomaticLogs] = [:])
    case staleness(Staleness)
    case log(bytes: [UInt8], size: Int64, overflow: Bool)
    case fault(Fault)
}

/// Groups that differ between two plans.
package struct GroupChanges: Hashable, Sendable {
    package var added: [String]
    package var changed: [String]
    package var removed: [String]

    package init(added: [String] = [], changed: [String] = [], removed: [String] = []) {
        self.added = added
        self.changed = changed
        self.removed = removed
    }

    package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }
}

/// What the files on disk say that the running programs do not follow yet.
package struct Staleness: Hashable, Sendable {
    package var changes: GroupChanges
    /// Line by line, for people: `redis: command: "a" -> "b"`.
    package var details: [String]
    /// Why the files on disk cannot be read, when they cannot.
    package var problem: String?

    package init(changes: GroupChanges = GroupChanges(), details: [String] = [], problem: String? = nil) {
        self.changes = changes
        self.details = details
        self.problem = problem
    }
}

/// Where plans come from; called on a worker thread, may block.
package protocol PlanSource: Sendable {
    /// Reads the configuration.
    func load() throws(Failure) -> Plan
    /// Which groups differ, by the configuration format's own idea of equality, and how, line by line.
    func changes(from active: Plan, to fresh: Plan) -> (changes: GroupChanges, details: [String])
}
