import InitFormats
import ServiceModel
import SourceText
import Testing

/// A command of any bytes comes out as the same words, a variable with the same value: each format's own reader
/// executes what was written, with printf(1) as the program.
@Suite struct InitArgumentTests {
    private static let pieces = [
        "a", "-", "--", " ", "  ", "\t", "\n", "\r", "'", "\"", "\\", "$", "$HOME", "${x}", "$(x)", "`x`", "*", "?",
        "[a]",
        "~", "#", " # ", ";", "&", "|", "<", ">", "(", ")", "{", "}", "!", "=", "A=b", "%", "%s", "\\n", "\\0101",
        "\\c",
        "é", "日本", "\u{1}", "\u{7F}", "end script", "\nend script\n", ":", "@", ",", "^", "+", "/", "$$", "$1",
    ]

    private static func text(_ numbers: inout SeededNumbers) -> String {
        (0..<Int.random(in: 0...4, using: &numbers)).map { _ in pieces.randomElement(using: &numbers) ?? "" }.joined()
    }

    @Test(arguments: Example.written) func `words and variables arrive as they were`(dialect: Dialect) throws {
        let shell = try Shell()
        defer { shell.remove() }
        // Stands for the managers' own tools: drops their options and becomes the program.
        try shell.write("bin/chpst", "#!/bin/sh\nshift\nexec \"$@\"\n", isExecutable: true)
        try shell.write(
            "bin/start-stop-daemon",
            """
            #!/bin/sh
            [ "$1" = --status ] && exit 3
            while [ "$1" != --startas ]; do shift; done
            program=$2
            shift 3
            exec "$program" "$@"

            """, isExecutable: true)
        var numbers = SeededNumbers(seed: 4)
        for round in 0..<30 {
            let isOdd = !round.isMultiple(of: 2)
            // A shell hands on no variable of such a name: printenv is then the program itself.
            let words = isOdd ? [] : (0..<4).map { _ in Self.text(&numbers) }
            let value = Self.text(&numbers).filter { dialect != .dinit || !$0.isNewline }
            let name = isOdd ? "a.value" : "VALUE"
            let program = "printf '%s\\0' \"$@\"; printenv \(name)"
            let service = Example.service {
                $0.command = Setting(
                    .words(isOdd ? ["/usr/bin/printenv", name] : ["/bin/sh", "-c", program, "sh"] + words))
                $0.environment = [EnvironmentVariable(name, Setting(value))]
                $0.workingDirectory = Setting("/")
                $0.restartOn = Setting(.all)
                $0.standardInput = Setting(.null)
                $0.standardOutput = Setting(.file("\(shell.directory)/result"))
                $0.standardError = Setting(.sameAsOutput)
            }
            let result: InitResult
            do throws(Failure) {
                result = try InitWriter.write(service, as: dialect)
            } catch {
                guard error.diagnostics.first?.code == "cron-too-long" else { throw error }
                continue
            }
            try shell.write("result", "")
            let told = try Self.start(result, dialect, shell)
            let expected = words.map { $0 + "\0" }.joined() + value + "\n"
            #expect(
                shell.read("result") == Array(expected.utf8),
                "\(dialect) \(words.debugDescription) \(value.debugDescription): \(told)\n\(result.files[0].text)")
        }
    }

    /// Starts what was written in the way of its manager.
    private static func start(_ result: InitResult, _ dialect: Dialect, _ shell: Shell) throws -> String {
        let text = result.files[0].text
        switch dialect {
        case .runit, .s6:
            try shell.write("script", text, isExecutable: true)
            return shell.run("./script").output
        case .sysv:
            try shell.write("script", text, isExecutable: true)
            return shell.run("./script start").output
        case .upstart:
            try shell.write("script", try #require(Upstart.script(text)))
            return shell.run("sh -e ./script >>result 2>&1").output
        case .openrc:
            // openrc-run sources the script; supervise-daemon.sh evaluates the variables, unquoted.
            try shell.write("script", text)
            try shell.write(
                "mill",
                """
                #!/bin/sh
                . ./script
                take() {
                    variable=
                    [ "$1" != --env ] || { variable=$2; shift 2; }
                    program=$1
                    shift 2
                    exec env "$variable" "$program" "$@"
                }
                eval take $supervise_daemon_args $command -- $command_args

                """)
            return shell.run("sh ./mill >>result 2>&1").output
        case .cron:
            // cron takes `\\%` for a percent sign and hands the rest to sh -c.
            let line = text.split(separator: "\n").first { $0.hasPrefix("@reboot root ") } ?? ""
            try shell.write("script", line.dropFirst("@reboot root ".count).replacing("\\%", with: "%") + "\n")
            return shell.run("sh -c \"$(cat script)\"").output
        case .dinit:
            let line = text.split(separator: "\n").first { $0.hasPrefix("command = ") } ?? ""
            let words = DinitLine.words(String(line.dropFirst("command = ".count)))
            let file = result.files.first { $0.path == "web.env" }?.text ?? ""
            let variable = String(file.prefix { !$0.isNewline })
            try shell.write("script", "exec " + ShellWords.join(["env", variable] + words) + "\n")
            return shell.run("sh ./script >>result 2>&1").output
        case .supervisor, .launchd, .systemd, .procfile:
            return ""
        }
    }
}

/// dinit-service(5)'s reading of a value: quotes, backslashes, `$$`.
enum DinitLine {
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        var rest = text.unicodeScalars.makeIterator()
        while let scalar = rest.next() {
            switch scalar {
            case "\"":
                isQuoted.toggle()
                word = word ?? ""
            case "\\":
                if let next = rest.next() { word = (word ?? "") + String(next) }
            case _ where !isQuoted && scalar.isBlank:
                if let found = word { words.append(found) }
                word = nil
            default: word = (word ?? "") + String(scalar)
            }
        }
        if let word { words.append(word) }
        // A single dollar sign would be a variable's: the test's words then differ.
        return words.map { $0.replacing("$$", with: "$") }
    }
}
