package import ServiceModel

/// Which groups differ between two plans, by supervisord's idea of equality (supervisord 4.3 `reloadConfig`), except
/// that a log file which goes back to AUTO counts as a change.
package struct PlanChanges: Hashable, Sendable {
    /// In the order of the new plan.
    package var added: [String] = []
    /// In the order of the new plan.
    package var changed: [String] = []
    /// In the order of the old plan.
    package var removed: [String] = []
    /// Line by line, for people: `redis: command: "a" -> "b"`.
    package var details: [String] = []

    package var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }
}

extension PlanChanges {
    /// What has to happen to get from `active` to `fresh`.
    package init(from active: Plan, to fresh: Plan) {
        self.init()
        _ = (active, fresh)
    }
}
