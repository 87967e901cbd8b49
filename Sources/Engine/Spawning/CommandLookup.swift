import Kernel
import ServiceModel
import SourceText
import Supervision

/// Finds the file that a command means (supervisord 4.3, `get_execv_args`). Blocks.
///
/// A command with a slash is taken as it is, relative to the daemon's directory; another is the first entry of that
/// name in PATH, whatever that entry is.
struct CommandLookup<K: SystemCalls> {
    let kernel: K

    /// `environment` is the program's own: its PATH decides.
    func find(_ command: Command?, environment: Environment) -> Result<(path: String, arguments: [String]), Failed> {
        let words: (path: String, arguments: [String])
        switch command {
        case .words(let path, let arguments): words = (path, arguments)
        case .malformed(let text, let reason): return .failure(Failed(.notExecutable(malformed(text, reason))))
        case nil: return .failure(Failed(.notExecutable("command is empty")))
        }
        let path = words.path.contains("/") ? words.path : found(words.path, environment) ?? words.path
        if let problem = problem(of: path) { return .failure(Failed(problem)) }
        return .success((path, words.arguments))
    }

    struct Failed: Error {
        let problem: CommandProblem
        init(_ problem: CommandProblem) { self.problem = problem }
    }

    private func malformed(_ text: String, _ reason: String) -> String {
        reason == "command is empty" ? reason : "can't parse command \(PythonText.repr(text)): \(reason)"
    }

    private func found(_ name: String, _ environment: Environment) -> String? {
        let path = environment["PATH"] ?? "/bin:/usr/bin:/usr/local/bin"
        for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
            let candidate = directory.isEmpty ? name : "\(directory)/\(name)"
            if (try? kernel.status(of: candidate, followLinks: true)) != nil { return candidate }
        }
        return nil
    }

    private func problem(of path: String) -> CommandProblem? {
        guard let status = try? kernel.status(of: path, followLinks: true) else {
            return .notFound("can't find command \(PythonText.repr(path))")
        }
        if status.kind == .directory { return .notExecutable("command at \(PythonText.repr(path)) is a directory") }
        if status.mode & 0o111 == 0 { return .notExecutable("command at \(PythonText.repr(path)) is not executable") }
        if (try? kernel.mayAccess(path, .execute)) != true {
            return .notExecutable("no permission to run command \(PythonText.repr(path))")
        }
        return nil
    }
}
