import Kernel
import ServiceModel
import SourceText

/// How the files of a configuration looked at one moment: enough to tell whether reading them again is worth while.
struct FileStamps: Hashable, Sendable {
    private struct Stamp: Hashable, Sendable {
        var identity: FileStatus.Identity
        var size: Int64
        var modified: Int64
    }

    /// By path; `nil` for what is not there.
    private var stamps: [String: Stamp?] = [:]
    /// A file changed so shortly before it was looked at that a later change might show the same time.
    private var isUncertain = false

    /// The most paths that are looked at: a pattern over a huge tree must not keep a worker busy.
    private static let limit = 20_000
    /// Coarser than the time stamps of any file system in use.
    private static let grain: Int64 = 2_000_000_000

    /// Looks at a plan's files, and at the directories that its patterns list. Blocks.
    init<K: SystemCalls>(_ plan: Plan, _ kernel: K) {
        for path in plan.files { look(at: path, kernel) }
        for pattern in plan.patterns { look(atPattern: pattern, kernel) }
        let now = kernel.now().wall
        isUncertain = stamps.values.contains { $0.map { now - $0.modified < Self.grain } ?? false }
    }

    /// Whether nothing has changed from `earlier` to `self`.
    func matches(_ earlier: FileStamps) -> Bool {
        !earlier.isUncertain && stamps == earlier.stamps
    }

    @discardableResult
    private mutating func look<K: SystemCalls>(at path: String, _ kernel: K) -> FileStatus? {
        guard stamps.count < Self.limit else { return nil }
        let status = try? kernel.status(of: path, followLinks: true)
        stamps[path] = .some(
            status.map { Stamp(identity: $0.identity, size: $0.size, modified: $0.modified) })
        return status
    }

    /// A directory's own time changes with its list of names, so each directory whose names decide is a stamp.
    private mutating func look<K: SystemCalls>(atPattern pattern: String, _ kernel: K) {
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        descend(pattern.hasPrefix("/") ? "/" : ".", parts[...], kernel)
    }

    private mutating func descend<K: SystemCalls>(_ directory: String, _ parts: ArraySlice<String>, _ kernel: K) {
        guard let part = parts.first else {
            look(at: directory, kernel)
            return
        }
        guard Self.isPattern(part) else { return descend(Self.join(directory, part), parts.dropFirst(), kernel) }
        guard look(at: directory, kernel)?.kind == .directory, parts.count > 1 else { return }
        for name in (try? kernel.list(directory)) ?? [] {
            let path = Self.join(directory, name)
            guard (try? kernel.status(of: path, followLinks: true))?.kind == .directory else { continue }
            descend(path, parts.dropFirst(), kernel)
        }
    }

    private static func isPattern(_ part: String) -> Bool { part.contains { "*?[".contains($0) } }

    private static func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/\(name)" : "\(directory)/\(name)"
    }
}
