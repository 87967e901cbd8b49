package import ServiceModel
package import SourceText

/// The `.env` beside a Procfile: `NAME=value` lines, comments, one pair of quotes round a value; nothing is expanded.
///
/// The rules are foreman's: `'…'` is literal, in `"…"` `\n` is a line end and a backslash gives any other character
/// itself, what has no quotes goes to the line's end. Where honcho would read another value, a warning says so.
package struct DotEnv: Sendable {
    package private(set) var variables: [EnvironmentVariable] = []
    package private(set) var diagnostics: [Diagnostic] = []

    package init(path: String, bytes: [UInt8]) {
        let file = TextFile(path: path, bytes: bytes)
        for number in 1...max(1, file.lineCount) {
            let line = file.line(number)
            guard let start = line.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }), line[start] != UInt8(ascii: "#")
            else {
                continue
            }
            let span = file.span(start..<line.endIndex)
            guard var text = String(validating: line[start...], as: UTF8.self)?.trimmed, !text.contains("\0"),
                !text.isEmpty
            else {
                continue
            }
            if text.hasPrefix("export ") { text = String(text.dropFirst(7)).trimmed }
            guard let equals = text.firstIndex(of: "="), case let name = String(text[..<equals]).trimmed, !name.isEmpty
            else {
                diagnostics.append(
                    Diagnostic(
                        .warning, code: "env-no-assignment", "'\(text.prefix(40))' is no NAME=value",
                        remedy: "write NAME=value", at: span))
                continue
            }
            let written = String(text[text.index(after: equals)...]).trimmed
            let value = DotEnvValue(written)
            if value.isReadDifferently {
                diagnostics.append(
                    Diagnostic(
                        .warning, code: "env-ambiguous", "foreman and honcho read different values of \(name)",
                        remedy: value.remedy, at: span))
            }
            variables.removeAll { $0.name == name }
            variables.append(EnvironmentVariable(name, Setting(value.text, at: span)))
        }
    }
}
