import Kernel
import ServiceModel
import SourceText
import Supervision

/// What runs is written down, for a daemon after us.
extension Engine {
    /// Ends what a daemon before us has written down and nobody has taken up, and writes down what runs from now on; between
    /// `prepare` and `begin`. `keeps`: whether somebody will need that. Blocks.
    func settle(_ ledger: RunLedger<K>, keeps: Bool) {
        let ours = Set(runs.values.map(\.process.pid))
        let left = ledger.left().filter { !ours.contains($0.pid) }
        let lines = kernel.endGroups(patience: Leftovers<K>.patience) { left.filter(ledger.isAlive).map(\.pid) }
        for line in lines { log(.warning, line) }
        guard keeps else { return ledger.remove() }
        self.ledger = ledger
        write(ledger) { [running = runs.map { ($0, $1.process.pid) }] ledger throws(SystemError) in
            try ledger.begin(running)
        }
    }

    func writeDown(born run: RunID, _ pid: Int32) {
        guard let ledger else { return }
        write(ledger) { ledger throws(SystemError) in try ledger.born(run, pid) }
    }

    func writeDown(ended run: RunID) {
        guard let ledger else { return }
        write(ledger) { ledger throws(SystemError) in try ledger.ended(run) }
    }

    /// A disk that hangs holds up nobody: births are written down right after them.
    private func write(
        _ ledger: RunLedger<K>, _ body: @escaping @Sendable (RunLedger<K>) throws(SystemError) -> Void
    ) {
        pool.submit(lane: Lane.ledger) { [kernel, logger] in
            do throws(SystemError) {
                try body(ledger)
            } catch  where ledger.isNews() {
                logger.log(
                    .warning, "cannot write down what runs, which may run twice after a crash: \(error)",
                    wall: kernel.now().wall)
            } catch {}
        }
    }
}
