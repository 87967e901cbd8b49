import Engine
import NIOCore
import SourceText

/// The last answer to `getAllProcessInfo`, on the control thread. It tells time in whole seconds, so within one nothing in
/// it changes unless the engine publishes something new: clients that ask at the same time share it. It is gone a
/// second later.
final class SharedAnswer {
    private struct Moment: Equatable {
        var generation: UInt64
        var second: Int64
    }

    private let loop: any EventLoop
    private var made: (at: Moment, message: [UInt8])?
    private var isExpiring = false

    init(on loop: any EventLoop) {
        self.loop = loop
    }

    /// The message of an outcome; `nil` where the original answers HTTP 500.
    func message(of outcome: MethodOutcome) -> [UInt8]? {
        guard case .processes(let context) = outcome else { return outcome.message() }
        let moment = Moment(generation: context.snapshot.generation, second: context.now.epochSeconds)
        if let made, made.at == moment { return made.message }
        guard let message = outcome.message() else { return nil }
        made = (moment, message)
        expire()
        return message
    }

    func forget() { made = nil }

    private func expire() {
        guard !isExpiring else { return }
        isExpiring = true
        _ = loop.assumeIsolated().scheduleTask(in: .seconds(1)) { [self] in
            isExpiring = false
            forget()
        }
    }
}
