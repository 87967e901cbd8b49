import Kernel
import Reactor
import SimulatedKernel
import SourceText
import Synchronization
import Testing

@Suite("A loop turns when something happens and only then")
struct EventLoopTests {
    @Test("timers due at one moment ring together; a deadline ends a turn that has nothing to tell")
    func timers() throws {
        let kernel = VirtualKernel(at: Instant(monotonic: 100, boot: 0, wall: 0))
        var loop = try EventLoop(kernel: kernel)
        _ = loop.timers.set(at: 150, token: 1)
        _ = loop.timers.set(at: 120, token: 2)
        let late = loop.timers.set(at: 130, token: 3)
        loop.timers.cancel(late)
        #expect(try loop.turn(until: 100).monotonic == 100)
        #expect(loop.events == [] && loop.expired == [])
        kernel.advance(nanoseconds: 50)
        #expect(try loop.turn().monotonic == 150)
        #expect(loop.expired == [2, 1])
        #expect(loop.timers.count == 0)
    }

    @Test("a turn sleeps through time until its timer is due")
    func sleeping() throws {
        let kernel = VirtualKernel(at: Instant(monotonic: 0, boot: 0, wall: 0))
        let rung = Mutex<Int64?>(nil)
        let failure = HostThread.start {
            do {
                var loop = try EventLoop(kernel: kernel)
                _ = loop.timers.set(at: 1_000_000_000, token: 1)
                let moment = try loop.turn()
                rung.withLock { $0 = moment.monotonic }
            } catch {
                Issue.record("\(error)")
            }
        }
        try #require(failure == nil)
        for _ in 0..<4 {
            #expect(kernel.settle())
            #expect(rung.withLock { $0 } == nil)
            kernel.advance(milliseconds: 250)
        }
        while rung.withLock({ $0 }) == nil { HostKernel().sleep(nanoseconds: 100_000) }
        #expect(rung.withLock { $0 } == 1_000_000_000)
    }

    @Test("the real kernel's timers and events come in one turn")
    func hostKernel() throws {
        let kernel = HostKernel()
        var loop = try EventLoop(kernel: kernel)
        defer { loop.poller.close() }
        let deadline = kernel.now().monotonic + 3_000_000
        _ = loop.timers.set(at: deadline, token: 9)
        #expect(try loop.turn().monotonic >= deadline)
        #expect(loop.expired == [9] && loop.events == [])
        loop.poller.wake()
        _ = try loop.turn()
        #expect(loop.events == [.woken] && loop.expired == [])
    }
}

@Suite("A mailbox is bounded and wakes its receiver")
struct MailboxTests {
    @Test("a full box refuses, and says so; taking empties it")
    func bounds() throws {
        let kernel = HostKernel()
        let poller = try kernel.makePoller()
        defer { poller.close() }
        let box = Mailbox<Int>(capacity: 3, waking: poller)
        #expect((1...5).map { box.send($0) } == [true, true, true, false, false])
        #expect(box.count == 3)
        #expect(box.takeAll() == [1, 2, 3])
        #expect(box.takeAll() == [])
        #expect(box.send(6))
    }

    @Test("no message of four senders is lost or out of its sender's order, and the receiver sleeps in between")
    func concurrency() throws {
        let kernel = HostKernel()
        let poller = try kernel.makePoller()
        defer { poller.close() }
        let box = Mailbox<(sender: Int, number: Int)>(capacity: 100_000, waking: poller)
        for sender in 0..<4 {
            let failure = HostThread.start {
                for number in 0..<5000 where !box.send((sender, number)) { Issue.record("refused") }
            }
            try #require(failure == nil)
        }
        var next = [0, 0, 0, 0]
        var events: [PollEvent] = []
        while next.reduce(0, +) < 20_000 {
            try poller.wait(until: kernel.now().monotonic + 5_000_000_000, into: &events)
            if events.isEmpty {
                Issue.record("not woken after \(next)")
                return
            }
            for message in box.takeAll() {
                if message.number != next[message.sender] { Issue.record("out of order: \(message)") }
                next[message.sender] = message.number + 1
            }
        }
        #expect(next == [5000, 5000, 5000, 5000])
    }
}
