import ServiceModel
import SourceText
import XMLRPC

/// Words that only look: `status`, `pid`, `avail`, `version`.
enum StatusCommands {
    static let all = [
        ControlCommand(
            "status",
            help: [
                "status <name>\t\tGet status for a single process",
                "status <gname>:*\tGet status for all processes in a group",
                "status <name> <name>\tGet status for multiple named processes",
                "status\t\t\tGet all process status info",
            ], completes: .processes
        ) { session, words throws(ClientError) in try status(session, words) },
        ControlCommand(
            "pid",
            help: [
                "pid\t\t\tGet the PID of supervisord.",
                "pid <name>\t\tGet the PID of a single child process by name.",
                "pid all\t\t\tGet the PID of every child process, one per line.",
            ], completes: .processes
        ) { session, words throws(ClientError) in try pid(session, words) },
        ControlCommand(
            "avail", help: ["avail\t\t\tDisplay all configured processes"], refusesArguments: true, checksDaemon: false
        ) { session, _ throws(ClientError) in try available(session) },
        ControlCommand(
            "version", help: ["version\t\t\tShow the version of the remote supervisord process"], refusesArguments: true
        ) { session, _ throws(ClientError) in
            session.output.print(try session.call("getSupervisorVersion").string ?? "")
        },
    ]

    static func status(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        let all = ProcessRow.rows(try session.call("getAllProcessInfo"))
        let selection = select(words, from: all)
        for complaint in selection.complaints {
            session.output.print(complaint)
            session.exitStatus = ControlStatus.statusUnknown
        }
        let width = max(30, selection.rows.map { $0.namespec.unicodeScalars.count }.max() ?? 0) + 3
        let paint = session.manners == .svinstall && session.output.isTerminal
        for row in selection.rows {
            let state = PythonText.padded(row.state, 10)
            session.output.print(
                PythonText.padded(row.namespec, width) + (paint ? colour(state, row) : state) + row.description)
        }
        if selection.rows.contains(where: \.isDown) { session.exitStatus = ControlStatus.someNotRunning }
    }

    /// The rows that the words name, in their order, and what is wrong with the other words.
    static func select(
        _ words: [String], from all: [ProcessRow]
    ) -> (rows: [ProcessRow], complaints: [String]) {
        if words.isEmpty || words.contains("all") { return (all, []) }
        var rows: [ProcessRow] = []
        var complaints: [String] = []
        for word in words {
            let name = ProcessName(word)
            let matches = all.filter { $0.group == name.group && (name.process == nil || $0.name == name.process) }
            rows += matches
            guard matches.isEmpty else { continue }
            complaints.append(
                name.process == nil
                    ? "\(name.group): ERROR (no such group)" : "\(word): ERROR (no such process)")
        }
        return (rows, complaints)
    }

    private static func colour(_ text: String, _ row: ProcessRow) -> String {
        let code =
            switch row.state {
            case "RUNNING": "32"
            case "STARTING", "STOPPING", "BACKOFF": "33"
            case "FATAL", "UNKNOWN": "31"
            default: "2"
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static func pid(_ session: ControlSession, _ words: [String]) throws(ClientError) {
        if words.isEmpty {
            return session.output.print("\(try session.call("getPID").int ?? 0)")
        }
        if words.contains("all") {
            for row in ProcessRow.rows(try session.call("getAllProcessInfo")) { session.output.print("\(row.pid)") }
            return
        }
        for word in words {
            do throws(ClientError) {
                let pid = ProcessRow(try session.call("getProcessInfo", .string(word))).pid
                session.output.print("\(pid)")
                if pid == 0 { session.exitStatus = ControlStatus.notRunning }
            } catch {
                session.exitStatus = ControlStatus.generic
                guard case .fault(let fault) = error, fault.code == FaultCode.badName else { throw error }
                session.output.print("No such process \(word)")
            }
        }
    }

    private static func available(_ session: ControlSession) throws(ClientError) {
        let rows: [ProcessRow]
        do throws(ClientError) {
            rows = ProcessRow.rows(try session.call("getAllConfigInfo"))
        } catch {
            session.exitStatus = ControlStatus.generic
            guard case .fault(let fault) = error, fault.code == FaultCode.shutdownState else { throw error }
            return session.output.print("ERROR: supervisor shutting down")
        }
        for row in rows {
            let priority = "\(row["group_prio"]?.int ?? 0):\(row["process_prio"]?.int ?? 0)"
            let columns = [
                PythonText.padded(row.namespec, 32),
                PythonText.padded(row["inuse"]?.boolean == true ? "in use" : "avail", 9),
                PythonText.padded(row["autostart"]?.boolean == true ? "auto" : "manual", 9), priority,
            ]
            session.output.print(columns.joined(separator: " "))
        }
    }
}
