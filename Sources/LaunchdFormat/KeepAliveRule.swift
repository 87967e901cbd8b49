package import ServiceModel
import SourceText

/// What a `KeepAlive` says about restarts: the boolean, or the conditions that look at how the job ended. Conditions
/// are ORed (launchd.plist(5)).
package struct KeepAliveRule: Hashable, Sendable {
    package var successfulExit: Bool?
    package var crashed: Bool?

    /// The signals that launchd counts as a crash; SIGKILL and SIGTERM are none.
    package static let crashes = TerminationSet.signals(
        ["ILL", "ABRT", "FPE", "BUS", "SEGV", "SYS", "TRAP"].compactMap { Signal(named: $0) })

    /// The ends after which the job is started again.
    package var restartOn: TerminationSet {
        var ends = TerminationSet.none
        if let successfulExit { ends = ends.union(successfulExit ? .codes([0]) : .unsuccessful) }
        if let crashed { ends = ends.union(crashed ? Self.crashes : Self.crashes.inverted) }
        return ends
    }

    /// How a set of ends is written.
    package enum Form: Hashable, Sendable {
        /// No `KeepAlive` at all.
        case absent
        /// `<true/>`.
        case always
        case conditions(KeepAliveRule)
    }

    /// The form of a set of ends, and whether it says exactly that set. Ends that are neither exit nor signal do not
    /// exist under launchd and are not compared.
    package static func form(of ends: TerminationSet) -> (form: Form, isExact: Bool) {
        let wanted = significant(ends)
        if wanted.isEmpty { return (.absent, true) }
        if wanted == significant(.all) { return (.always, true) }
        for rule in rules where significant(rule.restartOn) == wanted { return (.conditions(rule), true) }
        // No condition says it: take one that misses no restart after a failure.
        if significant(ends.subtracting(crashes)).isEmpty { return (.conditions(KeepAliveRule(crashed: true)), false) }
        if ends.contains(.exited(code: 0)) { return (.always, false) }
        return (.conditions(KeepAliveRule(successfulExit: false)), false)
    }

    private static let rules = [
        KeepAliveRule(successfulExit: false), KeepAliveRule(successfulExit: true), KeepAliveRule(crashed: true),
        KeepAliveRule(crashed: false), KeepAliveRule(successfulExit: true, crashed: true),
    ]

    private static func significant(_ ends: TerminationSet) -> TerminationSet {
        var copy = ends
        copy.special = []
        return copy
    }

    package init(successfulExit: Bool? = nil, crashed: Bool? = nil) {
        self.successfulExit = successfulExit
        self.crashed = crashed
    }
}
