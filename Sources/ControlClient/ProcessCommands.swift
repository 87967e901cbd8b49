import ServiceModel
import XMLRPC

/// Words that act on processes: `start`, `stop`, `restart`, `signal`.
enum ProcessCommands {
    static let all = [
        ControlCommand(
            "start",
            help: [
                "start <name>\t\tStart a process", "start <gname>:*\t\tStart all processes in a group",
                "start <name> <name>\tStart multiple processes or groups", "start all\t\tStart all processes",
            ], completes: .processes
        ) { session, words throws(ClientError) in try start(session, words) },
        ControlCommand(
            "stop",
            help: [
                "stop <name>\t\tStop a process", "stop <gname>:*\t\tStop all processes in a group",
                "stop <name> <name>\tStop multiple processes or groups", "stop all\t\tStop all processes",
            ], completes: .processes
        ) { session, words throws(ClientError) in try stop(session, words) },
        ControlCommand(
            "restart",
            help: [
                "restart <name>\t\tRestart a process", "restart <gname>:*\tRestart all processes in a group",
                "restart <name> <name>\tRestart multiple processes or groups",
                "restart all\t\tRestart all processes",
                "Note: restart does not reread config files. For that, see reread and update.",
            ], completes: .processes
        ) { session, words throws(ClientError) in
            guard !words.isEmpty else { return refuse(session, "restart", ControlStatus.generic) }
            // The original is a stop and a start, each with its own look at the daemon.
            try stop(session, words)
            guard try session.checkDaemon() else { return }
            try start(session, words)
        },
        ControlCommand(
            "signal",
            help: [
                "signal <signal name> <name>\t\tSignal a process",
                "signal <signal name> <gname>:*\t\tSignal all processes in a group",
                "signal <signal name> <name> <name>\tSignal multiple processes or groups",
                "signal <signal name> all\t\tSignal all processes",
            ], completes: .processes
        ) { session, words throws(ClientError) in try signal(session, words) },
    ]

    /// `Error: start requires a process name`, and the help.
    static func refuse(_ session: ControlSession, _ verb: String, _ status: Int32) {
        session.output.print("Error: \(verb) requires a process name")
        session.exitStatus = status
        if let command = ControlCommand.named(verb) { session.showHelp(command) }
    }

    /// How one kind of call is made and told.
    private struct Act {
        var all: String
        var group: String
        var process: String
        var arguments: [XMLRPCValue] = []
        /// Behind the name when it went well.
        var word: String
        /// A status that leaves the exit status alone.
        var harmless: Int64?
        /// The exit status for a group that is not there.
        var unknownGroup = ControlStatus.generic
        /// Why it did not go well, by code.
        var reasons: [Int64: String]
        /// FAILED shows the daemon's own text.
        var tellsFailure = true
    }

    static func start(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        guard !words.isEmpty else { return refuse(session, "start", ControlStatus.invalidArguments) }
        try perform(
            Act(
                all: "startAllProcesses", group: "startProcessGroup", process: "startProcess", word: "started",
                harmless: FaultCode.alreadyStarted, unknownGroup: ControlStatus.invalidArguments,
                reasons: [
                    FaultCode.badName: "no such process", FaultCode.noFile: "no such file",
                    FaultCode.notExecutable: "file is not executable",
                    FaultCode.alreadyStarted: "already started", FaultCode.spawnError: "spawn error",
                    FaultCode.abnormalTermination: "abnormal termination",
                ], tellsFailure: false), words, session)
    }

    static func stop(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        guard !words.isEmpty else { return refuse(session, "stop", ControlStatus.generic) }
        try perform(
            Act(
                all: "stopAllProcesses", group: "stopProcessGroup", process: "stopProcess", word: "stopped",
                harmless: FaultCode.notRunning, reasons: signalReasons), words, session)
    }

    private static func signal(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        guard words.count >= 2, let name = words.first else {
            session.output.print("Error: signal requires a signal name and a process name")
            if let command = ControlCommand.named("signal") { session.showHelp(command) }
            session.exitStatus = ControlStatus.generic
            return
        }
        try perform(
            Act(
                all: "signalAllProcesses", group: "signalProcessGroup", process: "signalProcess",
                arguments: [.string(name)], word: "signalled", reasons: signalReasons), Array(words.dropFirst()),
            session)
    }

    private static let signalReasons = [
        FaultCode.badName: "no such process", FaultCode.badSignal: "bad signal name",
        FaultCode.notRunning: "not running",
    ]

    private static func perform(
        _ act: Act, _ words: [String], _ session: ControlSession
    ) throws(ClientError) {
        if words.contains("all") {
            return try tell(try session.connection.call("supervisor.\(act.all)", act.arguments), act, session)
        }
        for word in words {
            let name = ProcessName(word)
            if name.process == nil {
                try performOnGroup(name.group, act, session)
            } else {
                try performOnProcess(word, name, act, session)
            }
        }
    }

    private static func performOnGroup(
        _ group: String, _ act: Act, _ session: ControlSession
    ) throws(ClientError) {
        let answer: XMLRPCValue
        session.output.flush()
        do throws(ClientError) {
            answer = try session.connection.call("supervisor.\(act.group)", [.string(group)] + act.arguments)
        } catch {
            guard case .fault(let fault) = error, fault.code == FaultCode.badName else { throw error }
            session.exitStatus = act.unknownGroup
            return session.output.print("\(group): ERROR (no such group)")
        }
        try tell(answer, act, session)
    }

    private static func performOnProcess(
        _ word: String, _ name: ProcessName, _ act: Act, _ session: ControlSession
    ) throws(ClientError) {
        session.output.flush()
        do throws(ClientError) {
            _ = try session.connection.call("supervisor.\(act.process)", [.string(word)] + act.arguments)
            session.output.print("\(ProcessName.join(name.group, name.process ?? "")): \(act.word)")
        } catch {
            guard case .fault(let fault) = error else { throw error }
            try tell(ProcessRow(name, fault), act, session)
        }
    }

    private static func tell(_ answer: XMLRPCValue, _ act: Act, _ session: ControlSession) throws(ClientError) {
        for row in ProcessRow.rows(answer) { try tell(row, act, session) }
    }

    private static func tell(_ row: ProcessRow, _ act: Act, _ session: ControlSession) throws(ClientError) {
        if row.status == FaultCode.success {
            session.output.print("\(row.namespec): \(act.word)")
        } else if let reason = act.reasons[row.status] {
            session.output.print("\(row.namespec): ERROR (\(reason))")
        } else if row.status == FaultCode.failed, act.tellsFailure {
            session.output.print(row.description)
        } else {
            throw .unknownResult(code: row.status, name: row.namespec)
        }
        session.note(status: row.status, ignoring: act.harmless)
    }
}
