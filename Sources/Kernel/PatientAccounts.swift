import CPlatform
import SourceText
import Synchronization

/// Asks the user database by a thread of its own, so that one that hangs (LDAP, SSSD) hangs no start: a program's user is
/// looked up again when the program is started, by a worker.
package final class PatientAccounts<Calls: SystemCalls>: Sendable {
    private final class Question: Sendable {
        let isAnswered = Mutex(false)
    }

    /// Microseconds that a name is waited for, once.
    private static var patience: UInt32 { 1_000_000 }

    private let kernel: Calls
    private let asked = Mutex<[String: Question]>([:])

    package init(_ kernel: Calls) { self.kernel = kernel }

    /// Whether the database has answered for that name by now. Who asks first waits for it, up to a second. Blocks.
    package func answers(for name: String) -> Bool {
        if kernel.accountsAreFiles { return true }
        let (question, isNew) = asked.withLock { asked in
            if let known = asked[name] { return (known, false) }
            let fresh = Question()
            asked[name] = fresh
            return (fresh, true)
        }
        if isNew { ask(name, question) }
        return question.isAnswered.withLock { $0 }
    }

    private func ask(_ name: String, _ question: Question) {
        let failure = HostThread.start { [kernel] in
            _ = try? kernel.user(named: name)
            question.isAnswered.withLock { $0 = true }
        }
        // Without a thread whoever wants to know waits himself.
        if failure != nil { return question.isAnswered.withLock { $0 = true } }
        var pause: UInt32 = 20
        var waited: UInt32 = 0
        while !question.isAnswered.withLock({ $0 }), waited < Self.patience {
            usleep(pause)
            waited += pause
            pause = min(pause * 2, 10_000)
        }
    }
}
