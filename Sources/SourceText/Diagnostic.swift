/// One thing that is wrong, or worth knowing, in what a user gave us.
package struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: String, Hashable, Sendable {
        case error, warning, note
    }

    package var severity: Severity
    /// Stable identifier for scripts and tests, e.g. `ini-no-section`.
    package var code: String
    /// What is wrong, without position and without a full stop.
    package var message: String
    /// What to do about it.
    package var remedy: String?
    /// Where it is; `nil` when no file is to blame.
    package var span: SourceSpan?

    package init(
        _ severity: Severity, code: String, _ message: String, remedy: String? = nil, at span: SourceSpan? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.remedy = remedy
        self.span = span
    }

    /// `FILE:LINE:COL: what is wrong; what to do`: the one line a user reads (without `svinstall: `).
    package var description: String {
        var line = ""
        if let span { line += "\(span): " }
        if severity != .error { line += "\(severity.rawValue): " }
        line += message
        if let remedy { line += "; \(remedy)" }
        return line.oneLine
    }
}

/// How a command ends: sysexits(3), and 1 only for "the check found something".
package enum ExitStatus: Int32, Hashable, Sendable {
    case ok = 0
    case checkFoundProblems = 1
    case usage = 64
    case badInput = 65
    case noInput = 66
    case unreachable = 69
    case internalError = 70
    case systemError = 71
    case cannotCreate = 73
    case inputOutput = 74
    case noPermission = 77
    case badConfiguration = 78
}

/// The end of a piece of work: what to tell the user, and the exit status that says it to scripts.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package var status: ExitStatus
    package var diagnostics: [Diagnostic]

    package init(_ status: ExitStatus, _ diagnostics: [Diagnostic]) {
        self.status = status
        self.diagnostics = diagnostics
    }

    /// A failure of one error.
    package init(
        _ status: ExitStatus, code: String, _ message: String, remedy: String? = nil, at span: SourceSpan? = nil
    ) {
        self.init(status, [Diagnostic(.error, code: code, message, remedy: remedy, at: span)])
    }

    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

extension String {
    /// The text on one line: line ends and other control characters are shown as escapes, so that a hostile
    /// file name or value cannot forge a second line or move the terminal's cursor.
    package var oneLine: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.properties.generalCategory == .control:
                result += "\\x" + Digits.hexadecimal(UInt64(scalar.value), width: 2)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
