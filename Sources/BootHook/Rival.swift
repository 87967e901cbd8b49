import Kernel
import Locations
import SourceText

/// Another hook that starts a supervisor over the same configuration: two of them would fight for the programs.
package struct Rival: Hashable, Sendable {
    /// Who starts it.
    package var system: InitSystem
    /// Whose hook it is; `nil` = the machine's.
    package var owner: Owner?
    /// systemd's unit with its suffix, launchd's label, a script's or a service directory's name.
    package var name: String
    /// Its file; for runit and s6 the directory that is looked at.
    package var path: String
    /// cron: the line of the table at `path`.
    package var line = ""
    /// It was running when it was found.
    package var wasRunning = false

    package init(system: InitSystem, owner: Owner? = nil, name: String, path: String) {
        self.system = system
        self.owner = owner
        self.name = name
        self.path = path
    }

    /// The same hook, whether it runs now or not.
    func isSame(as other: Rival) -> Bool {
        (system, owner, name, path, line) == (other.system, other.owner, other.name, other.path, other.line)
    }

    /// How it is told to people.
    package var title: String { "\(name) (\(system.title), \(path)\(owner.map { ", of \($0.name)" } ?? ""))" }

    /// Its fields, between tabs: names and lines may hold blanks.
    var recordLine: String {
        let whose = owner.map { "@\($0.id) \($0.name)" } ?? ""
        return [system.rawValue + whose, wasRunning ? "running" : "stopped", name, path, line].joined(separator: "\t")
    }

    init?(recordLine: String) {
        let parts = recordLine.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5 else { return nil }
        let who = parts[0].split(separator: "@", maxSplits: 1).map(String.init)
        guard let system = who.first.flatMap(InitSystem.init(rawValue:)) else { return nil }
        self.init(system: system, name: parts[2], path: parts[3])
        wasRunning = parts[1] == "running"
        line = parts[4]
        if who.count > 1 {
            let fields = who[1].split(separator: " ", maxSplits: 1).map(String.init)
            guard fields.count == 2, let id = UInt32(fields[0]) else { return nil }
            owner = Owner(id: id, name: fields[1])
        }
    }
}

/// How a rival is switched off and on again, by its init's manual.
extension Rival {
    /// Whether whoever installs the hook has a hand in the rival: root in all of them, others in their own.
    func isWithinReach(_ hook: Hook) -> Bool { hook.userID == 0 || owner?.id == hook.userID }

    /// What a person types to be rid of it.
    func remedy(_ hook: Hook) -> String {
        let words = disable(hook).map(\.description).map { $0.hasPrefix("run ") ? String($0.dropFirst(4)) : $0 }
        return (isWithinReach(hook) ? "" : "as root: ") + words.joined(separator: "; ")
    }

    func disable(_ hook: Hook) -> [Step] {
        switch system {
        case .systemd where isForeign(hook):
            [.call(hook.systemctl([isForAllUsers ? "mask" : "disable", name], of: owner, offline: true))]
                + (wasRunning ? [.call(hook.systemctl(["stop", name], of: owner, limit: .infinity))] : [])
        case .systemd:
            [.call(hook.systemctl([isForAllUsers ? "mask" : "disable", "--now", name], of: owner, limit: .infinity))]
        case .launchd:
            [.call(ToolCall(["launchctl", "disable", target(hook)]))]
                + (wasRunning
                    ? [
                        .call(ToolCall(["launchctl", "bootout", target(hook)]), fine: [0, 3, 36, 37, 113]),
                        .wait(.code(ToolCall(["launchctl", "print", target(hook)]), 113), within: .seconds(60)),
                    ] : [])
        case .openrc:
            [
                .call(ToolCall(["rc-update", "del", name, "default"]), fine: [0, 1]),
                .call(ToolCall(["rc-service", name, "stop"]), fine: [0, 1]),
            ]
        case .sysv:
            [
                .call(ToolCall(["update-rc.d", name, "disable"])), .call(ToolCall([path, "stop"]), fine: [0, 1]),
            ]
        case .runit: [mark, .call(ToolCall(["sv", "-w", "60", "down", path]), fine: [0, 1])]
        case .s6: [mark, .call(ToolCall(["s6-svc", "-d", "-wD", path]), fine: [0, 100, 111])]
        case .cron: [.cronLine(table, line, isOn: false)]
        }
    }

    /// And on again, as it was.
    func restore(_ hook: Hook) -> [Step] {
        switch system {
        case .systemd where isForeign(hook) || isForAllUsers:
            [
                .call(
                    hook.systemctl(
                        [isForAllUsers ? "unmask" : "enable", name], of: owner, offline: isForeign(hook)), fine: [0, 1])
            ]
                + (wasRunning ? [.call(hook.systemctl(["start", name], of: owner), fine: [0, 1, 5])] : [])
        case .systemd:
            [.call(hook.systemctl(["enable"] + (wasRunning ? ["--now"] : []) + [name], of: owner), fine: [0, 1])]
        case .launchd:
            [.call(ToolCall(["launchctl", "enable", target(hook)]))]
                + (wasRunning
                    ? [.call(ToolCall(["launchctl", "bootstrap", domain(hook), path]), fine: [0, 17, 37])] : [])
        case .openrc:
            [.call(ToolCall(["rc-update", "add", name, "default"]), fine: [0, 1])]
                + (wasRunning ? [.call(ToolCall(["rc-service", name, "start"]), fine: [0, 1])] : [])
        case .sysv:
            [.call(ToolCall(["update-rc.d", name, "enable"]), fine: [0, 1])]
                + (wasRunning ? [.call(ToolCall([path, "start"]), fine: [0, 1])] : [])
        case .runit:
            [.remove(downFile)] + (wasRunning ? [.call(ToolCall(["sv", "up", path]), fine: [0, 1])] : [])
        case .s6:
            [.remove(downFile)] + (wasRunning ? [.call(ToolCall(["s6-svc", "-u", path]), fine: [0, 100, 111])] : [])
        case .cron: [.cronLine(table, line, isOn: true)]
        }
    }

    /// Where systemd finds units of users beside each one's own (systemd.unit(5)).
    static let unitsOfAllUsers = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map { $0 + "/systemd/user" }

    /// It is not its user's alone: it is masked for that one, and goes on starting for the others.
    private var isForAllUsers: Bool {
        system == .systemd && owner != nil && Self.unitsOfAllUsers.contains(parentDirectory(of: path))
    }

    /// A user's, and not of the hook's own manager: theirs need not be running.
    func isForeign(_ hook: Hook) -> Bool { owner.map { hook.scope == .system || $0.id != hook.userID } ?? false }

    /// runsv(8), s6-supervise(8): with this file a service is not started by itself, also after a boot.
    private var downFile: String { path + "/down" }

    private var mark: Step { .write(FileImage(downFile, [])) }

    private var table: CronTable.Place { owner.map { .user($0) } ?? .file(path) }

    /// launchd's domain of the job. Overrides are one list for both of a user's domains; the graphical one is there
    /// only while its user is.
    func domain(_ hook: Hook) -> String {
        guard let owner else { return "system" }
        if owner.id == hook.userID, hook.scope == .user { return hook.launchdDomain }
        return "\(wasRunning ? "gui" : "user")/\(owner.id)"
    }

    func target(_ hook: Hook) -> String { "\(domain(hook))/\(name)" }
}
