import ControlClient
import Kernel
import Locations
import SourceText
import SupervisorFormat

/// Called as `supervisorctl`: its options, its words, its exit codes (supervisorctl 4.3).
enum SupervisorctlPersonality {
    private static let options: [OptionReader.Option] = [
        .init("configuration", "c", takesValue: true), .init("help", "h"), .init("interactive", "i"),
        .init("serverurl", "s", takesValue: true), .init("username", "u", takesValue: true),
        .init("password", "p", takesValue: true), .init("history-file", "r", takesValue: true),
    ]

    static func run(program: String, _ words: [String]) -> Int32 {
        let kernel = HostKernel()
        do throws(OptionReader.UsageError) {
            let (matches, rest) = try OptionReader(options, .stopsAtFirstWord).read(words)
            let value = { name in matches.last { $0.name == name }?.value }
            if matches.contains(where: { $0.name == "help" }) {
                print(help(program))
                return 0
            }
            let search = ConfigurationChoice.supervisordSearchPath(calledAs: program, kernel)
            if let given = value("configuration"), !isFile(given, kernel) {
                return SupervisordPersonality.refuse(program, "could not find config file \(given)")
            }
            var settings = ClientSettings()
            if let path = value("configuration") ?? search.first(where: { isFile($0, kernel) }) {
                settings = try read(absolutePath(path, kernel), kernel)
            }
            if let url = value("serverurl") { settings.serverURL = url }
            if let name = value("username") { settings.username = name }
            if let password = value("password") { settings.password = password }
            if let file = value("history-file") { settings.historyFile = absolutePath(file, kernel) }
            return talk(program, settings, rest, interactive: matches.contains { $0.name == "interactive" }, kernel)
        } catch {
            return SupervisordPersonality.refuse(program, error.message)
        }
    }

    private static func read(
        _ path: String, _ kernel: HostKernel
    ) throws(OptionReader.UsageError) -> ClientSettings {
        do throws(Failure) {
            return try SupervisorReader(world: HostWorld(kernel)).clientSettings(path: path)
        } catch {
            throw OptionReader.UsageError(message: error.diagnostics.first?.message ?? "\(path) cannot be read")
        }
    }

    private static func talk(
        _ program: String, _ settings: ClientSettings, _ words: [String], interactive: Bool, _ kernel: HostKernel
    ) -> Int32 {
        do throws(Failure) {
            let session = try ControlSession(settings: settings, manners: .supervisorctl, kernel: kernel)
            if words.isEmpty || interactive {
                if !words.isEmpty { _ = session.run(words: words) }
                return session.interact()
            }
            return session.run(words: words)
        } catch {
            return SupervisordPersonality.refuse(program, error.diagnostics.first?.message ?? "\(error)")
        }
    }

    private static func help(_ program: String) -> String {
        """
        \(program): control applications run by supervisord from the command line.

        Usage: \(program) [options] [action [arguments]]

        -c/--configuration FILENAME  configuration file
        -h/--help                    this text
        -i/--interactive             the interactive shell, after the action
        -s/--serverurl URL           where the daemon listens, e.g. http://localhost:9001
        -u/--username USERNAME       who asks
        -p/--password PASSWORD       who asks
        -r/--history-file            history of the interactive shell

        Without an action, the interactive shell starts; its word help lists the actions.
        """
    }
}
