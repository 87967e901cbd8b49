package import ServiceModel
package import SourceText

/// Reads supervisord.conf as supervisord 4.3.0 does: what it accepts is accepted, what it refuses is refused with its
/// words (`Diagnostic.message` is what the original shows after `Error: `) and with the place of the fault.
package struct SupervisorReader: Sendable {
    /// Largest size of all files of a configuration together.
    package static let largestFile = 64 << 20

    package let world: any ConfigurationWorld
    package let overrides: CommandLineOverrides
    /// Whether it refuses what the original refuses though something can be made of it: a pid file's missing directory
    /// (`/run/svinstall` is missing after every boot), a result handler in Python (whose events the default one gets);
    /// and reads what the original reads though nothing good can come of it: NUL bytes.
    package let keepsToOriginal: Bool
    /// Where the daemon's own files go when nobody names them; `nil`: into the working directory, as with the original.
    package let unnamedFiles: UnnamedFiles?

    package init(
        world: any ConfigurationWorld, overrides: CommandLineOverrides = CommandLineOverrides(),
        keepsToOriginal: Bool = false, unnamedFiles: UnnamedFiles? = nil
    ) {
        self.world = world
        self.overrides = overrides
        self.keepsToOriginal = keepsToOriginal
        self.unnamedFiles = unnamedFiles
    }

    /// Everything the daemon is told to do by the file at `path` and the files that it includes.
    ///
    /// A failure's status is `.noInput` when the file is missing or unreadable, `.usage` for a wrong command-line
    /// override, else `.badConfiguration`; it has one diagnostic.
    package func plan(path: String) throws(Failure) -> Plan {
        try plan(path: path, content: nil)
    }

    /// The same for a text that is already in hand (the built-in default, standard input); `path` names it in
    /// messages and decides what `%(here)s` and relative include patterns mean.
    package func plan(path: String, bytes: [UInt8]) throws(Failure) -> Plan {
        try plan(path: path, content: bytes)
    }

    private func plan(path: String, content: [UInt8]?) throws(Failure) -> Plan {
        var reading = ConfigurationReading(world: world, path: path, keepsToOriginal: keepsToOriginal)
        let overrides = try overrides.checked(in: &reading)
        try reading.load(bytes: content)
        var daemon = try reading.daemonSettings(overrides, unnamed: unnamedFiles, requiresSection: true)
        do {
            daemon.offersSupervisorNamespace = try reading.offersSupervisorNamespace()
            var groups = try reading.groups()
            try reading.inherit(daemon.environment, by: &groups)
            daemon.listeners = try reading.listeners()
            let access = try reading.accessRules(groups)
            for index in daemon.listeners.indices { daemon.listeners[index].access = access }
            try checkUser(daemon, &reading)
            if !daemon.listeners.isEmpty { try reading.checkMainFactory() }
            return Plan(
                daemon: daemon, groups: groups, notices: reading.notices, files: reading.files,
                patterns: reading.patterns, directoriesToMake: reading.directories.list)
        } catch {
            throw error.failure()
        }
    }

    /// The daemon's own user must exist. (Running as root without saying so is criticised by the daemon that does.)
    private func checkUser(_ daemon: DaemonSettings, _ reading: inout ConfigurationReading) throws(Refusal) {
        guard let user = daemon.user else { return }
        do {
            _ = try Accounts.userID(user, in: world)
        } catch {
            let section = reading.configuration.section(named: "supervisord")
            throw Refusal(error, at: section.flatMap { reading.fields($0, []).raw("user")?.span })
        }
    }
}

/// The daemon's own files where its configuration is silent; absolute paths.
package struct UnnamedFiles: Hashable, Sendable {
    package var log: String
    package var pid: String

    package init(log: String, pid: String) {
        self.log = log
        self.pid = pid
    }
}

extension ConfigurationReading {
    /// Puts the daemon's environment below every program's own.
    fileprivate func inherit(_ variables: [EnvironmentVariable], by groups: inout [ServiceGroup]) throws(Refusal) {
        guard let first = variables.first else { return }
        let size = variables.reduce(0) { $0 + $1.name.utf8.count + $1.value.value.utf8.count }
        let places = Dictionary(uniqueKeysWithValues: zip(variables.map(\.name), variables.indices))
        for group in groups.indices {
            for service in groups[group].services.indices {
                do {
                    try budget.spend(bytes: size)
                } catch {
                    throw Refusal(error, at: first.value.span)
                }
                var merged = variables
                for variable in groups[group].services[service].environment {
                    if let place = places[variable.name] {
                        merged[place] = variable
                    } else {
                        merged.append(variable)
                    }
                }
                groups[group].services[service].environment = merged
            }
        }
    }
}

extension SupervisorReader {
    /// The `[supervisorctl]` section of the file at `path`. `[include]` is not followed there (supervisorctl 4.3).
    package func clientSettings(path: String) throws(Failure) -> ClientSettings {
        try clientSettings(path: path, bytes: try contentOfRoot(path, world))
    }

    /// The same for a text that is already in hand.
    package func clientSettings(path: String, bytes: [UInt8]) throws(Failure) -> ClientSettings {
        var reading = ConfigurationReading(world: world, path: path, keepsToOriginal: keepsToOriginal)
        reading.configuration.merge(try IniDocument(path: path, bytes: bytes, acceptsNUL: keepsToOriginal))
        do {
            return try reading.clientSettings()
        } catch {
            throw error.failure()
        }
    }
}

extension SupervisorReader {
    /// Every key of `[program:x]` that has a meaning, ours included.
    package static var programKeys: [String] {
        let streams = OutputStream.both.flatMap { [$0.logFileKey, $0.maximumBytesKey, $0.backupsKey, $0.syslogKey] }
        return ["command", "process_name", "environment", "directory"] + ProgramKey.shared.map(\.name)
            + ProgramKey.additional.map(\.name) + streams
    }

    /// Every key of `[supervisord]`.
    package static var daemonKeys: [String] { DaemonKey.all.map(\.name) + ["environment"] }
}
