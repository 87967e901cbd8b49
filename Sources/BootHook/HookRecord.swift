package import Kernel
package import Locations
import SourceText

/// What was installed and what was there before: written first, removed last, so that a half-done installation can be
/// completed or taken back. Lines of a key and a value; keys may come several times.
package struct HookRecord: Hashable, Sendable {
    package var system: InitSystem
    package var scope: Scope
    package var label: String
    package var program: String
    package var configuration: String?
    package var options = HookOptions()
    /// Files as they were written: path and fingerprint.
    package var files: [String: String] = [:]
    /// Directories that were made for them.
    package var madeDirectories: [String] = []
    /// A copy of svinstall that was made for this hook.
    package var copy: String?
    /// Linger was off before.
    package var turnedLingerOn = false
    /// Hooks of others that were disabled.
    package var replaced: [Rival] = []
    /// Paths that others may write, accepted by name.
    package var allowed: [String] = []

    package init(_ hook: Hook) {
        system = hook.system
        scope = hook.scope
        label = hook.label
        program = hook.program
        configuration = hook.configuration
        options = hook.options
    }

    /// Where the records of a scope lie. Not in a place that a boot empties.
    package static func directory(_ scope: Scope, home: String) -> String {
        switch scope {
        case .user: home + "/.local/state/svinstall/hooks"
        case .system: HookPlaces.systemRecords
        }
    }

    package static func path(_ scope: Scope, home: String, label: String) -> String {
        "\(directory(scope, home: home))/\(label)"
    }

    /// FNV-1a over the bytes, with their number: enough to see that somebody edited a file.
    static func fingerprint(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "\(bytes.count)-\(Digits.hexadecimal(hash, width: 16))"
    }

    private static let head = "svinstall hook 1"

    /// The record as a file.
    var bytes: [UInt8] {
        var lines = [
            Self.head, "init \(system.rawValue)", "scope \(scope.rawValue)", "label \(label)", "program \(program)",
        ]
        if let configuration { lines.append("configuration \(configuration)") }
        if options.isHardened { lines.append("hardened yes") }
        if let seconds = options.watchdogSeconds { lines.append("watchdog \(seconds)") }
        if let directory = options.serviceDirectory { lines.append("service-directory \(directory)") }
        if let domain = options.domain { lines.append("domain \(domain)") }
        for (name, value) in options.environment.sorted(by: { $0.key < $1.key }) {
            lines.append("environment \(name)=\(value)")
        }
        for (path, mark) in files.sorted(by: { $0.key < $1.key }) { lines.append("file \(mark) \(path)") }
        lines += madeDirectories.map { "directory \($0)" }
        if let copy { lines.append("copy \(copy)") }
        if turnedLingerOn { lines.append("linger on") }
        lines += replaced.map { "replaced \($0.recordLine)" }
        lines += allowed.map { "allowed \($0)" }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Reads a record; `nil` for anything that is none, also for one that was cut off.
    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n")
        guard lines.first.map(String.init) == Self.head, text.hasSuffix("\n") else { return nil }
        var values: [String: [String]] = [:]
        for line in lines.dropFirst() {
            guard let blank = line.firstIndex(of: " ") else { return nil }
            values[String(line[..<blank]), default: []].append(String(line[line.index(after: blank)...]))
        }
        guard let system = values["init"]?.first.flatMap(InitSystem.init(rawValue:)),
            let scope = values["scope"]?.first.flatMap(Scope.init(rawValue:)), let label = values["label"]?.first,
            let program = values["program"]?.first
        else { return nil }
        self.system = system
        self.scope = scope
        self.label = label
        self.program = program
        configuration = values["configuration"]?.first
        options.isHardened = values["hardened"] != nil
        options.watchdogSeconds = values["watchdog"]?.first.flatMap { Int($0) }
        options.serviceDirectory = values["service-directory"]?.first
        options.domain = values["domain"]?.first
        for entry in values["environment"] ?? [] {
            guard let equals = entry.firstIndex(of: "=") else { return nil }
            options.environment[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
        }
        for entry in values["file"] ?? [] {
            guard let blank = entry.firstIndex(of: " ") else { return nil }
            files[String(entry[entry.index(after: blank)...])] = String(entry[..<blank])
        }
        madeDirectories = values["directory"] ?? []
        copy = values["copy"]?.first
        turnedLingerOn = values["linger"] != nil
        replaced = (values["replaced"] ?? []).compactMap(Rival.init(recordLine:))
        allowed = values["allowed"] ?? []
    }

    /// The record of a label; `nil` when there is none that can be read.
    package static func load<K: SystemCalls>(
        _ scope: Scope, home: String, label: String, root: String = "", _ kernel: K
    ) -> HookRecord? {
        guard let bytes = try? kernel.readFile(root + path(scope, home: home, label: label), limit: 1 << 20) else {
            return nil
        }
        return HookRecord(bytes)
    }
}
