/// What /proc tells of a process (proc(5), `/proc/PID/stat`).
package struct ProcessFacts: Hashable, Sendable {
    package var pid: Int32
    package var parent: Int32
    /// The numbers of its process group and session: the pids of their leaders.
    package var group: Int32
    package var session: Int32
    /// In clock ticks since the machine started.
    package var start: UInt64
    /// It waits to be reaped.
    package var hasEnded: Bool

    package init?(_ pid: Int32, _ kernel: some SystemCalls) {
        guard let bytes = try? kernel.readFile("/proc/\(pid)/stat", limit: 65_536),
            // The program's name may hold anything.
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // From the third field on, the state.
        let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let session = Int32(fields[3]), let start = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        hasEnded = fields[0] == "Z" || fields[0] == "X"
        self.parent = parent
        self.group = group
        self.session = session
        self.start = start
    }
}
