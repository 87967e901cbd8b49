import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Testing

/// A stop that follows a start at once. The original's child loses a signal that meets it between fork and exec, and is
/// killed when `stopwaitsecs` is over.
@Suite struct SignalAtBirthTests {
    @Test func aStopRightAfterTheStartIsNotLost() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "exec sleep 1000", in: directory) { $0.startsAtLoad = Setting(false) }
                    ])
                }) { trial in
                    let target = Target.process(group: "a", name: "a")
                    for _ in 0..<60 {
                        // The signal leaves in the very turn in which the birth is known.
                        let started = AnswerBox()
                        trial.engine?.submit(.supervise(.start(target, waits: false))) { started.put($0) }
                        trial.wait(for: "the birth") { (trial.status("a")?.pid ?? 0) != 0 ? true : nil }
                        let before = trial.kernel.now().monotonic
                        trial.ask(.supervise(.stop(target, waits: true)))
                        let took = (trial.kernel.now().monotonic - before) / 1_000_000
                        trial.check(took < 5000, "a stop took \(took) ms")
                        trial.check(started.take() != nil, "the start was answered")
                    }
                    let log = trial.text("main.log")
                    trial.check(
                        log.components(separatedBy: "stopped: a (terminated by SIGTERM)").count == 61, "60 TERMs")
                    trial.check(!log.contains("SIGKILL"), "nobody had to be killed")
                })
        }
        tell(result)
    }
}
