package import ServiceModel
package import Supervision
import Synchronization

/// The number of the next event. It goes on over restarts of the daemon (supervisord 4.3).
package final class EventSerial: Sendable {
    private let next: Mutex<UInt64>

    package init(_ first: UInt64 = 0) { next = Mutex(first) }

    /// The number that will be taken next.
    var upcoming: UInt64 { next.withLock { $0 } }

    package func take() -> UInt64 {
        next.withLock { next in
            defer { next += 1 }
            return next
        }
    }
}

/// Everything that is to be told to listeners: on its way, and waiting in the pools.
package struct EventDesk: Sendable {
    package var outbox = EventOutbox()
    package var ticks = TickSchedule()
    package private(set) var pools: [ListenerPool] = []
    let serial: EventSerial

    package init(_ serial: EventSerial) {
        self.serial = serial
    }

    /// Whether anybody listens to anything.
    package var isHeard: Bool { !pools.isEmpty }

    package func isHeard(_ type: EventType) -> Bool { pools.contains { $0.subscriptions(to: type) > 0 } }

    package mutating func open(_ pool: ListenerPool) { pools.append(pool) }

    /// Goes on where the pools of these names were.
    mutating func resume(_ states: [HandOver.Pool]) {
        for state in states {
            guard let index = pools.firstIndex(where: { $0.name == state.name }) else { continue }
            pools[index].resume(state)
        }
    }

    /// The pool is gone, with all that waits in it.
    package mutating func close(_ name: String) { pools.removeAll { $0.name == name } }

    /// Adds a process to the pool of that name, behind those that are there; does nothing for what is no pool.
    package mutating func add(_ program: ProgramID, to name: String) {
        guard let index = pools.firstIndex(where: { $0.name == name }) else { return }
        pools[index].members.append(program)
    }

    /// Puts what nothing holds back into the pools that subscribe to it.
    package mutating func distribute() -> [PoolNote] {
        outbox.takeReady().flatMap { accept($0) }
    }

    private mutating func accept(_ payload: EventPayload) -> [PoolNote] {
        var number: UInt64?
        var notes: [PoolNote] = []
        for index in pools.indices {
            let times = pools[index].subscriptions(to: payload.type)
            guard times > 0 else { continue }
            let serial = number ?? serial.take()
            number = serial
            let event = QueuedEvent(payload: payload, serial: serial, poolSerial: pools[index].takeSerial())
            // Who subscribes to a type and to its parent gets it twice (supervisord 4.3).
            for _ in 0..<times { notes += pools[index].append(event) }
        }
        return notes
    }

    /// Hands out what waits, pool by pool, each event to the first process that takes it.
    package mutating func dispatch(to takes: (_ pool: String, ProgramID, QueuedEvent) -> Bool) -> [PoolNote] {
        var notes: [PoolNote] = []
        for index in pools.indices where pools[index].waiting > 0 {
            let name = pools[index].name
            notes += pools[index].dispatch { takes(name, $0, $1) }
        }
        return notes
    }

    /// Takes back what a process of that pool did not accept.
    package mutating func takeBack(_ event: QueuedEvent, into name: String) -> [PoolNote] {
        guard let index = pools.firstIndex(where: { $0.name == name }) else { return [] }
        return pools[index].takeBack(event)
    }
}
