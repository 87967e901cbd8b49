import Kernel
import SourceText
import Testing

/// A process that is taken for nobody's child: known by its handle alone.
@Suite("An adopted process is known by its handle") struct AdoptionTests {
    /// A child of ours, and the same process as one that is not: whoever reaps the child is the parent of the other.
    private static func start(_ script: String, _ kernel: HostKernel) throws -> (
        child: SpawnedProcess, other: SpawnedProcess
    ) {
        let request = SpawnRequest(path: "/bin/sh", arguments: ["sh", "-c", script], environment: shellEnvironment)
        let child = try kernel.spawn(request).get()
        return (child, kernel.adopt(child.pid, handle: try kernel.openHandle(of: child.pid)))
    }

    private static func wait(
        _ poller: any Poller, _ kernel: HostKernel, milliseconds: Int64 = 10_000
    ) throws -> [PollEvent] {
        var events: [PollEvent] = []
        try poller.wait(until: kernel.now().monotonic + milliseconds * 1_000_000, into: &events)
        return events
    }

    @Test(
        "its end is told when its parent has reaped it, and how it ended where the kernel tells",
        arguments: [
            ("exit 7", Termination.exited(code: 7)), ("exit 0", .exited(code: 0)),
            ("kill -9 $$", .signalled(.kill, coreDumped: false)),
        ])
    func end(_ script: String, _ termination: Termination) throws {
        let kernel = HostKernel()
        let (child, other) = try Self.start(script, kernel)
        let poller = try kernel.makePoller()
        defer { poller.close() }
        try poller.watchExit(of: other, token: 5)
        if tellsExits {
            #expect(try waitForExit(child, on: kernel) == termination)
            #expect(try Self.wait(poller, kernel) == [.exited(token: 5)])
            #expect(kernel.peekExit(other) == termination)
            poller.unwatchExit(of: other)
            #expect(kernel.reap(other) == termination)
        } else {
            #expect(try Self.wait(poller, kernel) == [.exited(token: 5)])
            #expect(kernel.peekExit(other) == .unknown)
            _ = try waitForExit(child, on: kernel)
            #expect(kernel.reap(other) == .unknown)
        }
    }

    @Test("where the kernel does not tell how it ended, that is unknown") func silentKernel() {
        #expect(
            inForkedChild {
                let kernel = HostKernel()
                pretendSilentHandles()
                let (child, other) = try Self.start("exit 7", kernel)
                let poller = try kernel.makePoller()
                try poller.watchExit(of: other, token: 5)
                let events = try Self.wait(poller, kernel)
                return try events == [.exited(token: 5)] && kernel.peekExit(other) == .unknown
                    && waitForExit(child, on: kernel) == .exited(code: 7) && kernel.reap(other) == .unknown
            })
    }

    @Test("it lives until it has ended; signals reach it and the group it leads, and nobody afterwards")
    func signals() throws {
        let kernel = HostKernel()
        let (child, other) = try Self.start("trap 'exit 3' USR1; while :; do sleep 0.01; done", kernel)
        #expect(kernel.peekExit(other) == nil)
        #expect(kernel.reap(other) == nil)
        // Its group has other members at any moment: the signal is for all of them.
        kernel.sleep(nanoseconds: 100_000_000)
        try kernel.signalGroup(other, try #require(Signal(named: "USR1")))
        _ = try waitForExit(child, on: kernel)
        #expect(throws: SystemError.self) { try kernel.signal(other, .terminate) }
        #expect(throws: SystemError.self) { try kernel.signalGroup(other, .terminate) }
        _ = kernel.reap(other)
    }

    @Test("descriptors reach a service manager with the message") func passing() throws {
        #expect(
            inForkedChild {
                let kernel = HostKernel()
                let manager = try makeNotifySocket()
                let pipe = try kernel.makePipe(.blockingBoth)
                try kernel.notifyServiceManager("FDSTORE=1", passing: [pipe.writer])
                let (text, passed) = try receive(manager)
                try kernel.writeAll(passed, Array("through it".utf8))
                kernel.close(pipe.writer)
                kernel.close(passed)
                return try text == "FDSTORE=1" && readToEnd(pipe.reader, on: kernel) == "through it"
            })
    }
}
