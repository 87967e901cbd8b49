import Engine
import Foundation
import Kernel
import ServiceModel
import SimulatedKernel
import SourceText
import Supervision
import Testing

/// What the daemon does when nothing happens, and what becomes of strangers' children.
@Suite struct QuietTests {
    @Test func anIdleDaemonNeverWakes() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    let idle = (1...20).map { Program.shell("p\($0)", "exec sleep 1000", in: directory) }
                    // Read by the clock while it pours, and watched again afterwards.
                    let pouring = "dd if=/dev/zero bs=100 count=100000 2>/dev/null; echo end; exec sleep 1000"
                    return Program.plan(idle + [Program.shell("pours", pouring, in: directory)])
                }) { trial in
                    func wakeUps() -> [String: Int] {
                        var counts: [String: Int] = [:]
                        for task in trial.threads {
                            for line in trial.text("/proc/self/task/\(task)/status").split(separator: "\n")
                            where line.hasPrefix("voluntary_ctxt_switches:") {
                                counts[task] = Int(line.split(separator: "\t").last ?? "")
                            }
                        }
                        return counts
                    }
                    for number in 1...20 { trial.awaitState("p\(number)", .running) }
                    trial.wait(for: "what was poured") {
                        let log = try? trial.kernel.status(of: trial.directory + "/pours.out", followLinks: true)
                        return log?.size == 10_000_004 ? true : nil
                    }
                    // The last look at births that others wait for comes half a second after them.
                    trial.pause(milliseconds: 1000)
                    let before = wakeUps()
                    trial.pause(milliseconds: 2000)
                    let after = wakeUps()
                    let changes = after.map { task, count in count - (before[task] ?? count) }
                    trial.check(before.count >= 3, "threads: \(before.count)")
                    trial.check(changes.reduce(0, +) == 0, "wake-ups by thread: \(changes)")
                })
        }
        tell(result)
    }

    @Test func orphansAreReapedAndTold() throws {
        let kernel = FreezingTests.machine()
        let daemon = VirtualDaemon(FreezingTests.plan, on: kernel)
        try #require(daemon.awaitState("other", .running) != nil)
        let orphan = kernel.adoptOrphan()
        kernel.exit(orphan, .exited(code: 0))
        let line = "INFO reaped unknown pid \(orphan) (exit status 0)\n"
        let told = daemon.wait { () -> Bool? in
            kernel.advance(milliseconds: 1)
            return kernel.text(of: "/logs/main.log")?.contains(line) == true ? true : nil
        }
        #expect(told != nil)
        #expect(daemon.shutDown() == 0)
    }
}
