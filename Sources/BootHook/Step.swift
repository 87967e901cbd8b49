import Locations
package import SourceText

/// A file as it shall be.
package struct FileImage: Hashable, Sendable {
    package var path: String
    package var bytes: [UInt8]
    /// Permission bits; launchd refuses a plist that group or others may write (launchd.plist(5)).
    package var mode: UInt32

    package init(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) {
        self.path = path
        self.bytes = bytes
        self.mode = mode
    }
}

/// A symbolic link as it shall be.
package struct LinkImage: Hashable, Sendable {
    package var path: String
    package var target: String

    package init(_ path: String, target: String) {
        self.path = path
        self.target = target
    }
}

/// What a step waits for.
package enum Condition: Hashable, Sendable {
    /// The daemon accepts connections at its control socket.
    case answers(socket: String)
    /// Nobody does.
    case silent(socket: String)
    /// Something is at the path.
    case exists(String)
    /// A tool ends with that status.
    case code(ToolCall, Int32)
}

/// One thing that is done to a machine, as a value: a plan is a list of them. Each may be done again.
package enum Step: Hashable, Sendable {
    /// With its parents; what is made is noted for the way back.
    case makeDirectory(String)
    /// In one step: readers see the old file or the new one.
    case write(FileImage)
    case link(LinkImage)
    /// A copy of a program, for a place that only root writes.
    case copy(from: String, to: String)
    /// A file or a link; missing is fine.
    case remove(String)
    /// What is in the directory under a name that begins so; a missing directory is fine.
    case removeEntries(of: String, prefix: String)
    /// When it is empty.
    case removeDirectory(String)
    /// `fine`: statuses that count as success; `again`: those that are worth another try until `within` has passed.
    case call(ToolCall, fine: Set<Int32> = [0], again: Set<Int32> = [], within: TimeSpan = .zero)
    case wait(Condition, within: TimeSpan)
    /// Our part of the user's crontab; `nil` takes it out.
    case crontab(entry: String?)
    /// Somebody else's line of a table of cron, switched off or on.
    case cronLine(CronTable.Place, String, isOn: Bool)

    /// What `--dry-run` says of it.
    package var description: String {
        switch self {
        case .makeDirectory(let path): "make the directory \(path)"
        case .write(let file): "write \(file.path), mode \(Digits.octal(UInt64(file.mode), width: 4))"
        case .link(let link): "link \(link.path) to \(link.target)"
        case .copy(let source, let target): "copy \(source) to \(target)"
        case .remove(let path): "remove \(path)"
        case .removeEntries(let directory, let prefix): "remove \(directory)/\(prefix)*"
        case .removeDirectory(let path): "remove the directory \(path) if it is empty"
        case .call(let call, _, _, _): "run \(call)"
        case .crontab(let entry): entry == nil ? "take our lines out of the crontab" : "put our line into the crontab"
        case .cronLine(.file(let path), let line, let isOn): "switch \(isOn ? "on" : "off") in \(path): \(line)"
        case .cronLine(.user(let owner), let line, let isOn):
            "switch \(isOn ? "on" : "off") in the crontab of \(owner.name): \(line)"
        case .wait(.answers(let socket), let span): "wait until the daemon answers at \(socket), \(span) at most"
        case .wait(.silent(let socket), let span): "wait until nobody answers at \(socket), \(span) at most"
        case .wait(.exists(let path), let span): "wait for \(path), \(span) at most"
        case .wait(.code(let call, let code), let span): "wait until '\(call)' ends with \(code), \(span) at most"
        }
    }
}
