import ServiceModel
package import SourceText
package import SupervisorFormat

/// `svinstall check`: all that is wrong, or risky, in a file, whatever its format.
package enum Check {
    /// Every problem with its position, errors and warnings, in the order of the file; empty = nothing found. Never
    /// throws: a file that cannot be read at all is an error among the others.
    ///
    /// - Parameter format: what the file is; `nil` = what it looks like.
    package static func check(
        _ file: InputFile, as format: Format? = nil, world: any ConfigurationWorld
    ) -> [Diagnostic] {
        problems(file, as: format, world: world).inOrderOfFiles(\.span, first: file.path)
    }

    private static func problems(
        _ file: InputFile, as format: Format?, world: any ConfigurationWorld
    ) -> [Diagnostic] {
        do throws(Failure) {
            let read = try FormatRegistry.inspect(file, as: format, world: world)
            let client = read.format == .supervisor ? clientProblems(file, world) : []
            let all = read.diagnostics + read.services.compactMap(malformedCommand) + client
            return read.format == .systemd ? UnitCheck.problems(file, found: all, world: world) : all
        } catch {
            switch format ?? Recognition.format(of: file) {
            case .supervisor?:
                let (found, rest) = SupervisorCheck.problems(file, after: error, world: world)
                return found + (rest.map { problems($0, as: .supervisor, world: world) } ?? [])
            case .systemd? where error.diagnostics.contains { $0.code == "unit-starter-alone" }:
                return error.diagnostics + UnitCheck.problems(ofStarter: file)
            default: return error.diagnostics.map(asNoteOfOthers)
            }
        }
    }

    /// Nothing is wrong with a unit that starts no program; only a conversion has nothing to do with it.
    private static func asNoteOfOthers(_ problem: Diagnostic) -> Diagnostic {
        guard ["unit-no-program", "unit-masked"].contains(problem.code) else { return problem }
        var note = problem
        note.severity = .note
        return note
    }

    /// What supervisorctl has to say of the same file.
    private static func clientProblems(_ file: InputFile, _ world: any ConfigurationWorld) -> [Diagnostic] {
        do throws(Failure) {
            let settings = try SupervisorReader(world: world).clientSettings(path: file.path, bytes: file.bytes)
            return settings.notices.map(\.diagnostic)
        } catch {
            // A daemon needs no client: a file without a section for it is in order.
            return error.diagnostics.filter { $0.code != "ini-no-supervisorctl" }
        }
    }

    /// supervisord takes such a file and fails at each start; better to hear of it now.
    private static func malformedCommand(_ service: Service) -> Diagnostic? {
        guard let command = service.command, case .malformed(_, let reason) = command.value else { return nil }
        return Diagnostic(
            .error, code: "command-words", "the command of \(service.name.value) cannot be split into words: \(reason)",
            remedy: "balance its quotes; a blank before ';' or '#' begins a comment, also inside quotes",
            at: command.span)
    }
}
