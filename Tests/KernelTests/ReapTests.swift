import Kernel
import SourceText
import Synchronization
import Testing

@Suite("Exits are peeked at, reaped once, and never taken from their owner")
struct ReapTests {
    @Test(
        "exit codes and signals come back",
        arguments: [
            ("exit 0", Termination.exited(code: 0)), ("exit 255", .exited(code: 255)),
            ("kill -9 $$", .signalled(.kill, coreDumped: false)),
            ("kill -15 $$", .signalled(.terminate, coreDumped: false)),
        ])
    func terminations(_ script: String, _ expected: Termination) throws {
        #expect(try shell(script).termination == expected)
    }

    @Test("a peek leaves the child; a living child is not reaped; a reaped one is gone")
    func peekAndReap() throws {
        let kernel = HostKernel()
        let process = try kernel.spawn(
            SpawnRequest(path: "/bin/sleep", arguments: ["sleep", "60"], environment: [:])
        ).get()
        #expect(kernel.peekExit(process) == nil)
        #expect(kernel.reap(process) == nil)
        try kernel.signal(process, .kill)
        let poller = try kernel.makePoller()
        defer { poller.close() }
        try poller.watchExit(of: process, token: 42)
        var events: [PollEvent] = []
        try poller.wait(until: kernel.now().monotonic + 10_000_000_000, into: &events)
        #expect(events == [.exited(token: 42)])
        #expect(kernel.peekExit(process) == .signalled(.kill, coreDumped: false))
        #expect(kernel.peekExit(process) == .signalled(.kill, coreDumped: false))
        // A zombie still takes signals, and still holds its pid.
        try kernel.signal(process, .terminate)
        poller.unwatchExit(of: process)
        #expect(kernel.reap(process) == .signalled(.kill, coreDumped: false))
        let gone = SpawnedProcess(pid: process.pid, handle: nil)
        #expect(kernel.reap(gone) == .unknown)
        #expect(throws: SystemError("kill", .noProcess, path: "\(process.pid)")) { try kernel.signal(gone, .kill) }
        #expect(throws: SystemError("kill", .noProcess, path: "-\(process.pid)")) {
            try kernel.signalGroup(gone, .kill)
        }
    }

    @Test("a group signal reaches the grandchildren, also when the leader has ended and is unreaped")
    func groupSignals() throws {
        let kernel = HostKernel()
        let pipe = try kernel.makePipe(.blockingBoth)
        defer { kernel.close(pipe.reader) }
        let process = try kernel.spawn(
            SpawnRequest(
                path: "/bin/sh", arguments: ["sh", "-c", "sleep 60 & sleep 60 & exit 0"],
                environment: shellEnvironment, standardOutput: pipe.writer)
        ).get()
        kernel.close(pipe.writer)
        while kernel.peekExit(process) == nil { kernel.sleep(nanoseconds: 1_000_000) }
        try kernel.signalGroup(process, .kill)
        // The end of the pipe: both sleepers, who held it open, are dead.
        #expect(try readToEnd(pipe.reader, on: kernel) == "")
        #expect(kernel.reap(process) == .exited(code: 0))
    }

    @Test("a subreaper reaps orphans, and never a child's status, even of one that ends before its spawn returned")
    func orphans() async {
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            try kernel.becomeSubreaper()
            let stop = Mutex(false)
            let orphans = Mutex<[OrphanExit]>([])
            _ = HostThread.start {
                while !stop.withLock({ $0 }) {
                    while let orphan = kernel.reapAnyOrphan() { orphans.withLock { $0.append(orphan) } }
                }
            }
            for _ in 0..<150 {
                #expect(try shell("(sleep 0.01; exit 7) & exit 5", on: kernel).termination == .exited(code: 5))
            }
            while orphans.withLock({ $0.count }) < 150 { kernel.sleep(nanoseconds: 1_000_000) }
            stop.withLock { $0 = true }
            let codes = Set(orphans.withLock { $0 }.map(\.termination))
            #expect(codes == [.exited(code: 7)])
            #expect(kernel.reapAnyOrphan() == nil)
        }
    }

    @Test("without process handles an exit is found by SIGCHLD", arguments: [true, false])
    func withoutHandles(clone: Bool) {
        #expect(
            inForkedChild {
                pretendOldKernel(clone: clone)
                let kernel = HostKernel()
                try kernel.blockSignals([.child])
                let poller = try kernel.makePoller()
                try poller.watchSignals([.child])
                var living: [UInt64: SpawnedProcess] = [:]
                var right = true
                for token in UInt64(1)...20 {
                    let process = try kernel.spawn(
                        SpawnRequest(
                            path: "/bin/sh", arguments: ["sh", "-c", "exit \(token)"], environment: shellEnvironment)
                    ).get()
                    right = right && process.handle == nil
                    living[token] = process
                    try poller.watchExit(of: process, token: token)
                }
                var events: [PollEvent] = []
                let deadline = kernel.now().monotonic + 10_000_000_000
                while !living.isEmpty, kernel.now().monotonic < deadline {
                    try poller.wait(until: deadline, into: &events)
                    for case .exited(let token) in events {
                        guard let process = living.removeValue(forKey: token) else { continue }
                        poller.unwatchExit(of: process)
                        right = agree(kernel.reap(process), .exited(code: Int32(token))) && right
                    }
                }
                return right && agree(living.count, 0)
            })
    }
}
