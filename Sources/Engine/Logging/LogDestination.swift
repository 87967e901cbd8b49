import Kernel
import ServiceModel

/// Where the bytes of a log go.
enum LogDestination: Hashable, Sendable {
    /// A file of a path; `mode` for making it. A private one (AUTO) never goes through a symbolic link that somebody
    /// put into a shared directory.
    case file(path: String, rotation: LogRotation, mode: UInt32, isPrivate: Bool)
    /// One of our own descriptors: `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`; the path as configured.
    case inherited(Descriptor, path: String)
    case none

    /// `path` as a configuration writes it.
    init(path: String, rotation: LogRotation, mode: UInt32 = 0o644, isPrivate: Bool = false) {
        if let descriptor = Self.ownDescriptor(path) {
            self = .inherited(descriptor, path: path)
        } else {
            self = .file(path: path, rotation: rotation, mode: mode, isPrivate: isPrivate)
        }
    }

    /// The path that is shown and read; `nil` when there is none to read.
    var path: String? {
        switch self {
        case .file(let path, _, _, _), .inherited(_, let path): path
        case .none: nil
        }
    }

    private static func ownDescriptor(_ path: String) -> Descriptor? {
        switch path {
        case "/dev/stdout", "/proc/self/fd/1": return .standardOutput
        case "/dev/stderr", "/proc/self/fd/2": return .standardError
        default:
            for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
                if let number = Int32(path.dropFirst(prefix.count)), number >= 0 { return Descriptor(number: number) }
            }
            return nil
        }
    }
}

extension LogDestination {
    /// Opens it for appending; `nil` where there is nothing to open. Blocks. An inherited descriptor is written as it is
    /// (`InheritedLog`): it only has to be there.
    func open<K: SystemCalls>(_ kernel: K) throws(SystemError) -> Descriptor? {
        switch self {
        case .none:
            return nil
        case .inherited(let descriptor, let path):
            do throws(SystemError) {
                _ = try kernel.status(of: descriptor)
            } catch {
                // What opening its path would have said.
                throw SystemError("open", .noEntry, path: path)
            }
            return nil
        case .file(let path, _, let mode, let isPrivate):
            var options = OpenOptions.appending(mode: mode)
            // Between the look and the opening nobody can put a link there.
            let mayFollow = try LinkRule(kernel: kernel).followsLast(of: path)
            options.refuseLink = isPrivate || !mayFollow
            // A pipe that nobody reads is an error, and one that is read slowly is waited for by its programs alone.
            options.nonBlocking = true
            return try kernel.open(path, options)
        }
    }
}
