import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Testing

/// Event listeners, for real: what the engine, the logger and a listener's process make of each other.
@Suite struct ListeningTests {
    /// A pool of listeners that run `script`, which may use `answer` (reads a header and its payload, writes them to
    /// `NAME.seen`, accepts).
    static func pool(
        _ name: String, _ events: [String], _ script: String, in directory: String, buffer: Int = 10
    ) -> ServiceGroup {
        let functions = """
            answer() {
                read -r header || exit 0
                payload=$(head -c "${header##*len:}")
                printf '%s\\n%s\\n' "$header" "$payload" >> \(directory)/\(name).seen
                printf 'RESULT 2\\nOK'
            }

            """
        let service = Program.shell(name, functions + script, in: directory)
        let settings = EventPool(events: events, bufferSize: buffer, resultHandler: "")
        return ServiceGroup(name: name, priority: -1, kind: .eventListener(settings), services: [service])
    }

    static let obedient = "while :; do printf 'READY\\n'; answer; done"

    /// Runs a trial whose plan has the pools and the programs.
    static func run(
        _ groups: @escaping (String) -> [ServiceGroup], _ programs: @escaping (String) -> [Service] = { _ in [] },
        _ change: @escaping (inout Plan) -> Void = { _ in }, script: @escaping @Sendable (Trial) -> Void
    ) -> Int32 {
        Trial.run(
            { directory in
                var plan = Program.plan(programs(directory), change)
                plan.groups = groups(directory) + plan.groups
                return plan
            }, script: script)
    }

    static func send(_ trial: Trial, _ type: String, _ data: String = "") {
        trial.ask(.remoteEvent(type: type, data: data))
    }

    @Test func outputIsToldBeforeTheEndOfTheProgram() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Self.run({ directory in
                    [
                        Self.pool(
                            "l", ["PROCESS_LOG", "PROCESS_STATE_EXITED"], Self.obedient, in: directory, buffer: 1000)
                    ]
                }) { directory in
                    (0..<20).map { number in
                        Program.shell("p\(number)", "echo word \(number)", in: directory) {
                            $0.supervisor.outputEvents = Setting(true)
                            $0.restartOn = Setting(.none)
                        }
                    }
                } script: { trial in
                    trial.wait(for: "all ends") {
                        trial.text("l.seen").components(separatedBy: "EXITED").count > 20 ? true : nil
                    }
                    let seen = trial.text("l.seen")
                    for number in 0..<20 {
                        let log = seen.range(of: "word \(number)\n")?.lowerBound
                        let end = seen.range(of: "processname:p\(number) groupname:p\(number) from_state")?.lowerBound
                        guard let log, let end else {
                            trial.check(false, "of p\(number): \(seen)")
                            continue
                        }
                        trial.check(log < end, "p\(number) ended before it spoke")
                    }
                })
        }
        tell(result)
    }

    @Test func aListenerThatTalksWithoutEndHoldsUpNobody() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Self.run({ directory in
                    [
                        Self.pool("noisy", ["EVENT"], "exec yes", in: directory),
                        Self.pool("l", ["REMOTE_COMMUNICATION"], Self.obedient, in: directory),
                    ]
                }) { trial in
                    trial.awaitState("l", .running)
                    for number in 0..<20 {
                        let start = trial.kernel.now().monotonic
                        Self.send(trial, "number \(number)")
                        let span = (trial.kernel.now().monotonic - start) / 1_000_000
                        trial.check(span < 500, "an answer took \(span) ms")
                        trial.awaitText("l.seen", containing: "number \(number)\n")
                    }
                    trial.check(trial.text("main.log").contains("noisy: has entered the UNKNOWN state"), "unknown")
                    trial.awaitText("noisy.out", containing: "y\ny\n")
                })
        }
        tell(result)
    }

    @Test func aListenerThatDoesNotReadHoldsUpNobodyAndGetsAllOfItLater() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Self.run({ directory in
                    let waits = "printf 'READY\\n'; while ! test -e \(directory)/go; do sleep 0.01; done; answer; "
                    return [
                        Self.pool("deaf", ["REMOTE_COMMUNICATION"], waits + Self.obedient, in: directory),
                        Self.pool("l", ["REMOTE_COMMUNICATION"], Self.obedient, in: directory),
                    ]
                }) { trial in
                    trial.awaitState("deaf", .running)
                    trial.awaitState("l", .running)
                    Self.send(trial, "large", String(repeating: "x", count: 3_000_000))
                    Self.send(trial, "small")
                    trial.awaitText("l.seen", containing: "type:small\n")
                    trial.check(trial.text("deaf.seen").isEmpty, "it reads")
                    try? trial.kernel.writeFileAtomically(trial.directory + "/go", [], mode: 0o644)
                    trial.awaitText("deaf.seen", containing: "type:small\n")
                    let line = trial.text("deaf.seen").split(separator: "\n").first { $0.hasPrefix("xxx") }
                    trial.check(line?.count == 3_000_000, "\(line?.count ?? 0) characters")
                })
        }
        tell(result)
    }

    @Test func aListenerOfNoTicksLeavesAnIdleDaemonAsleep() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Self.run({ directory in
                    [Self.pool("l", ["PROCESS_STATE", "PROCESS_LOG"], Self.obedient, in: directory, buffer: 100)]
                }) { directory in
                    [Program.shell("p", "exec sleep 1000", in: directory)]
                } script: { trial in
                    func switches() -> Int {
                        trial.threads.reduce(0) { sum, thread in
                            let status = trial.text("/proc/self/task/\(thread)/status")
                            let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
                            return sum + (line.flatMap { Int($0.split(separator: "\t").last ?? "") } ?? 0)
                        }
                    }
                    trial.awaitText("l.seen", containing: "processname:p groupname:p from_state:STARTING")
                    trial.pause(milliseconds: 500)
                    let before = switches()
                    trial.pause(milliseconds: 2500)
                    trial.check(switches() == before, "\(switches() - before) wake-ups")
                })
        }
        tell(result)
    }

    @Test func whatIsWrittenBeforeTheEndIsReadAfterIt() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Program.shell(
                            "p", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done", in: directory)
                    ])
                }) { trial in
                    let p = Target(namespec: "p")
                    for _ in 0..<20 {
                        trial.awaitText("p.out", containing: "up\n")
                        trial.ask(.supervise(.stop(p, waits: true)))
                        guard
                            case .log(let bytes, _, _) = trial.ask(
                                .readLog(.program(p, .output), offset: -4, length: 0))
                        else { return trial.check(false, "no log") }
                        trial.check(String(decoding: bytes, as: UTF8.self) == "bye\n", "\(bytes)")
                        trial.ask(.clearProcessLogs(p))
                        trial.ask(.supervise(.start(p, waits: true)))
                    }
                })
        }
        tell(result)
    }
}

/// The way from the logger to the engine.
@Suite struct OutputReportsTests {
    static func event(_ size: Int) -> OutputEvent {
        OutputEvent(
            program: ProgramID(number: 1), payload: .remote(type: "", data: String(repeating: "x", count: size)))
    }

    @Test func whatTheEngineDoesNotTakeIsBoundedAndCounted() throws {
        let poller = try HostKernel().makePoller()
        defer { poller.close() }
        let reports = OutputReports(waking: poller)
        for _ in 0..<100 { reports.report(Self.event(1 << 20)) }
        let (taken, dropped) = reports.takeAll()
        #expect(taken.count + dropped == 100)
        #expect((1...8).contains(taken.count))
        // Once they are taken there is room again.
        reports.report(Self.event(1))
        #expect(reports.takeAll().reports.count == 1)
    }

    @Test func manySmallOnesAreBoundedToo() throws {
        let poller = try HostKernel().makePoller()
        defer { poller.close() }
        let reports = OutputReports(waking: poller)
        for _ in 0..<10_000 { reports.report(Self.event(1)) }
        reports.settled(7)
        let (taken, dropped) = reports.takeAll()
        #expect(taken.count == OutputReports.countLimit + 1)
        #expect(dropped == 10_000 - OutputReports.countLimit)
        guard case .settled(7)? = taken.last else {
            Issue.record("an answer was dropped")
            return
        }
    }

    @Test func oneThatIsLargerThanTheLimitIsTold() throws {
        let poller = try HostKernel().makePoller()
        defer { poller.close() }
        let reports = OutputReports(waking: poller)
        reports.report(Self.event(OutputReports.byteLimit + 1))
        #expect(reports.takeAll().reports.count == 1)
    }

    @Test func longOutputIsCutBetweenCharacters() throws {
        let poller = try HostKernel().makePoller()
        defer { poller.close() }
        let reports = OutputReports(waking: poller)
        reports.listen(to: [.outputLog])
        let announcer = OutputAnnouncer(
            reports: reports, program: ProgramID(number: 1),
            name: StreamName(group: "g", process: "p", channel: .output), pid: 1, tellsEverything: true)
        let text = "x" + String(repeating: "€", count: 60_000)
        Array(text.utf8).withUnsafeBytes { announcer.wrote($0) }
        let pieces = reports.takeAll().reports.compactMap { report -> String? in
            guard case .output(let event) = report else { return nil }
            return String(decoding: event.payload.bytes, as: UTF8.self).split(separator: "\n").last.map(String.init)
        }
        #expect(pieces.count == 3)
        #expect(pieces.joined() == text)
    }

    @Test func whatNobodySubscribesToIsNotMade() throws {
        let poller = try HostKernel().makePoller()
        defer { poller.close() }
        let reports = OutputReports(waking: poller)
        reports.listen(to: [.errorLog])
        let announcer = OutputAnnouncer(
            reports: reports, program: ProgramID(number: 1),
            name: StreamName(group: "g", process: "p", channel: .output), pid: 1, tellsEverything: true)
        Array("text".utf8).withUnsafeBytes { announcer.wrote($0) }
        announcer.captured([1])
        #expect(reports.takeAll().reports.isEmpty)
    }
}
