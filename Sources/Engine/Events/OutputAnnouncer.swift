package import Supervision

/// Makes events of what one run of a program writes to one channel. Lives on the logger thread.
package struct OutputAnnouncer: Sendable {
    package let reports: OutputReports
    package let program: ProgramID
    package let name: StreamName
    package let pid: Int32
    /// `stdout_events_enabled`, `stderr_events_enabled`.
    package let tellsEverything: Bool

    package init(reports: OutputReports, program: ProgramID, name: StreamName, pid: Int32, tellsEverything: Bool) {
        self.reports = reports
        self.program = program
        self.name = name
        self.pid = pid
        self.tellsEverything = tellsEverything
    }

    /// Bytes of one PROCESS_LOG event: what the original reads from a pipe at once.
    package static let pieceLimit = 65_536

    /// The program wrote that.
    package func wrote(_ bytes: UnsafeRawBufferPointer) {
        guard tellsEverything, reports.isHeard(EventPayload.logType(name.channel)) else { return }
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.cut(rest))
            rest = rest[piece.endIndex...]
            report(.log(name, pid: pid, Array(piece)))
        }
    }

    /// The program wrote that between the tokens of capture mode.
    package func captured(_ bytes: [UInt8]) {
        guard reports.isHeard(EventPayload.communicationType(name.channel)) else { return }
        report(.communication(name, pid: pid, bytes))
    }

    private func report(_ payload: EventPayload) {
        reports.report(OutputEvent(program: program, payload: payload))
    }

    /// Where to cut what is too long: not within a character.
    private static func cut(_ bytes: ArraySlice<UInt8>) -> Int {
        guard bytes.count > pieceLimit else { return bytes.count }
        var length = pieceLimit
        while length > pieceLimit - 4, bytes[bytes.startIndex + length] & 0xc0 == 0x80 { length -= 1 }
        return length
    }
}
