/// A signal by its name. Numbers differ between systems (`Signal+Darwin.swift`), names do not.
package struct Signal: Hashable, Sendable, CustomStringConvertible {
    /// The number on this system.
    package let number: Int32

    package init(number: Int32) {
        self.number = number
    }

    /// The signal of a name, with or without `SIG`, in any case; `nil` when the system has none of that name.
    package init?(named text: some StringProtocol) {
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        guard let found = Self.table.first(where: { $0.name == name }) else { return nil }
        number = found.number
    }

    /// Whether the system has a signal of this number and we know its name.
    package var isKnown: Bool { Self.table.contains { $0.number == number } }

    /// `TERM`; the bare number for a signal without a name.
    package var shortName: String { Self.table.first { $0.number == number }?.name ?? "\(number)" }

    /// `SIGTERM`; `signal 99` for a signal without a name.
    package var description: String { isKnown ? "SIG" + shortName : "signal \(number)" }

    package static let hangUp = Signal(number: 1)
    package static let interrupt = Signal(number: 2)
    package static let quit = Signal(number: 3)
    package static let abort = Signal(number: 6)
    package static let kill = Signal(number: 9)
    package static let segmentationFault = Signal(number: 11)
    package static let pipe = Signal(number: 13)
    package static let terminate = Signal(number: 15)
}

/// How a process ended, as far as anybody knows.
package enum Termination: Hashable, Sendable {
    /// By itself, with a code from 0 to 255.
    case exited(code: Int32)
    case signalled(Signal, coreDumped: Bool)
    /// It ended while nobody was its parent: an adopted process on a kernel that keeps no record.
    case unknown

    /// As a shell tells it (sh(1), `$?`): the code, or 128 and the signal's number; `nil` when nobody knows.
    package var shellStatus: Int32? {
        switch self {
        case .exited(let code): code
        case .signalled(let signal, _): 128 + signal.number
        case .unknown: nil
        }
    }
}
