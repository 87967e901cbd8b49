import ServiceModel
import SourceText

/// The script that runit, s6 and Upstart start: it prepares the process and becomes the program.
extension InitDraft {
    /// What a script can change of a process, a line each, and the words that its last line executes.
    ///
    /// - Parameters:
    ///   - streams: the redirections.
    ///   - directory: where it runs whose file names no directory; `nil` = where the manager starts it.
    ///   - account: the words that change the user, the root and the name, in front of the program.
    mutating func runScript(
        streams: ShellStreams, directory: String?, wrapper: [String], shell: String = "#!/bin/sh"
    ) -> String {
        let (exports, env) = shellEnvironment()
        let limits = limitLines()
        var lines = shell.isEmpty ? [] : [shell]
        // No part of POSIX, but every sh has them.
        if !limits.isEmpty { lines.append("# shellcheck disable=SC3045") }
        if !shell.isEmpty { lines.append("set -e") }
        if let directory = directoryInForce(directory) { lines.append("cd \(ShellScript.quote(directory))") }
        lines.append("exec \(streams.redirections)")
        if let umask = service.umask?.value {
            lines.append("umask \(Digits.octal(UInt64(umask), width: 4))")
            log.exact(.umask, "umask", "umask")
        }
        lines += limits + exports
        lines.append(ShellScript.exec(niceWords() + wrapper + env + insideRoot() + [path] + arguments))
        return lines.joined(separator: "\n") + "\n"
    }

    /// The directory that the script changes to; inside another root that is done there.
    private mutating func directoryInForce(_ fallback: String?) -> String? {
        if let wanted = service.workingDirectory?.value {
            log.exact(.workingDirectory, "directory", "cd")
            return service.rootDirectory == nil ? wanted : nil
        }
        if let fallback {
            log.generated(
                .workingDirectory, "directory", "cd \(fallback)",
                why: "it would run in the service's own directory otherwise")
        }
        return fallback
    }

    private func insideRoot() -> [String] {
        guard service.rootDirectory != nil, let directory = service.workingDirectory?.value else { return [] }
        return ["sh", "-c", "cd \"$0\" && exec \"$@\"", directory]
    }

    /// nice(1) adds to the manager's own niceness, which is 0.
    mutating func niceWords() -> [String] {
        guard let niceness = service.niceness?.value else { return [] }
        judgeNiceness("nice -n \(niceness)")
        return ["nice", "-n", "\(min(niceness, 19))"]
    }

    mutating func judgeNiceness(_ target: String) {
        guard let niceness = service.niceness?.value else { return }
        if niceness > 19 {
            log.approximated(.niceness, "nice", target, why: "19 is the nicest that there is")
        } else {
            log.exact(.niceness, "nice", target)
        }
    }
}

/// How a script tells by `$1` (exit code) and `$2` (signal) whether an end is one of a set.
enum ShellCases {
    /// A `case` that runs `action` for every end outside `set`; empty where that is none.
    ///
    /// - Parameter signalled: what `$1` is for a program that a signal ended: -1 for runsv, 256 for s6-supervise.
    static func lines(outside set: TerminationSet, signalled: String, action: String) -> [String] {
        let codes = set.exitCodes
        let signals = set.signalNumbers.filter { $0 <= 31 }
        let isEveryCode = codes.count == 256
        let isEverySignal = signals.count == 31
        if isEveryCode && isEverySignal { return [] }
        if codes.isEmpty && signals.isEmpty { return [action] }
        var lines = ["case $1 in"]
        if !isEverySignal {
            lines.append("    \(signalled))")
            lines.append("        case $2 in")
            lines += branches(members: signals, all: Array(1...31), action: action, indent: "            ")
            lines += ["        esac", "        ;;"]
        } else if !isEveryCode {
            lines.append("    \(signalled)) ;;")
        }
        lines += isEveryCode ? [] : branches(members: codes, all: Array(0...255), action: action, indent: "    ")
        return lines + ["esac"]
    }

    /// Whichever list is shorter: the members, which do nothing, or the others, which act.
    private static func branches(members: [Int32], all: [Int32], action: String, indent: String) -> [String] {
        let inside = Set(members)
        let others = all.filter { !inside.contains($0) }
        if others.isEmpty { return [] }
        if members.isEmpty { return ["\(indent)*) \(action) ;;"] }
        if others.count <= members.count { return ["\(indent)\(pattern(others))) \(action) ;;"] }
        return ["\(indent)\(pattern(members))) ;;", "\(indent)*) \(action) ;;"]
    }

    private static func pattern(_ numbers: [Int32]) -> String { numbers.map(String.init).joined(separator: "|") }
}
