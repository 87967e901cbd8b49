import Supervision

/// A state of version 1 as it stands on disk, written down once more: what the machine must write, byte for byte, and the
/// means to write what it never would.
struct StateLayout {
    var version: UInt16 = 1
    var daemonState: Int16 = 1
    var flags: [UInt8] = [1, 0]
    /// The instant of the last event, on all three clocks: `Script`'s beginning.
    var now: [Int64] = [5_000_000_000, 9_000_000_000, 1_700_000_000_000_000_000]
    var lastProgram: UInt32 = 1
    var lastRun: UInt64 = 0
    var lastCheck: UInt64 = 0
    var groups: [Group] = [Group()]
    var parked: [Parked] = []
    /// Groups still to stop, whether the last is told, when the next report is due.
    var descent: (groups: [String], isTold: UInt8, reportAt: Int64?)?

    /// Behind everything that has a meaning.
    var surplus: [UInt8] = []

    struct Group {
        var name = "g"
        var priority: Int64 = 999
        var programs = [Program()]
    }

    struct Program {
        var id: UInt32 = 1
        var name = "p"
        var priority: Int64 = 999
        var startsAtLoad: UInt8 = 0
        /// `startsecs=1`
        var readiness: [UInt8] = [1, 1] + StateLayout.bytes(1000 as Int64)
        var restartOn: (codes: [UInt8], signals: [UInt8], special: UInt8) = ([], [], 0)
        var success: (codes: [UInt8], signals: [UInt8], special: UInt8) = ([0], [], 0)
        /// After four tries.
        var giveUp: [UInt8] = [1] + StateLayout.bytes(4 as Int64)
        /// supervisord's.
        var restartDelay: [UInt8] = [1]
        var stopSignal: Int32 = 15
        var stopTimeout: [UInt8] = [1] + StateLayout.bytes(10_000 as Int64)
        var scopes: [UInt8] = [0, 0]
        var endsStragglers: UInt8 = 0
        var state: UInt16 = 0
        var run: (id: UInt64, role: UInt8, pid: Int32)?
        var latestRun: UInt64 = 0
        /// On all three clocks.
        var started: [Int64]?
        var stopped: [Int64]?
        var spawnError = ""
        var exitStatus: Int32 = 0
        var tries: Int64 = 0
        var quickEnds: Int64 = 0
        var lastStart: Int64 = 0
        var starts: [Int64] = []
        var isBeingStopped: UInt8 = 0
        var kills: Int64 = 0
        var heldSignals: [Int32] = []
        var wakeAt: Int64?
        var reportAt: Int64?
        var waiters: [(request: UInt64, entry: UInt32, purpose: UInt8)] = []
    }

    struct Parked {
        var id: UInt64 = 7
        var isCollection: UInt8 = 0
        var waits: UInt8 = 0
        var entries: [(program: UInt32, group: String, name: String, step: [UInt8])] = []
        var completed: [UInt32] = []
        var cursor: UInt32 = 0
        var orderUntil: Int64?
        var isAbandoned: UInt8 = 0
    }

    /// One program, changed.
    init(_ change: (inout StateLayout) -> Void) { change(&self) }

    var bytes: [UInt8] {
        var all = Array("svinstall state\n".utf8) + Self.bytes(version) + Self.bytes(daemonState) + flags
        all += now.flatMap { Self.bytes($0) }
        all += Self.bytes(lastProgram) + Self.bytes(lastRun) + Self.bytes(lastCheck)
        all += Self.list(groups) { group in
            Self.text(group.name) + Self.bytes(group.priority) + Self.list(group.programs) { Self.bytes($0) }
        }
        all += Self.list(parked) { Self.bytes($0) }
        all += Self.optional(descent) { descent in
            Self.list(descent.groups, Self.text) + [descent.isTold] + Self.optional(descent.reportAt) { Self.bytes($0) }
        }
        all += surplus
        return all + Self.bytes(all.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    }

    private static func bytes(_ program: Program) -> [UInt8] {
        var all = bytes(program.id) + text(program.name) + bytes(program.priority) + [program.startsAtLoad]
        all += program.readiness
        for set in [program.restartOn, program.success] {
            all += list(set.codes) { [$0] } + list(set.signals) { [$0] } + [set.special]
        }
        all += program.giveUp + program.restartDelay + bytes(program.stopSignal) + program.stopTimeout
        all += program.scopes + [program.endsStragglers] + bytes(program.state)
        all += optional(program.run) { bytes($0.id) + [$0.role] + bytes($0.pid) }
        all += bytes(program.latestRun)
        all += optional(program.started) { $0.flatMap { bytes($0) } }
        all += optional(program.stopped) { $0.flatMap { bytes($0) } }
        all += text(program.spawnError) + bytes(program.exitStatus)
        all += [program.tries, program.quickEnds, program.lastStart].flatMap { bytes($0) }
        all += list(program.starts) { bytes($0) } + [program.isBeingStopped] + bytes(program.kills)
        all += list(program.heldSignals) { bytes($0) }
        all += optional(program.wakeAt) { bytes($0) } + optional(program.reportAt) { bytes($0) }
        return all + list(program.waiters) { bytes($0.request) + bytes($0.entry) + [$0.purpose] }
    }

    private static func bytes(_ parked: Parked) -> [UInt8] {
        var all = bytes(parked.id) + [parked.isCollection, parked.waits]
        all += list(parked.entries) { bytes($0.program) + text($0.group) + text($0.name) + $0.step }
        all += list(parked.completed) { bytes($0) } + bytes(parked.cursor)
        return all + optional(parked.orderUntil) { bytes($0) } + [parked.isAbandoned]
    }

    static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func text(_ text: String) -> [UInt8] { bytes(UInt32(text.utf8.count)) + Array(text.utf8) }

    private static func list<Element>(_ elements: [Element], _ write: (Element) -> [UInt8]) -> [UInt8] {
        bytes(UInt32(elements.count)) + elements.flatMap(write)
    }

    private static func optional<Value>(_ value: Value?, _ write: (Value) -> [UInt8]) -> [UInt8] {
        value.map { [1] + write($0) } ?? [0]
    }
}
