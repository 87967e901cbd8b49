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
            let documents = ([file] + file.companions).compactMap { try? IniDocument(path: $0.path, bytes: $0.bytes) }
            let entries = SupervisorEntries(documents: documents)
            return { entries.entries(of: $0) }
        },
        combine: { (pieces: [Piece], world: any ConfigurationWorld) throws(Failure) -> Combined in
            SupervisorAssembly(pieces, world: world).result
        })
}

/// supervisord.conf in the clothes of a side.
enum SupervisorSide {
    /// Kinds of sections that describe programs: what stands before the colon of their names.
    static let programKinds: Set<String> = ["program", "fcgi-program", "eventlistener"]

    /// What stands before the first colon of a section's name.
    static func kind(of section: String) -> String {
        section.split(separator: ":", maxSplits: 1).first.map(String.init) ?? section
    }

    static func describesProgram(_ section: String) -> Bool {
        section.contains(":") && programKinds.contains(kind(of: section))
    }

    static func read(_ file: InputFile, _ world: any ConfigurationWorld) throws(Failure) -> ReadResult {
        let root = try IniDocument(path: file.path, bytes: file.bytes)
        // A file for `[include]` has no section of the daemon; the reader wants one.
        var bytes = file.bytes
        if !root.sections.contains(where: { $0.name == "supervisord" }) {
            bytes += Array("\n[supervisord]\n".utf8)
        }
        let plan = try SupervisorReader(world: world).plan(path: file.path, bytes: bytes)
        var included: [InputFile] = []
        for path in plan.files.dropFirst() {
            guard case .content(let bytes) = world.read(path, limit: SupervisorReader.largestFile) else { continue }
            included.append(InputFile(path: path, bytes: bytes, looksAround: false))
        }
        let documents = [root] + included.compactMap { try? IniDocument(path: $0.path, bytes: $0.bytes) }
        var services = plan.groups.flatMap(\.services)
        let lent = DaemonSurroundings(plan.daemon, documents, world: world).apply(to: &services)
        var accounting = SupervisorKeys(documents: documents, services: services)
        accounting.account(for: &services)
        var diagnostics: [Diagnostic] = []
        for notice in plan.notices where notice.level >= .warning && notice.level != .critical {
            diagnostics.append(notice.diagnostic)
        }
        return ReadResult(
            format: .supervisor, services: services, plan: plan, diagnostics: diagnostics, keys: accounting.keys,
            kept: accounting.kept, lent: lent, included: included)
    }

    static func write(_ service: Service) throws(Failure) -> Side.Written {
        let result = try SupervisorWriter().write(service)
        // A key that only one kind of program has tells the kind.
        let own = service.foreign.filter { $0.dialect == .supervisor && $0.value != nil }.map(\.path)
        let text = "[\(kind(having: own)):" + result.text.dropFirst("[program:".count)
        return Side.Written(files: [output(of: service, text)], verdicts: result.verdicts)
    }

    /// A program with the keys of its section as they are written.
    static func section(of service: Service, _ entries: [Side.Entry]) -> Conversion.Output {
        var text = "[\(kind(having: entries.map(\.path))):\(service.name.value)]\n"
        for entry in entries { text += "\(entry.path[0])=\(ValueWords.continued(entry.value))\n" }
        let carried = service.foreign.filter { $0.dialect != .supervisor }
        if !carried.isEmpty { text += "\n[x-svinstall:\(service.name.value)]\n" }
        for (number, setting) in carried.enumerated() {
            text += "\(number + 1)=\(setting.carrierText.replacing(" #", with: " ~23"))\n"
        }
        return output(of: service, text)
    }

    private static func output(of service: Service, _ text: String) -> Conversion.Output {
        Conversion.Output(name: FileNames.safe(service.name.value) + ".conf", bytes: Array(text.utf8))
    }

    private static func kind(having keys: [[String]]) -> String {
        keys.contains(["events"]) ? "eventlistener" : keys.contains(["socket"]) ? "fcgi-program" : "program"
    }

    /// Says of programs that speak to supervisord itself that nobody else answers them.
    static func warnOfPartners(_ services: [Service]) -> [Diagnostic] {
        services.compactMap { service in
            guard let events = service.foreign.first(where: { $0.dialect == .supervisor && $0.path == ["events"] })
            else { return nil }
            return Diagnostic(
                .warning, code: "supervisor-listener",
                "'\(service.name.value)' is an event listener: another manager starts it and never tells it an event",
                remedy: "leave it to supervisord, or to svinstall run", at: events.span)
        }
    }
}

extension PlanNotice {
    /// As a problem of the file that it is about.
    var diagnostic: Diagnostic {
        Diagnostic(isOrdinary ? .note : .warning, code: "supervisor-notice", text, at: span)
    }
}
