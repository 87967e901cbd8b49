import Testing

/// Shows what a trial's process complained about.
func tell(_ result: ExitTest.Result?) {
    guard let content = result?.standardErrorContent, !content.isEmpty else { return }
    Issue.record("\(String(decoding: content, as: UTF8.self))")
}
