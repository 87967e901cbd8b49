import Kernel
import ServiceModel
import SourceText
import Supervision

/// What the engine keeps of a program under supervision; its state is the machine's.
struct ProgramRecord: Sendable {
    let spec: LaunchSpec
    /// The run that lives, for requests that name the program.
    var run: RunID?
}

/// A program as a client names it.
struct ProgramName: Hashable, Sendable {
    var group: String
    var process: String

    /// `x` for `x:x` (supervisord 4.3).
    var namespec: String { ProcessName.join(group, process) }
}

/// A process that runs, from its birth until it is reaped.
struct RunRecord: Sendable {
    let program: ProgramID
    let process: SpawnedProcess
    var input: InputWriter?
    /// Which thread is its parent (`HostThread.current`).
    var thread: UInt?
}

/// Our end of a program's standard input, with what the program has not read yet.
struct InputWriter: Sendable {
    let descriptor: Descriptor
    private(set) var pending: [UInt8] = []
    var isWatched = false

    /// What may wait for a program that does not read; more is refused.
    static let limit = 1 << 20

    enum Outcome: Hashable, Sendable {
        case written
        /// Some bytes wait until the program reads.
        case waiting
        case full
        /// The program has closed its standard input.
        case closed
    }

    init(_ descriptor: Descriptor, pending: [UInt8] = []) {
        self.descriptor = descriptor
        self.pending = pending
    }

    /// `however`: whatever its size, if nothing waits.
    mutating func write<K: SystemCalls>(_ bytes: [UInt8], _ kernel: K, however: Bool = false) -> Outcome {
        guard pending.count + bytes.count <= Self.limit || however && pending.isEmpty else { return .full }
        pending += bytes
        return flush(kernel)
    }

    /// Writes what the pipe takes. Never blocks.
    mutating func flush<K: SystemCalls>(_ kernel: K) -> Outcome {
        while !pending.isEmpty {
            let result = pending.withUnsafeBytes { buffer in
                Result { () throws(SystemError) in try kernel.write(descriptor, buffer) }
            }
            switch result {
            case .success(let count): pending.removeFirst(count)
            case .failure(let error) where error.number == .again: return .waiting
            case .failure: return .closed
            }
        }
        return .written
    }
}
