package import ServiceModel
package import SourceText
package import SupervisorFormat

/// The one list of formats: "any file" asks here.
package enum FormatRegistry {
    /// What a file is, by its content first and its name where the content leaves it open; `nil` = none of ours.
    package static func recognise(_ file: InputFile) -> Format? { nil }

    /// Reads a file of any supported format, or of `format` where the user says so. A failure's status is `.badInput`
    /// with a position; `.badConfiguration` for supervisor config that supervisord refuses.
    package static func read(
        _ file: InputFile, as format: Format? = nil, world: any ConfigurationWorld
    ) throws(Failure) -> ReadResult {
        throw Failure(.internalError, code: "read-unfinished", "reading is not there yet")
    }

    /// A plan for services that come from files which describe no daemon (`svinstall run job.plist`): default daemon
    /// settings, one group a service, the dialect's environment written out.
    package static func plan(for services: [Service], files: [String]) -> Plan { Plan() }
}
