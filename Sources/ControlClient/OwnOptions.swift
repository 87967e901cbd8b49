import PropertyList
import ServiceModel
import SourceText
import XMLRPC

/// What svinstall's words can do beyond supervisorctl's: `status --json`, `update --plan`, `restart --update`.
enum OwnOptions {
    /// `false` when the words hold none of them.
    static func run(
        _ command: ControlCommand, _ words: [String], _ session: ControlSession
    ) throws(ClientError) -> Bool {
        func rest(_ option: String) -> [String]? {
            words.contains(option) ? words.filter { $0 != option } : nil
        }
        switch command.name {
        case "status":
            guard let names = rest("--json") else { return false }
            try printJSON(names, session)
        case "update":
            guard let names = rest("--plan") else { return false }
            printPlan(names, session)
        case "restart":
            guard let names = rest("--update") else { return false }
            try restartAndUpdate(names, session)
        default:
            return false
        }
        return true
    }

    // MARK: status --json

    private static func printJSON(_ names: [String], _ session: ControlSession) throws(ClientError) {
        let selection = StatusCommands.select(names, from: ProcessRow.rows(try session.call("getAllProcessInfo")))
        for complaint in selection.complaints {
            session.advise(complaint)
            session.exitStatus = ControlStatus.statusUnknown
        }
        let document: PropertyValue = ["programs": .array(selection.rows.map(describe))]
        session.output.write(JSONWriter.bytes(document, .pretty))
        if selection.rows.contains(where: \.isDown) { session.exitStatus = ControlStatus.someNotRunning }
    }

    private static func describe(_ row: ProcessRow) -> PropertyValue {
        func number(_ member: String) -> PropertyValue { .integer(Int(row[member]?.int ?? 0)) }
        func text(_ member: String) -> PropertyValue {
            row[member]?.string.flatMap { $0.isEmpty ? nil : .string($0) } ?? .null
        }
        func moment(_ member: String) -> PropertyValue {
            row[member]?.int.flatMap { $0 == 0 ? nil : .integer(Int($0)) } ?? .null
        }
        return [
            "name": .string(row.namespec), "group": .string(row.group), "process": .string(row.name),
            "state": .string(row.state), "pid": row.pid == 0 ? .null : .integer(Int(row.pid)),
            "description": .string(row.description), "started": moment("start"), "stopped": moment("stop"),
            "now": number("now"), "exit_status": row["stop"]?.int == 0 ? .null : number("exitstatus"),
            "error": text("spawnerr"), "stdout_log": text("stdout_logfile"), "stderr_log": text("stderr_logfile"),
        ]
    }

    // MARK: update --plan

    private static func printPlan(_ names: [String], _ session: ControlSession) {
        guard let staleness = Staleness.ask(session) else {
            session.advise("no daemon of svinstall's answers at \(session.connection.endpoint.url); it alone can tell")
            session.exitStatus = ControlStatus.generic
            return
        }
        if let problem = staleness.problem {
            session.advise("the configuration on disk cannot be used: \(problem)")
            session.exitStatus = ControlStatus.generic
            return
        }
        let wanted = names.contains("all") ? [] : names
        func isWanted(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }
        var lines = staleness.removed.filter(isWanted).map { "\($0): would be stopped and removed" }
        for name in staleness.changed where isWanted(name) {
            lines.append("\(name): would be stopped and started with its new definition")
            lines += staleness.details.filter { $0.hasPrefix("\(name):") }.map { "  \($0)" }
        }
        lines += staleness.added.filter(isWanted).map { "\($0): would be added" }
        if lines.isEmpty { lines = ["nothing would change"] }
        for line in lines { session.output.print(line.oneLine) }
    }

    // MARK: restart --update

    /// Applies the definition on disk to those of the named programs whose group changed, restarts the others: every
    /// one of them begins anew exactly once.
    private static func restartAndUpdate(_ words: [String], _ session: ControlSession) throws(ClientError) {
        guard !words.isEmpty else { return ProcessCommands.refuse(session, "restart", ControlStatus.generic) }
        let changes: GroupCommands.Changes
        do throws(ClientError) {
            changes = GroupCommands.Changes(try session.call("reloadConfig"))
        } catch {
            guard case .fault(let fault) = error, fault.code == FaultCode.cantReread else { throw error }
            session.output.print("ERROR: \(fault.text)")
            session.advise("nothing was restarted; what runs goes on with the old definition")
            session.exitStatus = ControlStatus.generic
            return
        }
        let everything = words.contains("all")
        let unchanged = try others(than: changes.changed, words, everything, session)
        var updated: Set<String> = []
        for group in everything ? changes.changed : words.map({ ProcessName($0).group })
        where changes.changed.contains(group) && updated.insert(group).inserted {
            try GroupCommands.replace(group, session)
            try awaitStart(of: group, session)
        }
        for group in changes.removed where everything || words.contains(where: { ProcessName($0).group == group }) {
            session.advise("\(group): no longer in the config on disk; take it out with svinstall update")
        }
        guard !unchanged.isEmpty else { return }
        try ProcessCommands.stop(session, unchanged)
        try ProcessCommands.start(session, unchanged)
    }

    /// The words, or for `all` the groups, that an ordinary restart serves.
    private static func others(
        than changed: [String], _ words: [String], _ everything: Bool, _ session: ControlSession
    ) throws(ClientError) -> [String] {
        guard everything else { return words.filter { !changed.contains(ProcessName($0).group) } }
        if changed.isEmpty { return ["all"] }
        var groups: [String] = []
        for row in ProcessRow.rows(try session.call("getAllProcessInfo"))
        where !groups.contains(row.group) && !changed.contains(row.group) {
            groups.append(row.group)
        }
        return groups.map { "\($0):*" }
    }

    /// Waits until the programs of a group that was just taken into service run or have failed; starts those that do
    /// not start by themselves.
    private static func awaitStart(of group: String, _ session: ControlSession) throws(ClientError) {
        var told: Set<String> = []
        while true {
            let rows = ProcessRow.rows(try session.call("getAllProcessInfo")).filter { $0.group == group }
            for row in rows where !row.isStarting && told.insert(row.name).inserted {
                // Never started: autostart is off.
                if row.state == "STOPPED" {
                    try ProcessCommands.start(session, [ProcessName.join(row.group, row.name)])
                } else if row.isRunning {
                    session.output.print("\(row.namespec): started")
                } else {
                    session.output.print("\(row.namespec): ERROR (spawn error)")
                    session.note(status: FaultCode.spawnError)
                }
            }
            if told.isSuperset(of: rows.map(\.name)) { return }
            session.output.flush()
            session.console.pause(milliseconds: 50)
        }
    }
}
