import Kernel
import ServiceModel
import SourceText
import Supervision

/// What is needed for another program to take our place in this process, fixed when the daemon started.
struct Succession: Sendable {
    /// Where the program lies that shall come: where ours was found, whatever lies there by now.
    var program: String
    var arguments: [String]
    /// Where relative paths among them count from.
    var startDirectory: String?
    var isDetached = false
    var pidFile: Descriptor?
    /// How often that has happened.
    var upgrades: UInt32 = 0
    /// Why the last attempt was given up; `nil` when it was not.
    var problem: String?

    /// To be asked before anything changes the directory; `nil` where nobody tells what we were started as.
    init?(_ kernel: some SystemCalls) {
        guard let arguments = kernel.arguments, let path = Self.program(arguments.first, kernel) else { return nil }
        program = path
        self.arguments = arguments
        startDirectory = try? kernel.currentDirectory()
    }

    /// By the name it was called by, since that may be a link that will lead to another file; else the file itself. Ours
    /// may have been replaced already (proc(5): then ` (deleted)` is behind its name): what lies in its place is meant.
    private static func program(_ word: String?, _ kernel: some SystemCalls) -> String? {
        let mark = " (deleted)"
        let own = kernel.executablePath().map { $0.hasSuffix(mark) ? String($0.dropLast(mark.utf8.count)) : $0 }
        guard let word, word.contains("/"), let directory = try? kernel.currentDirectory() else { return own }
        let path = word.hasPrefix("/") ? word : "\(directory)/\(word)"
        let known = own.flatMap { try? kernel.status(of: $0, followLinks: true) }
        let named = try? kernel.status(of: path, followLinks: true)
        return named != nil && named?.identity == known?.identity ? path : own
    }

    /// How a program learns what part it has in a succession: `try N` or `take N M`, descriptors of the state and of the
    /// program before it; `back N` with what went wrong in the other variable.
    static let variable = "SVINSTALL_SUCCESSION"
    static let problemVariable = "SVINSTALL_SUCCESSION_PROBLEM"
    /// What a program that is tried says when it could take over.
    static let consent = "ready\n"
}

/// The part that a program has been given.
enum SuccessionRole: Hashable, Sendable {
    /// It shall only show that it could.
    case tried(state: Descriptor)
    /// It is the daemon now; `predecessor` takes over again when it cannot.
    case successor(state: Descriptor, predecessor: Descriptor?)
    /// It was the daemon, and is again, because its successor could not; why.
    case returned(state: Descriptor, problem: String)

    /// Reads it, and takes it out of our environment; `nil` for a daemon like any other.
    static func take(_ kernel: some SystemCalls) -> SuccessionRole? {
        let words = (kernel.variable(Succession.variable) ?? "").split(separator: " ")
        let problem = kernel.variable(Succession.problemVariable)
        kernel.forgetVariable(Succession.variable)
        kernel.forgetVariable(Succession.problemVariable)
        let numbers = words.dropFirst().compactMap { Int32($0) }.map(Descriptor.init)
        guard let word = words.first, let state = numbers.first, state.number > 2 else { return nil }
        switch word {
        case "try": return .tried(state: state)
        case "take": return .successor(state: state, predecessor: numbers.dropFirst().first { $0.number > 2 })
        case "back": return .returned(state: state, problem: problem ?? "it did not say why")
        default: return nil
        }
    }
}

extension HandOver {
    /// The most bytes of a state: event queues may be long.
    private static let limit = 1 << 30

    /// Writes it to a file without a name.
    func store(_ kernel: some SystemCalls) throws(SystemError) -> Descriptor {
        let descriptor = try kernel.openMemory()
        do throws(SystemError) {
            try kernel.writeAll(descriptor, encoded())
            return descriptor
        } catch {
            kernel.close(descriptor)
            throw error
        }
    }

    /// Reads it from there.
    static func load(_ descriptor: Descriptor, _ kernel: some SystemCalls) throws(Failure) -> HandOver {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try kernel.readWhole(descriptor, limit: limit)
        } catch {
            throw Failure(.inputOutput, code: "succession-state", "\(error)")
        }
        do throws(StateDecodingError) {
            return try HandOver(decoding: bytes)
        } catch {
            throw Failure(.badInput, code: "succession-state", "\(error)")
        }
    }
}

extension DescriptorCalls {
    /// All bytes of a file from its beginning on.
    func readWhole(_ descriptor: Descriptor, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let offset = Int64(bytes.count)
            let result = piece.withUnsafeMutableBytes { buffer in
                Result { () throws(SystemError) in try read(descriptor, at: offset, into: buffer) }
            }
            let count = try result.get()
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
        throw SystemError("read", .fileTooLarge)
    }
}
