import Foundation
import Testing

/// Shows what a trial's process complained about.
func tell(_ result: ExitTest.Result?) {
    // What stands before it is the testing library's own.
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let complaints = text.components(separatedBy: "FAILED: ").dropFirst()
    if !complaints.isEmpty { Issue.record("\(complaints.joined(separator: "\n"))") }
}
