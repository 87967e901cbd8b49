import ServiceModel
import SourceText

/// The process's surroundings: user, directory, environment, limits; and where it reads and writes.
extension UnitDraft {
    mutating func writeContext() {
        for (key, setting, field) in [
            ("User", service.user, ServiceField.user), ("Group", service.group, .group),
            ("RootDirectory", service.rootDirectory, .rootDirectory),
        ] {
            guard let setting else { continue }
            if isUser && field != .rootDirectory {
                log.dropped(
                    field, "user", why: "a user's manager runs programs as that user only",
                    remedy: "install the unit for the system")
                continue
            }
            putPlain("Service", key, setting.value, at: setting.span)
            log.exact(field, key.lowercased(), key)
        }
        writeDirectory()
        if let umask = service.umask?.value {
            let mode = Digits.octal(UInt64(umask), width: 4)
            unit.put("Service", "UMask", mode)
            log.exact(.umask, "umask", "UMask=\(mode)")
        }
        for variable in service.environment { write(variable) }
        judgeInheritance()
        if let nice = service.niceness?.value {
            unit.put("Service", "Nice", "\(min(nice, 19))")
            if nice > 19 {
                log.approximated(.niceness, "nice", "Nice=19", why: "19 is the nicest that systemd sets")
            } else {
                log.exact(.niceness, "nice", "Nice=\(nice)")
            }
        }
        for (key, kind, _) in UnitValue.limits { writeLimit(key, kind) }
    }

    private mutating func writeDirectory() {
        guard let directory = service.workingDirectory else { return }
        guard directory.value.hasPrefix("/") else {
            log.dropped(
                .workingDirectory, "directory", why: "systemd wants an absolute path",
                remedy: "write the directory's absolute path")
            return
        }
        putPlain("Service", "WorkingDirectory", directory.value, at: directory.span)
        log.exact(.workingDirectory, "directory", "WorkingDirectory")
    }

    private mutating func write(_ variable: EnvironmentVariable) {
        let field = ServiceField.environment(variable.name)
        guard Self.isVariableName(variable.name) else {
            log.dropped(
                field, "environment", why: "systemd takes no variable of the name '\(variable.name)'",
                remedy: "use letters, digits and _")
            return
        }
        let isDefault = variable.name == "PATH" && variable.value.value == Dialect.systemd.defaults.searchPath
        if isDefault && !isUser && service.dialect != .systemd {
            log.exact(field, "environment", nil)
            return
        }
        let text = UnitWords.quote("\(variable.name)=\(variable.value.value)", dollars: false)
        unit.put("Service", "Environment", text)
        log.exact(field, "environment", "Environment=\(variable.name)")
    }

    /// What a program finds in its environment although no key says so.
    private mutating func judgeInheritance() {
        let own = "systemd hands on nothing of its own and, for a User=, sets HOME, LOGNAME, SHELL and USER"
        let why: String
        switch service.dialect {
        case .supervisor: why = "\(own); supervisord hands its own environment on"
        case .procfile: why = "\(own); what runs a Procfile hands its own environment on"
        case .launchd: why = "\(own); launchd always sets these four, and TMPDIR"
        default: return
        }
        log.differing(.environment(""), "environment", "Environment", why: why)
    }

    static func isVariableName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return name.unicodeScalars.allSatisfy {
            $0 == "_" || ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        }
    }

    private mutating func writeLimit(_ key: String, _ kind: ResourceKind) {
        guard let limit = service.limits[kind], limit.soft != nil || limit.hard != nil else { return }
        let text: String
        var why: String?
        switch (limit.soft?.value, limit.hard?.value) {
        case (let soft?, let hard?) where soft == hard:
            text = UnitValue.text(ofLimit: soft)
        case (let soft?, let hard?):
            text = "\(UnitValue.text(ofLimit: min(soft, hard))):\(UnitValue.text(ofLimit: hard))"
            if soft > hard { why = "the soft limit cannot be above the hard one" }
        case (let soft?, nil):
            text = "\(UnitValue.text(ofLimit: soft)):infinity"
            why = "systemd sets both halves; the hard one becomes unlimited"
        case (nil, let hard?):
            text = UnitValue.text(ofLimit: hard)
            why = "systemd sets both halves; the soft one becomes the same"
        case (nil, nil):
            return
        }
        unit.put("Service", key, text)
        for (field, half) in [(ServiceField.softLimit(kind), limit.soft), (.hardLimit(kind), limit.hard)]
        where half != nil {
            if let why {
                log.approximated(field, "limit", "\(key)=\(text)", why: why)
            } else {
                log.exact(field, "limit", "\(key)=\(text)")
            }
        }
    }

    mutating func writeStreams() {
        switch service.standardInput?.value {
        case nil: break
        case .null?:
            if keepsSilence { unit.put("Service", "StandardInput", "null") }
            log.exact(.standardInput, "input", keepsSilence ? "StandardInput=null" : nil)
        case .file(let path)?:
            putPlain("Service", "StandardInput", "file:" + path, at: service.standardInput?.span)
            log.exact(.standardInput, "input", "StandardInput=file:")
        case .pipe?:
            log.approximated(.standardInput, "input", nil, why: "it reads /dev/null, nobody can write to it")
        case .socket?:
            guard holdsSocket else {
                log.dropped(
                    .standardInput, "input", why: "no .socket unit is written that could hold it",
                    remedy: "write a .socket unit beside, and StandardInput=socket")
                break
            }
            unit.put("Service", "StandardInput", "socket")
            log.exact(.standardInput, "input", "StandardInput=socket")
        }
        let output = service.effective(\.standardOutput, \.standardOutput)
        writeSink(output, service.standardOutput, key: "StandardOutput", field: .standardOutput)
        writeSink(
            service.effective(\.standardError, \.standardError), service.standardError, key: "StandardError",
            field: .standardError)
        for (field, rotation, sink) in [
            (ServiceField.outputRotation, service.outputRotation, output),
            (.errorRotation, service.errorRotation, service.effective(\.standardError, \.standardError)),
        ] {
            guard let rotation else { continue }
            if rotation.value.maximumBytes.bytes == 0 {
                log.exact(field, "rotation", nil)
            } else if case .file = sink {
                log.dropped(
                    field, "rotation", why: "systemd never rotates a log file",
                    remedy: "add the file to /etc/logrotate.d with copytruncate")
            } else {
                log.approximated(field, "rotation", nil, why: "the journal is rotated by its own rules")
            }
        }
    }

    private mutating func writeSink(
        _ sink: OutputSink, _ setting: Setting<OutputSink>?, key: String, field: ServiceField
    ) {
        let isSet = setting != nil
        let isSilent = key == "StandardError" ? sink == .sameAsOutput : sink == .journal
        guard isSet || !isSilent else { return }
        func target(_ word: String) -> String { "\(key)=\(word)" }
        if !isSet, service.dialect == .launchd, service.standardInput?.value == .socket, holdsSocket {
            // launchd.plist(5), inetdCompatibility: all three streams are the socket.
            unit.put("Service", key, "inherit")
            return log.generated(field, "output", target("inherit"), why: "it writes to its socket")
        }
        switch sink {
        case .null:
            unit.put("Service", key, "null")
            log.written(field, "output", target("null"), isSet: isSet, why: differs(from: "the journal"))
        case .journal:
            unit.put("Service", key, "journal")
            log.written(field, "output", target("journal"), isSet: isSet, why: differs(from: "inherit"))
        case .sameAsOutput:
            unit.put("Service", key, "inherit")
            log.written(field, "output", target("inherit"), isSet: isSet, why: differs(from: "the journal"))
        case .file(let path) where path.hasPrefix("/dev/std") || path.hasPrefix("/dev/fd/"):
            unit.put("Service", key, "journal")
            log.approximated(
                field, "output", target("journal"), why: "the manager's own output, which under systemd is the journal")
        case .file(let path) where path.hasPrefix("/"):
            putPlain("Service", key, "append:" + path, at: setting?.span)
            log.written(field, "output", target("append:"), isSet: isSet, why: differs(from: "the journal"))
        case .file:
            unit.put("Service", key, "journal")
            log.approximated(
                field, "output", target("journal"), why: "systemd wants a log file's absolute path",
                remedy: "write the file's absolute path")
        case .automatic:
            unit.put("Service", key, "journal")
            let why = "the journal instead of a log file that the manager names and removes"
            if isSet {
                log.approximated(field, "output", target("journal"), why: why)
            } else {
                log.differing(field, "output", target("journal"), why: why)
            }
        case .syslog, .inherit:
            unit.put("Service", key, "journal")
            log.approximated(
                field, "output", target("journal"), why: "the journal, which hands its entries on to syslog")
        }
    }
}
