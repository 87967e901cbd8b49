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
        /// Clients are answered then: who looks into a log after an answer finds there what it tells of.
        case answers([(answer: Answer, content: ControlAnswer)])
    }

    let purpose: Purpose
    let timer: TimerID
}

extension Engine {
    /// The logger may hang with a disk; nobody waits longer for it.
    private static var settlingPatience: Int64 { 1_000_000_000 }
    /// The same for clients, who are to be answered in time.
    private static var answerPatience: Int64 { 250_000_000 }

    /// Does something when the logger has written the lines that it was given so far, and has taken in what the
    /// programs have written; or when it does not answer.
    /// `isEnd`: the programs have ended and write no more.
    @discardableResult
    func settleOutput(of programs: Set<ProgramID>, isEnd: Bool, for purpose: Settling.Purpose) -> UInt64 {
        lastSettling += 1
        let number = lastSettling
        let patience = if case .answers = purpose { Self.answerPatience } else { Self.settlingPatience }
        let timer = loop.timers.set(
            at: kernel.now().monotonic + patience, token: TimerToken.settling(number).number)
        settlings[number] = Settling(purpose: purpose, timer: timer)
        logger.send(.settle(programs, isEnd: isEnd, done: { [link] in link.outputs.settled(number) }))
        return number
    }

    /// Gives the machine's answers of this turn, after the log's lines and the last output of what has ended.
    func answerWhenLogged() {
        guard !machineAnswers.isEmpty else { return }
        let answers = machineAnswers
        let programs = endedPrograms
        machineAnswers.removeAll()
        endedPrograms.removeAll()
        guard end == nil else {
            for (answer, content) in answers { answer(content) }
            return
        }
        settleOutput(of: programs, isEnd: false, for: .answers(answers))
    }

    /// The engine ends: nobody waits any longer.
    func answerAtOnce() {
        for (number, settling) in settlings {
            if case .answers = settling.purpose { settled(number) }
        }
    }

    /// The logger has answered, or has not in time.
    func settled(_ number: UInt64) {
        guard let settling = settlings.removeValue(forKey: number) else { return }
        loop.timers.cancel(settling.timer)
        switch settling.purpose {
        case .events: desk.outbox.release(number)
        case .job(let job): pool.submit(job)
        case .answers(let answers): for (answer, content) in answers { answer(content) }
        }
    }
}
