/// What `system.methodHelp` answers: a sentence of ours, then a line for each parameter and for the result, in the
/// form from which clients of supervisord read the kinds (`@param kind name`, `@return kind`).
enum MethodHelp {
    static func text(of method: Method) -> String {
        var lines = [summaries[method.name] ?? method.name, ""]
        lines += method.parameters.map { "@param \($0.kind.rawValue) \($0.name)" }
        lines.append("@return \(method.result.rawValue)")
        return lines.joined(separator: "\n")
    }

    /// One sentence for each method of the table; a test finds the one that has none.
    static let summaries: [String: String] = [
        "supervisor.addProcessGroup": "Takes a group that the last reloadConfig read into service.",
        "supervisor.clearAllProcessLogs": "Empties the logs of all processes; one status for each of them.",
        "supervisor.clearLog": "Empties the daemon's own log.",
        "supervisor.clearProcessLog": "Empties both logs of a process.",
        "supervisor.clearProcessLogs": "Empties both logs of a process.",
        "supervisor.getAPIVersion": "The version of these methods.",
        "supervisor.getAllConfigInfo": "What the configuration says of every process, in service or not.",
        "supervisor.getAllProcessInfo": "State, pid, times and logs of all processes.",
        "supervisor.getIdentification": "The daemon's identifier setting.",
        "supervisor.getPID": "The daemon's process id.",
        "supervisor.getProcessInfo": "State, pid, times and logs of a process.",
        "supervisor.getState": "The daemon's own state, as statecode and statename.",
        "supervisor.getSupervisorVersion": "The version of supervisord that the daemon stands in for.",
        "supervisor.getVersion": "The version of these methods; an older name of getAPIVersion.",
        "supervisor.readLog": "A part of the daemon's log; a negative offset counts from its end.",
        "supervisor.readMainLog": "A part of the daemon's log; an older name of readLog.",
        "supervisor.readProcessLog": "A part of a process's standard output log.",
        "supervisor.readProcessStderrLog": "A part of a process's standard error log.",
        "supervisor.readProcessStdoutLog": "A part of a process's standard output log.",
        "supervisor.reloadConfig":
            "Reads the configuration again and names the groups that were added, changed, removed.",
        "supervisor.removeProcessGroup": "Takes a group whose processes are all at rest out of service.",
        "supervisor.restart": "Stops all processes, then begins anew with the configuration as it is now.",
        "supervisor.sendProcessStdin": "Writes to the standard input of a running process.",
        "supervisor.sendRemoteCommEvent": "Raises REMOTE_COMMUNICATION for event listeners.",
        "supervisor.shutdown": "Stops all processes, then ends the daemon.",
        "supervisor.signalAllProcesses": "Sends a signal to all processes; one status for each of them.",
        "supervisor.signalProcess": "Sends a signal, by name or number, to a process or to group:*.",
        "supervisor.signalProcessGroup": "Sends a signal to the processes of a group; one status for each of them.",
        "supervisor.startAllProcesses": "Starts all processes that are at rest; one status for each of them.",
        "supervisor.startProcess": "Starts a process or group:*; with wait, answers when it runs or has failed.",
        "supervisor.startProcessGroup": "Starts the processes of a group; one status for each of them.",
        "supervisor.stopAllProcesses": "Stops all processes that run; one status for each of them.",
        "supervisor.stopProcess": "Stops a process or group:*; with wait, answers when it has ended.",
        "supervisor.stopProcessGroup": "Stops the processes of a group; one status for each of them.",
        "supervisor.tailProcessLog":
            "The newest bytes of a standard output log, the next offset, and whether some were left out.",
        "supervisor.tailProcessStderrLog":
            "The newest bytes of a standard error log, the next offset, and whether some were left out.",
        "supervisor.tailProcessStdoutLog":
            "The newest bytes of a standard output log, the next offset, and whether some were left out.",
        "system.listMethods": "The names of all methods.",
        "system.methodHelp": "This text, for any method.",
        "system.methodSignature": "The kinds of a method's result and parameters.",
        "system.multicall":
            "Makes several calls one after the other: a list of {methodName, params}; results in their order.",
    ]
}
