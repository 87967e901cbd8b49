import Kernel
import SourceText
import Testing

@Suite("The cost of a spawn")
struct SpawnCostTests {
    @Test("does not grow with the number of open descriptors: at most twice as much with thousands as with twenty")
    func manyDescriptors() {
        #expect(
            inForkedChild {
                let kernel = HostKernel()
                let limit = try kernel.limit(.openFiles)
                let many = min(19_000, Int(limit.hard ?? 19_000) - 200)
                try kernel.setLimit(LimitSetting(.openFiles, soft: UInt64(many + 150), hard: limit.hard))
                // What other tests had open when this process was forked off.
                for number in Int32(3)..<2000 { kernel.close(Descriptor(number: number)) }
                // The low numbers are reserved at the first spawn.
                var few = try spawnCost(kernel)
                var ballast: [Descriptor] = []
                for _ in 0..<many { ballast.append(try kernel.open("/dev/null", .reading)) }
                var loaded = Int64.max
                for _ in 0..<5 {
                    loaded = min(loaded, try spawnCost(kernel))
                }
                for descriptor in ballast { kernel.close(descriptor) }
                few = min(few, try spawnCost(kernel))
                report("spawn: \(few / 1000) us with few descriptors, \(loaded / 1000) us with \(many)")
                return loaded <= 2 * few
            })
    }
}

/// The least time of the spawn call itself, in nanoseconds: whatever else runs on the machine only ever adds.
private func spawnCost(_ kernel: HostKernel) throws -> Int64 {
    var least = Int64.max
    for _ in 0..<60 {
        let pipe = try kernel.makePipe(.nonBlockingReader)
        let request = SpawnRequest(
            path: "/bin/true", arguments: ["true"], environment: [:], standardOutput: pipe.writer,
            standardError: pipe.writer)
        let start = kernel.now().monotonic
        let process = try kernel.spawn(request).get()
        least = min(least, kernel.now().monotonic - start)
        _ = try waitForExit(process, on: kernel)
        kernel.close(pipe.reader)
        kernel.close(pipe.writer)
    }
    return least
}
