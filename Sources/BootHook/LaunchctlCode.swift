import Locations
import SourceText

/// Every code of launchctl that a person meets: its cause, and what mends it.
package enum LaunchctlCode {
    /// `cause` and `remedy` for a hook.
    package struct Row: Sendable {
        package var code: Int32
        package var cause: String
        package var remedy: @Sendable (Hook) -> String
    }

    package static let table: [Row] = [
        Row(code: 3, cause: "the job is not loaded", remedy: { $0.agent("install") }),
        Row(
            code: 5,
            cause:
                "launchd's catch-all: the job is loaded already or still shutting down, disabled by an override, its "
                + "file has the wrong owner or mode or is quarantined, or its program is missing",
            remedy: { "\($0.agent("status")) tells which; sudo launchctl bootstrap tells more" }),
        Row(
            code: 17, cause: "the job is loaded already",
            remedy: { "\($0.agent("restart")) loads it anew" }),
        Row(
            code: 36, cause: "the job is still shutting down",
            remedy: { "wait for \($0.stopTimeout) and run \($0.agent("install")) again" }),
        Row(
            code: 37, cause: "the job is being started or still shutting down",
            remedy: { "wait for \($0.stopTimeout) and run \($0.agent("install")) again" }),
        Row(
            code: 78,
            cause: "the job cannot be set up: its log path or directory cannot be written, or its program is missing",
            remedy: { "make \($0.logDirectory) writable for \($0.userName) and check \($0.program)" }),
        Row(
            code: 111, cause: "the job's program is missing or cannot be executed",
            remedy: { "install \($0.program), or name another with --program" }),
        Row(
            code: 112, cause: "there is no such domain: nobody is logged in with a graphical session",
            remedy: {
                "log in at the screen, or use svinstall agent install --system, which needs no session (\($0.label))"
            }
        ),
        Row(code: 113, cause: "launchd does not know the job", remedy: { $0.agent("install") }),
        Row(
            code: 119, cause: "the job is disabled by an override, which outlives its file",
            remedy: { "launchctl enable \($0.launchdDomain)/\($0.label) && \($0.agent("install"))" }),
        Row(
            code: 122, cause: "the file's owner or mode is not what launchd accepts",
            remedy: { hook in
                let file = ShellWords.quote(hook.plistPath)
                let owner = hook.scope == .system ? "root:wheel" : hook.userName
                return "sudo chown \(owner) \(file) && sudo chmod 644 \(file) && \(hook.agent("install"))"
            }),
        Row(
            code: 125,
            cause: "the domain does not take such a job: over SSH there is no graphical session to load it into",
            remedy: { "svinstall agent install --user chooses user/\($0.userID) then; or use --system" }),
        Row(
            code: 134, cause: "the job cannot be loaded into this kind of session",
            remedy: { "svinstall agent install --user from the screen, or --system (\($0.label))" }),
        Row(
            code: 150, cause: "System Integrity Protection guards the job", remedy: { _ in "choose another --label" }),
    ]

    static func explain(_ call: ToolCall, _ answer: ToolAnswer, _ hook: Hook) -> Explanation? {
        if answer.code == ToolAnswer.missing {
            return Explanation(
                "\(call.words.first ?? "the tool") is not installed", remedy: "is this a Mac? see --init")
        }
        guard call.words.first == "launchctl", let row = table.first(where: { $0.code == answer.code }) else {
            return nil
        }
        return Explanation(row.cause, remedy: row.remedy(hook))
    }
}
