import Kernel
import SourceText
import Testing

@Suite("A poller tells what is ready and sleeps otherwise")
struct PollerTests {
    let kernel = HostKernel()

    /// One wait of at most `milliseconds`.
    private func wait(_ poller: any Poller, _ milliseconds: Int64 = 5000) throws -> [PollEvent] {
        var events: [PollEvent] = [.woken]
        try poller.wait(until: kernel.now().monotonic + milliseconds * 1_000_000, into: &events)
        return events
    }

    @Test("readable as long as something is there; a hang-up when the writer is gone")
    func readiness() throws {
        let poller = try kernel.makePoller()
        let pipe = try kernel.makePipe(.nonBlockingReader)
        defer {
            poller.close()
            kernel.close(pipe.reader)
        }
        try poller.add(pipe.reader, token: 7, .readable)
        #expect(try wait(poller, 1) == [])
        try kernel.writeAll(pipe.writer, Array("x".utf8))
        #expect(try wait(poller) == [.ready(token: 7, .readable, hangUp: false)])
        #expect(try wait(poller) == [.ready(token: 7, .readable, hangUp: false)])
        #expect(try readSome(pipe.reader, kernel) == "x")
        #expect(try wait(poller, 1) == [])
        kernel.close(pipe.writer)
        guard case .ready(7, _, true)? = try wait(poller).first else {
            Issue.record("no hang-up")
            return
        }
    }

    @Test("interest and token can change; without interest only the hang-up is told")
    func modification() throws {
        let poller = try kernel.makePoller()
        let pipe = try kernel.makePipe(.nonBlockingBoth)
        defer { poller.close() }
        try poller.add(pipe.writer, token: 1, [])
        #expect(try wait(poller, 1) == [])
        try poller.modify(pipe.writer, token: 2, .writable)
        #expect(try wait(poller) == [.ready(token: 2, .writable, hangUp: false)])
        try poller.modify(pipe.writer, token: 3, [])
        kernel.close(pipe.reader)
        guard case .ready(3, _, true)? = try wait(poller).first else {
            Issue.record("no hang-up")
            return
        }
        poller.remove(pipe.writer)
        poller.remove(pipe.writer)
        #expect(try wait(poller, 1) == [])
        kernel.close(pipe.writer)
    }

    @Test("a regular file is refused, for it is always ready")
    func regularFile() throws {
        let poller = try kernel.makePoller()
        defer { poller.close() }
        let file = try kernel.open("/etc/passwd", .reading)
        defer { kernel.close(file) }
        #expect(throws: SystemError("epoll_ctl", .notPermitted, path: "\(file)")) {
            try poller.add(file, token: 1, .readable)
        }
    }

    @Test("a wait is never shorter than its deadline, and a past one does not block")
    func deadlines() throws {
        let poller = try kernel.makePoller()
        defer { poller.close() }
        var events: [PollEvent] = []
        for microseconds in [50, 300, 1500, 12_345] as [Int64] {
            let deadline = kernel.now().monotonic + microseconds * 1000
            try poller.wait(until: deadline, into: &events)
            #expect(kernel.now().monotonic >= deadline)
            #expect(events == [])
        }
        try poller.wait(until: 0, into: &events)
        #expect(events == [])
    }

    @Test("wake reaches the waiter from another thread, once for many calls, and again later")
    func waking() throws {
        let poller = try kernel.makePoller()
        defer { poller.close() }
        for _ in 0..<3 {
            _ = HostThread.start {
                for _ in 0..<100 { poller.wake() }
            }
            #expect(try wait(poller) == [.woken])
            while try wait(poller, 20) != [] {}
        }
    }

    @Test("watched signals are events and do nothing else")
    func signals() {
        #expect(
            inForkedChild {
                let kernel = HostKernel()
                try kernel.blockSignals([.user1, .user2, .terminate])
                let poller = try kernel.makePoller()
                try poller.watchSignals([.user2, .terminate])
                for signal in [Signal.user2, .user2, .user1] {
                    try kernel.signal(pid: kernel.processID, signal)
                }
                var events: [PollEvent] = []
                try poller.wait(until: kernel.now().monotonic + 5_000_000_000, into: &events)
                guard agree(events, [.signal(.user2)]) else { return false }
                try poller.watchSignals([.user1])
                try poller.wait(until: kernel.now().monotonic + 5_000_000_000, into: &events)
                return agree(events, [.signal(.user1)])
            })
    }
}
