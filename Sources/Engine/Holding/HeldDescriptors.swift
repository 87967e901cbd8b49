import Kernel
import SourceText

/// The descriptors that a daemon has given its holder, by their names, as a service manager keeps them (sd_notify(3),
/// `FDSTORE=1`). None is watched: `FDPOLL=0` is what a daemon of ours asks for.
struct HeldDescriptors {
    private var descriptors: [String: [Descriptor]] = [:]

    /// What a message asks for that is not the holder's matter: for the service manager that started it.
    struct Rest: Equatable {
        var lines: [String] = []
        /// The daemon answers.
        var isReady = false
    }

    /// Does what a message asks for.
    mutating func take(_ message: Datagram, _ kernel: some SystemCalls) -> Rest {
        var rest = Rest()
        var name: String?
        var keeps = false
        var lets = false
        for line in String(decoding: message.bytes, as: UTF8.self).split(separator: "\n") {
            switch line {
            case "FDSTORE=1": keeps = true
            case "FDSTOREREMOVE=1": lets = true
            case "FDPOLL=0": continue
            case _ where line.hasPrefix("FDNAME="): name = String(line.dropFirst(7))
            // Its main process is the holder.
            case _ where line.hasPrefix("MAINPID="): continue
            default:
                rest.isReady = rest.isReady || line == "READY=1"
                rest.lines.append(String(line))
            }
        }
        if lets, let name { for descriptor in descriptors.removeValue(forKey: name) ?? [] { kernel.close(descriptor) } }
        if keeps, let name {
            descriptors[name, default: []] += message.descriptors
        } else {
            for descriptor in message.descriptors { kernel.close(descriptor) }
        }
        return rest
    }

    /// All of them, and the name of each; ascending, so that a child gets them without a copy of each on the way.
    var list: [(name: String, descriptor: Descriptor)] {
        descriptors.flatMap { name, kept in kept.map { (name, $0) } }.sorted { $0.1.number < $1.1.number }
    }
}
