import ArgumentParser
import SourceText

/// Every verb with its words: the source of help, man pages and completions.
struct CommandLineTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "svinstall",
        abstract: "Run programs in the background, at boot, and again when they die.",
        version: Version.text,
        subcommands: [
            RunVerb.Definition.self, ConvertVerb.self, CheckVerb.self, PlistVerb.self, AgentVerb.self, InitVerb.self,
            UpgradeVerb.self,
        ] + ControlVerb.definitions)

    /// Parses and runs; usage errors are told in our words, with the nearest verb.
    static func run(_ words: [String]) -> Int32 {
        if words == ["help"] || words == ["--help"] || words == ["-h"] {
            print(HelpText.overview)
            return ExitStatus.ok.rawValue
        }
        // The words of a control verb are not the parser's: it would hand `--help` on to the daemon's client.
        if let verb = words.first, words.contains("--help"), ControlVerb.names.contains(verb) {
            return run(["help", verb])
        }
        if let verb = words.first, !verb.hasPrefix("-"), verb != "help", !knows(verb) { return refuse(verb) }
        do {
            // `--strict` alone is a flag; the parser would take the next word for its value.
            var command = try parseAsRoot(words.map { $0 == "--strict" ? "--strict=strict" : $0 })
            try command.run()
            return ExitStatus.ok.rawValue
        } catch let failure as Failure {
            return Terminal.report(failure)
        } catch let status as ExitCode {
            return status.rawValue
        } catch {
            let isRequest = exitCode(for: error).isSuccess
            let message = fullMessage(for: error)
            if isRequest {
                print(message)
                return ExitStatus.ok.rawValue
            }
            // The parser's first line says what is wrong; the rest is a usage text that `help` gives better.
            let lines = message.split(separator: "\n").map(String.init)
            let line = lines.first ?? "usage error"
            var text = line.hasPrefix("Error: ") ? String(line.dropFirst(7)) : line
            // Except for the words that an option takes.
            if text.hasSuffix("the following:") {
                text += " " + lines.filter { $0.hasPrefix("  - ") }.map { $0.dropFirst(4) }.joined(separator: ", ")
            }
            if text.hasSuffix(".") { text.removeLast() }
            let path = verbs(in: words).map { " " + $0 }.joined()
            Terminal.note("\(text.replacing(". Please provide", with: "; give")); see svinstall help\(path)".oneLine)
            return ExitStatus.usage.rawValue
        }
    }

    /// The verb among the words, and its own verb: `plist lint`.
    private static func verbs(in words: [String]) -> [String] {
        guard let place = words.firstIndex(where: knows) else { return [] }
        let verb = configuration.subcommands.first { $0.configuration.commandName == words[place] }
        let inner = (verb?.configuration.subcommands ?? []).compactMap { $0.configuration.commandName }
        let next = words.dropFirst(place + 1).first { inner.contains($0) }
        return [words[place]] + (next.map { [$0] } ?? [])
    }

    private static func knows(_ verb: String) -> Bool {
        configuration.subcommands.contains { $0.configuration.commandName == verb }
    }

    private static func refuse(_ verb: String) -> Int32 {
        if HelpText.planned.contains(verb) {
            Terminal.note("'\(verb)' is not there yet; svinstall help lists what is")
            return ExitStatus.usage.rawValue
        }
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        let hint = nearestWord(to: verb, among: names).map { "did you mean '\($0)'?" } ?? "see svinstall help"
        Terminal.note("there is no verb '\(verb)'; \(hint)".oneLine)
        return ExitStatus.usage.rawValue
    }
}

/// The version of this program (`version` among the control verbs is the daemon's).
enum Version {
    static let number = "0.1.0"
    static let text = "svinstall \(number)"
}
