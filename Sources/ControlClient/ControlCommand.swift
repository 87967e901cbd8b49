/// A word of supervisorctl: what `help` says about it, what is checked before it runs, what it does.
package struct ControlCommand: Sendable {
    /// Names of what, for completion.
    enum Subject: Sendable {
        case nothing, commands, processes, groups
    }

    package var name: String
    /// The lines of `help NAME`; supervisorctl 4.3's words.
    package var help: [String]
    /// Completion of its arguments.
    var subject: Subject = .nothing
    /// With any argument it only says that it takes none.
    var refusesArguments = false
    /// Asks the daemon for its version first, and gives up in time with a sentence.
    var checksDaemon = true
    var body: @Sendable (ControlSession, [String]) throws(ClientError) -> Void

    init(
        _ name: String, help: [String], completes subject: Subject = .nothing, refusesArguments: Bool = false,
        checksDaemon: Bool = true, _ body: @escaping @Sendable (ControlSession, [String]) throws(ClientError) -> Void
    ) {
        self.name = name
        self.help = help
        self.subject = subject
        self.refusesArguments = refusesArguments
        self.checksDaemon = checksDaemon
        self.body = body
    }

    /// Every word, by name.
    package static let all: [ControlCommand] =
        (StatusCommands.all + ProcessCommands.all + LogCommands.all + GroupCommands.all + DaemonCommands.all
        + ShellCommands.all).sorted { $0.name < $1.name }

    /// The word's command.
    static func named(_ name: String) -> ControlCommand? { all.first { $0.name == name } }
}

/// Exit statuses of supervisorctl 4.3, after the Linux Standard Base's for init scripts.
enum ControlStatus {
    static let success: Int32 = 0
    static let generic: Int32 = 1
    static let invalidArguments: Int32 = 2
    static let unimplementedFeature: Int32 = 3
    static let insufficientPrivileges: Int32 = 4
    static let notInstalled: Int32 = 5
    static let notRunning: Int32 = 7
    /// `status`: something does not run.
    static let someNotRunning: Int32 = 3
    /// `status`: nobody knows.
    static let statusUnknown: Int32 = 4
}

/// Codes of the faults that commands tell apart (supervisord 4.3).
enum FaultCode {
    static let unknownMethod: Int64 = 1
    static let shutdownState: Int64 = 6
    static let badName: Int64 = 10
    static let badSignal: Int64 = 11
    static let noFile: Int64 = 20
    static let notExecutable: Int64 = 21
    static let failed: Int64 = 30
    static let abnormalTermination: Int64 = 40
    static let spawnError: Int64 = 50
    static let alreadyStarted: Int64 = 60
    static let notRunning: Int64 = 70
    static let success: Int64 = 80
    static let alreadyAdded: Int64 = 90
    static let stillRunning: Int64 = 91
    static let cantReread: Int64 = 92
}
