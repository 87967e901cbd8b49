package import SourceText

/// One key of an input file and what the reader made of it. A reader accounts for every key it saw, once.
package struct SourceKey: Hashable, Sendable {
    package enum Use: Hashable, Sendable {
        /// It went into these fields of the model (one of them may be `.foreign`).
        case fields([ServiceField])
        /// It has no effect in its own dialect, and so none anywhere: unknown, wrongly typed, overridden.
        case ineffective(code: String, why: String, remedy: String?)
        /// It belongs to the manager, not to a service, and the target has a manager of its own. `field` is the kept
        /// setting that holds it for the way back, where there is one.
        case manager(why: String, field: ServiceField?)
        /// The reader has done what it says, and the services show what came of it.
        case resolved(why: String)
    }

    /// As its file names it, e.g. `KeepAlive.SuccessfulExit`, `Service.ExecStart`, `program:web.command`.
    package var name: String
    package var span: SourceSpan?
    package var use: Use
    /// What the model could not take over exactly, although a field holds the key.
    package var reservation: Reservation?

    package init(_ name: String, at span: SourceSpan? = nil, use: Use, reservation: Reservation? = nil) {
        self.name = name
        self.span = span
        self.use = use
        self.reservation = reservation
    }
}

/// Why a key that was read is at best approximated, whatever a writer makes of its fields.
package struct Reservation: Hashable, Sendable {
    package var code: String
    package var why: String
    package var remedy: String?

    package init(code: String, why: String, remedy: String? = nil) {
        self.code = code
        self.why = why
        self.remedy = remedy
    }
}

/// What a writer made of one field of the model. A writer gives one verdict for each field that is set, and one of
/// grade `generated` for each field that it had to write although nobody set it.
package struct FieldVerdict: Hashable, Sendable {
    package var field: ServiceField
    package var grade: FidelityGrade
    /// Stable identifier, e.g. `systemd-restart-delay`.
    package var code: String
    /// What was written, e.g. `RestartSec=10s`; `nil` when nothing was.
    package var target: String?
    package var why: String
    package var remedy: String?
    /// Of a generated one: whether the target, with what was written, still means something else than the source.
    package var differs = false
    /// Where in the written files the target stands; filled in when those are complete.
    package var places: [SourceSpan] = []

    package init(
        _ field: ServiceField, _ grade: FidelityGrade, code: String, target: String? = nil, why: String = "",
        remedy: String? = nil
    ) {
        self.field = field
        self.grade = grade
        self.code = code
        self.target = target
        self.why = why
        self.remedy = remedy
    }
}
