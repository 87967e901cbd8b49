import ServiceModel
import SourceText
import SupervisorFormat

/// Accounts for the keys of a supervisor config, the included files' too: a key feeds the fields that stand where it
/// stands. What only the daemon knows is kept for the way back.
struct SupervisorKeys {
    private(set) var keys: [SourceKey] = []
    private(set) var kept: [KeptSetting] = []

    private let documents: [IniDocument]
    private let fields: [Line: DistinctList<ServiceField>]
    /// The services of each section that describes programs.
    private let owners: [String: [Int]]
    /// The last place of each key of each section, over all files.
    private let last: [Key: Place]
    /// Sections whose programs have other names, or are several.
    private let folded: Set<String>

    private struct Line: Hashable {
        var file: String
        var number: Int
    }

    private struct Key: Hashable {
        var section: String
        var key: String
    }

    private struct Place: Hashable {
        var document: Int
        var section: Int
        var entry: Int
    }

    init(documents: [IniDocument], services: [Service]) {
        self.documents = documents
        var fields: [Line: DistinctList<ServiceField>] = [:]
        var named: [Line: [Int]] = [:]
        for (index, service) in services.enumerated() {
            for (field, span) in service.fieldsSet {
                guard let span else { continue }
                fields[Line(file: span.file, number: span.start.line), default: DistinctList()].append(field)
            }
            guard let span = service.name.span else { continue }
            named[Line(file: span.file, number: span.start.line), default: []].append(index)
        }
        self.fields = fields
        var last: [Key: Place] = [:]
        var owners: [String: [Int]] = [:]
        for (number, document) in documents.enumerated() {
            for (place, section) in document.sections.enumerated() {
                // A service's name stands in the header of its section, or in process_name.
                var lines = [document.span(of: section).start.line]
                for (index, entry) in section.entries.enumerated() {
                    last[Key(section: section.name, key: entry.key)] = Place(
                        document: number, section: place, entry: index)
                    if entry.key == "process_name" { lines.append(document.valueSpan(entry).start.line) }
                }
                guard SupervisorSide.describesProgram(section.name) else { continue }
                owners[section.name, default: []] += lines.flatMap {
                    named[Line(file: document.path, number: $0)] ?? []
                }
            }
        }
        self.last = last
        self.owners = owners
        folded = Set(
            owners.filter { name, indices in
                indices.count != 1 || !indices.allSatisfy { name.hasSuffix(":" + services[$0].name.value) }
            }.keys)
    }

    /// Every key, once. A key of a program without a field is kept on every process of its section.
    mutating func account(for services: inout [Service]) {
        for (number, document) in documents.enumerated() {
            for (place, section) in document.sections.enumerated() {
                for (index, entry) in section.entries.enumerated() {
                    let span = SourceSpan(
                        file: document.path, start: document.keySpan(entry).start, end: document.valueSpan(entry).end)
                    var use = SourceKey.Use.ineffective(
                        code: "supervisor-overridden", why: "the same key stands below it, and the last one counts",
                        remedy: "remove it")
                    let here = Place(document: number, section: place, entry: index)
                    if last[Key(section: section.name, key: entry.key)] == here {
                        let value = document.value(of: entry)
                        use = self.use(of: entry.key, value, in: section.name, at: span, &services)
                    }
                    keys.append(SourceKey("\(section.name).\(document.name(of: entry))", at: span, use: use))
                }
            }
        }
    }

    private mutating func use(
        of key: String, _ value: String, in section: String, at span: SourceSpan, _ services: inout [Service]
    ) -> SourceKey.Use {
        let fed = fedFields(span)
        let isProgram = SupervisorSide.describesProgram(section)
        if isProgram {
            if folded.contains(section) { keep(section, key, value, span, isTold: false) }
            if !fed.isEmpty { return .fields(fed) }
            if ["numprocs", "numprocs_start", "process_name"].contains(key) { return .fields([.name]) }
            if key == "environment", value.trimmed.isEmpty, inheritsEnvironment {
                // Elsewhere, and so on the way back, each program names the daemon's variables itself.
                return .ineffective(
                    code: "supervisor-overridden", why: "an empty list adds nothing to the variables of [supervisord]",
                    remedy: "remove it")
            }
            return keepOnProcesses(section, key, value, span, &services)
        }
        if section.hasPrefix("x-svinstall:") {
            guard let setting = ForeignSetting(carrierText: value) else { return .fields([]) }
            return .fields([.foreign(setting.dialect, setting.path)])
        }
        if section == "include" {
            return .resolved(why: "the files that it names are read, and their programs come over with it")
        }
        if section == "DEFAULT" {
            let why = "no section makes use of it"
            return fed.isEmpty ? .ineffective(code: "supervisor-default", why: why, remedy: nil) : .fields(fed)
        }
        keep(section, key, value, span, isTold: fed.isEmpty)
        if !fed.isEmpty { return .fields(fed) }
        return .manager(why: DaemonSections.reason(section, key), field: .foreign(.supervisor, [section, key]))
    }

    private var inheritsEnvironment: Bool { last[Key(section: "supervisord", key: "environment")] != nil }

    private func fedFields(_ span: SourceSpan) -> [ServiceField] {
        let lines = (span.start.line...max(span.start.line, span.end.line)).compactMap { number in
            fields[Line(file: span.file, number: number)]?.all
        }
        return lines.count > 1 ? DistinctList(lines.joined()).all : lines.first ?? []
    }

    private mutating func keep(_ section: String, _ key: String, _ value: String, _ span: SourceSpan, isTold: Bool) {
        let setting = ForeignSetting(dialect: .supervisor, path: [section, key], value: value, span: span)
        kept.append(KeptSetting(setting: setting, isTold: isTold))
    }

    private func keepOnProcesses(
        _ section: String, _ key: String, _ value: String, _ span: SourceSpan, _ services: inout [Service]
    ) -> SourceKey.Use {
        for index in owners[section] ?? [] {
            services[index].foreign.append(
                ForeignSetting(dialect: .supervisor, path: [key], value: value, span: span))
        }
        return .fields([.foreign(.supervisor, [key])])
    }
}

/// Why the sections that are no programs do not come over: said section by section, in words of their own.
enum DaemonSections {
    static func reason(_ section: String, _ key: String) -> String {
        if section == "supervisord", let own = daemonKeys[key] { return own }
        return sections[SupervisorSide.kind(of: section)] ?? "supervisord itself makes nothing of the section"
    }

    private static let sections = [
        "supervisord": "it is about supervisord itself, whose work the other manager does",
        "unix_http_server": "the other manager is asked by its own tools, not over this socket",
        "inet_http_server": "the other manager is asked by its own tools, not over this port",
        "supervisorctl": "it is about supervisorctl, which asks supervisord only",
        "rpcinterface": "it is a part of supervisord's own interface",
        "ctlplugin": "it is a part of supervisorctl",
        "group": "the other manager has no groups of programs",
    ]

    private static let daemonKeys = [
        "childlogdir": "the other manager names no log files by itself",
        "nocleanup": "the other manager names no log files by itself, and so removes none",
        "strip_ansi": "the other manager writes colours into logs as they come",
        "minfds": "programs may open that many files anyway",
        "minprocs": "the other manager asks for no number of processes before it starts",
        "directory": "supervisord goes there in the background only, or every program has a directory of its own",
        "user": "every program has a user of its own",
        "umask": "every program has a umask of its own",
        "environment": "every program has the variables itself",
    ]
}
