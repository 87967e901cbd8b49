// ProcfileFormat, floor 2: Procfile <-> Service.

package import ServiceModel
package import SourceText

/// Reads a Procfile: `name: command`, one program a line, each command run by a shell (foreman's and honcho's habits).
package enum ProcfileReader {
    package struct Result: Sendable {
        package var services: [Service]
        package var diagnostics: [Diagnostic]
        package var keys: [SourceKey]
    }

    /// Reads the file's lines; `environment` is the content of the `.env` beside it, where there is one.
    package static func read(path: String, bytes: [UInt8], environment: DotEnv? = nil) -> Result {
        let file = TextFile(path: path, bytes: bytes)
        var result = Result(services: [], diagnostics: environment?.diagnostics ?? [], keys: [])
        var names: Set<String> = []
        for number in 1...max(1, file.lineCount) {
            let line = file.line(number)
            guard let start = line.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }), line[start] != UInt8(ascii: "#")
            else {
                continue
            }
            let span = file.span(start..<line.endIndex)
            func fail(_ code: String, _ message: String, _ remedy: String) {
                result.diagnostics.append(Diagnostic(.error, code: code, message, remedy: remedy, at: span))
            }
            guard let text = String(validating: line[start...], as: UTF8.self), !text.contains("\0") else {
                fail("procfile-not-text", "not valid UTF-8 text", "save the file as UTF-8")
                continue
            }
            guard let colon = text.firstIndex(of: ":") else {
                fail(
                    "procfile-no-colon", "'\(text.prefix(40))' is not of the form name: command", "write name: command")
                continue
            }
            let name = String(text[..<colon]).trimmed
            let command = String(text[text.index(after: colon)...]).trimmed
            guard isName(name) else {
                fail(
                    "procfile-name", "'\(name.prefix(40))' is no name for a program", "use letters, digits, _ and -")
                continue
            }
            guard !command.isEmpty else {
                fail("procfile-no-command", "'\(name)' has no command", "write \(name): command")
                continue
            }
            guard names.insert(name).inserted else {
                fail("procfile-twice", "'\(name)' is there twice", "rename one of them")
                continue
            }
            var service = Service(name: Setting(name, at: span), dialect: .procfile)
            service.command = Setting(.words(["/bin/sh", "-c", "exec " + command]), at: span)
            if needsShell(command) { service.command = Setting(.words(["/bin/sh", "-c", command]), at: span) }
            service.environment = environment?.variables ?? []
            PortRule.assign(to: &service, index: result.services.count)
            result.services.append(service)
            result.keys.append(SourceKey(name, at: span, use: .fields([.name, .command])))
        }
        for variable in environment?.variables ?? [] {
            result.keys.append(
                SourceKey(
                    ".env " + variable.name, at: variable.value.span, use: .fields([.environment(variable.name)])))
        }
        if result.services.isEmpty && !result.diagnostics.contains(where: { $0.severity == .error }) {
            result.diagnostics.append(
                Diagnostic(
                    .error, code: "procfile-empty", "the Procfile names no program", remedy: "write name: command",
                    at: SourceSpan(file: path, at: .start)))
        }
        return result
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
                    || $0 == "-"
            }
    }

    /// Whether `exec` before the command would change its meaning: lists, pipes, groups, assignments, builtins.
    private static func needsShell(_ command: String) -> Bool {
        if command.contains(where: { ";|&(){}<>`\n".contains($0) && $0 != "<" && $0 != ">" }) { return true }
        let first = command.prefix { !$0.isWhitespace }
        if first.contains("=") || first.hasPrefix("!") { return true }
        return ["exec", "cd", "if", "while", "for", "case", "until", "set", "export", ".", "source", "trap", "eval"]
            .contains(String(first))
    }
}
