import LaunchdFormat
import PropertyList
import ServiceModel
import SourceText

/// Jobs in the short: the body of a `<dict>`.
enum LaunchdSample {
    static func document(_ body: String) throws -> PropertyListDocument {
        let text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\(body)\n</dict>\n</plist>\n"
        return try PropertyListDocument.read(Array(text.utf8), path: "job.plist")
    }

    /// A job that is complete but for what `body` adds.
    static func read(_ body: String, isAgent: Bool? = nil) throws -> LaunchdReader.Result {
        let frame =
            "<key>Label</key><string>org.example.job</string>"
            + "<key>ProgramArguments</key><array><string>/bin/sleep</string><string>9</string></array>"
        return LaunchdReader(isAgent: isAgent).read(try document(frame + "\n" + body).root)
    }

    /// The job that this body becomes when it is read and written again.
    static func rewritten(_ body: String) throws -> PropertyDictionary? {
        try read(body).service.map { try LaunchdWriter().write($0).job }
    }
}
