import Engine
import NIOCore
import ServiceModel
import SourceText

/// The open connections, on the control thread. When a listener has too many, the one that has been doing nothing for
/// the longest goes, so that idle strangers cannot lock anybody out.
final class ConnectionRegistry {
    private var connections: [ObjectIdentifier: ConnectionHandler] = [:]
    private var allClosed: EventLoopPromise<Void>?
    private(set) var isClosing = false
    private let loop: any EventLoop
    /// What clients that ask for everything at the same time get.
    let sharedAnswer: SharedAnswer
    private let atRest: () -> Void
    private var rest: Scheduled<Void>?

    /// How long after the last conversation the daemon counts as at rest: clients come in bursts.
    private static let calm = TimeAmount.milliseconds(300)

    /// `atRest` is done once after each burst of conversations.
    init(on loop: any EventLoop, atRest: @escaping () -> Void) {
        self.loop = loop
        sharedAnswer = SharedAnswer(on: loop)
        self.atRest = atRest
    }

    /// Takes a connection in, if need be in another one's place; `false` when there is no room.
    func admit(_ connection: ConnectionHandler, limit: Int) -> Bool {
        guard !isClosing else { return false }
        let neighbours = connections.values.filter { $0.door.id == connection.door.id }
        if neighbours.count >= limit {
            let idle = neighbours.filter(\.isWaitingForClient)
            guard let oldest = idle.min(by: { $0.waitingSince < $1.waitingSince }) else { return false }
            oldest.close()
        }
        connections[ObjectIdentifier(connection)] = connection
        return true
    }

    func remove(_ connection: ConnectionHandler) {
        connections[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        finish()
        guard rest == nil, !isClosing else { return }
        rest = loop.assumeIsolated().scheduleTask(in: Self.calm) { [self] in
            rest = nil
            guard connections.isEmpty else { return }
            sharedAnswer.forget()
            atRest()
        }
    }

    /// Gives up the connections whose clients somebody else can answer.
    func giveUp() -> [WaitingClient] {
        isClosing = true
        return connections.values.compactMap { $0.giveUp() }
    }

    /// Closes every connection: those that wait for nothing at once, those with an answer under way after it or after
    /// `grace`.
    func close(grace: TimeSpan, on loop: any EventLoop, _ promise: EventLoopPromise<Void>) {
        isClosing = true
        allClosed = promise
        for connection in connections.values { connection.closeAfterAnswer() }
        if connections.isEmpty { return finish() }
        guard let milliseconds = grace.finiteMilliseconds else { return }
        _ = loop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
            for connection in self.connections.values { connection.close() }
        }
    }

    private func finish() {
        guard isClosing else { return }
        allClosed?.succeed()
        allClosed = nil
    }
}
