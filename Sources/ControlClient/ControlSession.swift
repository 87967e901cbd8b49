package import Kernel
package import SourceText
package import SupervisorFormat
import XMLRPC

/// One conversation with a daemon: runs words of supervisorctl and remembers the exit status.
package final class ControlSession {
    /// Whose manners: `supervisorctl` adds nothing to the original's; `svinstall` says on standard error what a person
    /// should know, and colours on a terminal.
    package enum Manners: Hashable, Sendable {
        case supervisorctl, svinstall
    }

    let connection: any DaemonConnection
    let manners: Manners
    let output: any TextSink
    let notes: any TextSink
    let console: any Console
    let prompt: String
    var exitStatus = ControlStatus.success
    /// As the command that runs found it: asking for a password is no failure.
    private var statusBefore = ControlStatus.success
    /// Questions may be asked.
    var isInteractive = false
    /// Whether what programs wrote is made harmless before it is shown. The original shows it as it is.
    var guardsTerminal: Bool { manners == .svinstall && output.isTerminal }

    /// Talks to the daemon of `settings` over its socket, through this process's standard streams.
    package convenience init<K: SystemCalls>(
        settings: ClientSettings, manners: Manners, kernel: K
    ) throws(Failure) {
        let connection = SocketConnection(Endpoint(settings), kernel)
        let output = DescriptorSink(.standardOutput, kernel)
        let console = KeyboardConsole(kernel, output, historyFile: settings.historyFile)
        self.init(
            connection: connection, manners: manners, output: output,
            notes: DescriptorSink(.standardError, kernel), console: console, prompt: settings.prompt)
        console.completion = { [weak self] line, fragment in self?.completions(of: line, fragment) ?? [] }
    }

    package init(
        connection: any DaemonConnection, manners: Manners, output: any TextSink, notes: any TextSink,
        console: any Console, prompt: String = "supervisor"
    ) {
        self.connection = connection
        self.manners = manners
        self.output = output
        self.notes = notes
        self.console = console
        self.prompt = prompt
    }

    /// Runs one action given as words; returns the exit status of supervisorctl. With `asking` (`-i`), as the shell
    /// does: it wants to be sure, and to know who asks.
    package func run(words: [String], asking: Bool = false) -> Int32 {
        isInteractive = asking
        _ = perform(words.joined(separator: " "))
        output.flush()
        notes.flush()
        return exitStatus
    }

    /// Runs a line; `false` when the conversation ends with it.
    func perform(_ line: String) -> Bool {
        do throws(Interruption) {
            return try attempt(line)
        } catch {
            output.print("")
            return false
        }
    }

    /// Ctrl-C in answer to a question: not only the command ends.
    struct Interruption: Error {}

    private func attempt(_ line: String) throws(Interruption) -> Bool {
        let line = line.trimmed
        guard !line.isEmpty else { return true }
        statusBefore = exitStatus
        guard let (word, arguments) = Self.split(line), let command = ControlCommand.named(word) else {
            output.print("*** Unknown syntax: \(line)")
            exitStatus = ControlStatus.generic
            return true
        }
        defer { completionCache = nil }
        do throws(ClientError) {
            try run(command, arguments)
        } catch {
            try report(error, line)
        }
        connection.disconnect()
        return !ShellCommands.ending.contains(word)
    }

    /// The command's name and the rest of a line: letters, digits and `_` are the name, `?` is help (Python's `cmd`).
    private static func split(_ line: String) -> (word: String, arguments: String)? {
        var line = line
        if line.hasPrefix("?") { line = "help " + line.dropFirst() }
        let word = line.unicodeScalars.prefix { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": true
            default: false
            }
        }
        guard !word.isEmpty else { return nil }
        return (String(word), String(line.unicodeScalars.dropFirst(word.count)).trimmed)
    }

    private func run(_ command: ControlCommand, _ text: String) throws(ClientError) {
        if command.refusesArguments, !text.isEmpty {
            output.print("Error: \(command.name) accepts no arguments")
            exitStatus = ControlStatus.generic
            return showHelp(command)
        }
        if command.checksDaemon, try !checkDaemon() {
            if command.name == "status" { exitStatus = ControlStatus.statusUnknown }
            return
        }
        let words = text.split { $0.unicodeScalars.allSatisfy(\.isBlank) }.map(String.init)
        if manners == .svinstall, try OwnOptions.run(command, words, self) { return }
        try command.body(self, words)
        if manners == .svinstall { Staleness.notify(after: command, words, self) }
    }

    func showHelp(_ command: ControlCommand) {
        for line in command.help { output.print(line) }
    }

    /// What supervisorctl prints for anything it did not expect.
    private func report(_ error: ClientError, _ line: String) throws(Interruption) {
        exitStatus = ControlStatus.generic
        switch error {
        case .interrupted: throw Interruption()
        case .status(401, _):
            output.print("Server requires authentication")
            if isInteractive { return try askForCredentials(thenRun: line) }
        default: break
        }
        output.print("error: \(error.pythonText): file: svinstall line: 0")
    }

    private func askForCredentials(thenRun line: String) throws(Interruption) {
        exitStatus = statusBefore
        do throws(ClientError) {
            let username = try ask("Username:")
            let password = try answer(console.readSecret(prompt: "Password:"))
            output.print("")
            connection.endpoint.username = username
            connection.endpoint.password = password
        } catch {
            return try report(error, line)
        }
        _ = try attempt(line)
    }

    /// What the person says to a question.
    func ask(_ question: String) throws(ClientError) -> String {
        output.flush()
        return try answer(console.readLine(prompt: question))
    }

    private func answer(_ input: ConsoleInput) throws(ClientError) -> String {
        switch input {
        case .line(let line): return line
        case .interrupted: throw .interrupted
        // Python's readline has no words for it.
        case .end: throw .endOfInput(explained: !console.isTerminal)
        }
    }

    // MARK: for the commands

    func call(_ method: String, _ arguments: XMLRPCValue...) throws(ClientError) -> XMLRPCValue {
        output.flush()
        return try connection.call("supervisor.\(method)", arguments)
    }

    /// Whether a daemon of our version answers; says why when not.
    func checkDaemon() throws(ClientError) -> Bool {
        let url = connection.endpoint.url
        do throws(ClientError) {
            let version = try call("getVersion")
            if version == "3.0" { return true }
            output.print(
                "Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the "
                    + "remote version is \(version.string ?? "unknown").")
            exitStatus = ControlStatus.notInstalled
        } catch {
            switch error {
            case .fault(let fault) where fault.code == FaultCode.unknownMethod:
                output.print(
                    "Sorry, supervisord responded but did not recognize the supervisor namespace commands that "
                        + "supervisorctl uses to control it.  Please check that the [rpcinterface:supervisor] section "
                        + "is enabled in the configuration file (see sample.conf).")
                exitStatus = ControlStatus.unimplementedFeature
            case .system(let problem) where problem.number == .connectionRefused:
                output.print("\(url) refused connection")
                exitStatus = ControlStatus.insufficientPrivileges
            case .system(let problem) where problem.number == .noEntry:
                output.print("\(url) no such file")
                exitStatus = ControlStatus.notRunning
            default:
                throw error
            }
        }
        return false
    }

    /// Sets the exit status for the status of one process; `ignored` counts as success.
    func note(status code: Int64, ignoring ignored: Int64? = nil) {
        switch code {
        case FaultCode.success, ignored: break
        case FaultCode.spawnError, FaultCode.abnormalTermination, FaultCode.notRunning:
            exitStatus = ControlStatus.notRunning
        default: exitStatus = ControlStatus.generic
        }
    }

    /// A word to the person that scripts do not read.
    func advise(_ text: String) {
        output.flush()
        notes.print("svinstall: \(text.oneLine)")
        notes.flush()
    }

    // MARK: completion

    /// What the daemon runs, kept while a line is being typed.
    var completionCache: [ProcessRow]?
}
