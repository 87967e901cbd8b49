import ServiceModel
import SourceText

/// Text for a POSIX shell.
enum ShellScript {
    /// `text` as one word of a shell, any bytes but NUL.
    static func quote(_ text: String) -> String { ShellWords.quote(text) }

    /// A command on one line, whatever its words hold: with a line end in them it goes through printf(1), which spells
    /// line ends as `\n`. For files whose lines cannot be continued (crontab, Upstart's scripts).
    static func oneLine(_ command: String) -> String {
        guard command.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return command }
        var text = ""
        for scalar in command.unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\\": text += "\\\\"
            case "'": text += "\\0047"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return "eval \"$(printf '%b' '\(text)')\""
    }

    /// `exec` and the words of a command. A program whose name looks like an option needs the `--`.
    static func exec(_ words: [String]) -> String {
        let guarded = words.first?.hasPrefix("-") == true ? ["--"] + words : words
        return "exec " + ShellWords.join(guarded)
    }

    /// Signals as `kill -s` and `trap` name them.
    static func name(of signal: Signal) -> String { signal.shortName }
}

extension InitDraft {
    /// The variables that a shell can export, a line each, and those that only env(1) can set, as its words.
    ///
    /// A later variable of one name wins. PATH is among env's, so that the script's own tools are found, and the
    /// program is looked for in the new one; so are the variables that a shell gives a meaning of its own.
    mutating func shellEnvironment() -> (lines: [String], words: [String]) {
        var lines: [String] = []
        var words: [String] = []
        for variable in lastVariables() {
            if Self.isShellName(variable.name), !Self.shellsOwn.contains(variable.name) {
                lines.append("export \(variable.name)=\(ShellScript.quote(variable.value.value))")
            } else {
                words.append("\(variable.name)=\(variable.value.value)")
            }
        }
        // A word with `=` in it would be one more variable to env.
        if !words.isEmpty {
            words.insert("env", at: 0)
            if path.contains("=") || path.hasPrefix("-") { words += ["sh", "-c", "exec \"$0\" \"$@\""] }
        }
        return (lines, words)
    }

    /// The variables that a process can be given, each once, and the verdict on all of them.
    mutating func lastVariables(except isUnwritable: (EnvironmentVariable) -> String? = { _ in nil })
        -> [EnvironmentVariable]
    {
        var found: [EnvironmentVariable] = []
        for (index, variable) in service.environment.enumerated() {
            let field = ServiceField.environment(variable.name)
            let isOverridden = service.environment[(index + 1)...].contains { $0.name == variable.name }
            if isOverridden { continue }
            if variable.name.isEmpty || variable.name.contains("=") {
                log.dropped(
                    field, "environment", why: "'\(variable.name)' cannot be the name of a variable",
                    remedy: "choose a name without '='")
            } else if let why = isUnwritable(variable) {
                log.dropped(field, "environment", why: why, remedy: "set it in a script of your own")
            } else {
                found.append(variable)
                log.exact(field, "environment", variable.name)
            }
        }
        return found
    }

    private static let shellsOwn: Set<String> = [
        "PATH", "IFS", "PPID", "UID", "EUID", "PWD", "OLDPWD", "OPTIND", "OPTARG", "LINENO", "RANDOM", "SECONDS",
        "SHELLOPTS", "BASHOPTS", "GROUPS", "ENV", "BASH_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "_",
    ]

    private static func isShellName(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return name.unicodeScalars.allSatisfy {
            $0 == "_" || ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        }
    }
}
