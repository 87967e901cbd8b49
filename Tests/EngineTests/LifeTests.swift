import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Testing

/// Real programs under a real daemon, each in a process of its own.
@Suite struct LifeTests {
    @Test func aProgramKilledComesBack() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "exec sleep 1000", in: directory) {
                            $0.restartOn = Setting(.all)
                            $0.restartDelay = Setting(RestartDelay.none)
                        }
                    ])
                }) { trial in
                    guard let first = trial.awaitState("a", .running) else { return }
                    try? trial.kernel.signal(pid: first.pid, .kill)
                    let second = trial.wait(for: "a new pid") {
                        trial.status("a").flatMap { $0.pid != first.pid && $0.pid != 0 ? $0 : nil }
                    }
                    trial.check(second?.state == .running, "state after the restart")
                    trial.awaitText("main.log", containing: "exited: a (terminated by SIGKILL; not expected)")
                    trial.awaitText("main.log", containing: "spawned: 'a' with pid \(second?.pid ?? 0)")
                })
        }
        tell(result)
    }

    @Test func outputGoesToTheLogsRaw() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "printf 'one\\0two'; printf err >&2; exec sleep 1000", in: directory),
                        Program.shell("b", "echo out; echo err >&2; exec sleep 1000", in: directory) {
                            $0.standardError = Setting(.sameAsOutput)
                        },
                        Program.shell("c", "echo gone; exit 0", in: directory) {
                            $0.standardOutput = Setting(.null)
                            $0.standardError = Setting(.automatic)
                        },
                    ])
                }) { trial in
                    trial.awaitText("a.out", containing: "one\0two")
                    trial.awaitText("a.err", containing: "err")
                    trial.awaitText("b.out", containing: "out\nerr\n")
                    trial.check(trial.program("b")?.errorLog == nil, "no stderr log of its own")
                    trial.check(trial.program("c")?.outputLog == nil, "no log")
                    trial.check(trial.program("c")?.errorLog?.contains("/c-stderr---supervisor-") == true, "automatic")
                })
        }
        tell(result)
    }

    @Test func stoppingEscalatesToKill() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("deaf", "trap '' TERM; echo ready; while :; do sleep 1; done", in: directory) {
                            $0.stopTimeout = Setting(.milliseconds(300))
                        }
                    ])
                }) { trial in
                    trial.awaitText("deaf.out", containing: "ready")
                    let answer = trial.ask(.supervise(.stop(.all, waits: true)))
                    guard case .statuses(let all) = answer else { return trial.check(false, "\(answer)") }
                    trial.check(all.map(\.code) == [.success], "\(all)")
                    trial.check(trial.status("deaf")?.state == .stopped, "stopped")
                    trial.awaitText("main.log", containing: "with SIGKILL")
                    trial.awaitText("main.log", containing: "stopped: deaf (terminated by SIGKILL)")
                })
        }
        tell(result)
    }

    @Test func aGroupSignalReachesGrandchildren() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("tree", "sleep 1000 & echo $!; wait", in: directory) {
                            $0.stopScope = Setting(.processGroup)
                            $0.killScope = Setting(.processGroup)
                        }
                    ])
                }) { trial in
                    let grandchild = trial.wait(for: "the grandchild's pid") {
                        Int32(trial.text("tree.out").trimmed)
                    }
                    _ = trial.ask(.supervise(.stop(.all, waits: true)))
                    trial.wait(for: "the grandchild's end") {
                        let path = "/proc/\(grandchild ?? 0)/stat"
                        guard let stat = try? trial.kernel.readFile(path, limit: 4096) else { return true }
                        return String(decoding: stat, as: UTF8.self).contains(") Z ") ? true : nil
                    }
                })
        }
        tell(result)
    }
}
