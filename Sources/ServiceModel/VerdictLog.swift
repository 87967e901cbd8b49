/// The verdicts of one writer on one service, as they come.
package struct VerdictLog: Sendable {
    package private(set) var verdicts: [FieldVerdict] = []
    /// First word of every code, e.g. `systemd`.
    private let dialect: Dialect

    package init(_ dialect: Dialect) {
        self.dialect = dialect
    }

    private mutating func add(
        _ field: ServiceField, _ grade: FidelityGrade, _ topic: String, _ target: String?, _ why: String,
        _ remedy: String?
    ) {
        let code = dialect.rawValue + "-" + topic
        verdicts.append(FieldVerdict(field, grade, code: code, target: target, why: why, remedy: remedy))
    }

    /// The target says the same; a `nil` target means that it does so without a word.
    package mutating func exact(_ field: ServiceField, _ topic: String, _ target: String?) {
        add(field, .exact, topic, target, "", nil)
    }

    package mutating func approximated(
        _ field: ServiceField, _ topic: String, _ target: String?, why: String, remedy: String? = nil
    ) {
        add(field, .approximated, topic, target, why, remedy)
    }

    package mutating func carried(
        _ field: ServiceField, _ topic: String, _ target: String?, why: String, remedy: String? = nil
    ) {
        add(field, .carried, topic, target, why, remedy)
    }

    package mutating func dropped(_ field: ServiceField, _ topic: String, why: String, remedy: String? = nil) {
        add(field, .dropped, topic, nil, why, remedy)
    }

    /// Written although no key asked for it: the dialects' defaults differ, and this makes up for it.
    package mutating func generated(_ field: ServiceField, _ topic: String, _ target: String, why: String) {
        add(field, .generated, topic, target, why, nil)
    }

    /// The same where what is written, if anything, does not make up for it: `why` says what still differs.
    package mutating func differing(
        _ field: ServiceField, _ topic: String, _ target: String?, why: String, remedy: String? = nil
    ) {
        add(field, .generated, topic, target, why, remedy)
        verdicts[verdicts.count - 1].differs = true
    }

    /// `exact` for a field that somebody set, `generated` for one that nobody did.
    package mutating func written(
        _ field: ServiceField, _ topic: String, _ target: String, isSet: Bool, why: String
    ) {
        if isSet { exact(field, topic, target) } else { generated(field, topic, target, why: why) }
    }

    /// A stream's `…_syslog` says again what a sink of `.syslog` says: it has the fate of the stream.
    package mutating func judgeSyslog(of service: Service) {
        for (flag, setting, sink, stream) in [
            (
                SupervisorField.outputSyslog, service.supervisor.outputSyslog, service.standardOutput,
                ServiceField.standardOutput
            ),
            (.errorSyslog, service.supervisor.errorSyslog, service.standardError, .standardError),
        ] where setting != nil && sink?.value == .syslog {
            let verdict = verdicts.first { $0.field == stream && $0.grade != .generated }
            guard let verdict else { continue }
            var copy = verdict
            copy.field = .supervisor(flag)
            verdicts.append(copy)
        }
    }

    /// Every set field that has no verdict yet is dropped: so that nothing is ever lost without a word.
    package mutating func closeWith(_ service: Service) {
        judgeSyslog(of: service)
        let judged = Set(verdicts.map(\.field))
        for (field, _) in service.fieldsSet where !judged.contains(field) {
            dropped(
                field, "no-setting", why: "a \(dialect.rawValue) file has no setting for it", remedy: field.remedy)
        }
    }
}
