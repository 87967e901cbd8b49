import ServiceModel
import SourceText

extension InitDraft {
    /// Every set field without a verdict is dropped, with what to do instead.
    mutating func judgeWhatIsLeft() {
        log.judgeSyslog(of: service)
        let judged = Set(log.verdicts.map(\.field))
        for (field, _) in service.fieldsSet where !judged.contains(field) {
            let (topic, why, remedy) = Self.leftover(field, dialect.rawValue)
            log.dropped(field, topic, why: why, remedy: remedy)
        }
    }

    /// Why no file of such a manager can say it, and what to do.
    private static func leftover(
        _ field: ServiceField, _ target: String
    ) -> (topic: String, why: String, remedy: String) {
        switch field {
        case .priority:
            ("priority", "\(target) orders by the services' names, not by number", "name what must be there first")
        case .watchedPaths, .queueDirectories:
            (
                "path", "\(target) does not watch files",
                "start it from incrontab(5) or inotifywait(1)"
            )
        case .sockets, .socketHandover:
            (
                "socket", "\(target) holds no sockets for others",
                "let inetd(8) start it, or the program open its own socket"
            )
        case .outputRotation, .errorRotation:
            (
                "rotation", "\(target) never rotates a log file",
                "add the file to /etc/logrotate.d with copytruncate"
            )
        case .giveUp: ("give-up", "\(target) never restarts it, so it never gives up", "let svinstall run it")
        case .restartOn, .restartDelay:
            ("restart", "\(target) never restarts a program", "let svinstall run it: svinstall run FILE")
        case .softLimit(let kind), .hardLimit(let kind):
            ("limit", "\(target) has no limit of \(kind.rawValue)", "set it with ulimit in a script of your own")
        case .stopSignal, .stopTimeout, .stopScope, .killScope:
            ("stop", "\(target) never stops a program", "stop it with kill(1)")
        case .rootDirectory: ("root", "\(target) changes no root directory", "start the program with chroot(8)")
        case .group: ("group", "\(target) runs it with its user's own group", "make it the user's primary group")
        case .supervisor(let part):
            ("supervisor-only", "only supervisord has \(part.rawValue)", "let svinstall run it: svinstall run FILE")
        case .foreign(let dialect, let path):
            (
                "foreign", "only \(dialect.rawValue) knows \(path.joined(separator: "."))",
                field.remedy ?? "do without it, or let svinstall run the original: svinstall run FILE"
            )
        default: ("no-setting", "a \(target) file has no setting for it", "set it up in the program itself")
        }
    }
}
