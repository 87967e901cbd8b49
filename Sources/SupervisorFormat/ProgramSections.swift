import ServiceModel
import SourceText

extension ConfigurationReading {
    /// The processes of one program section in the order of their names.
    ///
    /// - Parameter group: name of the group they are made for; a program may be in several.
    mutating func processes(
        of section: MergedConfiguration.Section, group: String
    ) throws(Refusal) -> [Service] {
        do {
            return try makeProcesses(of: section, group: group)
        } catch {
            // The original names the included file that defines the section, or the root file as it was given.
            let file = section.document == 0 ? path : configuration.file(of: section)
            var refusal = error
            refusal.message +=
                " in section \(PythonText.repr(section.name)) (file: \(PythonText.repr(file)))"
            throw refusal
        }
    }

    private mutating func makeProcesses(
        of section: MergedConfiguration.Section, group: String
    ) throws(Refusal) -> [Service] {
        let span = configuration.span(section)
        let program: String
        do {
            program = try ValueTypes.name(Self.nameAfterColon(section.name))
        } catch {
            throw Refusal(error, at: span)
        }
        let usesNames = configuration.hasTemplates(section)
        let names: [(name: String, value: PercentFormat.Value)] =
            usesNames
            ? [
                ("here", .text(here)), ("program_name", .text(program)), ("host_node_name", .text(hostName)),
                ("group_name", .text(group)),
            ] : []
        let fields = fields(section, names)
        var draft = ProgramDraft()
        try readShared(fields, into: &draft)
        draft.environment = fields.raw("environment")
        draft.processName = fields.raw("process_name")
        if var name = draft.processName {
            do {
                name.text = try ValueTypes.name(name.text)
            } catch {
                throw Refusal(error, at: name.span)
            }
            draft.processName = name
        }
        for key in ProgramKey.additional { try read(key, from: fields, into: &draft) }
        try draft.check(span)
        draft.combine()
        draft.service.foreign = carriedSettings(program)

        var services: [Service] = []
        let (end, endOverflow) = draft.firstNumber.addingReportingOverflow(max(0, draft.processes))
        let (count, countOverflow) = processCount.addingReportingOverflow(max(0, draft.processes))
        processCount = count
        guard !endOverflow, !countOverflow, count <= Self.mostProcesses else {
            throw Refusal(
                "more than \(Self.mostProcesses) processes", remedy: "lower numprocs",
                at: draft.processesSpan, code: "program-numprocs")
        }
        // What each process repeats of its section.
        let size = section.values.reduce(0) { $0 + $1.text.utf8.count }
        do {
            try budget.spend(bytes: size.multipliedReportingOverflow(by: max(1, draft.processes)).partialValue)
        } catch {
            throw Refusal(error, at: draft.processesSpan ?? span)
        }
        guard draft.processes > 0 else { return [] }
        services.reserveCapacity(draft.processes)
        for number in draft.firstNumber..<end {
            let own: [(name: String, value: PercentFormat.Value)] =
                usesNames ? [("process_num", .number(number)), ("numprocs", .number(draft.processes))] : []
            services.append(try process(draft, fields, names + own, program))
        }
        if services.count > 1 { services.sort { PythonText.precedes($0.name.value, $1.name.value) } }
        return services
    }

    /// The keys that are there, in the table's order.
    private func readShared(_ fields: SectionFields, into draft: inout ProgramDraft) throws(Refusal) {
        // One bit a key: there are few of them, and many sections.
        var found: UInt64 = 0
        for values in [fields.section.values, configuration.defaults?.values ?? []] {
            for value in values {
                if let position = ProgramKey.positions[value.key] { found |= 1 << UInt64(position) }
            }
        }
        while found != 0 {
            try read(ProgramKey.shared[found.trailingZeroBitCount], from: fields, into: &draft)
            found &= found - 1
        }
    }

    private func read(
        _ key: ProgramKey, from fields: SectionFields, into draft: inout ProgramDraft
    ) throws(Refusal) {
        guard let field = try fields.expanded(key.name) else { return }
        do {
            try key.read(field, &draft, world)
        } catch {
            throw Refusal(error, at: field.span)
        }
    }

    /// One process: what may differ from process to process, read in the original's order.
    private mutating func process(
        _ draft: ProgramDraft, _ shared: SectionFields, _ names: [(name: String, value: PercentFormat.Value)],
        _ program: String
    ) throws(Refusal) -> Service {
        var service = draft.service
        var fields = shared
        fields.names.own = names
        if let field = draft.environment {
            do {
                let text = try fields.names.expand(field.text, name: "environment")
                for (name, value) in try EnvironmentList.parse(text) {
                    service.environment.append(EnvironmentVariable(name, field.setting(value)))
                    fields.names.local["ENV_" + name] = value
                }
            } catch {
                throw Refusal(error, at: field.span)
            }
        }
        if let field = try fields.expanded("directory") { service.workingDirectory = field.setting(field.text) }
        for stream in OutputStream.both where stream.isMentioned(in: fields.section, configuration) {
            try read(stream, of: fields, into: &service)
        }
        if let redirects = draft.redirectsError, redirects.value {
            // The file named for standard error is ignored then, aloud.
            if case .file? = service.standardError?.value {
                warn(
                    "For [\(fields.name)], redirect_stderr=true but stderr_logfile has also been set to a filename, the "
                        + "filename has been ignored", at: service.standardError?.span)
            }
            service.standardError = Setting(.sameAsOutput, at: redirects.span)
        }
        guard let command = try fields.expanded("command") else {
            throw Refusal(
                "program section \(fields.name) does not specify a command", remedy: "add command=", at: fields.span,
                code: "program-no-command")
        }
        service.supervisor.commandText = command.text
        service.command = command.setting(Self.command(command.text))
        var name = draft.processName ?? Field(key: "process_name", text: program, span: fields.span)
        if draft.processName != nil {
            do {
                name.text = try fields.names.expand(name.text, name: "process_name")
            } catch {
                throw Refusal(error, at: name.span)
            }
        }
        service.name = name.setting(name.text)
        return service
    }

    private mutating func read(
        _ stream: OutputStream, of fields: SectionFields, into service: inout Service
    ) throws(Refusal) {
        let key = stream.logFileKey
        var syslog: Field?
        if var field = try fields.expanded(key) {
            do {
                // Expanded twice by the original: a literal percent needs four.
                field.text = try fields.names.expand(field.text, name: key)
                switch ValueTypes.logFile(field.text) {
                case .none: stream.setSink(field.setting(.null), of: &service)
                case .automatic: stream.setSink(field.setting(.automatic), of: &service)
                case .syslog: syslog = field
                case .path(let path):
                    stream.setSink(field.setting(.file(try directories.path(path, in: world))), of: &service)
                }
            } catch {
                throw Refusal(error, at: field.span)
            }
        }
        let backups = try fields.read(stream.backupsKey) { (text) throws(BadValue) in
            try ValueTypes.integer(text)
        }
        let bytes = try fields.read(stream.maximumBytesKey, ValueTypes.byteSize)
        if let span = bytes?.span ?? backups?.span {
            let usual = Dialect.supervisor.defaults.rotation
            let rotation = LogRotation(
                maximumBytes: bytes?.value ?? usual.maximumBytes, backups: backups?.value ?? usual.backups)
            stream.setRotation(Setting(rotation, at: span), of: &service)
        }
        if let flag = try fields.read(stream.syslogKey, ValueTypes.boolean) {
            stream.setSyslog(Setting(flag.value, at: flag.span), of: &service)
        }
        if let syslog {
            warn(
                "For [\(fields.name)], \(key)=syslog but this is deprecated and will be removed.  Use "
                    + "\(stream.syslogKey)=true to enable syslog instead.", at: syslog.span)
            stream.setSink(syslog.setting(.null), of: &service)
            stream.setSyslog(syslog.setting(true), of: &service)
        }
        let sink = stream.sink(of: service)?.value
        if bytes?.value.bytes == 0, sink == nil || sink == .automatic || sink == .sameAsOutput {
            warn(
                "For [\(fields.name)], AUTO logging used for \(key) without rollover, set maxbytes > 0 to avoid filling "
                    + "up filesystem unintentionally", at: bytes?.span)
        }
    }

    /// A command's words. What is no list of words is the spawn's failure, not the file's; `reason` is what the
    /// original then shows as spawn error.
    static func command(_ text: String) -> Command {
        do {
            let words = try ShellWords.split(text)
            return words.isEmpty ? .malformed(text: text, reason: "command is empty") : .words(words)
        } catch {
            return .malformed(text: text, reason: error.rawValue)
        }
    }

    /// What follows the first colon of a section's name.
    static func nameAfterColon(_ section: String) -> String {
        guard let colon = section.utf8.firstIndex(of: UInt8(ascii: ":")) else { return section }
        return String(section[section.utf8.index(after: colon)...])
    }

    /// `[x-svinstall:NAME]`: what other dialects say and supervisord cannot, kept for the way back. Lines that are
    /// none of ours are passed over.
    private func carriedSettings(_ program: String) -> [ForeignSetting] {
        guard hasCarriers, let section = configuration.section(named: CarrierSection.prefix + program) else {
            return []
        }
        return section.values.compactMap {
            ForeignSetting(carrierText: $0.text, at: configuration.span($0))
        }
    }
}

/// The section beside a program's own that holds what supervisord has no key for; supervisord ignores it.
enum CarrierSection {
    static let prefix = "x-svinstall:"
}
