import ServiceModel
import SourceText
import SupervisorFormat

/// The keys of the section that a service comes from, as they are written.
///
/// One section of several processes, or of one with another name, becomes programs of their names, and what the daemon
/// gives to a program becomes the program's own: then they are the keys as they would be written for this one.
struct SupervisorEntries {
    private let documents: [IniDocument]
    private let inheritsEnvironment: Bool

    init(documents: [IniDocument]) {
        self.documents = documents
        inheritsEnvironment = documents.flatMap(\.sections).contains { section in
            section.name == "supervisord" && section.entries.contains { $0.key == "environment" }
        }
    }

    func entries(of service: Service) -> [Side.Entry]? {
        guard let name = sectionName(of: service) else { return nil }
        var entries = values(of: name)
        entries += values(of: "DEFAULT").filter { common in !entries.contains { $0.path == common.path } }
        let processes = entries.first { $0.path == ["numprocs"] }?.value ?? "1"
        let isNamedForSection = name.hasSuffix(":" + service.name.value)
        if processes != "1" || !isNamedForSection { return canonical(service) }
        for entry in canonical(service) ?? [] where DaemonSurroundings.keys.contains(entry.path[0]) {
            if entry.path == ["environment"], inheritsEnvironment { entries.removeAll { $0.path == entry.path } }
            if !entries.contains(where: { $0.path == entry.path }) { entries.append(entry) }
        }
        return entries
    }

    /// The section in which the service has its name.
    private func sectionName(of service: Service) -> String? {
        if let place = service.name.span, let document = documents.first(where: { $0.path == place.file }) {
            let section = document.sections.last { $0.line < place.start.line }
            if let section, SupervisorSide.describesProgram(section.name) { return section.name }
        }
        let programs = documents.flatMap(\.sections).map(\.name).filter(SupervisorSide.describesProgram)
        return programs.count == 1 ? programs.first : nil
    }

    /// The keys of all sections of a name, in their order; the last value of a key counts.
    private func values(of section: String) -> [Side.Entry] {
        var entries: [Side.Entry] = []
        var places: [String: Int] = [:]
        for document in documents {
            for entry in document.sections(named: section).flatMap(\.entries) {
                let value = document.value(of: entry)
                if let place = places[entry.key] {
                    entries[place].value = value
                } else {
                    places[entry.key] = entries.count
                    entries.append(Side.Entry(path: [entry.key], value: value))
                }
            }
        }
        return entries
    }

    /// The keys as the writer writes them.
    private func canonical(_ service: Service) -> [Side.Entry]? {
        guard let written = try? SupervisorWriter().write(service),
            let document = try? IniDocument(path: "", bytes: Array(written.text.utf8))
        else { return nil }
        return document.sections.first?.entries.map { Side.Entry(path: [$0.key], value: document.value(of: $0)) }
    }
}
