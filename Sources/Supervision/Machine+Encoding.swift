import SourceText

// The state as bytes: for upgrades, for surviving a crash, for replay.
extension Machine {
    private static let frame = StateFrame("svinstall state", version: 1)

    /// The whole state but for `takeChanges()`: what is read back goes on exactly as this machine would. Equal states
    /// have equal bytes.
    package func encoded() -> [UInt8] { Self.frame.encoded(write) }

    private func write(_ writer: inout StateWriter) {
        writer.integer(Int16(clamping: state.rawValue))
        writer.flag(isStarted)
        writer.flag(isFinished)
        writer.instant(now)
        writer.integer(lastProgram)
        writer.integer(lastRun)
        writer.integer(lastCheck)
        writer.list(groupOrder.compactMap { groups[$0] }) { writer, group in
            writer.string(group.name)
            writer.integer(Int64(group.priority))
            writer.list(group.programs.compactMap { programsByID[$0] }) { $0.program($1) }
        }
        writer.list(parked.sorted { $0.key.number < $1.key.number }) { writer, entry in
            writer.integer(entry.key.number)
            writer.parked(entry.value)
        }
        writer.optional(descent) { writer, descent in
            writer.list(descent.groups) { $0.string($1) }
            writer.flag(descent.isTold)
            writer.optional(descent.reportAt) { $0.integer($1) }
        }
    }

    /// Reads what `encoded()` wrote. Every program counts as changed.
    package init(decoding bytes: [UInt8]) throws(StateDecodingError) {
        self.init()
        var reader = try Self.frame.reader(bytes)
        guard let state = DaemonState(rawValue: Int(try reader.integer(Int16.self))) else { throw reader.invalid }
        self.state = state
        isStarted = try reader.flag()
        isFinished = try reader.flag()
        now = try reader.instant()
        lastProgram = try reader.serial()
        lastRun = try reader.serial()
        lastCheck = try reader.serial()
        try readGroups(&reader)
        try readParked(&reader)
        descent = try reader.optional { reader throws(StateDecodingError) in
            var descent = Descent(groups: try reader.list { reader throws(StateDecodingError) in try reader.string() })
            descent.isTold = try reader.flag()
            descent.reportAt = try reader.optional { reader throws(StateDecodingError) in try reader.nanoseconds() }
            return descent
        }
        try reader.finish()
        guard (descent == nil) == (state == .running), isConsistent else { throw reader.invalid }
        rebuildIndexes()
    }

    private mutating func readGroups(_ reader: inout StateReader) throws(StateDecodingError) {
        let all = try reader.list { reader throws(StateDecodingError) in
            let name = try reader.string()
            let group = ProgramGroup(name: name, priority: Int(try reader.integer(Int64.self)))
            return (
                group, try reader.list { reader throws(StateDecodingError) in try reader.program(group: name) }
            )
        }
        for (group, programs) in all {
            guard groups[group.name] == nil else { throw reader.invalid }
            var group = group
            for program in programs {
                guard programsByID[program.id] == nil, group.named[program.name] == nil,
                    program.id.number <= lastProgram
                else { throw reader.invalid }
                group.programs.append(program.id)
                group.named[program.name] = program.id
                programsByID[program.id] = program
            }
            groups[group.name] = group
            groupOrder.append(group.name)
        }
    }

    private mutating func readParked(_ reader: inout StateReader) throws(StateDecodingError) {
        let all = try reader.list { reader throws(StateDecodingError) in
            (RequestID(number: try reader.integer()), try reader.parked())
        }
        for (id, request) in all {
            guard parked[id] == nil else { throw reader.invalid }
            parked[id] = request
        }
    }
}
