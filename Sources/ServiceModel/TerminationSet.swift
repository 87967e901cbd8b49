package import SourceText

/// A set of ways in which a run can end. Restart rules and success rules of every dialect are such sets, so that
/// `autorestart=unexpected, exitcodes=0` and `KeepAlive {SuccessfulExit: false}` are the same value.
package struct TerminationSet: Hashable, Sendable {
    /// Ends that are neither an exit code nor a signal.
    package struct Special: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A time-out of the manager (start, run time) ended it.
        package static let timeout = Special(rawValue: 1)
        /// Its watchdog went silent.
        package static let watchdog = Special(rawValue: 2)
        /// Nobody knows how it ended.
        package static let unknown = Special(rawValue: 4)
        package static let all: Special = [.timeout, .watchdog, .unknown]
    }

    /// Exit codes 0 to 255, one bit each, 64 to a word.
    private var codeBits: [UInt64]
    /// Signals 1 to 64; signal n is bit n - 1.
    private var signalBits: UInt64
    package var special: Special

    private init(codeBits: [UInt64], signalBits: UInt64, special: Special) {
        self.codeBits = codeBits
        self.signalBits = signalBits
        self.special = special
    }

    package static let none = TerminationSet(codeBits: [0, 0, 0, 0], signalBits: 0, special: [])
    package static let all = TerminationSet(
        codeBits: [.max, .max, .max, .max], signalBits: .max, special: .all)

    /// Exactly these exit codes (values outside 0 to 255 are no exit codes and are left out).
    package static func codes(_ codes: some Sequence<Int32>) -> TerminationSet {
        var set = TerminationSet.none
        for code in codes where (0...255).contains(code) {
            set.codeBits[Int(code) / 64] |= 1 << UInt64(code % 64)
        }
        return set
    }

    /// Exactly these signals.
    package static func signals(_ signals: some Sequence<Signal>) -> TerminationSet {
        var set = TerminationSet.none
        for signal in signals where (1...64).contains(signal.number) {
            set.signalBits |= 1 << UInt64(signal.number - 1)
        }
        return set
    }

    package static func special(_ special: Special) -> TerminationSet {
        TerminationSet(codeBits: [0, 0, 0, 0], signalBits: 0, special: special)
    }

    /// Every exit with a code other than 0, every signal, every other end: launchd's "not a successful exit".
    package static let unsuccessful = TerminationSet.codes([0]).inverted

    package var inverted: TerminationSet {
        TerminationSet(
            codeBits: codeBits.map { ~$0 }, signalBits: ~signalBits, special: Special.all.subtracting(special))
    }

    package func union(_ other: TerminationSet) -> TerminationSet {
        TerminationSet(
            codeBits: zip(codeBits, other.codeBits).map { $0 | $1 }, signalBits: signalBits | other.signalBits,
            special: special.union(other.special))
    }

    package func subtracting(_ other: TerminationSet) -> TerminationSet {
        TerminationSet(
            codeBits: zip(codeBits, other.codeBits).map { $0 & ~$1 }, signalBits: signalBits & ~other.signalBits,
            special: special.subtracting(other.special))
    }

    package func contains(_ termination: Termination) -> Bool {
        switch termination {
        case .exited(let code):
            (0...255).contains(code) && codeBits[Int(code) / 64] & (1 << UInt64(code % 64)) != 0
        case .signalled(let signal, _):
            (1...64).contains(signal.number) && signalBits & (1 << UInt64(signal.number - 1)) != 0
        case .unknown:
            special.contains(.unknown)
        }
    }

    /// The exit codes in the set, ascending.
    package var exitCodes: [Int32] {
        var codes: [Int32] = []
        for (place, word) in codeBits.enumerated() where word != 0 {
            for bit in 0..<64 where word & (1 << UInt64(bit)) != 0 { codes.append(Int32(place * 64 + bit)) }
        }
        return codes
    }

    /// How many exit codes and signals are in the set.
    package var count: Int { codeBits.reduce(signalBits.nonzeroBitCount) { $0 + $1.nonzeroBitCount } }

    /// The signal numbers in the set, ascending.
    package var signalNumbers: [Int32] { (1...64).filter { signalBits & (1 << UInt64($0 - 1)) != 0 } }

    package var isEmpty: Bool { self == .none }
}
