import Testing

/// Shows what a trial's process complained about.
func tell(_ result: ExitTest.Result?) {
    // What stands before it is the testing library's own.
    let lines = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n")
    let complaints = lines.drop { !$0.hasPrefix("FAILED: ") }
    if !complaints.isEmpty { Issue.record("\(complaints.joined(separator: "\n"))") }
}
