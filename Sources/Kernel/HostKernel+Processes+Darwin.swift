import CPlatform

// What the kernels say of a process that is nobody's child here, and what they do for a dead parent.
extension HostKernel {
    package func startOfProcess(_ pid: Int32) -> UInt64? {
        #if canImport(Darwin)
        var start: UInt64 = 0
        return svi_process_start(pid, &start) == 0 ? start : nil
        #else
        guard let facts = ProcessFacts(pid, self), !facts.hasEnded else { return nil }
        return facts.start
        #endif
    }

    package var signalsAtParentDeath: Bool {
        #if canImport(Darwin)
        false
        #else
        true
        #endif
    }
}
