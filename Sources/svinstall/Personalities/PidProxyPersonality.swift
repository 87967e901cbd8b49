import Kernel
import Locations
import SourceText

/// Called as `pidproxy PIDFILE COMMAND [ARGUMENT…]`: runs a command and hands signals on to the process whose pid is in
/// the file, for programs that detach themselves from whoever starts them (supervisor 4.3).
struct PidProxyPersonality {
    /// The original looks for the command's end that often and not before; a program that detaches itself at once
    /// counts as running for so long, and configurations rely on it.
    private static let firstLook: Int64 = 5_000_000_000

    private static let handedOn = ["TERM", "HUP", "INT", "USR1", "USR2", "QUIT"].compactMap(Signal.init(named:))
    /// Those after which the proxy itself ends.
    private static let ending: Set<Signal> = [.terminate, .interrupt, .quit]

    private let pidFile: String
    private let kernel: HostKernel

    static func run(program: String, _ words: [String]) -> Int32 {
        guard words.count >= 2 else {
            print(help(program))
            return 1
        }
        let proxy = PidProxyPersonality(pidFile: words[0], kernel: HostKernel())
        do throws(SystemError) {
            return try proxy.run(Array(words.dropFirst()))
        } catch {
            Terminal.writeError("\(program): \(error)\n")
            return 1
        }
    }

    /// Starts the command, found by its path and not through `$PATH`, and stays until it or a signal ends everything.
    private func run(_ command: [String]) throws(SystemError) -> Int32 {
        let poller = try kernel.makePoller()
        try kernel.blockSignals(Self.handedOn + [.child])
        try poller.watchSignals(Self.handedOn + [.child])
        let start = kernel.now().monotonic
        var events: [PollEvent] = []
        var hasEnded = !watchCommand(command, poller)
        while true {
            let elapsed = kernel.now().monotonic - start
            if hasEnded, elapsed >= Self.firstLook { return 0 }
            try poller.wait(until: hasEnded ? start + Self.firstLook : nil, into: &events)
            for event in events {
                switch event {
                case .exited: hasEnded = true
                case .signal(let signal) where Self.handedOn.contains(signal):
                    if try handOn(signal), Self.ending.contains(signal) { return 0 }
                case .signal, .ready, .woken: break
                }
            }
        }
    }

    /// Whether the command runs. One that cannot be started counts as ended, as in the original, which keeps silent.
    private func watchCommand(_ command: [String], _ poller: any Poller) -> Bool {
        let path = absolutePath(command[0], kernel)
        let request = SpawnRequest(
            path: path, arguments: command, environment: kernel.environment, grouping: .inherited,
            ignoredSignals: [.pipe])
        switch kernel.spawn(request) {
        case .success(let process):
            return (try? poller.watchExit(of: process, token: 0)) != nil
        case .failure(let failure):
            Terminal.writeError("pidproxy: \(path): \(failure.number.message)\n")
            return false
        }
    }

    /// `false` when there is no pid to send the signal to. The proxy goes on then, whatever the signal.
    private func handOn(_ signal: Signal) throws(SystemError) -> Bool {
        let bytes = (try? kernel.readFile(pidFile, limit: 4096)) ?? []
        // 0 and numbers below it are groups of processes: nobody means these by a pidfile.
        guard let pid = Int32(String(decoding: bytes, as: UTF8.self).trimmed), pid > 0 else {
            // Nobody is left to be told when standard output is gone.
            try? Terminal.writeOutput(Array("Can't read child pidfile \(pidFile)!\n".utf8))
            return false
        }
        try kernel.signal(pid: pid, signal)
        return true
    }

    private static func help(_ program: String) -> String {
        """

        pidproxy -- runs a command and hands signals on to the process in its pidfile.

        A signal that this program receives goes to the pid that the file holds then.

        Usage: \(program) <pidfile name> <command> [<cmdarg1> ...]

        """
    }
}
