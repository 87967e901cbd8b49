package import ServiceModel
package import SourceText

/// Writes services as a Procfile: one line a program, and nothing but its command.
package enum ProcfileWriter {
    /// The line of a service and its verdicts.
    package static func line(_ service: Service) throws(Failure) -> (line: String, verdicts: [FieldVerdict]) {
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
        let text: String
        if service.dialect == .procfile, arguments.count == 3, arguments[0] == "/bin/sh", arguments[1] == "-c" {
            text = arguments[2].hasPrefix("exec ") ? String(arguments[2].dropFirst(5)) : arguments[2]
        } else {
            text = ShellWords.join([path] + arguments.dropFirst())
        }
        guard !text.contains("\n"), !text.contains("\r") else {
            throw Failure(
                .badInput, code: "procfile-line-end", "the command of '\(service.name.value)' holds a line end",
                remedy: "put it into a script", at: service.command?.span)
        }
        log.exact(.command, "command", name)
        log.closeWith(service)
        return ("\(name): \(text)\n", log.verdicts)
    }
}
