import Reactor
import Testing

@Suite("Timers ring in order, once, and not after they were cancelled")
struct TimerHeapTests {
    @Test("the earliest first; those of one deadline in the order in which they were set")
    func order() {
        var heap = TimerHeap()
        for (deadline, token) in [(30, 1), (10, 2), (20, 3), (10, 4), (10, 5)] as [(Int64, UInt64)] {
            _ = heap.set(at: deadline, token: token)
        }
        #expect(heap.nextDeadline == 10)
        #expect(heap.popExpired(at: 9) == nil)
        var rung: [UInt64] = []
        while let token = heap.popExpired(at: 20) { rung.append(token) }
        #expect(rung == [2, 4, 5, 3])
        #expect(heap.nextDeadline == 30 && heap.count == 1)
    }

    @Test("cancelling works once; a timer that rang, or whose slot was used again, is not hit")
    func cancellation() {
        var heap = TimerHeap()
        let first = heap.set(at: 10, token: 1)
        let hits = [heap.cancel(first), heap.cancel(first)]
        #expect(hits == [true, false])
        let second = heap.set(at: 10, token: 2)
        let stale = heap.cancel(first)
        let rung = heap.popExpired(at: 10)
        let late = heap.cancel(second)
        #expect(!stale && rung == 2 && !late)
        #expect(heap.count == 0 && heap.nextDeadline == nil)
    }

    @Test(
        "100,000 random settings, cancellations and rings agree with a sorted list", arguments: [1, 2, 3] as [UInt64])
    func randomWalk(seed: UInt64) {
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var heap = TimerHeap()
        var model: [(deadline: Int64, token: UInt64, id: TimerID)] = []
        var now: Int64 = 0
        for token in 0..<UInt64(100_000) {
            switch random(4) {
            case 0, 1:
                let deadline = now + Int64(random(50))
                let id = heap.set(at: deadline, token: token)
                let place = model.firstIndex { $0.deadline > deadline } ?? model.endIndex
                model.insert((deadline, token, id), at: place)
            case 2 where !model.isEmpty:
                let victim = model.remove(at: Int(random(UInt64(model.count))))
                if !heap.cancel(victim.id) { Issue.record("\(victim.token) was not there") }
            default:
                now += Int64(random(8))
                while let token = heap.popExpired(at: now) {
                    if model.first?.token != token { Issue.record("\(token) rang out of order") }
                    model.removeFirst()
                }
                if let first = model.first, first.deadline <= now { Issue.record("\(first.token) did not ring") }
            }
            if heap.count != model.count || heap.nextDeadline != model.first?.deadline {
                Issue.record("heap and model differ after step \(token)")
                return
            }
        }
    }
}
