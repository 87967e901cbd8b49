package import ServiceModel

/// `[supervisorctl]`: how to reach a daemon (supervisorctl 4.3 names and defaults).
package struct ClientSettings: Hashable, Sendable {
    /// `http://host:port` or `unix:///path`, the path absolute and normalised.
    package var serverURL = "http://localhost:9001"
    package var username: String?
    package var password: String?
    package var prompt = "supervisor"
    /// Absolute; `nil` = no history is kept.
    package var historyFile: String?
    /// What the reader has to say, e.g. that a `[ctlplugin:x]` is skipped.
    package var notices: [PlanNotice] = []

    package init() {}
}
