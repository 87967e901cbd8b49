import ServiceModel
import SourceText

/// The configuration in force, the one read last, and the one seen last: three different things.
struct Configuration: Sendable {
    /// The daemon's own settings; they change with a restart only.
    let settings: DaemonSettings
    /// What `add` takes from and `getAllConfigInfo` shows (supervisord 4.3): read at the start and by `reread`.
    var lastRead: Plan {
        didSet {
            takenFromLastRead.removeAll()
            leftLogs.removeAll()
        }
    }
    /// The groups that came into service out of `lastRead`: of their programs the original knows where automatic logs
    /// are, of those read again it does not.
    private(set) var takenFromLastRead: Set<String> = []
    /// Automatic logs of programs of `takenFromLastRead` that are out of service: known still, and taken up again.
    private(set) var leftLogs: [ProgramName: AutomaticLogs] = [:]
    /// What the files said when anybody last looked; `staleness` looks without changing `lastRead`.
    var seen: Seen
    /// The groups under supervision, as they were when they were taken into service.
    private(set) var active: [String: ServiceGroup] = [:]
    /// Where in its group a service stands.
    private var positions: [ProgramName: Int] = [:]

    struct Seen: Sendable {
        var plan: Result<Plan, Failure>
        /// Whose files the stamps are of: the last plan that could be read.
        var basis: Plan
        var stamps: FileStamps
    }

    init(_ plan: Plan, stamps: FileStamps) {
        settings = plan.daemon
        lastRead = plan
        seen = Seen(plan: .success(plan), basis: plan, stamps: stamps)
    }

    mutating func activate(_ group: ServiceGroup) {
        active[group.name] = group
        takenFromLastRead.insert(group.name)
        for (position, service) in group.services.enumerated() {
            positions[ProgramName(group: group.name, process: service.name.value)] = position
        }
    }

    mutating func deactivate(_ name: String) {
        guard let group = active.removeValue(forKey: name) else { return }
        for service in group.services {
            positions[ProgramName(group: name, process: service.name.value)] = nil
        }
    }

    /// A program goes out of service.
    mutating func leave(_ logs: AutomaticLogs, of name: ProgramName) {
        if takenFromLastRead.contains(name.group) { leftLogs[name] = logs }
    }

    /// A program comes into service that has automatic logs already.
    mutating func keep(_ logs: AutomaticLogs, of name: ProgramName) { leftLogs[name] = logs }

    func service(group: String, name: String) -> Service? {
        positions[ProgramName(group: group, process: name)].flatMap { active[group]?.services[$0] }
    }

    /// What runs, as a plan: to be compared with what the files say. Its groups are in no order.
    var activePlan: Plan { Plan(daemon: settings, groups: Array(active.values)) }
}
