import Kernel
import SourceText

/// Sentences of the engine itself; the machine has its own.
enum LogLine {
    /// An output has come to its end; supervisord names an object of its memory there.
    static func closed(_ reader: Descriptor, of process: String, _ channel: OutputChannel) -> String {
        "fd \(reader.number) closed, stopped monitoring \(PythonText.repr(process)) \(channel.rawValue)"
    }

    /// As supervisord words the end of a process: `exit status 1`, `terminated by SIGSEGV (core dumped)`.
    static func describe(_ termination: Termination) -> String {
        switch termination {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal, let coreDumped): "terminated by \(signal)\(coreDumped ? " (core dumped)" : "")"
        case .unknown: "unknown termination cause"
        }
    }
}
