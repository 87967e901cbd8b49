import ServiceModel
import SourceText
import SupervisorFormat

extension Side {
    static let supervisor = Side(
        dialect: .supervisor,
        read: { (file: InputFile, world: any ConfigurationWorld) throws(Failure) -> ReadResult in
            try SupervisorSide.read(file, world)
        },
        write: { (service: Service, _: WriteContext) throws(Failure) -> Written in
            try SupervisorSide.write(service)
        },
        entries: { (file: InputFile) -> EntrySource in
            guard let document = try? IniDocument(path: file.path, bytes: file.bytes) else { return { _ in nil } }
            return { SupervisorSide.entries(document, $0) }
        },
        combine: { (parts: [Conversion.Output]) throws(Failure) -> Conversion.Output in
            SupervisorSide.combine(parts)
        })
}

/// supervisord.conf in the clothes of a side.
enum SupervisorSide {
    static func read(_ file: InputFile, _ world: any ConfigurationWorld) throws(Failure) -> ReadResult {
        let document = try IniDocument(path: file.path, bytes: file.bytes)
        // A file for `[include]` has no section of the daemon; the reader wants one.
        var bytes = file.bytes
        if !document.sections.contains(where: { $0.name == "supervisord" }) {
            bytes += Array("\n[supervisord]\n".utf8)
        }
        let plan = try SupervisorReader(world: world).plan(path: file.path, bytes: bytes)
        var services = plan.groups.flatMap(\.services)
        let keys = SupervisorKeys(document: document, services: services).account(for: &services)
        var diagnostics: [Diagnostic] = []
        for notice in plan.notices where notice.level >= .warning && notice.level != .critical {
            diagnostics.append(Diagnostic(.warning, code: "supervisor-notice", notice.text, at: notice.span))
        }
        return ReadResult(
            format: .supervisor, services: services, plan: plan, diagnostics: diagnostics, keys: keys)
    }

    static func write(_ service: Service) throws(Failure) -> Side.Written {
        let result = try SupervisorWriter().write(service)
        let name = FileNames.safe(service.name.value) + ".conf"
        var text = result.text
        // A key that only one kind of program has tells the kind.
        let own = service.foreign.filter { $0.dialect == .supervisor && $0.value != nil }.map(\.path)
        for (key, kind) in kinds where own.contains([key]) {
            text = "[\(kind):" + text.dropFirst("[program:".count)
        }
        return Side.Written(
            files: [Conversion.Output(name: name, bytes: Array(text.utf8))], verdicts: result.verdicts)
    }

    private static let kinds = [("events", "eventlistener"), ("socket", "fcgi-program")]

    /// The keys of the section that a service comes from, as they are written. One section of several processes, or of
    /// one with another name, becomes programs of their names, and a variable of the daemon becomes the programs' own: then they are the keys as
    /// they would be written for this one.
    static func entries(_ document: IniDocument, _ service: Service) -> [Side.Entry]? {
        let sections = document.sections.filter { section in
            ["program:", "eventlistener:", "fcgi-program:"].contains { section.name.hasPrefix($0) }
        }
        let place = service.command?.span.flatMap { $0.file == document.path ? $0.start.line - 1 : nil }
        let section =
            place.map { line in sections.last { $0.line <= line } }
            ?? (sections.count == 1 ? sections.first : nil)
        guard let section else { return nil }
        var entries = section.entries.map { Side.Entry(path: [$0.key], value: document.value(of: $0)) }
        let isNamedForSection = section.name.hasSuffix(":" + service.name.value)
        if entries.contains(where: { $0.path == ["numprocs"] || $0.path == ["process_name"] }) || !isNamedForSection {
            return canonical(service)
        }
        let inherits = document.sections.contains { section in
            section.name == "supervisord" && section.entries.contains { $0.key == "environment" }
        }
        if inherits {
            entries.removeAll { $0.path == ["environment"] }
            entries += canonical(service)?.filter { $0.path == ["environment"] } ?? []
        }
        return entries
    }

    /// The keys as the writer writes them.
    private static func canonical(_ service: Service) -> [Side.Entry]? {
        guard let written = try? SupervisorWriter().write(service),
            let document = try? IniDocument(path: "", bytes: Array(written.text.utf8))
        else { return nil }
        return document.sections.first?.entries.map { Side.Entry(path: [$0.key], value: document.value(of: $0)) }
    }

    /// One file that supervisord starts from: it wants a section of its own. Programs of one name are numbered.
    static func combine(_ parts: [Conversion.Output]) -> Conversion.Output {
        var text = "[supervisord]\n"
        var names: Set<Substring> = []
        for part in parts {
            var program = String(decoding: part.bytes, as: UTF8.self)
            let header = program.prefix { $0 != "\n" }.dropFirst().dropLast()
            let name = header.drop { $0 != ":" }.dropFirst()
            let kind = header.prefix { $0 != ":" }
            var number = 2
            var unique = name
            while !names.insert(unique).inserted {
                unique = "\(name)-\(number)"
                number += 1
            }
            if unique != name {
                for prefix in ["[\(kind):", "[x-svinstall:"] {
                    program = program.replacing("\(prefix)\(name)]\n", with: "\(prefix)\(unique)]\n")
                }
            }
            text += "\n" + program
        }
        let name = parts.count == 1 ? parts.first?.name ?? "supervisord.conf" : "supervisord.conf"
        return Conversion.Output(name: name, bytes: Array(text.utf8))
    }
}
