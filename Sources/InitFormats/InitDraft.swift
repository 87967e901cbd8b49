import ServiceModel
import SourceText

/// One service on its way into a manager's files: what all writers need.
struct InitDraft {
    let service: Service
    let dialect: Dialect
    let isForUser: Bool
    /// The service's name as a file name.
    let name: String
    /// What is executed, and the words behind the program's name.
    let path: String
    let arguments: [String]
    /// The name that the program shall see, where it is not the path.
    let shownName: String?
    var log: VerdictLog
    /// The first value that the format cannot hold.
    var problem: Failure?

    init(_ service: Service, dialect: Dialect, isForUser: Bool) throws(Failure) {
        guard case .words(let path, let words)? = service.command?.value else {
            throw Self.noCommand(service, dialect)
        }
        let texts = [path, service.name.value] + words + service.environment.flatMap { [$0.name, $0.value.value] }
        let paths = [service.workingDirectory, service.rootDirectory, service.user, service.group].compactMap {
            $0?.value
        }
        guard !(texts + paths + Self.files(of: service)).contains(where: { $0.utf8.contains(0) }) else {
            throw Failure(
                .badInput, code: "\(dialect.rawValue)-nul", "a value of '\(service.name.value)' holds a NUL byte",
                remedy: "remove it: no process can be given one", at: service.command?.span ?? service.name.span)
        }
        // Files of one line a value; scripts can quote a line end.
        let isLines = [Dialect.dinit, .upstart, .cron].contains(dialect)
        guard !isLines || !(paths + Self.files(of: service)).contains(where: { $0.contains(where: \.isNewline) }) else {
            throw Failure(
                .badInput, code: "\(dialect.rawValue)-line-end",
                "a path or an account of '\(service.name.value)' holds a line end", remedy: "choose another name",
                at: service.name.span)
        }
        self.service = service
        self.dialect = dialect
        self.isForUser = isForUser
        self.path = path
        arguments = Array(words.dropFirst())
        shownName = words.first.flatMap { $0 == path ? nil : $0 }
        name = Self.fileName(service.name.value)
        log = VerdictLog(dialect)
        judgeName()
    }

    private static func files(of service: Service) -> [String] {
        var found: [String] = []
        if case .file(let path)? = service.standardInput?.value { found.append(path) }
        for sink in [service.standardOutput, service.standardError] {
            if case .file(let path)? = sink?.value { found.append(path) }
        }
        return found
    }

    private static func noCommand(_ service: Service, _ dialect: Dialect) -> Failure {
        var reason = "has no program to start"
        if case .malformed(_, let why)? = service.command?.value {
            reason = "has a command that is no list of words: \(why)"
        }
        return Failure(
            .badInput, code: "\(dialect.rawValue)-no-command", "'\(service.name.value)' \(reason)",
            remedy: "correct its command", at: service.command?.span ?? service.name.span)
    }

    /// ASCII letters, digits, `_`, `-` and `.`: what every one of these managers takes for a name, `.` not first and, for
    /// cron's directory, not at all.
    private static func fileName(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars.prefix(200) {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".": result.unicodeScalars.append(scalar)
            default: result += "_"
            }
        }
        if let first = result.first, first == "." || first == "-" { result = "_" + result.dropFirst() }
        return result.isEmpty ? "unnamed" : result
    }

    private mutating func judgeName() {
        if name == service.name.value {
            log.exact(.name, "name", name)
        } else {
            log.approximated(
                .name, "name", name, why: "a name has only ASCII letters, digits, '_', '-' and '.' here")
        }
    }

    /// One line that tells people what this is.
    var title: String { (service.summary?.value ?? service.name.value).oneLine }

    /// Why something stands there that nobody wrote.
    func differs(from other: String) -> String {
        "the default of a \(service.dialect.rawValue) file, where \(dialect.rawValue)'s is \(other)"
    }

    /// A relative program with a slash, taken from the service's directory.
    var absolutePath: String {
        guard path.contains("/"), !path.hasPrefix("/"), let directory = service.workingDirectory?.value else {
            return path
        }
        return directory + "/" + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
    }

    /// `user`, `user:group` or `:group`; `nil` where it runs as whoever the manager is.
    var account: String? {
        guard !isForUser, service.user != nil || service.group != nil else { return nil }
        return (service.user?.value ?? "") + (service.group.map { ":" + $0.value } ?? "")
    }

    /// Whole seconds of a span, rounded up; what is infinite becomes `endless`.
    func seconds(_ span: TimeSpan, endless: Int64 = 31_536_000) -> Int64 { max(0, span.wholeSecondsUp ?? endless) }

    /// The fixed pause, in seconds, of a manager that waits after each end of the program; and what differs then.
    var pauseBetweenRuns: (seconds: Int64, difference: String?) {
        switch service.effective(\.restartDelay, \.restartDelay) {
        case .none: (0, nil)
        case .supervisor: (1, "always 1 s, where supervisord waits 1, 2, 3 … s after early ends only")
        case .afterExit(let span):
            (seconds(span), seconds(span) * 1000 == span.finiteMilliseconds ? nil : "whole seconds: rounded up")
        case .sinceStart(let span): (seconds(span), "it waits after each end, not since the previous start")
        }
    }

    /// Where both outputs go, and whether the file said so.
    var outputStreams: [(field: ServiceField, sink: OutputSink, isSet: Bool)] {
        [
            (.standardOutput, service.effective(\.standardOutput, \.standardOutput), service.standardOutput != nil),
            (.standardError, service.effective(\.standardError, \.standardError), service.standardError != nil),
        ]
    }
}
