import ControlClient
import SourceText

/// How supervisord and supervisorctl 4.3 refuse a command line.
enum UsageRefusal {
    /// `Error: …` and where help is, on standard error; the exit status.
    static func tell(_ program: String, _ message: String) -> Int32 {
        Terminal.writeError("Error: \(message)\nFor help, use \(program) -h\n")
        return 2
    }

    /// The same where the original ends with a traceback, whose last words these are.
    static func tellInsteadOfTraceback(_ message: String) -> Int32 {
        Terminal.writeError("Error: \(message)\n")
        return 1
    }

    /// An option stands once on a command line.
    static func checkTwice(
        _ match: OptionReader.Match, _ before: some Sequence<OptionReader.Match>
    ) throws(OptionReader.UsageError) {
        guard before.contains(where: { $0.name == match.name }) else { return }
        throw OptionReader.UsageError(message: "conflicting command line option \(PythonText.repr(match.written))")
    }

    static func badValue(_ match: OptionReader.Match, _ problem: String) -> OptionReader.UsageError {
        OptionReader.UsageError(
            message: "invalid value for \(match.written) \(PythonText.repr(match.value ?? "")): \(problem)")
    }
}
