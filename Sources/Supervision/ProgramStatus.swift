package import SourceText

/// What can be told of a program from outside: the machine's part of a snapshot.
package struct ProgramStatus: Hashable, Sendable {
    package var id: ProgramID
    package var group: String
    package var name: String
    package var state: ProcessState
    /// 0 when it does not run.
    package var pid: Int32
    /// When the current or last run began; `nil` if never.
    package var started: Instant?
    /// When the last run ended; `nil` if never.
    package var stopped: Instant?
    /// Why the last start failed; empty when it did not.
    package var spawnError: String
    /// Code of the last exit; -1 for a signal or an unknown end; 0 if it never ended (supervisord 4.3).
    package var exitStatus: Int32
    /// Failed tries in a row.
    package var tries: Int

    package init(id: ProgramID, group: String, name: String) {
        self.id = id
        self.group = group
        self.name = name
        state = .stopped
        pid = 0
        spawnError = ""
        exitStatus = 0
        tries = 0
    }
}
