/// Somebody who hears what a program writes beside its log: event listeners, syslog, a debug log.
///
/// Called on the logger thread, for each chunk as it was read (and filtered), before the next one; it must not block.
protocol OutputTap: Sendable {
    func received(_ bytes: UnsafeRawBufferPointer, from stream: StreamName)
}

/// Which output of which program.
struct StreamName: Hashable, Sendable {
    var group: String
    var process: String
    var channel: OutputChannel
}
