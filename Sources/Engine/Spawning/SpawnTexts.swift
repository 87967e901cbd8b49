import Kernel
import SourceText
import Supervision

/// The sentences about a start that failed; supervisord 4.3's where it has them.
enum SpawnTexts {
    /// Preparing pipes and logs failed.
    static func preparing(_ name: String, _ error: SystemError) -> SpawnProblem {
        switch error.number {
        case .tooManyOpenFiles: SpawnProblem("too many open files to spawn '\(name)'")
        default: SpawnProblem("unknown error making dispatchers for '\(name)': \(error.name)")
        }
    }

    /// No process came to be.
    static func creating(_ name: String, _ number: ErrorNumber) -> SpawnProblem {
        switch number {
        case .again: SpawnProblem("Too many processes in process table to spawn '\(name)'")
        default: SpawnProblem("unknown error during fork for '\(name)': \(number.name)")
        }
    }

    /// What the child would have said of the step that it did not get past.
    static func child(_ failure: SpawnFailure, _ request: SpawnRequest) -> String {
        let error = failure.number.name
        switch failure.step {
        case .supplementaryGroups: return "couldn't setuid to \(user(request)): Could not set groups of effective user"
        case .group: return "couldn't setuid to \(user(request)): Could not set group id of effective user"
        case .user: return "couldn't setuid to \(user(request)): \(error)"
        case .workingDirectory: return "couldn't chdir to \(request.workingDirectory ?? ""): \(error)"
        case .execution: return "couldn't exec \(request.arguments.first ?? request.path): \(error)"
        case .limits: return "couldn't set resource limits: \(error)"
        case .preparation, .creation, .grouping, .descriptors, .parentDeathSignal:
            return "couldn't prepare the process (\(failure.step)): \(error)"
        }
    }

    /// The two lines that supervisord's child leaves in its stderr log.
    static func lines(_ reason: String) -> String {
        "supervisor: \(reason)\nsupervisor: child process was not spawned\n"
    }

    private static func user(_ request: SpawnRequest) -> String { "\(request.credentials?.user ?? 0)" }
}
