import SourceText

/// What a file is, told by its first lines; its name counts only where those leave it open.
enum Recognition {
    /// How much of a file is looked at.
    private static let glance = 64 << 10

    static func format(of file: InputFile) -> Format? {
        if let binary = markup(file.bytes) { return binary }
        let text = String(decoding: file.bytes.prefix(glance), as: UTF8.self)
        let lines = text.unicodeScalars.split(whereSeparator: isNewline).map { String($0).trimmed }
            .filter { !$0.isEmpty }
        return script(lines) ?? sections(lines) ?? yaml(lines) ?? procfile(lines, name: file.path) ?? byName(file.path)
    }

    /// As `Character.isNewline` has it; every start of a daemon asks it of its configuration.
    private static func isNewline(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Property lists, by their first bytes behind blanks and comments.
    private static func markup(_ bytes: [UInt8]) -> Format? {
        if bytes.starts(with: Array("bplist".utf8)) { return .plist }
        // UTF-16 and UTF-32 are property lists' alone among our formats.
        for mark in [[0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF]] as [[UInt8]] where bytes.starts(with: mark) {
            return .plist
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let content = bytes[start...].drop { $0 == 0x20 || (9...13).contains($0) }.prefix(2)
        switch content.first {
        case UInt8(ascii: "<"), UInt8(ascii: "("): return .plist
        case UInt8(ascii: "{"):
            // `{{`, `{%` and `{#` begin what a template engine replaces.
            let next = content.dropFirst().first ?? 0
            return Array("{%#".utf8).contains(next) ? nil : .plist
        default: return nil
        }
    }

    private static func script(_ lines: [String]) -> Format? {
        if let first = lines.first, first.hasPrefix("#!") {
            if first.contains("openrc-run") || first.contains("runscript") { return .openrc }
            if lines.contains(where: { $0.hasPrefix("### BEGIN INIT INFO") }) { return .sysv }
        }
        return nil
    }

    /// Files of `[section]` and key lines: by the names of their sections.
    private static func sections(_ lines: [String]) -> Format? {
        for line in lines where line.hasPrefix("[") {
            guard let close = line.firstIndex(of: "]") else { continue }
            let name = String(line[line.index(after: line.startIndex)..<close])
            let kind = name.split(separator: ":", maxSplits: 1).first.map { String($0).trimmed } ?? name
            if supervisorSections.contains(kind) { return .supervisor }
            if unitSections.contains(name) { return .systemd }
        }
        return nil
    }

    private static let supervisorSections: Set<String> = [
        "program", "supervisord", "supervisorctl", "unix_http_server", "inet_http_server", "group", "eventlistener",
        "fcgi-program", "rpcinterface", "include", "ctlplugin",
    ]

    private static let unitSections: Set<String> = [
        "Unit", "Service", "Install", "Timer", "Socket", "Path", "Mount", "Automount", "Swap", "Slice", "Scope",
    ]

    private static func yaml(_ lines: [String]) -> Format? {
        if lines.contains("services:") { return .compose }
        if lines.contains(where: { $0.hasPrefix("apiVersion:") }) && lines.contains(where: { $0.hasPrefix("kind:") }) {
            return .kubernetes
        }
        if lines.contains(where: { $0.hasPrefix("start on ") }) { return .upstart }
        if lines.contains(where: { $0.hasPrefix("@reboot ") }) { return .cron }
        return nil
    }

    private static func procfile(_ lines: [String], name: String) -> Format? {
        let content = lines.filter { !$0.hasPrefix("#") }
        guard !content.isEmpty else { return nil }
        let fits = content.allSatisfy { line in
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else { return false }
            return line[..<colon].unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
                    || $0 == "-"
            }
        }
        return fits && byName(name) ?? .procfile == .procfile ? .procfile : nil
    }

    /// The last resort: an empty or broken file is still called something.
    private static func byName(_ path: String) -> Format? {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if name.hasPrefix("procfile") { return .procfile }
        guard let dot = name.lastIndex(of: ".") else { return nil }
        switch name[name.index(after: dot)...] {
        case "plist": return .plist
        case "service", "timer", "socket", "path", "target": return .systemd
        case "conf", "ini": return .supervisor
        case "yml", "yaml": return .compose
        default: return nil
        }
    }
}
