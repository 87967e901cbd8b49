import SourceText
import Supervision

/// The supervision machine under events that the bytes decide.
enum MachineRules {
    /// Whatever happens in whatever order contradicts no invariant (`RandomWorld`), and everything comes to its end.
    static func events(_ bytes: [UInt8]) -> String? {
        var world = RandomWorld(Chance(bytes: bytes))
        world.walkThroughBytes()
        return world.problem
    }

    private static let headLength = "svinstall state\n".utf8.count + 2

    /// A state with a right checksum and anything between: refused, or a machine that works.
    static func state(_ bytes: [UInt8]) -> String? {
        var body = Array(Machine().encoded().prefix(headLength)) + bytes
        let sum = StateFrame.checksum(body)
        body += (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
        guard var machine = try? Machine(decoding: body) else { return nil }
        if machine.encoded() != body { return "read, but written differently" }
        var instant = Instant(monotonic: 20_000_000_000, boot: 0, wall: 0)
        for turn in 0..<5 {
            if let next = machine.nextDeadline { instant.monotonic = max(instant.monotonic, next) }
            _ = machine.handle(.deadline, at: instant)
            let request = RequestID(number: 1 << 60 + UInt64(turn))
            _ = machine.handle(.request(request, .stop(.all, waits: true)), at: instant)
            for run in 0..<6 as Range<UInt64> {
                _ = machine.handle(.exited(RunID(number: run), .exited(code: 1)), at: instant)
            }
        }
        _ = machine.handle(.signalReceived(.shutdown, .terminate), at: instant)
        return nil
    }
}
