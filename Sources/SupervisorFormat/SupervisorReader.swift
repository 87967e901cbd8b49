package import ServiceModel
package import SourceText

/// Reads supervisord.conf as supervisord 4.3.0 does: what it accepts is accepted, what it refuses is refused with its
/// words (`Diagnostic.message` is what the original shows after `Error: `) and with the place of the fault.
package struct SupervisorReader: Sendable {
    /// Largest file that is read.
    package static let largestFile = 64 << 20

    package let world: any ConfigurationWorld
    package let overrides: CommandLineOverrides

    package init(world: any ConfigurationWorld, overrides: CommandLineOverrides = CommandLineOverrides()) {
        self.world = world
        self.overrides = overrides
    }
}

extension SupervisorReader {
    /// Everything the daemon is told to do by the file at `path` and the files that it includes.
    ///
    /// A failure's status is `.noInput` when the file is missing or unreadable, `.usage` for a wrong command-line
    /// override, else `.badConfiguration`; it has one diagnostic.
    package func plan(path: String) throws(Failure) -> Plan {
        throw Failure(.internalError, code: "ini-unfinished", "the reader is not there yet: \(path)")
    }

    /// The same for a text that is already in hand (the built-in default, standard input); `path` names it in
    /// messages and decides what `%(here)s` and relative include patterns mean.
    package func plan(path: String, bytes: [UInt8]) throws(Failure) -> Plan {
        throw Failure(.internalError, code: "ini-unfinished", "the reader is not there yet: \(path)")
    }

    /// The `[supervisorctl]` section of the file at `path`. `[include]` is not followed there (supervisorctl 4.3).
    package func clientSettings(path: String) throws(Failure) -> ClientSettings {
        throw Failure(.internalError, code: "ini-unfinished", "the reader is not there yet: \(path)")
    }

    /// The same for a text that is already in hand.
    package func clientSettings(path: String, bytes: [UInt8]) throws(Failure) -> ClientSettings {
        throw Failure(.internalError, code: "ini-unfinished", "the reader is not there yet: \(path)")
    }
}
