package import ServiceModel
package import SourceText

/// Reads supervisord.conf as supervisord 4.3.0 does: what it accepts is accepted, what it refuses is refused with its
/// words (`Diagnostic.message` is what the original shows after `Error: `) and with the place of the fault.
package struct SupervisorReader: Sendable {
    /// Largest size of all files of a configuration together.
    package static let largestFile = 64 << 20

    package let world: any ConfigurationWorld
    package let overrides: CommandLineOverrides

    package init(world: any ConfigurationWorld, overrides: CommandLineOverrides = CommandLineOverrides()) {
        self.world = world
        self.overrides = overrides
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
        var reading = ConfigurationReading(world: world, path: path)
        let overrides = try overrides.checked(in: &reading)
        try reading.load(bytes: content)
        var daemon = try reading.daemonSettings(overrides, requiresSection: true)
        do {
            daemon.offersSupervisorNamespace = try reading.offersSupervisorNamespace()
            var groups = try reading.groups()
            for group in groups.indices {
                for service in groups[group].services.indices {
                    groups[group].services[service].inherit(daemon.environment)
                }
            }
            daemon.listeners = try reading.listeners()
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

extension Service {
    /// The daemon's environment below the program's own.
    fileprivate mutating func inherit(_ variables: [EnvironmentVariable]) {
        guard !variables.isEmpty else { return }
        var merged = variables
        for variable in environment {
            if let index = merged.firstIndex(where: { $0.name == variable.name }) {
                merged[index] = variable
            } else {
                merged.append(variable)
            }
        }
        environment = merged
    }
}

extension SupervisorReader {
    /// The `[supervisorctl]` section of the file at `path`. `[include]` is not followed there (supervisorctl 4.3).
    package func clientSettings(path: String) throws(Failure) -> ClientSettings {
        try clientSettings(path: path, bytes: try contentOfRoot(path, world))
    }

    /// The same for a text that is already in hand.
    package func clientSettings(path: String, bytes: [UInt8]) throws(Failure) -> ClientSettings {
        var reading = ConfigurationReading(world: world, path: path)
        reading.configuration.merge(try IniDocument(path: path, bytes: bytes))
        do {
            return try reading.clientSettings()
        } catch {
            throw error.failure()
        }
    }
}
