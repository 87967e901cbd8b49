package import SourceText

/// How long a daemon may take to stop all its programs: what a manager has to grant it.
package enum StopBudget {
    /// For the daemon's own end, beyond its programs'.
    private static let margin: Int64 = 5000

    /// Groups stop one after the other, the programs of a group together (supervisord 4.3): the sum over the groups of
    /// the longest stop time in each, and a margin.
    package static func needed(by plan: Plan) -> TimeSpan { needed(by: plan.groups) }

    /// The same for the groups that are in service.
    package static func needed(by groups: some Sequence<ServiceGroup>) -> TimeSpan {
        var total = margin
        for group in groups {
            let longest = group.services.map { $0.effective(\.stopTimeout, \.stopTimeout) }.max() ?? .zero
            guard let milliseconds = longest.finiteMilliseconds else { return .infinity }
            // After SIGKILL a group needs a moment to be reaped.
            let sum = total.addingReportingOverflow(milliseconds.addingReportingOverflow(1000).partialValue)
            guard !sum.overflow else { return .infinity }
            total = sum.partialValue
        }
        return .seconds((total + 999) / 1000)
    }
}
