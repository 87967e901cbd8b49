// InitFormats, floor 2: Service -> OpenRC, SysV, runit, s6, dinit, Upstart and cron; one file a format, none is read.

package import ServiceModel
package import SourceText

/// One file of a service that was written.
package struct InitFile: Hashable, Sendable {
    /// Where it belongs, below the directory that the format's manager reads, e.g. `web/log/run`.
    package var path: String
    package var text: String
    /// Scripts have mode 0755, everything else 0644.
    package var isExecutable: Bool

    init(_ path: String, _ text: String, isExecutable: Bool = false) {
        self.path = path
        self.text = text
        self.isExecutable = isExecutable
    }
}

/// What a writer made of one service.
package struct InitResult: Sendable {
    /// The one that says what runs comes first.
    package var files: [InitFile]
    package var verdicts: [FieldVerdict]
}

/// The writers by their dialect. Each fails with `.badInput` for a service without a command, and for a value that no
/// process can be given.
package enum InitWriter {
    /// - Parameter isForUser: whether the result is for a user's own manager and not for the system's.
    package static func write(
        _ service: Service, as dialect: Dialect, isForUser: Bool = false
    ) throws(Failure) -> InitResult {
        var draft = try InitDraft(service, dialect: dialect, isForUser: isForUser)
        let files: [InitFile]
        switch dialect {
        case .openrc: files = draft.openRC()
        case .sysv: files = draft.sysV()
        case .runit: files = draft.runit()
        case .s6: files = draft.s6()
        case .dinit: files = draft.dinit()
        case .upstart: files = draft.upstart()
        case .cron: files = draft.cron()
        case .supervisor, .launchd, .systemd, .procfile: files = []
        }
        draft.judgeWhatIsLeft()
        if let problem = draft.problem { throw problem }
        return InitResult(files: files, verdicts: draft.log.verdicts)
    }
}
