import Kernel
import Reactor
import SourceText
import Supervision

/// What waits until the logger has taken in what a program has written so far.
struct Settling {
    enum Purpose {
        /// What happens from the program's end on is told then.
        case events
        /// A log is read then.
        case job(@Sendable () -> Void)
    }

    let purpose: Purpose
    let timer: TimerID
}

extension Engine {
    /// The logger may hang with a disk; nobody waits longer for it.
    private static var settlingPatience: Int64 { 1_000_000_000 }

    /// Does something when the logger has written the lines that it was given so far, and has taken in what the program
    /// has written; or when it does not answer.
    /// `isEnd`: the program has ended and writes no more.
    @discardableResult
    func settleOutput(of program: ProgramID?, isEnd: Bool, for purpose: Settling.Purpose) -> UInt64 {
        lastSettling += 1
        let number = lastSettling
        let timer = loop.timers.set(
            at: kernel.now().monotonic + Self.settlingPatience, token: TimerToken.settling(number).number)
        settlings[number] = Settling(purpose: purpose, timer: timer)
        logger.send(.settle(program, isEnd: isEnd, done: { [link] in link.outputs.settled(number) }))
        return number
    }

    /// The logger has answered, or has not in time.
    func settled(_ number: UInt64) {
        guard let settling = settlings.removeValue(forKey: number) else { return }
        loop.timers.cancel(settling.timer)
        switch settling.purpose {
        case .events: desk.outbox.release(number)
        case .job(let job): pool.submit(job)
        }
    }
}
