import Kernel
import Supervision

/// One output of a run, and what the logger knows of it. The logger thread's own.
final class LogStream<K: SystemCalls> {
    let token: UInt64
    let name: StreamName
    let program: ProgramID
    /// The pipe; `nil` when somebody else reads it and hands on what it holds.
    let reader: Descriptor?
    /// Which pipe that is; `nil`: it is read without a ferry.
    var source: FileStatus.Identity?
    /// Where it goes; `nil`: nowhere.
    let log: SharedLog<K>?
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
    static var grownCapacity: Int { 1 << 19 }

    /// For whoever takes the daemon's place.
    var handOver: HandOver.Stream {
        HandOver.Stream(
            program: program, channel: name.channel, reader: reader, pid: announcer?.pid ?? 0, escapes: filter,
            capture: capture)
    }

    init(_ attachment: StreamAttachment, to log: SharedLog<K>?, token: UInt64) {
        self.token = token
        name = attachment.name
        program = attachment.program
        reader = attachment.reader
        self.log = log
        taps = attachment.taps
        filter = attachment.stripsEscapes ? EscapeFilter() : nil
        capture = attachment.captureLimit > 0 ? CaptureFilter(limit: attachment.captureLimit) : nil
        announcer = attachment.announcer
        if let resumed = attachment.resumed {
            // What the configuration says now decides whether there is such a filter; what it was at, stays.
            if filter != nil { filter = resumed.escapes ?? filter }
            if capture != nil { capture = resumed.capture ?? capture }
        }
    }
}
