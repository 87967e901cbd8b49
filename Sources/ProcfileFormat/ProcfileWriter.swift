package import ServiceModel
package import SourceText

/// Writes services as a Procfile: one line a program, with its command, its directory and its umask; its variables
/// belong into the `.env` beside it, which all programs share.
package enum ProcfileWriter {
    /// What was written for one service.
    package struct Result: Sendable {
        package var name: String
        /// What a shell runs.
        package var command: String
        /// Of the `.env`, `NAME=value`.
        package var variables: [String]
        package var verdicts: [FieldVerdict]

        package init(name: String, command: String, variables: [String], verdicts: [FieldVerdict]) {
            self.name = name
            self.command = command
            self.variables = variables
            self.verdicts = verdicts
        }

        package var line: String { "\(name): \(command)\n" }
    }

    /// The line of a service, its variables and its verdicts.
    package static func write(_ service: Service) throws(Failure) -> Result {
        guard case .words(let path, let arguments)? = service.command?.value else {
            throw Failure(
                .badInput, code: "procfile-no-command",
                "'\(service.name.value)' has no command that a Procfile could hold",
                remedy: "correct its command", at: service.command?.span ?? service.name.span)
        }
        var log = VerdictLog(.procfile)
        var name = ""
        for scalar in service.name.value.unicodeScalars {
            name.unicodeScalars.append(ProcfileReader.isName(String(scalar)) ? scalar : "_")
        }
        if name == service.name.value {
            log.exact(.name, "name", name)
        } else {
            log.approximated(.name, "name", name, why: "a Procfile's names have only letters, digits, _ and -")
        }
        var text: String
        if service.dialect == .procfile, arguments.count == 3, arguments[0] == "/bin/sh", arguments[1] == "-c" {
            text = arguments[2].hasPrefix("exec ") ? String(arguments[2].dropFirst(5)) : arguments[2]
        } else {
            text = ShellWords.join([path] + arguments.dropFirst())
            let steps = preparations(service, &log)
            if !steps.isEmpty { text = (steps + ["exec " + text]).joined(separator: " && ") }
        }
        guard !text.contains("\n"), !text.contains("\r") else {
            throw Failure(
                .badInput, code: "procfile-line-end", "the command of '\(service.name.value)' holds a line end",
                remedy: "put it into a script", at: service.command?.span)
        }
        if arguments.first == path {
            log.exact(.command, "command", name)
        } else {
            log.approximated(.command, "command", name, why: "the program sees its path as its name")
        }
        let variables = assignments(service, &log)
        let judged = Set(log.verdicts.map(\.field))
        for (field, _) in service.fieldsSet where !judged.contains(field) {
            log.dropped(
                field, "no-setting", why: "a Procfile has nothing but commands",
                remedy: "set it where the Procfile is run, or let svinstall run the original")
        }
        return Result(name: name, command: text, variables: variables, verdicts: log.verdicts)
    }

    /// What the shell does before it becomes the program.
    private static func preparations(_ service: Service, _ log: inout VerdictLog) -> [String] {
        var steps: [String] = []
        if let directory = service.workingDirectory?.value {
            steps.append("cd \(ShellWords.quote(directory))")
            log.exact(.workingDirectory, "directory", "cd")
        }
        if let umask = service.umask?.value {
            steps.append("umask \(Digits.octal(UInt64(umask), width: 4))")
            log.exact(.umask, "umask", "umask")
        }
        return steps
    }

    private static func assignments(_ service: Service, _ log: inout VerdictLog) -> [String] {
        var lines: [String] = []
        for (index, variable) in service.environment.enumerated() {
            let field = ServiceField.environment(variable.name)
            if service.environment[(index + 1)...].contains(where: { $0.name == variable.name }) { continue }
            if PortRule.isImplied(variable, service) {
                log.exact(field, "port", nil)
                continue
            }
            guard isVariableName(variable.name), let value = DotEnvValue.written(variable.value.value) else {
                log.dropped(
                    field, "environment", why: "a .env file cannot say '\(variable.name)' or its value",
                    remedy: "set it in a script of your own")
                continue
            }
            lines.append("\(variable.name)=\(value)")
            if variable.name == "PORT" {
                log.approximated(field, "port", ".env PORT", why: "each further line gets 100 more")
            } else {
                log.exact(field, "environment", ".env \(variable.name)")
            }
        }
        return lines
    }

    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return !name.contains("-") && ProcfileReader.isName(name)
    }

    /// The files of several programs: a variable that all of them have in common goes to `.env`, any other in front of
    /// its program's command.
    package static func files(_ results: [Result]) -> (procfile: String, environment: String?) {
        let lists = results.map { Set($0.variables) }
        let common = lists.dropFirst().reduce(lists.first ?? []) { $0.intersection($1) }
        var procfile = ""
        for result in results {
            let own = DotEnv(
                path: ".env",
                bytes: Array(result.variables.filter { !common.contains($0) }.joined(separator: "\n").utf8)
            ).variables
            let exports = own.map { "export \($0.name)=\(ShellWords.quote($0.value.value)) && " }.joined()
            procfile += "\(result.name): \(exports)\(result.command)\n"
        }
        let shared = results.first?.variables.filter(common.contains) ?? []
        return (procfile, shared.isEmpty ? nil : shared.map { $0 + "\n" }.joined())
    }
}
