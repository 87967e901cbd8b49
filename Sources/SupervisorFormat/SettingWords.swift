import ServiceModel
import SourceText

/// How supervisord says when a program counts as running, when it is tried again and how it is stopped.
enum LifeWords {
    /// As many retries as nobody will ever see.
    static let countless = 2_147_483_647

    static func startSeconds(_ readiness: Readiness) -> Rendered {
        switch readiness {
        case .executed: .text("0")
        case .alive(let span): seconds(span)
        case .notified:
            .approximated(
                "1", why: "supervisord does not listen for a program's readiness; it counts as running after a second")
        case .forked:
            .approximated(
                "0", why: "a program that puts itself in the background looks ended to supervisord",
                remedy: "give the program its option for the foreground")
        case .completed:
            .approximated("0", why: "to supervisord a program that runs once is running, not starting")
        }
    }

    /// Whole seconds, rounded up.
    private static func seconds(_ span: TimeSpan) -> Rendered {
        guard let up = span.wholeSecondsUp else {
            return .approximated(String(countless), why: "supervisord has no 'for ever'")
        }
        if TimeSpan.seconds(up) == span { return .text(String(up)) }
        return .approximated(String(up), why: "supervisord counts in whole seconds")
    }

    static func startRetries(_ service: Service) -> Rendered {
        // A program that is never restarted is not tried again either when it cannot be executed.
        let isRestarted = !service.effective(\.restartOn, \.restartOn).isEmpty
        switch service.effective(\.giveUp, \.giveUp) {
        case .never where !isRestarted:
            return .text("0")
        case .never:
            return .approximated(
                String(countless), why: "supervisord always gives up in the end, and waits a second longer each time")
        case .earlyExits(let count):
            return .text(String(count == .max ? .max : count - 1))
        case .starts(let count, _):
            return .approximated(
                isRestarted ? String(max(0, count - 1)) : "0",
                why: "supervisord counts ends before startsecs in a row, not starts within a time")
        }
    }

    static func restartDelay(_ service: Service) -> Rendered {
        guard service.restartDelay != nil || !service.effective(\.restartOn, \.restartOn).isEmpty else {
            return .nothing
        }
        return switch service.effective(\.restartDelay, \.restartDelay) {
        case .supervisor, .sinceStart: .nothing
        case .none: .ours("0")
        case .afterExit(let span): ours(span)
        }
    }

    static func restartThrottle(_ service: Service) -> Rendered {
        guard service.restartDelay != nil || !service.effective(\.restartOn, \.restartOn).isEmpty,
            case .sinceStart(let span) = service.effective(\.restartDelay, \.restartDelay)
        else { return .nothing }
        return ours(span)
    }

    private static func ours(_ span: TimeSpan) -> Rendered {
        guard span != .infinity else {
            return .unsayable(why: "a restart after a wait without end is none", remedy: "write autorestart=false")
        }
        return .ours(text(span))
    }

    /// A bare number where whole seconds say it.
    private static func text(_ span: TimeSpan) -> String {
        guard let up = span.wholeSecondsUp, TimeSpan.seconds(up) == span else { return span.description }
        return String(up)
    }

    static func stopSignal(_ signal: Signal) -> Rendered {
        if signal.isKnown { return .text(signal.shortName) }
        if signal.number == 0 { return .text("0") }
        return .unsayable(
            why: "supervisord knows no \(signal) and sends SIGTERM", remedy: "choose a signal that has a name")
    }

    static func stopSeconds(_ timeout: TimeSpan) -> Rendered { seconds(timeout) }

    static func stopAsGroup(_ service: Service) -> Rendered {
        let scope = service.effective(\.stopScope, \.stopScope)
        guard scope == .main, service.effective(\.killScope, \.killScope) == .main,
            service.effective(\.endsStragglers, \.endsStragglers)
        else { return asGroup(scope) }
        // Nothing shall be left, and the stop is the only time at which supervisord reaches the group.
        return .approximated(
            "true", why: "the process group gets the signal together with the program, not when that has ended")
    }

    static func asGroup(_ scope: SignalScope) -> Rendered {
        switch scope {
        case .main: .text("false")
        case .processGroup: .text("true")
        case .everything:
            .approximated("true", why: "supervisord reaches the process group, not what has left it")
        }
    }
}

/// `autorestart` and `exitcodes`: supervisord restarts after every end, after none, or after those whose exit code is
/// not in a list; a death by signal is in no list.
struct RestartWords {
    let autoRestart: Rendered
    let exitCodes: Rendered

    init(_ service: Service) {
        let restart = service.effective(\.restartOn, \.restartOn)
        let success = service.effective(\.success, \.success)
        let codes = Self.list(success.exitCodes, service)
        if restart.isEmpty || restart == .all {
            autoRestart = .text(restart.isEmpty ? "false" : "true")
            exitCodes =
                success.signalNumbers.isEmpty
                ? .text(codes) : .approximated(codes, why: "to supervisord no death by signal is expected")
            return
        }
        let spared = restart.inverted
        if spared.signalNumbers.isEmpty {
            autoRestart = .text("unexpected")
        } else {
            let names = spared.signalNumbers.count > 8 ? "a signal" : Self.names(spared.signalNumbers)
            autoRestart = .approximated(
                "unexpected", why: "supervisord restarts the program after a death by \(names) too")
        }
        if spared.exitCodes == success.exitCodes, success.signalNumbers.isEmpty {
            exitCodes = .text(codes)
        } else {
            exitCodes = .approximated(
                Self.list(spared.exitCodes, service),
                why: "one list says after which codes the program stays down and which are expected")
        }
    }

    /// The codes as they were listed, where that list is known.
    private static func list(_ codes: [Int32], _ service: Service) -> String {
        let listed = service.supervisor.exitCodeList
        let isSame = service.dialect == .supervisor && Set(listed) == Set(codes.map { Int($0) })
        return (isSame ? listed.map { String($0) } : codes.map { String($0) }).joined(separator: ",")
    }

    private static func names(_ numbers: [Int32]) -> String {
        numbers.map { Signal(number: $0).description }.joined(separator: ", ")
    }
}

extension OutputStream {
    func isSinkSet(_ service: Service) -> Bool { sink(of: service) != nil }
}

/// Where a stream goes, in supervisord's words.
struct StreamWords {
    private let stream: OutputStream
    private let service: Service
    private let sink: OutputSink

    init(_ stream: OutputStream, _ service: Service) {
        self.stream = stream
        self.service = service
        sink =
            stream.name == "stdout"
            ? service.effective(\.standardOutput, \.standardOutput)
            : service.effective(\.standardError, \.standardError)
    }

    var logFile: Rendered {
        switch sink {
        case .automatic: .text("AUTO")
        case .null, .syslog: .text("NONE")
        // The key that says so is redirect_stderr.
        case .sameAsOutput: .nothing
        case .file(let path): .text(Self.unmistakable(path))
        case .journal:
            .approximated("NONE", why: "supervisord does not know the journal; the lines go to syslog")
        case .inherit:
            .approximated(
                stream.name == "stdout" ? "/dev/fd/1" : "/dev/fd/2",
                why: "the lines pass through the daemon on their way to its own output")
        }
    }

    var syslog: String {
        if let flag = stream.syslog(of: service)?.value { return String(flag) }
        return String(sink == .syslog || sink == .journal)
    }

    /// `nil` where nothing is rotated and nobody said anything.
    var maximumBytes: String? {
        if sink == .inherit { return "0" }
        guard isRotationMeant else { return nil }
        return rotation.maximumBytes.description
    }

    var backups: String? {
        // The number of old files means nothing where there never is one.
        guard sink != .inherit, isRotationMeant, rotation.maximumBytes.bytes != 0 || isRotationSet else { return nil }
        return String(rotation.backups)
    }

    private var isRotationSet: Bool { stream.rotation(of: service) != nil }

    private var isRotationMeant: Bool {
        if isRotationSet { return true }
        return switch sink {
        case .file, .automatic: true
        default: false
        }
    }

    private var rotation: LogRotation {
        stream.name == "stdout"
            ? service.effective(\.outputRotation, \.rotation) : service.effective(\.errorRotation, \.rotation)
    }

    /// A path that is not read as one of the key's own words or as somebody's home.
    private static func unmistakable(_ path: String) -> String {
        if path.utf8.first == UInt8(ascii: "~") { return "./" + path }
        if case .path = ValueTypes.logFile(path) { return path }
        return "./" + path
    }
}
