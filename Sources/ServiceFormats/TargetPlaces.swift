import PropertyList
import ServiceModel
import SourceText
import SupervisorFormat
import SystemdFormat

/// The key at the beginning of what a verdict calls its target: `Restart` of `Restart=always RestartSec=1s`.
enum TargetKey {
    static func first(of target: String) -> String {
        String(target.prefix { $0 != "=" && $0 != " " })
    }
}

/// Where in a written job things stand.
struct JobPlaces {
    private var members: [String: PropertyMember] = [:]
    /// The members of dictionaries, by both names with a dot between.
    private var inner: [String: PropertyMember] = [:]

    init(_ output: Conversion.Output) {
        let root = try? PropertyListDocument.read(output.bytes, path: output.name).root
        for member in root?.members ?? [] {
            members[member.key] = member
            for below in member.value.members ?? [] { inner["\(member.key).\(below.key)"] = below }
        }
    }

    func places(of target: String) -> [SourceSpan] {
        let name = TargetKey.first(of: target)
        let outer = name.firstIndex(of: ".").flatMap { members[String(name[..<$0])] }
        return [members[name] ?? inner[name] ?? outer].compactMap { $0?.keySpan }
    }
}

/// Where in a service's units things stand.
struct UnitPlaces {
    private let files: Set<String>
    /// The first assignment of each key.
    private let keys: [String: SourceSpan]
    /// The first one that begins with a variable, by that.
    private let variables: [Substring: SourceSpan]

    init(_ outputs: [Conversion.Output]) {
        let documents = outputs.compactMap { try? UnitDocument(path: $0.name, bytes: $0.bytes) }
        files = Set(documents.map(\.path))
        let assignments = documents.flatMap(\.assignments)
        keys = Dictionary(assignments.map { ($0.key, $0.keySpan) }, uniquingKeysWith: { first, _ in first })
        variables = Dictionary(
            assignments.filter { $0.key == "Environment" }.map { assignment in
                let text = assignment.value.drop { $0 == "\"" }
                return (text.prefix { $0 != "=" }, assignment.keySpan)
            }, uniquingKeysWith: { first, _ in first })
    }

    func places(of target: String) -> [SourceSpan] {
        if files.contains(target) { return [SourceSpan(file: target, at: .start)] }
        if target.hasPrefix("[X-Svinstall]") { return first("Carried") }
        // A key that came back is named with its section, and with its unit where that is not the service.
        let name = TargetKey.first(of: target).split(separator: ".").last.map(String.init) ?? ""
        if name == "Environment", let variable = target.split(separator: "=", maxSplits: 1).last {
            return variables[variable].map { [$0] } ?? first(name)
        }
        return first(name)
    }

    private func first(_ key: String) -> [SourceSpan] { keys[key].map { [$0] } ?? [] }
}

/// Where in a written supervisor config things stand.
struct SupervisorPlaces {
    private var headers: [String: SourceSpan] = [:]
    /// By section and key.
    private var keys: [String: [String: SourceSpan]] = [:]
    /// The sections of programs by the programs' names.
    private var programs: [String: String] = [:]

    init(_ output: Conversion.Output) {
        guard let document = try? IniDocument(path: output.name, bytes: output.bytes) else { return }
        for section in document.sections {
            headers[section.name] = document.span(of: section)
            for entry in section.entries { keys[section.name, default: [:]][entry.key] = document.keySpan(entry) }
            guard SupervisorSide.describesProgram(section.name), let colon = section.name.firstIndex(of: ":") else {
                continue
            }
            programs[String(section.name[section.name.index(after: colon)...])] = section.name
        }
    }

    func places(of target: String, program: String) -> [SourceSpan] {
        var section = programs[program] ?? ""
        var key = TargetKey.first(of: target).lowercased()
        if target.hasPrefix("["), let close = target.firstIndex(of: "]") {
            let named = String(target[target.index(after: target.startIndex)..<close])
            key = String(target[target.index(after: close)...]).trimmed
            // A service that is one of several processes has no section of its own any more.
            let isOwn = named.hasPrefix("program:") && key.isEmpty
            section = named.hasPrefix("x-svinstall:") ? "x-svinstall:" + program : isOwn ? section : named
            return [keys[section]?[key] ?? headers[section]].compactMap { $0 }
        }
        let place = keys[section]?[key] ?? (target.contains("=\"") ? keys[section]?["environment"] : nil)
        return place.map { [$0] } ?? []
    }
}
