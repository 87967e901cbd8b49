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
        case answers(AnswerBatch)
        /// What has changed is published then: a state that can be seen is in the log, and so is what the program said.
        case disclosure
    }

    let purpose: Purpose
    let timer: TimerID
}

/// Answers that are given together, by whoever comes first.
final class AnswerBatch: Sendable {
    private let waiting: Monitor<[(answer: Answer, content: ControlAnswer)]>

    init(_ answers: [(answer: Answer, content: ControlAnswer)]) { waiting = Monitor(answers) }

    func give() {
        let answers = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for (answer, content) in answers { answer(content) }
    }
}

/// A snapshot that is not published yet, and for which of the logger's words it waits.
struct Disclosure {
    /// The questions to the logger that are open.
    var awaits: Set<UInt64> = []
    /// When the first of them was put, on the monotonic clock; `nil`: nothing is held back.
    var since: Int64?
    var isDue = false
}

extension Engine {
    /// The logger may hang with a disk; nobody waits longer for it.
    private static var settlingPatience: Int64 { 1_000_000_000 }
    /// The same for clients, who are to be answered in time.
    private static var answerPatience: Int64 { 250_000_000 }
    /// The same for everybody who only looks.
    private static var disclosurePatience: Int64 { 20_000_000 }

    /// Does something when the logger has written the lines that it was given so far, and has taken in what the
    /// programs have written; or when it does not answer.
    /// `isEnd`: the programs have ended and write no more.
    @discardableResult
    func settleOutput(of programs: Set<ProgramID>, isEnd: Bool, for purpose: Settling.Purpose) -> UInt64 {
        lastSettling += 1
        let number = lastSettling
        let patience =
            switch purpose {
            case .events, .job: Self.settlingPatience
            case .answers: Self.answerPatience
            case .disclosure: Self.disclosurePatience
            }
        let timer = loop.timers.set(
            at: kernel.now().monotonic + patience, token: TimerToken.settling(number).number)
        settlings[number] = Settling(purpose: purpose, timer: timer)
        // Clients are answered by the logger itself: it would only wake us to do it.
        let answers: (batch: AnswerBatch, told: Snapshot)? =
            if case .answers(let batch) = purpose { (batch, publisher.snapshot) } else { nil }
        let done: @Sendable () -> Void = { [link] in
            if let answers {
                link.publish(answers.told)
                answers.batch.give()
            }
            link.outputs.settled(number)
        }
        logger.send(.settle(programs, isEnd: isEnd, done: done))
        return number
    }

    /// The machine has changed: that is shown after the log's lines and the last output of what has ended. Where
    /// changes never cease, the first of them still waits no longer than its time.
    func holdBack(_ awaitingLogger: Bool) {
        disclosure.isDue = true
        guard awaitingLogger else { return }
        let now = kernel.now().monotonic
        let since = disclosure.since ?? now
        guard end == nil, now - since < Self.disclosurePatience else { return }
        disclosure.since = since
        disclosure.awaits.insert(settleOutput(of: endedPrograms, isEnd: false, for: .disclosure))
        endedPrograms.removeAll()
    }

    /// Publishes what has changed, then gives the answers that tell of it; later when something is held back.
    func disclose() {
        guard disclosure.awaits.isEmpty || end != nil else { return }
        disclosure.since = nil
        if disclosure.isDue { link.publish(publisher.snapshot) }
        disclosure.isDue = false
        if answers.isEmpty { return }
        let ready = answers
        answers.removeAll(keepingCapacity: true)
        for (answer, content) in ready { answer(content) }
    }

    /// Gives the machine's answers of this turn, after the log's lines and the last output of what has ended.
    func answerWhenLogged() {
        guard !machineAnswers.isEmpty else { return }
        let answers = machineAnswers
        machineAnswers.removeAll()
        guard end == nil else {
            for (answer, content) in answers { answer(content) }
            return
        }
        // Behind the question of this turn's disclosure, if it changed anything.
        settleOutput(of: endedPrograms, isEnd: false, for: .answers(AnswerBatch(answers)))
        endedPrograms.removeAll()
    }

    /// The engine ends: nobody waits any longer.
    func answerAtOnce() {
        for (number, settling) in settlings {
            switch settling.purpose {
            case .answers, .disclosure: settled(number)
            case .events, .job: break
            }
        }
    }

    /// The logger has answered, or has not in time.
    func settled(_ number: UInt64) {
        guard let settling = settlings.removeValue(forKey: number) else { return }
        loop.timers.cancel(settling.timer)
        switch settling.purpose {
        case .events: desk.outbox.release(number)
        case .job(let job): pool.submit(job)
        case .answers(let batch):
            // Whoever is answered finds what the answer tells of, even if something else is being held back by now.
            disclosure.awaits.removeAll()
            disclose()
            batch.give()
        case .disclosure:
            disclosure.awaits.remove(number)
            disclose()
        }
    }
}
