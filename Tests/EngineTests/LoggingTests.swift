import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Testing

/// The programs' logs: every byte, once, in order.
@Suite struct LoggingTests {
    @Test func rotationLosesAndTearsNothing() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("w", "seq -f 'line %.0f' 1 200000; echo end; exec sleep 1000", in: directory) {
                            $0.outputRotation = Setting(
                                LogRotation(maximumBytes: ByteSize(bytes: 50_000), backups: 1000))
                        }
                    ])
                }) { trial in
                    let files = trial.wait(for: "the last line") { () -> [String]? in
                        trial.text("w.out").hasSuffix("end\n") ? trial.text("w.out").isEmpty ? nil : [] : nil
                    }
                    guard files != nil else { return }
                    let names = (try? trial.kernel.list(trial.directory)) ?? []
                    let numbers = names.compactMap { $0.hasPrefix("w.out.") ? Int($0.dropFirst(6)) : nil }.sorted()
                    trial.check(numbers == Array(1...max(1, numbers.count)), "\(numbers.prefix(20))")
                    var whole = ""
                    for number in numbers.reversed() {
                        let text = trial.text("w.out.\(number)")
                        trial.check(text.utf8.count < 50_020 && text.utf8.count >= 50_000, "\(text.utf8.count)")
                        trial.check(text.hasSuffix("\n"), "file \(number) ends in a line")
                        whole += text
                    }
                    whole += trial.text("w.out")
                    let expected = (1...200_000).map { "line \($0)\n" }.joined() + "end\n"
                    trial.check(whole == expected, "\(whole.utf8.count) bytes instead of \(expected.utf8.count)")
                })
        }
        tell(result)
    }

    @Test func withoutBackupsTheNewestHalfStays() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("w", "seq -f 'line %.0f' 1 20000; echo end; exec sleep 1000", in: directory) {
                            $0.outputRotation = Setting(LogRotation(maximumBytes: ByteSize(bytes: 10_000), backups: 0))
                        }
                    ])
                }) { trial in
                    trial.awaitText("w.out", containing: "end\n")
                    let lines = trial.text("w.out").split(separator: "\n")
                    trial.check(lines.count > 300, "\(lines.count) lines")
                    let first = Int(lines.first?.dropFirst(5) ?? "") ?? 0
                    trial.check(lines.dropLast().elementsEqual((first...20_000).map { "line \($0)" }), "newest lines")
                    trial.check(trial.text("w.out.1").isEmpty, "no backup")
                })
        }
        tell(result)
    }

    @Test func clearingAndReopeningGoOnInANewFile() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "while read x; do echo $x; done", in: directory)
                    ])
                }) { trial in
                    func say(_ word: String) {
                        _ = trial.ask(.writeInput(Target(namespec: "a"), bytes: Array((word + "\n").utf8)))
                    }
                    trial.awaitState("a", .running)
                    say("one")
                    trial.awaitText("a.out", containing: "one\n")
                    guard case .done = trial.ask(.clearProcessLogs(Target(namespec: "a"))) else {
                        return trial.check(false, "clear")
                    }
                    trial.check(trial.text("a.out").isEmpty, "cleared")
                    say("two")
                    trial.awaitText("a.out", containing: "two\n")
                    try? trial.kernel.rename(trial.directory + "/a.out", to: trial.directory + "/moved")
                    trial.ask(.reopenLogs)
                    say("three")
                    trial.awaitText("a.out", containing: "three\n")
                    trial.check(trial.text("a.out") == "three\n", "new file")
                    trial.check(trial.text("moved") == "two\n", "old file")
                    trial.awaitText("main.log", containing: "supervisord logreopen")
                    guard case .statuses(let all) = trial.ask(.clearAllProcessLogs) else {
                        return trial.check(false, "clear all")
                    }
                    trial.check(all.map(\.code) == [.success], "\(all)")
                    guard case .done = trial.ask(.clearLog(.daemon)) else { return trial.check(false, "clear main") }
                    trial.check(trial.text("main.log").isEmpty, "main log cleared")
                })
        }
        tell(result)
    }

    @Test func readingFollowsSupervisordsRules() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "printf '0123456789'; exec sleep 1000", in: directory),
                        Program.shell("off", "true", in: directory) {
                            $0.startsAtLoad = Setting(false)
                            $0.standardOutput = Setting(.null)
                        },
                    ])
                }) { trial in
                    trial.awaitText("a.out", containing: "9")
                    func read(_ name: String, _ offset: Int64, _ length: Int64, tail: Bool = false) -> String {
                        let source = LogSource.program(Target(namespec: name), .output)
                        let request =
                            tail
                            ? ControlRequest.tailLog(source, offset: offset, length: length)
                            : ControlRequest.readLog(source, offset: offset, length: length)
                        switch trial.ask(request) {
                        case .log(let bytes, let size, let overflow):
                            let text = String(decoding: bytes, as: UTF8.self)
                            return tail ? "\(text) \(size) \(overflow)" : text
                        case .fault(let fault): return fault.text
                        case let other: return "\(other)"
                        }
                    }
                    let rows: [(String, Int64, Int64, Bool, String)] = [
                        ("a", 0, 0, false, "0123456789"), ("a", -3, 0, false, "789"),
                        ("a", -30, 0, false, "0123456789"),
                        ("a", 2, 3, false, "234"), ("a", 8, 10, false, "89"), ("a", 20, 5, false, ""),
                        ("a", -1, 1, false, "BAD_ARGUMENTS"), ("a", 1, -1, false, "BAD_ARGUMENTS"),
                        ("zz", 0, 0, false, "BAD_NAME: zz"), ("off", 0, 0, false, "NO_FILE"),
                        ("a", 0, 100, true, "0123456789 10 false"), ("a", 2, 1, true, "9 10 true"),
                        ("a", 10, 5, true, " 10 false"), ("off", 0, 10, true, " 0 false"),
                    ]
                    for (name, offset, length, tail, expected) in rows {
                        let found = read(name, offset, length, tail: tail)
                        trial.check(found == expected, "\(name) \(offset) \(length) \(tail): \(found)")
                    }
                })
        }
        tell(result)
    }

    @Test func outputAfterTheExitIsStillTakenIn() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell("a", "(sleep 0.3; echo late) & echo early", in: directory) {
                            $0.restartOn = Setting(TerminationSet.none)
                        }
                    ])
                }) { trial in
                    trial.awaitState("a", .exited)
                    trial.check(!trial.text("a.out").contains("late"), "the exit does not wait for the output")
                    trial.awaitText("a.out", containing: "late")
                })
        }
        tell(result)
    }

    @Test func terminalSequencesAreTakenOut() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell(
                            "a", "printf 'A\\033[3'; sleep 0.2; printf '1mB\\033[0m \\033Z\\n'; exec sleep 1000",
                            in: directory)
                    ]) { $0.daemon.stripsANSI = true }
                }) { trial in
                    trial.awaitText("a.out", containing: "\n")
                    trial.check(trial.text("a.out") == "AB \u{1b}Z\n", trial.text("a.out").debugDescription)
                })
        }
        tell(result)
    }

    @Test func linesOfTwoProgramsInOneFileStayWhole() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan(
                        ["a", "b"].map { name in
                            Program.shell(
                                name,
                                "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo \(name) $i; done; echo end; exec sleep 1000",
                                in: directory
                            ) {
                                $0.standardOutput = Setting(.file(directory + "/both"))
                                $0.outputRotation = Setting(
                                    LogRotation(
                                        maximumBytes: ByteSize(bytes: name == "a" ? 20_000 : 30_000), backups: 99))
                            }
                        })
                }) { trial in
                    func whole() -> String {
                        let names = (try? trial.kernel.list(trial.directory)) ?? []
                        let numbers = names.compactMap { $0.hasPrefix("both.") ? Int($0.dropFirst(5)) : nil }
                        let old = numbers.sorted(by: >).map { trial.text("both.\($0)") }
                        return old.joined() + trial.text("both")
                    }
                    trial.wait(for: "both ends") { whole().components(separatedBy: "end\n").count == 3 ? true : nil }
                    let lines = whole().split(separator: "\n").map(String.init)
                    for name in ["a", "b"] {
                        let own = lines.filter { $0.hasPrefix(name) }
                        trial.check(own == (1...3000).map { "\(name) \($0)" }, "\(own.count) lines of \(name)")
                    }
                })
        }
        tell(result)
    }
}
