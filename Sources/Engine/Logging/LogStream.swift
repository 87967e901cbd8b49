import Kernel
import Supervision

/// One output of a run, and what the logger knows of it. The logger thread's own.
final class LogStream {
    let token: UInt64
    let name: StreamName
    let program: ProgramID
    /// The pipe; `nil` when somebody else reads it and hands on what it holds.
    let reader: Descriptor?
    /// Path of the open file it goes to; `nil` when it goes to none.
    let file: String?
    let taps: [any OutputTap]
    var filter: EscapeFilter?
    /// For capture mode.
    var capture: CaptureFilter?
    /// Who makes events of it.
    let announcer: OutputAnnouncer?
    /// Bytes the pipe holds.
    var capacity = 65_536
    /// Not read until its log takes bytes again.
    var isPaused = false
    /// Nothing more is tried to make the pipe bigger.
    var isGrown = false

    /// A pipe is made bigger only when it was found full, so that ten thousand quiet programs cost no memory.
    static let grownCapacity = 1 << 20

    init(_ attachment: StreamAttachment, token: UInt64) {
        self.token = token
        name = attachment.name
        program = attachment.program
        reader = attachment.reader
        file = attachment.destination.path
        taps = attachment.taps
        filter = attachment.stripsEscapes ? EscapeFilter() : nil
        capture = attachment.captureLimit > 0 ? CaptureFilter(limit: attachment.captureLimit) : nil
        announcer = attachment.announcer
    }
}

/// An open log file with everybody who writes to it: two programs may share one.
final class SharedLogFile<K: SystemCalls> {
    var file: LogOutlet<K>
    var users = 0

    init(_ file: LogOutlet<K>) {
        self.file = file
    }
}
