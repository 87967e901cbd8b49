package import PropertyList
package import ServiceModel
package import SourceText

/// Writes a service as a launchd job.
package struct LaunchdWriter: Sendable {
    package struct Result: Sendable {
        /// Keys in a stable, readable order.
        package var job: PropertyDictionary
        package var verdicts: [FieldVerdict]
    }

    /// Whether the job is a LaunchAgent, for which launchd ignores `UserName` and `GroupName`.
    package var isAgent: Bool
    /// Where log files go that supervisord would name by itself; `nil` = nowhere.
    package var automaticLogDirectory: String?

    package init(isAgent: Bool = false, automaticLogDirectory: String? = nil) {
        self.isAgent = isAgent
        self.automaticLogDirectory = automaticLogDirectory
    }

    /// The job of a service. Fails for one without a command that can be written down.
    package func write(_ service: Service) throws(Failure) -> Result {
        guard case .words(let path, let arguments)? = service.command?.value else {
            throw Self.noCommand(service)
        }
        var job = LaunchdJob(service: service, isAgent: isAgent, automaticLogDirectory: automaticLogDirectory)
        job.writeIdentity(path: path, arguments: arguments)
        job.writeContext()
        job.writeStart()
        job.writeSockets()
        job.writeStop()
        job.writeStreams()
        job.writeForeign()
        job.log.closeWith(service)
        var members = LaunchdEntries.assemble(job.entries)
        if !job.carried.isEmpty { members[LaunchdReader.carrierKey] = .array(job.carried.map { .string($0) }) }
        return Result(job: members, verdicts: job.log.verdicts)
    }

    /// The job as an XML property list, and the verdicts.
    package func document(_ service: Service) throws(Failure) -> (bytes: [UInt8], verdicts: [FieldVerdict]) {
        let result = try write(service)
        return (try XMLPropertyListWriter.write(.dictionary(result.job)), result.verdicts)
    }

    private static func noCommand(_ service: Service) -> Failure {
        let name = service.name.value
        guard case .malformed(_, let reason)? = service.command?.value else {
            return Failure(
                .badInput, code: "launchd-no-command", "'\(name)' has no program that launchd could start",
                remedy: "name an executable", at: service.name.span)
        }
        return Failure(
            .badInput, code: "launchd-malformed-command", "the command of '\(name)' is no list of words: \(reason)",
            remedy: "correct the quotes", at: service.command?.span)
    }
}

/// One job while it is being written.
struct LaunchdJob {
    let service: Service
    let isAgent: Bool
    let automaticLogDirectory: String?
    var entries: [LaunchdEntries.Entry] = []
    var carried: [String] = []
    var log = VerdictLog(.launchd)

    init(service: Service, isAgent: Bool, automaticLogDirectory: String?) {
        self.service = service
        self.isAgent = isAgent
        self.automaticLogDirectory = automaticLogDirectory
    }

    mutating func put(_ path: String..., value: PropertyValue) {
        entries.append(LaunchdEntries.Entry(path: path, value: value))
    }

    /// Why a key stands there that nobody wrote.
    func differs(from other: String) -> String {
        "the default of a \(service.dialect.rawValue) file, where launchd's is \(other)"
    }

    mutating func writeIdentity(path: String, arguments: [String]) {
        put("Label", value: .string(service.name.value))
        log.exact(.name, "label", "Label")
        let words = PropertyValue.array(arguments.map { .string($0) })
        if arguments.first == path {
            put("ProgramArguments", value: words)
        } else {
            put("Program", value: .string(path))
            put("ProgramArguments", value: words)
        }
        if path.hasPrefix("/") {
            log.exact(.command, "command", "ProgramArguments")
        } else {
            log.approximated(
                .command, "command", "ProgramArguments",
                why: "launchd looks for '\(path)' in /usr/bin:/bin:/usr/sbin:/sbin only",
                remedy: "write the program's absolute path")
        }
        if let disabled = service.disabled?.value {
            put("Disabled", value: .boolean(disabled))
            log.exact(.disabled, "disabled", "Disabled")
        }
    }

    mutating func writeContext() {
        for variable in service.environment {
            if variable.name == "PATH", variable.value.value == Dialect.launchd.defaults.searchPath {
                log.exact(.environment("PATH"), "environment", nil)
                continue
            }
            put("EnvironmentVariables", variable.name, value: .string(variable.value.value))
            log.exact(.environment(variable.name), "environment", "EnvironmentVariables.\(variable.name)")
        }
        if let directory = service.workingDirectory?.value {
            let isDefault = directory == Dialect.launchd.defaults.workingDirectory
            if !isDefault { put("WorkingDirectory", value: .string(directory)) }
            log.exact(.workingDirectory, "directory", isDefault ? nil : "WorkingDirectory")
        }
        if let directory = service.rootDirectory?.value {
            put("RootDirectory", value: .string(directory))
            log.exact(.rootDirectory, "root", "RootDirectory")
        }
        for (key, setting, field) in [
            ("UserName", service.user, ServiceField.user), ("GroupName", service.group, .group),
        ] {
            guard let setting else { continue }
            put(key, value: .string(setting.value))
            if isAgent {
                log.approximated(
                    field, "user", key, why: "launchd ignores it in a LaunchAgent",
                    remedy: "install the job in LaunchDaemons")
            } else {
                log.exact(field, "user", key)
            }
        }
        if let umask = service.umask?.value {
            put("Umask", value: .integer(Int(umask)))
            log.exact(.umask, "umask", "Umask=\(umask)")
        }
        if let nice = service.niceness?.value {
            put("Nice", value: .integer(nice))
            log.exact(.niceness, "nice", "Nice")
        }
        writeLimits()
    }

    private mutating func writeLimits() {
        for (name, kind) in LaunchdKeys.limits {
            let limit = service.limits[kind]
            if let soft = limit?.soft {
                put("SoftResourceLimits", name, value: Self.limitValue(soft.value))
                log.exact(.softLimit(kind), "limit", "SoftResourceLimits.\(name)")
            }
            if let hard = limit?.hard {
                put("HardResourceLimits", name, value: Self.limitValue(hard.value))
                log.exact(.hardLimit(kind), "limit", "HardResourceLimits.\(name)")
            }
        }
    }

    /// Darwin's RLIM_INFINITY is 2^63 - 1.
    private static func limitValue(_ value: UInt64) -> PropertyValue {
        .integer(PropertyInteger(min(value, UInt64(Int64.max))))
    }

    mutating func writeForeign() {
        var restoration = LaunchdRestoration(entries)
        // Keys that say one thing together come back together or not at all.
        let edited = Set(
            service.foreign.filter { $0.dialect == .launchd && !restoration.isUntouched($0) }
                .compactMap { LaunchdRestoration.bond(of: $0.path) })
        for setting in service.foreign {
            let field = ServiceField.foreign(setting.dialect, setting.path)
            guard setting.dialect == .launchd else {
                carried.append(setting.carrierText)
                log.carried(
                    field, "carried", LaunchdReader.carrierKey, why: "only \(setting.dialect.rawValue) knows it",
                    remedy: field.remedyOnDarwin)
                continue
            }
            let key = setting.path.joined(separator: ".")
            let isBondBroken = LaunchdRestoration.bond(of: setting.path).map(edited.contains) ?? false
            if !isBondBroken, restoration.restore(setting) {
                log.exact(field, "native", key)
            } else {
                log.dropped(field, "edited", why: "the file says something else by now, and that holds")
            }
        }
        entries = restoration.entries
    }
}
