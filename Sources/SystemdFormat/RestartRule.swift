package import ServiceModel
import SourceText

/// `Restart=` with its exceptions (systemd.service(5)): which ends lead to a restart. The table of causes was measured
/// on systemd 252.
package struct RestartRule: Hashable, Sendable {
    package enum Word: String, Hashable, Sendable, CaseIterable {
        case no, always
        case onFailure = "on-failure"
        case onSuccess = "on-success"
        case onAbnormal = "on-abnormal"
        case onAbort = "on-abort"
        case onWatchdog = "on-watchdog"
    }

    package var word: Word
    /// `RestartPreventExitStatus=`: beats the word.
    package var prevent: TerminationSet
    /// `RestartForceExitStatus=`: beats the word too, even `no`.
    package var force: TerminationSet

    package init(_ word: Word, prevent: TerminationSet = .none, force: TerminationSet = .none) {
        self.word = word
        self.prevent = prevent
        self.force = force
    }

    /// The signals that systemd always counts as a clean end.
    package static let cleanSignals = TerminationSet.signals([.hangUp, .interrupt, .terminate, .pipe])

    /// The ends that count as success when `SuccessExitStatus=` adds these. To `Type=oneshot` no signal is clean:
    /// its end is its start's (measured on systemd 252).
    package static func success(adding ends: TerminationSet, isOneshot: Bool = false) -> TerminationSet {
        TerminationSet.codes([0]).union(isOneshot ? .none : cleanSignals).union(ends)
    }

    /// The ends after which the word alone restarts.
    package static func ends(of word: Word, success: TerminationSet) -> TerminationSet {
        let allSignals = TerminationSet.signals((1...64).map { Signal(number: $0) })
        let watchdog = TerminationSet.special(.watchdog)
        let timeout = TerminationSet.special(.timeout)
        switch word {
        case .no: return .none
        case .always: return .all
        case .onSuccess: return success
        case .onFailure: return success.inverted
        case .onAbort: return allSignals.subtracting(success)
        case .onAbnormal: return allSignals.subtracting(success).union(watchdog).union(timeout)
        case .onWatchdog: return watchdog
        }
    }

    /// All the ends after which the rule restarts.
    package func ends(success: TerminationSet) -> TerminationSet {
        Self.ends(of: word, success: success).union(force).subtracting(prevent)
    }

    /// The rule that says `ends` in the fewest words, and whether it says exactly that. A time-out and a silent
    /// watchdog cannot be listed, so only the word decides about them.
    ///
    /// - Parameter isOneshot: systemd refuses `always` and `on-success` for `Type=oneshot`.
    package static func saying(
        _ ends: TerminationSet, success: TerminationSet, isOneshot: Bool
    ) -> (rule: RestartRule, isExact: Bool) {
        var best: (rule: RestartRule, cost: Int, isExact: Bool)?
        for word in Word.allCases where !(isOneshot && (word == .always || word == .onSuccess)) {
            let base = Self.ends(of: word, success: success)
            var prevent = base.subtracting(ends)
            var force = ends.subtracting(base)
            // Nobody can tell how an adopted process ended; systemd never meets such an end.
            let isExact = prevent.special.subtracting(.unknown).isEmpty && force.special.subtracting(.unknown).isEmpty
            prevent.special = []
            force.special = []
            let listed = prevent.count + force.count
            let cost = listed * 4 + (isExact ? 0 : 1) + (word == .no && !force.isEmpty ? 2 : 0)
            if cost < best?.cost ?? .max {
                best = (RestartRule(word, prevent: prevent, force: force), cost, isExact)
            }
        }
        return best.map { ($0.rule, $0.isExact) } ?? (RestartRule(.no), ends.isEmpty)
    }
}

extension TerminationSet {
    /// Codes and signal names as `SuccessExitStatus=` and its like take them.
    package var tokens: [String] {
        exitCodes.map(String.init)
            + signalNumbers.map { number in
                let signal = Signal(number: number)
                return signal.isKnown ? signal.description : Self.realTimeName(number)
            }
    }

    /// systemd names real-time signals by their distance from the first.
    private static func realTimeName(_ number: Int32) -> String {
        number >= 34 ? "RTMIN+\(number - 34)" : "\(number)"
    }

    /// Reads a list of codes, exit status names and signals; words that are none of them go to `unknown`.
    package static func reading(_ text: String, unknown: inout [String]) -> TerminationSet {
        var set = TerminationSet.none
        for word in text.split(whereSeparator: \.isWhitespace) {
            if let code = Int32(word), (0...255).contains(code) {
                set = set.union(.codes([code]))
            } else if let code = ExitStatusName.codes[word.uppercased()] {
                set = set.union(.codes([code]))
            } else if Int32(word) == nil, let signal = UnitValue.signal(word) {
                set = set.union(.signals([signal]))
            } else {
                unknown.append(String(word))
            }
        }
        return set
    }
}

/// Names of exit codes that systemd knows (systemd.exec(5), sysexits(3), LSB).
enum ExitStatusName {
    static let codes: [String: Int32] = [
        "SUCCESS": 0, "FAILURE": 1, "INVALIDARGUMENT": 2, "NOTIMPLEMENTED": 3, "NOPERMISSION": 4, "NOTINSTALLED": 5,
        "NOTCONFIGURED": 6, "NOTRUNNING": 7, "USAGE": 64, "DATAERR": 65, "NOINPUT": 66, "NOUSER": 67, "NOHOST": 68,
        "UNAVAILABLE": 69, "SOFTWARE": 70, "OSERR": 71, "OSFILE": 72, "CANTCREAT": 73, "IOERR": 74, "TEMPFAIL": 75,
        "PROTOCOL": 76, "NOPERM": 77, "CONFIG": 78, "CHDIR": 200, "NICE": 201, "FDS": 202, "EXEC": 203, "MEMORY": 204,
        "LIMITS": 205, "OOM_ADJUST": 206, "SIGNAL_MASK": 207, "STDIN": 208, "STDOUT": 209, "CHROOT": 210,
        "IOPRIO": 211, "TIMERSLACK": 212, "SECUREBITS": 213, "SETSCHEDULER": 214, "CPUAFFINITY": 215, "GROUP": 216,
        "USER": 217, "CAPABILITIES": 218, "CGROUP": 219, "SETSID": 220, "CONFIRM": 221, "STDERR": 222, "PAM": 224,
        "NETWORK": 225, "NAMESPACE": 226, "NO_NEW_PRIVILEGES": 227, "SECCOMP": 228, "SELINUX_CONTEXT": 229,
        "PERSONALITY": 230, "APPARMOR": 231, "ADDRESS_FAMILIES": 232, "RUNTIME_DIRECTORY": 233, "CHOWN": 235,
        "SMACK_PROCESS_LABEL": 236, "KEYRING": 237, "STATE_DIRECTORY": 238, "CACHE_DIRECTORY": 239,
        "LOGS_DIRECTORY": 240, "CONFIGURATION_DIRECTORY": 241, "NUMA_POLICY": 242, "CREDENTIALS": 243, "BPF": 245,
    ]
}
