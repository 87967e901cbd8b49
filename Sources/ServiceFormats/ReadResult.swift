package import ServiceModel
package import SourceText

/// A file as read by the reader of its format.
package struct ReadResult: Sendable {
    package var format: Format
    /// The programs that the file describes, in its order.
    package var services: [Service]
    /// The daemon's whole plan, where the file describes a daemon (supervisor config).
    package var plan: Plan?
    /// Warnings and notes; what is an error ends in a `Failure` instead.
    package var diagnostics: [Diagnostic]
    /// Every key of the file, each once, with what the reader made of it.
    package var keys: [SourceKey]

    package init(
        format: Format, services: [Service], plan: Plan? = nil, diagnostics: [Diagnostic] = [],
        keys: [SourceKey] = []
    ) {
        self.format = format
        self.services = services
        self.plan = plan
        self.diagnostics = diagnostics
        self.keys = keys
    }

    package var dialect: Dialect { services.first?.dialect ?? format.dialect ?? .supervisor }
}
