import Locations
import ServiceFormats
import SourceText

/// launchd: launchctl(1), launchd.plist(5).
///
/// `bootstrap` fails with 5 for a dozen reasons, one of which passes by itself: a `bootout` that is still running. So the
/// conversation is: enable (an old override outlives the plist), bootout, wait until nobody knows the job, bootstrap,
/// again while it says 5 or 37, and `print` as the proof.
extension Hook {
    /// The domain the job belongs to.
    var launchdDomain: String { options.domain ?? (scope == .system ? "system" : "gui/\(userID)") }

    private var target: String { "\(launchdDomain)/\(label)" }

    var plistPath: String {
        switch scope {
        case .user: "\(home)/\(LaunchdDirectory.userAgents.rawValue)/\(label).plist"
        case .system: "\(LaunchdDirectory.systemDaemons.rawValue)/\(label).plist"
        }
    }

    private func launchctl(_ words: String..., limit: TimeSpan = .seconds(100)) -> ToolCall {
        ToolCall(["launchctl"] + words, limit: limit)
    }

    /// How long launchctl is tried again.
    private static let patience = TimeSpan.seconds(15)

    func launchdProcedure() throws(Failure) -> Procedure {
        let path = plistPath
        let bytes = try FormatRegistry.write(service, as: .plist, isForUser: scope == .user)
        let hook = self
        var row = Procedure(files: [FileImage(path, bytes)]) { LaunchctlState.judge($0, label: hook.label) }
        row.directories = [logDirectory]
        // A quarantined plist is refused (macOS 27). 1: there was no such attribute.
        row.settle = [.call(ToolCall(["xattr", "-d", "com.apple.quarantine", path]), fine: [0, 1])]
        row.enable = [.call(launchctl("enable", target))]
        let gone: [Step] = [
            // 3 and 113: it was not loaded. 36 and 37: a bootout is under way already.
            .call(launchctl("bootout", target, limit: stopPatience), fine: [0, 3, 36, 37, 113]),
            .wait(
                .code(launchctl("print", target), 113), within: stopTimeout == .infinity ? stopTimeout : stopPatience),
        ]
        row.load =
            gone + [
                .call(
                    launchctl("bootstrap", launchdDomain, path), fine: [0, 17], again: [5, 36, 37],
                    within: Self.patience),
                .call(launchctl("print", target), again: [113], within: Self.patience),
            ]
        row.unload = gone
        row.start = [.call(launchctl("kickstart", target), fine: [0, 37], again: [36], within: Self.patience)]
        // Asked to end it ends with 0, and KeepAlive brings back only what failed.
        row.stop = [.call(launchctl("kill", "SIGTERM", target), fine: [0, 3, 113])]
        row.restart = row.load
        row.questions = [launchctl("print", target), launchctl("print-disabled", launchdDomain)]
        row.logs = ToolCall(["tail", "-n", "100", "\(logDirectory)/\(label).err.log"])
        row.explain = { call, answer in LaunchctlCode.explain(call, answer, hook) }
        return row
    }
}

/// What `launchctl print` and `print-disabled` say. Apple calls the text no interface; everybody reads these four lines.
enum LaunchctlState {
    static func judge(_ answers: [ToolAnswer], label: String) -> ManagerState {
        var state = ManagerState()
        guard let job = answers.first else { return state }
        switch job.code {
        case 0: state.isLoaded = true
        case 113: state.isLoaded = false
        default:
            state.silence = job.words
            return state
        }
        state.isRunning = value("state", job.output) == "running"
        state.pid = value("pid", job.output).flatMap { Int32($0) }
        if let exit = value("last exit code", job.output), !exit.hasPrefix("(never") {
            state.lastExit =
                exit.hasPrefix("78")
                ? "78: log path or working directory cannot be used, or the program is missing" : "exit status \(exit)"
        }
        if answers.count > 1, answers[1].code == 0 {
            let line = answers[1].output.split(separator: "\n").first { $0.contains("\"\(label)\"") }
            let isDisabled = line.map { $0.hasSuffix("disabled") || $0.hasSuffix("true") } ?? false
            state.isEnabled = !isDisabled
            if isDisabled { state.override = "an override disables it, also after the plist is gone" }
        }
        return state
    }

    private static func value(_ name: String, _ text: String) -> String? {
        for line in text.split(separator: "\n") {
            let line = String(line).trimmed
            if line.hasPrefix(name + " = ") { return String(line.dropFirst(name.utf8.count + 3)) }
        }
        return nil
    }
}
