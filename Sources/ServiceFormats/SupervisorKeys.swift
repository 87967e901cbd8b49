import ServiceModel
import SourceText
import SupervisorFormat

/// Accounts for the keys of a supervisor config: a key feeds the fields that stand where it stands.
struct SupervisorKeys {
    private let document: IniDocument
    /// The fields by the line on which they stand.
    private let fieldsByLine: [Int: [ServiceField]]
    /// The services by the line of their command.
    private let servicesByLine: [Int: [Int]]

    private static let programs: Set<String> = ["program", "fcgi-program", "eventlistener"]

    init(document: IniDocument, services: [Service]) {
        self.document = document
        var fields: [Int: [ServiceField]] = [:]
        var commands: [Int: [Int]] = [:]
        for (index, service) in services.enumerated() {
            for (field, place) in service.fieldsSet {
                guard let place, place.file == document.path else { continue }
                if fields[place.start.line]?.contains(field) != true {
                    fields[place.start.line, default: []].append(field)
                }
            }
            guard let place = service.command?.span, place.file == document.path else { continue }
            commands[place.start.line, default: []].append(index)
        }
        fieldsByLine = fields
        servicesByLine = commands
    }

    /// Every key, once. A key without a field is kept on every program of its section.
    func account(for services: inout [Service]) -> [SourceKey] {
        var keys: [SourceKey] = []
        for section in document.sections {
            let kind = section.name.split(separator: ":", maxSplits: 1).first.map(String.init) ?? section.name
            for (index, entry) in section.entries.enumerated() {
                let name = "\(section.name).\(document.name(of: entry))"
                let span = SourceSpan(
                    file: document.path, start: document.keySpan(entry).start, end: document.valueSpan(entry).end)
                if section.entries[(index + 1)...].contains(where: { $0.key == entry.key }) {
                    let why = "the same key stands below it, and the last one counts"
                    let use = SourceKey.Use.ineffective(code: "supervisor-overridden", why: why, remedy: "remove it")
                    keys.append(SourceKey(name, at: span, use: use))
                    continue
                }
                keys.append(SourceKey(name, at: span, use: use(of: entry, kind, section, span, &services)))
            }
        }
        return keys
    }

    private func use(
        of entry: IniDocument.Entry, _ kind: String, _ section: IniDocument.Section, _ span: SourceSpan,
        _ services: inout [Service]
    ) -> SourceKey.Use {
        var fields: [ServiceField] = []
        for line in span.start.line...max(span.start.line, span.end.line) {
            for field in fieldsByLine[line] ?? [] where !fields.contains(field) { fields.append(field) }
        }
        if !fields.isEmpty { return .fields(fields) }
        guard Self.programs.contains(kind) else {
            if kind == "x-svinstall" { return .fields([]) }
            return .manager(
                why: kind == "group"
                    ? "the other manager has no groups of programs" : "it is a setting of the daemon, not of a program")
        }
        if ["numprocs", "numprocs_start", "process_name"].contains(entry.key) { return .fields([.name]) }
        for other in section.entries {
            for index in servicesByLine[document.valueSpan(other).start.line] ?? [] {
                services[index].foreign.append(
                    ForeignSetting(
                        dialect: .supervisor, path: [entry.key], value: document.value(of: entry), span: span))
            }
        }
        return .fields([.foreign(.supervisor, [entry.key])])
    }
}
