package import ServiceModel
import SourceText

/// Which groups differ between two plans, by supervisord's idea of equality (supervisord 4.3 `reloadConfig`), except
/// that a log file which goes back to AUTO counts as a change.
package struct PlanChanges: Hashable, Sendable {
    /// In the order of the new plan.
    package var added: [String] = []
    /// In the order of the new plan.
    package var changed: [String] = []
    /// By priority, then name.
    package var removed: [String] = []
    /// Line by line, for people: `redis: command: "a" -> "b"`.
    package var details: [String] = []

    package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }

    /// What has to happen to get from `active`, whose groups may be in any order, to `fresh`. Of several groups with one
    /// name the first runs, so it is what others are compared with.
    package init(from active: Plan, to fresh: Plan) {
        let running = Dictionary(
            zip(active.groups.lazy.map(\.name), active.groups.indices), uniquingKeysWith: { first, _ in first })
        // In their places, here and below: a group is large to copy.
        var isKept = [Bool](repeating: false, count: active.groups.count)
        for index in fresh.groups.indices {
            guard let position = running[fresh.groups[index].name] else {
                added.append(fresh.groups[index].name)
                details.append("\(fresh.groups[index].name): new")
                continue
            }
            isKept[position] = true
            let lines = Self.differences(active.groups[position], fresh.groups[index])
            if lines.isEmpty { continue }
            changed.append(fresh.groups[index].name)
            details += lines
        }
        let left = isKept.indices.filter { !isKept[running[active.groups[$0].name] ?? $0] }.map { active.groups[$0] }
        for group in left.sorted(by: { ($0.priority, $0.name) < ($1.priority, $1.name) }) {
            removed.append(group.name)
            details.append("\(group.name): removed")
        }
    }

    private static func differences(_ old: ServiceGroup, _ new: ServiceGroup) -> [String] {
        if old == new { return [] }
        var lines: [String] = []
        func compare(_ what: String, _ before: String?, _ after: String?) {
            guard before != after else { return }
            lines.append("\(new.name): \(what): \(quoted(before)) -> \(quoted(after))")
        }
        compare("kind", old.kind.word, new.kind.word)
        compare("priority", String(old.priority), String(new.priority))
        switch (old.kind, new.kind) {
        case (.eventListener(let before), .eventListener(let after)):
            compare("events", list(before.events.sorted()), list(after.events.sorted()))
            compare("buffer_size", String(before.bufferSize), String(after.bufferSize))
            compare("result_handler", before.resultHandler, after.resultHandler)
        case (.fastCGI(let before), .fastCGI(let after)):
            // The original compares the address alone.
            compare("socket", before.url, after.url)
        default: break
        }
        compare("programs", list(old.services.map(\.name.value)), list(new.services.map(\.name.value)))
        let before = Dictionary(old.services.map { ($0.name.value, $0) }, uniquingKeysWith: { first, _ in first })
        for service in new.services {
            guard let former = before[service.name.value] else { continue }
            let label =
                new.services.count == 1 && service.name.value == new.name
                ? new.name : "\(new.name):\(service.name.value)"
            lines += differences(former, service).map { "\(label): \($0)" }
        }
        return lines
    }

    private static func differences(_ old: Service, _ new: Service) -> [String] {
        if old == new { return [] }
        var lines: [String] = []
        func compare(_ what: String, _ before: String?, _ after: String?) {
            if before != after { lines.append("\(what): \(quoted(before)) -> \(quoted(after))") }
        }
        compare("command", commandText(old), commandText(new))
        let before = Dictionary(old.environment.map { ($0.name, $0.value.value) }, uniquingKeysWith: { $1 })
        let after = Dictionary(new.environment.map { ($0.name, $0.value.value) }, uniquingKeysWith: { $1 })
        for name in Set(before.keys).union(after.keys).sorted() {
            compare("environment \(name)", before[name], after[name])
        }
        for row in SettingRow.all {
            // A user is the same by name and by number.
            if row.key == "user", let id = old.supervisor.userID, id == new.supervisor.userID { continue }
            compare(row.key, row.inForce(old), row.inForce(new))
        }
        guard lines.isEmpty, old.dialect != .supervisor || new.dialect != .supervisor else { return lines }
        // Fields that supervisord has no key for.
        return ["definition changed"]
    }

    private static func commandText(_ service: Service) -> String? {
        if let text = service.supervisor.commandText { return text }
        return service.command.map { ValueWords.command($0.value.arguments) }
    }

    private static func list(_ words: [String]) -> String { words.joined(separator: ",") }

    private static func quoted(_ text: String?) -> String { text.map { "\"\($0.oneLine)\"" } ?? "(not set)" }
}

extension ServiceGroup.Kind {
    fileprivate var word: String {
        switch self {
        // The same to the original when they hold the same processes.
        case .program, .heterogeneous: "program"
        case .eventListener: "eventlistener"
        case .fastCGI: "fcgi-program"
        }
    }
}
