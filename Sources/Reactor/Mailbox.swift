package import Kernel
import Synchronization

/// Messages from any thread to the one that waits in a poller. Bounded: a sender that is not heard is told so, instead
/// of memory growing.
package final class Mailbox<Message: Sendable>: Sendable {
    /// The most messages that wait; `send` refuses beyond.
    package let capacity: Int
    private let poller: any Poller
    private let messages: Mutex<[Message]>

    /// `poller` is woken when a message meets an empty box.
    package init(capacity: Int, waking poller: any Poller) {
        self.capacity = capacity
        self.poller = poller
        messages = Mutex([])
    }

    /// Puts a message in and wakes the receiver; `false`, and the message is not taken, when the box is full.
    package func send(_ message: Message) -> Bool {
        // Only the message that finds the box empty wakes: the receiver always takes everything.
        let outcome = messages.withLock { queue -> (accepted: Bool, first: Bool) in
            guard queue.count < capacity else { return (false, false) }
            queue.append(message)
            return (true, queue.count == 1)
        }
        if outcome.first { poller.wake() }
        return outcome.accepted
    }

    /// Everything that waits, oldest first. To be called by the receiver after each wait.
    package func takeAll() -> [Message] {
        messages.withLock { queue in
            guard !queue.isEmpty else { return [] }
            var taken: [Message] = []
            swap(&taken, &queue)
            return taken
        }
    }

    /// How many messages wait.
    package var count: Int { messages.withLock { $0.count } }
}
