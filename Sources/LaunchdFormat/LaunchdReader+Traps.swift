import PropertyList
import ServiceModel
import SourceText

/// What launchd takes without a word and does not do, or does otherwise than the file seems to say
/// (launchd.plist(5)): one function a group of keys.
extension LaunchdReading {
    mutating func warnTraps(isAgent: Bool?) {
        warnShellSyntax()
        warnCombinations()
        warnWords()
        warnRemoved()
        warnLimits()
        warnConditions()
        warnSockets()
        if isAgent == true { warnAgent() }
        if isAgent == false { warnDaemon() }
    }

    private func member(_ key: String) -> PropertyMember? { root.members?.first { $0.key == key } }

    private func holds(_ key: String) -> Bool { root[key] != nil }

    // MARK: the command

    private mutating func warnShellSyntax() {
        let elements = root["ProgramArguments"]?.elements ?? []
        for element in elements {
            guard case .string(let text) = element.content, ShellSyntax.operators.contains(text) else { continue }
            warn(
                "launchd-shell-syntax", "launchd hands '\(text)' to the program as an argument: no shell reads it",
                remedy: "write /bin/sh, -c and the whole line as one <string>", at: element.span)
        }
        let only = elements.count == 1 ? elements.first : nil
        for node in [root["Program"], only].compactMap({ $0 }) {
            guard case .string(let text) = node.content, text.split(separator: " ").count > 1, text.contains(" -")
            else { continue }
            warn(
                "launchd-one-word", "'\(text.prefix(60))' is one word: launchd looks for a program of this name",
                remedy: "write a <string> of ProgramArguments for each word", at: node.span)
        }
        if elements.count > 0, let glob = member("EnableGlobbing"), case .boolean(true) = glob.value.content {
            warn(
                "launchd-globbing", "launchd no longer expands file patterns", remedy: "use /bin/sh -c",
                at: glob.keySpan)
        }
    }

    // MARK: keys that need or exclude each other

    private mutating func warnCombinations() {
        let keepsAlive = root["KeepAlive"]?.plain.boolean == true
        if !holds("UserName"), let groups = member("InitGroups") {
            warn(
                "launchd-without-user", "'InitGroups' counts only together with UserName", remedy: "add UserName",
                at: groups.keySpan)
        }
        if keepsAlive, let pressured = member("EnablePressuredExit"), pressured.value.plain.boolean == true {
            warn(
                "launchd-ignored-together", "launchd ignores EnablePressuredExit where KeepAlive is true",
                remedy: "remove one of them", at: pressured.keySpan)
        }
        if holds("inetdCompatibility"), let session = member("SessionCreate") {
            warn(
                "launchd-ignored-together", "launchd ignores SessionCreate where inetdCompatibility is given",
                remedy: "remove it", at: session.keySpan)
        }
        if !holds("Sockets"), let inetd = member("inetdCompatibility") {
            warn(
                "launchd-without-sockets", "'inetdCompatibility' does nothing without Sockets",
                remedy: "add Sockets, or remove it", at: inetd.keySpan)
        }
        if holds("KeepAlive"), let onDemand = member("OnDemand") {
            warn(
                "launchd-ignored-together",
                "KeepAlive and OnDemand say the same thing: which one counts is not certain",
                remedy: "remove OnDemand", at: onDemand.keySpan)
        }
        if let interval = member("StartInterval"), let seconds = interval.value.plain.integer, seconds > 0 {
            let throttle = root["ThrottleInterval"]?.plain.integer ?? 10
            if seconds < throttle {
                warn(
                    "launchd-throttled", "launchd starts a job at most every \(throttle) seconds, not every \(seconds)",
                    remedy: "write ThrottleInterval \(seconds) too", at: interval.value.span)
            }
        }
    }

    // MARK: values that are words

    private static let words: [(key: String, words: [String])] = [
        ("ProcessType", ["Background", "Standard", "Adaptive", "Interactive", "App", "SystemApp", "TALApp"]),
        ("POSIXSpawnType", ["Background", "Standard", "Adaptive", "Interactive", "App", "SystemApp", "TALApp"]),
        ("LimitLoadToSessionType", ["Aqua", "Background", "LoginWindow", "StandardIO", "System"]),
    ]

    private mutating func warnWords() {
        for (key, words) in Self.words {
            guard let value = root[key] else { continue }
            for node in value.elements ?? [value] {
                guard case .string(let text) = node.content, !words.contains(text) else { continue }
                let near = words.first { $0.lowercased() == text.lowercased() }
                warn(
                    "launchd-word", "'\(text.prefix(60))' is no \(key)",
                    remedy: near.map { "write \($0)" } ?? "write one of \(words.joined(separator: ", "))", at: node.span
                )
            }
        }
    }

    private mutating func warnRemoved() {
        for key in ["LimitLoadToHosts", "LimitLoadFromHosts"] {
            guard let found = member(key) else { continue }
            warn(
                "launchd-obsolete-key", "'\(key)' has no effect: launchd no longer looks at host names",
                remedy: "remove it", at: found.keySpan)
        }
    }

    // MARK: limits

    private mutating func warnLimits() {
        let hard = root["HardResourceLimits"]
        for limit in root["SoftResourceLimits"]?.members ?? [] {
            guard let soft = limit.value.plain.integer, let most = hard?[limit.key]?.plain.integer, soft > most
            else { continue }
            warn(
                "launchd-limit-order", "the soft limit \(limit.key) of \(soft) is above the hard one of \(most)",
                remedy: "raise the hard limit or lower the soft one", at: limit.value.span)
        }
    }

    // MARK: KeepAlive

    private mutating func warnConditions() {
        for key in ["PathState", "OtherJobEnabled", "OtherJobActive"] {
            for condition in root["KeepAlive"]?[key]?.members ?? [] where condition.value.kind != .boolean {
                warn(
                    "launchd-wrong-type",
                    "'KeepAlive.\(key)' of '\(condition.key)' is \(condition.value.kind.named); launchd ignores it",
                    remedy: "write <true/> or <false/>", at: condition.value.span)
            }
        }
        for condition in root["KeepAlive"]?["PathState"]?.members ?? [] where !condition.key.hasPrefix("/") {
            warn(
                "launchd-relative-path", "the path '\(condition.key)' of KeepAlive.PathState is not absolute",
                remedy: "write the absolute path", at: condition.keySpan)
        }
    }

    // MARK: where the job runs

    private mutating func warnAgent() {
        if let nice = member("Nice"), let value = nice.value.plain.integer, value < 0 {
            warn(
                "launchd-agent-nice", "an agent cannot run at the niceness \(value)",
                remedy: "write 0 or more, or install the job in LaunchDaemons", at: nice.value.span)
        }
        if let directory = member("RootDirectory") {
            warn(
                "launchd-agent-root", "launchd ignores RootDirectory in a LaunchAgent",
                remedy: "remove it, or install the job in LaunchDaemons", at: directory.keySpan)
        }
    }

    private mutating func warnDaemon() {
        if let group = member("GroupName"), !holds("UserName"), group.value.plain.string != "wheel" {
            warn(
                "launchd-group-alone", "GroupName without UserName: the job runs as root in that group",
                remedy: "add UserName", at: group.keySpan)
        }
        if let session = member("LimitLoadToSessionType"), session.value.plain != "System" {
            warn(
                "launchd-daemon-session", "session types are for agents; a daemon of another type is not loaded",
                remedy: "remove LimitLoadToSessionType", at: session.keySpan)
        }
    }
}
