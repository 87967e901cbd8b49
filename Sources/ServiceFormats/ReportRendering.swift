package import ServiceModel

/// The forms of `--report`.
package enum ReportForm: String, Hashable, Sendable, CaseIterable {
    case text, json, sarif
}

package enum ReportRendering {
    /// The reports in a form: text for people, JSON (schema `svinstall.fidelity/1`, an object, or an array of them
    /// for several reports), SARIF 2.1.0. Ends with a line end.
    package static func render(_ reports: [FidelityReport], as form: ReportForm) -> String { "" }
}
