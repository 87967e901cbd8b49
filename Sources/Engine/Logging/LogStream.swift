import Kernel
import Supervision

/// One pipe that the logger reads, and what it knows of it.
struct LogStream {
    let name: StreamName
    let program: ProgramID
    let reader: Descriptor
    /// Path of the open file it goes to; `nil` when it goes to none.
    let file: String?
    let taps: [any OutputTap]
    var filter: EscapeFilter?
    /// Bytes the pipe holds.
    var capacity = 65_536
    /// Nothing more is tried to make the pipe bigger.
    var isGrown = false

    /// A pipe is made bigger only when it was found full, so that ten thousand quiet programs cost no memory.
    static let grownCapacity = 1 << 20
}

/// An open log file with everybody who writes to it: two programs may share one.
final class SharedLogFile<K: SystemCalls> {
    var file: RotatingFile<K>
    var users = 0

    init(_ file: RotatingFile<K>) {
        self.file = file
    }
}
