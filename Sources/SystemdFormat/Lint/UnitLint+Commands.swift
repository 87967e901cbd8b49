import SourceText

/// Programs that cannot run and words that do not mean what they mean to a shell.
extension UnitLint {
    /// Larger programs are not searched.
    private static let largestProgram = 32 << 20

    /// No unit starts as many; one that does was made to keep its reader busy.
    private static let mostPrograms = 200

    /// Why a program cannot be started.
    enum ProgramFault: Hashable, Sendable {
        case missing
        case noInterpreter(String)
        case noShebang
    }

    mutating func lookAtCommand(_ assignment: Assignment) {
        lookForAccidents(assignment)
        let commands: [ExecCommand]
        do throws(ExecCommand.ParseError) {
            commands = try ExecCommand.parse(assignment.value, specifiers: specifiers)
        } catch {
            // The reader has told of the one that it reads.
            guard assignment.key != "ExecStart" else { return }
            let (message, remedy) = SystemdReading.words(for: error)
            return fail(
                "unit-command", "\(assignment.key)=: \(message); systemd refuses the unit", remedy: remedy,
                at: assignment)
        }
        lookForUnknownEscape(assignment)
        for command in commands {
            if assignment.key != "ExecStart" { lookForSubstitution(command, assignment) }
            lookForShell(command, assignment)
            guard command.path.hasPrefix("/"), command.unresolved.isEmpty, !command.prefixes.contains(.shell),
                unit.value("Service", "RootDirectory") == nil, unit.value("Service", "RootImage") == nil
            else { continue }
            lookAtProgram(command, assignment)
        }
    }

    /// What is meant for a shell, and what is meant for nobody.
    private mutating func lookForShell(_ command: ExecCommand, _ assignment: Assignment) {
        guard !command.prefixes.contains(.shell) else { return }
        if command.path.contains("="), !command.path.contains("/") {
            warn(
                "unit-assignment-first", "'\(command.path.prefix(60))' is taken for the program: no shell reads it",
                remedy: "write Environment=\(command.path.prefix(60))", at: assignment)
        }
        for argument in command.arguments.dropFirst() {
            if argument == "#" {
                return warn(
                    "unit-comment", "systemd hands '#' and what follows it to the program: no comment ends a line",
                    remedy: "write the comment on a line of its own", at: assignment)
            }
            // `;` stands between commands, and a quoted one is find's.
            guard argument != ";", ShellSyntax.operators.contains(argument) else { continue }
            return warn(
                "unit-shell-syntax", "systemd hands '\(argument)' to the program as an argument: no shell reads it",
                remedy: "write /bin/sh -c '…' around the whole line", at: assignment)
        }
    }

    /// `a\ b` is no blank to systemd: it keeps the backslash, and splits.
    private mutating func lookForUnknownEscape(_ assignment: Assignment) {
        guard assignment.value.contains("\\"),
            let words = try? UnitWords.split(assignment.value),
            let escape = words.lazy.filter({ !$0.isEscapedSemicolon }).compactMap(\.unknownEscape).first
        else { return }
        warn(
            "unit-unknown-escape", "systemd knows no escape '\(escape)' and keeps the backslash",
            remedy: "put the word into quotes, or write \\\\ for a backslash", at: assignment)
    }

    private mutating func lookForSubstitution(_ command: ExecCommand, _ assignment: Assignment) {
        guard !command.prefixes.contains(.noVariables) else { return }
        for argument in command.arguments.dropFirst() where argument.hasPrefix("$(") || argument.hasPrefix("`") {
            warn(
                "unit-substitution", "'\(argument.prefix(40))' is no command substitution: systemd has no shell",
                remedy: "write /bin/sh -c '…'", at: assignment)
        }
    }

    private mutating func lookAtProgram(_ command: ExecCommand, _ assignment: Assignment) {
        let shown = command.path.prefix(80)
        switch fault(of: command.path) {
        case nil: break
        case .missing where command.prefixes.contains(.ignoresFailure): break
        case .missing:
            warn(
                "unit-no-executable", "'\(shown)' does not exist; the start would fail with status 203/EXEC",
                remedy: "install it, or correct the path", at: assignment)
        case .noInterpreter(let interpreter):
            warn(
                "unit-no-interpreter", "the interpreter '\(interpreter.prefix(60))' of '\(shown)' does not exist",
                remedy: "install it, or correct the script's first line", at: assignment)
        case .noShebang:
            warn(
                "unit-no-shebang", "'\(shown)' is a script without '#!', and systemd runs no shell for it (203/EXEC)",
                remedy: "begin it with #!/bin/sh, or write /bin/sh \(shown)", at: assignment)
        }
    }

    /// What is wrong with a program: each is looked into once, since a unit can name one on every line.
    private mutating func fault(of path: String) -> ProgramFault? {
        if let known = programs[path] { return known }
        guard programs.count < Self.mostPrograms else { return nil }
        let fault = lookInto(path)
        programs.updateValue(fault, forKey: path)
        return fault
    }

    private func lookInto(_ path: String) -> ProgramFault? {
        guard let kind = world.kind(of: path) else { return .missing }
        guard kind == .file, let bytes = world.content(of: path, limit: Self.largestProgram) else { return nil }
        guard bytes.starts(with: Array("#!".utf8)) else { return Self.isBinary(bytes) ? nil : .noShebang }
        let line = String(decoding: bytes.dropFirst(2).prefix(256).prefix { $0 != 10 }, as: UTF8.self).trimmed
        let interpreter = line.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        return interpreter.isEmpty || world.kind(of: interpreter) == nil ? .noInterpreter(interpreter) : nil
    }

    /// ELF and Mach-O.
    private static func isBinary(_ bytes: [UInt8]) -> Bool {
        let marks: [[UInt8]] = [
            [0x7F, 0x45, 0x4C, 0x46], [0xCF, 0xFA, 0xED, 0xFE], [0xCE, 0xFA, 0xED, 0xFE], [0xCA, 0xFE, 0xBA, 0xBE],
        ]
        return marks.contains { bytes.starts(with: $0) }
    }

    /// The letters of strftime(3) and printf(3) that are specifiers too.
    private static let formatLetters = Set("YmdHMSyjbBaAesTDFRIZzuwUVWGgCkl")
    private static let formatters: Set<String> = [
        "date", "strftime", "printf", "stat", "awk", "gawk", "mawk", "curl", "find", "ps", "git",
    ]

    /// `date +%S`: a letter that means seconds to date(1) and the state directory to systemd.
    private mutating func lookForAccidents(_ assignment: Assignment) {
        guard assignment.value.contains("%"), let words = try? UnitWords.split(assignment.value) else { return }
        var isFormat = false
        for word in words.map(\.text) {
            let specifiers = Self.specifiers(in: word)
            let isClock = zip(specifiers, specifiers.dropFirst()).contains { left, right in
                right.place - left.place <= 3 && Self.formatLetters.contains(left.letter)
                    && Self.formatLetters.contains(right.letter)
            }
            if let first = specifiers.first, isFormat || isClock || word.hasPrefix("+%") {
                warn(
                    "unit-specifier-accident",
                    "'\(word.prefix(40))': systemd replaces %\(first.letter) before the program sees it",
                    remedy: "write %%\(first.letter)", at: assignment)
                return
            }
            let program = word.split(separator: "/").last.map(String.init) ?? word
            if Self.formatters.contains(program.drop { "-@:+!".contains($0) }.description) { isFormat = true }
        }
    }

    private static func specifiers(in word: String) -> [(letter: Character, place: Int)] {
        var found: [(letter: Character, place: Int)] = []
        let characters = Array(word)
        var index = 0
        while index + 1 < characters.count {
            guard characters[index] == "%" else {
                index += 1
                continue
            }
            let letter = characters[index + 1]
            if letter.isASCII && letter.isLetter { found.append((letter, index)) }
            index += 2
        }
        return found
    }
}

/// Types of service that wait for something that does not come.
extension UnitLint {
    /// Options that keep a daemon in the foreground, by the manuals of those that have them.
    private static let foregroundOptions: Set<String> = [
        "--foreground", "--nodaemon", "--no-daemon", "--no-daemonize", "--nofork", "--no-fork", "--no-detach",
        "-DFOREGROUND", "--daemonize=no", "--nodetach",
    ]

    /// Programs that never report that they are ready, and never put themselves into the background.
    private static let plainPrograms: Set<String> = [
        "sleep", "tail", "cat", "tee", "env", "echo", "true", "false", "nc",
    ]

    mutating func lookAtReadiness() {
        guard let start = unit.assignments.last(where: { $0.name == "Service.ExecStart" && !$0.value.isEmpty }),
            let type = unit.assignments.last(where: { $0.name == "Service.Type" && !$0.value.isEmpty }),
            let command = (try? ExecCommand.parse(start.value, specifiers: specifiers))?.first
        else { return }
        switch type.value {
        case "notify", "notify-reload": lookAtNotification(command, type)
        case "forking": lookAtForking(command, type)
        default: break
        }
    }

    private static func name(of command: ExecCommand) -> String {
        command.path.split(separator: "/").last.map(String.init) ?? command.path
    }

    /// The text that a shell is given with `-c`.
    private static func shellText(_ command: ExecCommand) -> String? {
        ShellSyntax.script(in: [command.path] + command.arguments.dropFirst())
    }

    private mutating func lookAtNotification(_ command: ExecCommand, _ type: Assignment) {
        let remedy = "write Type=exec, or let the program send READY=1"
        if let text = Self.shellText(command) {
            if text.contains("systemd-notify") {
                let access = unit.value("Service", "NotifyAccess") ?? "main"
                if access == "main" || access == "none" {
                    warn(
                        "unit-notify-never", "systemd-notify is not the main process, and only that is listened to",
                        remedy: "add NotifyAccess=all", at: type)
                }
            } else if !text.contains("exec ") {
                warn(
                    "unit-notify-never", "the shell never sends READY=1, so the start would time out",
                    remedy: "begin the text with exec, or write Type=exec", at: type)
            }
            return
        }
        let isSilent = Self.plainPrograms.contains(Self.name(of: command))
        if isSilent || lacks(command, ["NOTIFY_SOCKET", "sd_notify", "systemd", "notify"]) {
            warn(
                "unit-notify-never",
                "nothing in '\(command.path.prefix(80))' speaks of readiness, so the start would time out",
                remedy: remedy, at: type)
        }
    }

    private mutating func lookAtForking(_ command: ExecCommand, _ type: Assignment) {
        let remedy = "write Type=exec"
        if let option = command.arguments.dropFirst().first(where: Self.foregroundOptions.contains) {
            warn(
                "unit-forking-never", "\(option) keeps the program in the foreground, so the start would time out",
                remedy: remedy, at: type)
        } else if let text = Self.shellText(command), !text.contains("&"), text.hasPrefix("exec ") {
            warn(
                "unit-forking-never", "the shell puts nothing into the background, so the start would time out",
                remedy: remedy, at: type)
        } else if Self.plainPrograms.contains(Self.name(of: command))
            || lacks(command, ["fork", "daemon", "setsid", "&"])
        {
            warn(
                "unit-forking-never",
                "'\(command.path.prefix(80))' never goes into the background, so the start would time out",
                remedy: remedy, at: type)
        }
    }

    /// Whether the program can be searched and holds none of the words.
    private func lacks(_ command: ExecCommand, _ words: [String]) -> Bool {
        guard command.path.hasPrefix("/"), Self.shellText(command) == nil, world.kind(of: command.path) == .file,
            let bytes = world.content(of: command.path, limit: 8 << 20)
        else { return false }
        // An interpreter's own bytes say nothing about the script that it runs.
        let name = Self.name(of: command)
        let interpreters = [
            "python", "node", "ruby", "perl", "java", "php", "sh", "bash", "dash", "lua", "deno", "bun",
        ]
        if interpreters.contains(where: { name.hasPrefix($0) }) { return false }
        return !words.contains { Self.contains(bytes, Array($0.utf8)) }
    }

    private static func contains(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first, bytes.count >= word.count else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            for start in 0...(buffer.count - word.count) where buffer[start] == first {
                var index = 1
                while index < word.count, buffer[start + index] == word[index] { index += 1 }
                if index == word.count { return true }
            }
            return false
        }
    }
}
