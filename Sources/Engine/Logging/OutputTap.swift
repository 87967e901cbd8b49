/// Somebody who hears what a program writes beside its log: event listeners, syslog, a debug log.
///
/// Called on the logger thread, for each chunk as it was read (and filtered), before the next one; it must not block.
protocol OutputTap: Sendable {
    func received(_ bytes: UnsafeRawBufferPointer, from stream: StreamName)
    /// Nothing more comes.
    func ended(_ stream: StreamName)
}

extension OutputTap {
    func ended(_ stream: StreamName) {}
}

/// Which output of which program.
package struct StreamName: Hashable, Sendable {
    package var group: String
    package var process: String
    package var channel: OutputChannel

    package init(group: String, process: String, channel: OutputChannel) {
        self.group = group
        self.process = process
        self.channel = channel
    }
}
