import SourceText

/// Why the daemon does not start: one line and an exit status, in the words of whom we were called as.
struct StartFailure: Error {
    /// Ours: what is wrong and what to do.
    var failure: Failure
    /// supervisord 4.3's sentence, where it has one.
    var original: String?
    /// Its exit status then.
    var originalCode: Int32 = 2

    init(_ failure: Failure, original: String? = nil) {
        self.failure = failure
        self.original = original
    }

    init(
        _ status: ExitStatus, code: String, _ message: String, remedy: String? = nil, original: String? = nil,
        originalCode: Int32 = 2
    ) {
        self.init(Failure(status, code: code, message, remedy: remedy), original: original)
        self.originalCode = originalCode
    }

    /// What goes to standard error.
    func text(for persona: DaemonOptions.Persona) -> String {
        switch persona {
        case .svinstall:
            failure.diagnostics.map { "svinstall: \($0)\n" }.joined()
        case .supervisord(let name):
            "Error: \(original ?? failure.firstMessage)\nFor help, use \(name) -h\n"
        }
    }

    func exitCode(for persona: DaemonOptions.Persona) -> Int32 {
        switch persona {
        case .svinstall: failure.status.rawValue
        case .supervisord: originalCode
        }
    }
}
