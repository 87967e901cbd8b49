import ServiceModel
import SourceText

/// Who takes what a program writes, where that is no file.
enum LogTaker: Hashable, Sendable {
    /// Nobody: it goes where the manager's own output goes, or nowhere.
    case none
    /// A logger of the manager's own, into a directory that it keeps small.
    case directory
    /// logger(1), which hands every line to syslog.
    case syslog
}

/// The redirections of a script, and who takes what is not redirected.
struct ShellStreams: Sendable {
    /// What follows `exec`, e.g. `</dev/null >>/var/log/web.log 2>&1`.
    var redirections: String
    var taker: LogTaker
}

extension InitDraft {
    /// Redirects the streams of a script that a logger may listen to; the files are opened before the user changes.
    mutating func shellStreams(loggerName: String, keepsDirectory: Bool = true) -> ShellStreams {
        let output = service.effective(\.standardOutput, \.standardOutput)
        let error = service.effective(\.standardError, \.standardError)
        let isErrorSame = error == .sameAsOutput || (error == output && ![.null, .inherit].contains(error))
        var words = [inputRedirection()]
        var taker = LogTaker.none
        func target(_ sink: OutputSink) -> String? {
            switch sink {
            case .null: return "/dev/null"
            case .file(let path) where !Self.isManagersOwn(path): return ShellScript.quote(path)
            case .automatic:
                taker = keepsDirectory ? .directory : .syslog
            case .journal, .syslog:
                if taker == .none { taker = .syslog }
            case .file, .inherit, .sameAsOutput: break
            }
            return nil
        }
        let outputTarget = target(output)
        let errorTarget = isErrorSame ? nil : target(error)
        // The order counts: `2>&1` before `>` leaves standard error with the logger.
        if !isErrorSame, errorTarget == nil, error != .inherit { words.append("2>&1") }
        if let outputTarget { words.append((output == .null ? ">" : ">>") + outputTarget) }
        if isErrorSame { words.append("2>&1") }
        if let errorTarget { words.append((error == .null ? "2>" : "2>>") + errorTarget) }
        judgeSink(.standardOutput, output, service.standardOutput != nil, taker, loggerName)
        judgeSink(.standardError, error, service.standardError != nil, taker, loggerName)
        judgeRotation(taker, loggerName, output: output, error: error)
        return ShellStreams(redirections: words.joined(separator: " "), taker: taker)
    }

    /// supervisord's way to say "the manager's own output".
    static func isManagersOwn(_ path: String) -> Bool { path.hasPrefix("/dev/std") || path.hasPrefix("/dev/fd/") }

    /// Standard input's redirection and its verdict.
    mutating func inputRedirection() -> String {
        switch service.standardInput?.value {
        case .file(let path)?:
            log.exact(.standardInput, "input", path)
            return "<" + ShellScript.quote(path)
        case .pipe?:
            log.approximated(.standardInput, "input", nil, why: "it reads /dev/null, nobody can write to it")
        case .socket?:
            log.dropped(
                .standardInput, "input", why: "\(dialect.rawValue) holds no socket for it",
                remedy: "start it from inetd or a systemd socket")
        case .null?: log.exact(.standardInput, "input", nil)
        case nil: break
        }
        return "</dev/null"
    }

    private mutating func judgeSink(
        _ field: ServiceField, _ sink: OutputSink, _ isSet: Bool, _ taker: LogTaker, _ loggerName: String
    ) {
        switch sink {
        case .file(let path) where Self.isManagersOwn(path):
            judge(field, "output", isSet: isSet, target: nil, why: "the manager's own output")
        case .file(let path):
            let why = path.hasPrefix("/") ? nil : "a relative path is taken from the program's directory"
            judge(field, "output", isSet: isSet, target: ">>\(path)", why: why)
        case .null, .inherit, .sameAsOutput:
            if isSet { log.exact(field, "output", nil) }
        case .automatic, .journal, .syslog:
            let isSyslog = taker == .syslog
            let target = isSyslog ? "logger -t \(name)" : "\(loggerName) \(logDirectory)"
            let why: String? =
                sink == .syslog && isSyslog
                ? nil
                : "both streams go to \(isSyslog ? "syslog" : "a directory of log files that \(loggerName) keeps")"
            judge(field, "output", isSet: isSet, target: target, why: why)
        }
    }

    /// Where a logger keeps its files.
    var logDirectory: String { isForUser ? ".local/state/log/\(name)" : "/var/log/\(name)" }

    /// Size and number of the logger's files; standard output's where the two differ.
    var rotation: LogRotation { service.effective(\.outputRotation, \.rotation) }

    private mutating func judgeRotation(
        _ taker: LogTaker, _ loggerName: String, output: OutputSink, error: OutputSink
    ) {
        for (field, setting, sink) in [
            (ServiceField.outputRotation, service.outputRotation, output),
            (.errorRotation, service.errorRotation, error),
        ] {
            guard let setting else { continue }
            let isTaken = taker == .directory && [.automatic, .journal, .syslog].contains(sink)
            if setting.value.maximumBytes.bytes == 0 {
                log.exact(field, "rotation", nil)
            } else if isTaken, setting.value == rotation, setting.value.backups > 0 {
                log.exact(field, "rotation", loggerName)
            } else if isTaken {
                log.approximated(field, "rotation", loggerName, why: "both streams share one log and its sizes")
            } else if taker == .syslog, sink != .null {
                log.approximated(field, "rotation", nil, why: "syslog's files are rotated by their own rules")
            }
        }
    }
}
