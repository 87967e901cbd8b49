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
    private let members: [PropertyMember]

    init(_ output: Conversion.Output) {
        members = (try? PropertyListDocument.read(output.bytes, path: output.name))?.root.members ?? []
    }

    func places(of target: String) -> [SourceSpan] {
        let name = TargetKey.first(of: target)
        if let member = members.first(where: { $0.key == name }) { return [member.keySpan] }
        guard let dot = name.firstIndex(of: "."), let outer = members.first(where: { $0.key == name[..<dot] }) else {
            return []
        }
        let inner = outer.value.members?.first { $0.key == name[name.index(after: dot)...] }
        return [(inner ?? outer).keySpan]
    }
}

/// Where in a service's units things stand.
struct UnitPlaces {
    private let documents: [UnitDocument]

    init(_ outputs: [Conversion.Output]) {
        documents = outputs.compactMap { try? UnitDocument(path: $0.name, bytes: $0.bytes) }
    }

    func places(of target: String) -> [SourceSpan] {
        if documents.contains(where: { $0.path == target }) { return [SourceSpan(file: target, at: .start)] }
        if target.hasPrefix("[X-Svinstall]") { return Array(spans("Carried").prefix(1)) }
        // A key that came back is named with its section, and with its unit where that is not the service.
        let name = TargetKey.first(of: target).split(separator: ".").last.map(String.init) ?? ""
        if name == "Environment", let variable = target.split(separator: "=", maxSplits: 1).last {
            return spans(name) { $0.hasPrefix(variable + "=") || $0.hasPrefix("\"" + variable + "=") }
        }
        return Array(spans(name).prefix(1))
    }

    private func spans(_ key: String, where holds: (String) -> Bool = { _ in true }) -> [SourceSpan] {
        documents.flatMap { $0.assignments.filter { $0.key == key && holds($0.value) }.map(\.keySpan) }
    }
}

/// Where in a written supervisor config things stand.
struct SupervisorPlaces {
    private let document: IniDocument?

    init(_ output: Conversion.Output) {
        document = try? IniDocument(path: output.name, bytes: output.bytes)
    }

    func places(of target: String, program: String) -> [SourceSpan] {
        guard let document else { return [] }
        let own = document.sections.first {
            SupervisorSide.describesProgram($0.name) && $0.name.hasSuffix(":" + program)
        }
        if target.hasPrefix("[program:"), target.hasSuffix("]") { return own.map { [document.span(of: $0)] } ?? [] }
        if target.hasPrefix("["), let close = target.firstIndex(of: "]") {
            let named = String(target[target.index(after: target.startIndex)..<close])
            let name = named.hasPrefix("x-svinstall:") ? "x-svinstall:" + program : named
            let key = String(target[target.index(after: close)...]).trimmed
            guard let section = document.sections.first(where: { $0.name == name }) else { return [] }
            let entry = section.entries.first { $0.key == key }
            return [entry.map { document.keySpan($0) } ?? document.span(of: section)]
        }
        let name = TargetKey.first(of: target).lowercased()
        let entry =
            own?.entries.first { $0.key == name }
            ?? own?.entries.first { $0.key == "environment" && target.contains("=\"") }
        return entry.map { [document.keySpan($0)] } ?? []
    }
}
