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
    /// Keys of the whole file that no other format has, for the way back.
    package var kept: [KeptSetting]
    /// What each service got from the whole file, in the order of `services`; empty where none got anything.
    package var lent: [[ForeignSetting]]
    /// Files that the file itself includes.
    package var included: [InputFile]

    package init(
        format: Format, services: [Service], plan: Plan? = nil, diagnostics: [Diagnostic] = [],
        keys: [SourceKey] = [], kept: [KeptSetting] = [],
        lent: [[ForeignSetting]] = [], included: [InputFile] = []
    ) {
        self.format = format
        self.services = services
        self.plan = plan
        self.diagnostics = diagnostics
        self.keys = keys
        self.kept = kept
        self.lent = lent
        self.included = included
    }

    package var dialect: Dialect { services.first?.dialect ?? format.dialect ?? .supervisor }
}

/// A key of a whole file and not of one of its programs, which travels with the first of them.
package struct KeptSetting: Hashable, Sendable {
    package var setting: ForeignSetting
    /// Whether the report tells of it; what also feeds fields is told with those.
    package var isTold: Bool

    package init(setting: ForeignSetting, isTold: Bool) {
        self.setting = setting
        self.isTold = isTold
    }
}
