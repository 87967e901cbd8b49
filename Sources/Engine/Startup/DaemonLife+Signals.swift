import Kernel
import SourceText

extension DaemonLife {
    /// Signals of which nobody means that they should end the daemon and orphan its programs, though that is their
    /// default action: a closed pipe, a file that may not grow any further (the write fails then, as one on a full disk
    /// does), and those that no one else uses. What programs ignore at their birth is `Spawner`'s matter.
    static var unheeded: [Signal] {
        let named = ["PIPE", "XFSZ", "STKFLT"].compactMap { Signal(named: $0) }
        guard let first = Signal(named: "RTMIN"), let last = Signal(named: "RTMAX") else { return named }
        return named + (first.number...last.number).map { Signal(number: $0) }
    }
}
