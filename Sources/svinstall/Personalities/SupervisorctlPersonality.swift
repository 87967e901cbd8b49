import ControlClient
import Kernel
import Locations
import ServiceModel
import SourceText
import SupervisorFormat

/// Called as `supervisorctl`: its options, its words, its exit codes (supervisorctl 4.3).
enum SupervisorctlPersonality {
    private static let options: [OptionReader.Option] = [
        .init("configuration", "c", takesValue: true), .init("help", "h"), .init("help", "?"),
        .init("interactive", "i"), .init("serverurl", "s", takesValue: true),
        .init("username", "u", takesValue: true), .init("password", "p", takesValue: true),
        .init("history_file", "r", takesValue: true),
    ]

    static func run(program: String, _ words: [String]) -> Int32 {
        let kernel = HostKernel()
        do throws(OptionReader.UsageError) {
            let (matches, rest) = try OptionReader(options, .stopsAtFirstWord).read(words)
            for (place, match) in matches.enumerated() {
                if match.name == "help" {
                    print(help(program))
                    return 0
                }
                try UsageRefusal.checkTwice(match, matches[..<place])
                if match.name == "serverurl", let problem = Endpoint.complaint(about: match.value ?? "") {
                    throw UsageRefusal.badValue(match, problem)
                }
            }
            switch try settings(program, matches, kernel) {
            case .success(let settings):
                return talk(program, settings, rest, asking: matches.contains { $0.name == "interactive" }, kernel)
            case .failure(let file):
                return UsageRefusal.tellInsteadOfTraceback(file.message)
            }
        } catch {
            return UsageRefusal.tell(program, error.message)
        }
    }

    /// A file whose lines are no configuration: the original's parser does not expect that.
    private struct MalformedFile: Error {
        static let codes: Set<String> = ["ini-no-section", "ini-no-value"]

        let message: String
    }

    /// What the file says, and the command line before it.
    private static func settings(
        _ program: String, _ matches: [OptionReader.Match], _ kernel: HostKernel
    ) throws(OptionReader.UsageError) -> Result<ClientSettings, MalformedFile> {
        let value = { name in matches.first { $0.name == name }?.value }
        let search = ConfigurationChoice.supervisordSearchPath(calledAs: program)
        var settings = ClientSettings()
        if let path = value("configuration") ?? search.first(where: { exists($0, kernel) }) {
            switch try read(path, kernel) {
            case .success(let written): settings = written
            case .failure(let file): return .failure(file)
            }
        }
        if let url = value("serverurl") { settings.serverURL = url }
        if let name = value("username") { settings.username = name }
        if let password = value("password") { settings.password = password }
        if let file = value("history_file") { settings.historyFile = absolutePath(file, kernel) }
        return .success(settings)
    }

    private static func read(
        _ path: String, _ kernel: HostKernel
    ) throws(OptionReader.UsageError) -> Result<ClientSettings, MalformedFile> {
        guard exists(path, kernel) else {
            throw OptionReader.UsageError(message: "could not find config file \(path)")
        }
        do throws(Failure) {
            let reader = SupervisorReader(world: HostWorld(kernel), keepsToOriginal: true)
            return .success(try reader.clientSettings(path: absolutePath(path, kernel)))
        } catch {
            // The original names the file as the user did.
            let unreadable = "could not read config file \(path)"
            guard let first = error.diagnostics.first, first.code != "config-unreadable" else {
                throw OptionReader.UsageError(message: unreadable)
            }
            if MalformedFile.codes.contains(first.code) { return .failure(MalformedFile(message: first.message)) }
            throw OptionReader.UsageError(message: first.message)
        }
    }

    private static func exists(_ path: String, _ kernel: HostKernel) -> Bool {
        (try? kernel.status(of: path, followLinks: true)) != nil
    }

    /// Words are one action, with or without `-i`; the shell is for those who say nothing.
    private static func talk(
        _ program: String, _ settings: ClientSettings, _ words: [String], asking: Bool, _ kernel: HostKernel
    ) -> Int32 {
        for notice in settings.notices { Terminal.writeError("\(program): \(notice.text)\n") }
        do throws(Failure) {
            let session = try ControlSession(settings: settings, manners: .supervisorctl, kernel: kernel)
            return words.isEmpty ? session.interact() : session.run(words: words, asking: asking)
        } catch {
            return UsageRefusal.tell(program, error.diagnostics.first?.message ?? "\(error)")
        }
    }

    private static func help(_ program: String) -> String {
        """
        supervisorctl -- give orders to a supervisord and look at what it runs.

        Usage: \(program) [options] [action [arguments]]

        Options:
        -c/--configuration FILENAME -- configuration file (looked for if not given)
        -h/--help -- this text
        -i/--interactive -- ask before shutdown and reload, and for a missing password
        -s/--serverurl URL -- where the daemon listens (default "http://localhost:9001")
        -u/--username USERNAME -- who asks
        -p/--password PASSWORD -- the password of who asks
        -r/--history_file FILENAME -- keeps the lines of the interactive shell

        An action is a word such as "tail" or "stop". Without one, an interactive shell
        starts; its action "help" lists the actions.

        """
    }
}
