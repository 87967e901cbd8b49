import ServiceModel
import SourceText

// Groups: coming, going, finding, ordering.
extension Machine {
    /// The daemon is ready: every program with `startsAtLoad` that nobody has started yet starts, by group priority
    /// and inside a group in the order of the configuration (supervisord 4.3).
    mutating func start() {
        guard !isStarted, state == .running else { return }
        isStarted = true
        emit(.announce(.daemonRunning))
        for name in groupsByPriority { startAtLoad(name) }
    }

    private mutating func startAtLoad(_ name: String) {
        for id in groups[name]?.programs ?? [] {
            guard let program = programsByID[id], program.policy.startsAtLoad, program.state == .stopped,
                program.started == nil
            else { continue }
            spawn(id, byHand: false)
        }
    }

    mutating func addGroup(_ policy: GroupPolicy, _ request: RequestID) {
        guard groups[policy.name] == nil else {
            return emit(.reply(request, .fault(Fault(.alreadyAdded, policy.name))))
        }
        var group = ProgramGroup(name: policy.name, priority: policy.priority)
        var kept: [String: ProgramPolicy] = [:]
        // Of two programs of one name the later survives, in the place of the earlier (supervisord 4.3).
        for program in policy.programs { kept[program.name] = program }
        for program in policy.programs {
            guard let policy = kept.removeValue(forKey: program.name) else { continue }
            lastProgram += 1
            let id = ProgramID(number: lastProgram)
            group.programs.append(id)
            group.named[policy.name] = id
            programsByID[id] = Program(id: id, group: group.name, policy: policy)
            emit(.adopt(id, group: group.name, name: policy.name))
            list(id)
            markChanged(id)
        }
        groups[group.name] = group
        groupOrder.append(group.name)
        emit(.announce(.groupAdded(group.name)))
        emit(.reply(request, .done))
        if isStarted { startAtLoad(group.name) }
    }

    /// Only a group at rest can go. One whose process is out of our hands (UNKNOWN) is not at rest: supervisord would
    /// forget the process.
    mutating func removeGroup(_ name: String, _ request: RequestID) {
        guard let group = groups[name] else { return emit(.reply(request, .fault(Fault(.badName, name)))) }
        guard group.unstopped == 0, group.programs.allSatisfy({ programsByID[$0]?.run == nil }) else {
            return emit(.reply(request, .fault(Fault(.stillRunning, name))))
        }
        for id in group.programs {
            markChanged(id)
            programsByID[id] = nil
            emit(.release(id))
        }
        let gone = Set(group.programs)
        listing.removeAll { gone.contains($0) }
        groups[name] = nil
        groupOrder.removeAll { $0 == name }
        emit(.announce(.groupRemoved(name)))
        emit(.reply(request, .done))
    }

    /// Puts a program where it belongs in the listing.
    mutating func list(_ id: ProgramID) {
        guard let program = programsByID[id] else { return }
        let key = (group: program.group, name: program.name)
        var low = 0
        var high = listing.count
        while low < high {
            let middle = (low + high) / 2
            if let other = programsByID[listing[middle]], precedes((other.group, other.name), key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        listing.insert(id, at: low)
    }

    /// Ascending; groups of one priority as they came (supervisord 4.3 sorts stably).
    var groupsByPriority: [String] {
        stableSorted(groupOrder) { groups[$0]?.priority ?? 0 }
    }

    /// A group's programs, ascending by priority; those of one priority in the order of the configuration.
    func programsByPriority(_ group: String) -> [ProgramID] {
        stableSorted(groups[group]?.programs ?? []) { programsByID[$0]?.policy.priority ?? 0 }
    }

    /// Whom a target names, in the order in which requests act on them; `nil` when there is no such thing.
    func resolve(_ target: Target) -> [ProgramID]? {
        switch target {
        case .process(let group, let name): groups[group]?.named[name].map { [$0] }
        case .group(let group): groups[group].map { _ in programsByPriority(group) }
        case .all: groupsByPriority.flatMap(programsByPriority)
        }
    }
}

extension Target {
    var isCollection: Bool {
        if case .process = self { false } else { true }
    }

    /// As a client writes it, for BAD_NAME.
    var text: String {
        switch self {
        case .process(let group, let name): ProcessName.join(group, name)
        case .group(let group): group
        case .all: "all"
        }
    }
}

/// Sorted by a key, equal keys in their order.
private func stableSorted<Element>(_ elements: [Element], by key: (Element) -> Int) -> [Element] {
    elements.enumerated()
        .map { (key: key($0.element), offset: $0.offset, element: $0.element) }
        .sorted { ($0.key, $0.offset) < ($1.key, $1.offset) }
        .map(\.element)
}
