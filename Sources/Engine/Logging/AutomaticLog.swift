import Kernel
import ServiceModel

/// The log files of one program that the daemon chose; `nil` where the configuration did.
package struct AutomaticLogs: Hashable, Sendable {
    package var output: String?
    package var error: String?

    package init(output: String?, error: String?) {
        self.output = output
        self.error = error
    }
}

/// The names of the log files that the daemon chooses (`AUTO`).
enum AutomaticLog {
    /// `<directory>/<process>-<stdout|stderr>---<identifier>-<8 random>.log` (supervisord 4.3).
    static func path(
        in directory: String, process: String, channel: OutputChannel, identifier: String
    ) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789_")
        // One number holds more than eight letters: asking the kernel for each of them takes eight calls.
        var dice = UInt64.random(in: .min ... .max)
        let random = String(
            (0..<8).map { _ in
                let rolled = dice.quotientAndRemainder(dividingBy: UInt64(letters.count))
                dice = rolled.quotient
                return letters[Int(rolled.remainder)]
            })
        // A name is one component, whatever a process is called.
        let safeName = process.replacing("/", with: "-")
        var directory = directory
        while directory.hasSuffix("/") { directory.removeLast() }
        return "\(directory)/\(safeName)-\(channel.rawValue)---\(identifier)-\(random).log"
    }

    /// Whether a file of that name is an automatic log of an earlier daemon of that identifier. The pattern is
    /// supervisord's, `.+?---IDENT-\S+\.log\.?\d{0,4}` at the beginning of the name: what follows does not matter.
    static func isLeftOver(_ name: String, identifier: String) -> Bool {
        let marker = Array("---\(identifier)-".utf8)
        let bytes = Array(name.utf8)
        let suffix = Array(".log".utf8)
        guard bytes.count > marker.count else { return false }
        for start in 1...(bytes.count - marker.count) where bytes[start...].starts(with: marker) {
            // At least one character that is no blank, all up to `.log` being such.
            let rest = bytes[(start + marker.count)...]
            let unbroken = rest.prefix { !($0 == 0x20 || (0x09...0x0d).contains($0)) }
            guard unbroken.count > suffix.count else { continue }
            let candidates = (unbroken.startIndex + 1)...(unbroken.endIndex - suffix.count)
            if candidates.contains(where: { unbroken[$0...].starts(with: suffix) }) { return true }
        }
        return false
    }

    /// Makes the file, readable by its owner alone. Blocks.
    static func create<K: SystemCalls>(_ path: String, _ kernel: K) throws(SystemError) {
        kernel.close(try kernel.open(path, OpenOptions(.write, append: true, createMode: 0o600, exclusive: true)))
    }
}
