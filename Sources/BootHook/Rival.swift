import Kernel
import Locations
import ServiceFormats
import ServiceModel
import SourceText

/// Another hook that starts a supervisor over the same configuration: two of them would fight for the programs.
package struct Rival: Hashable, Sendable {
    package var system: InitSystem
    /// systemd's unit with its suffix, launchd's label, a script's name.
    package var name: String
    /// Its file.
    package var path: String
    /// It was running when it was found.
    package var wasRunning: Bool

    package init(system: InitSystem, name: String, path: String, wasRunning: Bool) {
        self.system = system
        self.name = name
        self.path = path
        self.wasRunning = wasRunning
    }

    var recordLine: String { "\(system.rawValue) \(wasRunning ? "running" : "stopped") \(name) \(path)" }

    init?(recordLine: String) {
        let parts = recordLine.split(separator: " ", maxSplits: 3).map(String.init)
        guard parts.count == 4, let system = InitSystem(rawValue: parts[0]) else { return nil }
        self.init(system: system, name: parts[2], path: parts[3], wasRunning: parts[1] == "running")
    }

    /// How it is switched off, by its init's manual.
    func disable(_ hook: Hook) -> [Step] {
        switch system {
        case .systemd: [.call(hook.systemctl(["disable", "--now", name], limit: .infinity))]
        case .launchd:
            [
                .call(ToolCall(["launchctl", "disable", "\(hook.launchdDomain)/\(name)"])),
                .call(ToolCall(["launchctl", "bootout", "\(hook.launchdDomain)/\(name)"]), fine: [0, 3, 36, 37, 113]),
                .wait(
                    .code(ToolCall(["launchctl", "print", "\(hook.launchdDomain)/\(name)"]), 113), within: .seconds(60)),
            ]
        case .openrc:
            [
                .call(ToolCall(["rc-update", "del", name, "default"]), fine: [0, 1]),
                .call(ToolCall(["rc-service", name, "stop"]), fine: [0, 1]),
            ]
        case .sysv:
            [
                .call(ToolCall(["update-rc.d", name, "disable"])), .call(ToolCall([path, "stop"]), fine: [0, 1]),
            ]
        case .runit, .s6, .cron: []
        }
    }

    /// And on again, as it was.
    func restore(_ hook: Hook) -> [Step] {
        switch system {
        case .systemd:
            [.call(hook.systemctl(["enable"] + (wasRunning ? ["--now"] : []) + [name]), fine: [0, 1])]
        case .launchd:
            [.call(ToolCall(["launchctl", "enable", "\(hook.launchdDomain)/\(name)"]))]
                + (wasRunning
                    ? [.call(ToolCall(["launchctl", "bootstrap", hook.launchdDomain, path]), fine: [0, 17, 37])] : [])
        case .openrc:
            [.call(ToolCall(["rc-update", "add", name, "default"]), fine: [0, 1])]
                + (wasRunning ? [.call(ToolCall(["rc-service", name, "start"]), fine: [0, 1])] : [])
        case .sysv:
            [.call(ToolCall(["update-rc.d", name, "enable"]), fine: [0, 1])]
                + (wasRunning ? [.call(ToolCall([path, "start"]), fine: [0, 1])] : [])
        case .runit, .s6, .cron: []
        }
    }
}

/// Finds other hooks by what their files start.
struct RivalSearch<K: SystemCalls> {
    let kernel: K
    let hook: Hook
    /// The configuration as the daemon finds it.
    let configuration: String
    /// Sockets that the configuration itself names.
    let sockets: Set<String>

    /// Files of this init that start supervisord or svinstall over the same configuration or socket.
    func candidates(own files: Set<String>) -> [Rival] {
        var found: [Rival] = []
        // A unit hides those of its name in the directories behind it: the package's own is no rival.
        var names = Set(files.compactMap { $0.split(separator: "/").last.map(String.init) })
        for (directory, suffix) in places {
            for name in (try? kernel.list(directory)) ?? [] where name.hasSuffix(suffix) {
                let path = "\(directory)/\(name)"
                guard !files.contains(path), !names.contains(name), isRival(path) else { continue }
                names.insert(name)
                let shown = hook.system == .launchd ? String(name.dropLast(suffix.utf8.count)) : name
                found.append(Rival(system: hook.system, name: shown, path: path, wasRunning: false))
            }
        }
        return found
    }

    private var places: [(directory: String, suffix: String)] {
        switch (hook.system, hook.scope) {
        case (.systemd, .system):
            ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"]
                .map { ($0, ".service") }
        case (.systemd, .user):
            ["\(hook.home)/.config/systemd/user", "/etc/systemd/user", "/usr/lib/systemd/user"]
                .map { ($0, ".service") }
        case (.launchd, .user):
            ["\(hook.home)/\(LaunchdDirectory.userAgents.rawValue)", LaunchdDirectory.allUsersAgents.rawValue]
                .map { ($0, ".plist") }
        case (.launchd, .system): [(LaunchdDirectory.systemDaemons.rawValue, ".plist")]
        case (.openrc, _), (.sysv, _): [("/etc/init.d", "")]
        case (.runit, _), (.s6, _), (.cron, _): []
        }
    }

    private func isRival(_ path: String) -> Bool {
        guard let bytes = try? kernel.readFile(path, limit: 1 << 20) else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("supervisord") || text.contains("svinstall") else { return false }
        switch hook.system {
        case .systemd, .launchd:
            let format: Format = hook.system == .systemd ? .systemd : .plist
            guard
                let read = try? FormatRegistry.read(
                    InputFile(path: path, bytes: bytes, looksAround: false), as: format, world: HostWorld(kernel))
            else { return false }
            return read.services.contains { (service: Service) in concerns(service.command?.value.arguments ?? []) }
        case .openrc, .sysv: return starts(text)
        case .runit, .s6, .cron: return false
        }
    }

    /// Whether the words start a supervisor over our configuration.
    private func concerns(_ words: [String]) -> Bool {
        let programs = words.map { $0.split(separator: "/").last.map(String.init) ?? "" }
        guard let at = programs.firstIndex(where: { $0 == "supervisord" || $0 == "svinstall" }) else { return false }
        if programs[at] == "svinstall", !words.contains("run") { return false }
        var theirs = ConfigurationChoice.supervisordFiles.first { isFile($0, kernel) }
        for (index, word) in words.enumerated().dropFirst(at + 1) {
            if word == "-c" || word == "--configuration", index + 1 < words.count { theirs = words[index + 1] }
            if word.hasPrefix("--configuration=") { theirs = String(word.dropFirst("--configuration=".utf8.count)) }
            if word.hasPrefix("-c"), word.utf8.count > 2 { theirs = String(word.dropFirst(2)) }
        }
        guard let theirs else { return false }
        if same(theirs, configuration) { return true }
        return !sockets.isDisjoint(with: Facts.sockets(of: theirs, kernel))
    }

    /// Scripts are read as text: a supervisord started there reads supervisord's files unless it names another.
    private func starts(_ text: String) -> Bool {
        guard text.contains("supervisord") || text.contains("svinstall run") else { return false }
        return text.contains(configuration) || ConfigurationChoice.supervisordFiles.contains(configuration)
    }

    private func same(_ left: String, _ right: String) -> Bool {
        left == right || (try? kernel.realPath(left)) == (try? kernel.realPath(right))
    }
}
