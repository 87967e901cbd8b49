import Kernel
import SourceText

/// Who a process is where programs live on when their daemon is killed, and no service manager keeps its descriptors
/// (`live_restore`): the holder, which starts the daemon, or somebody who waits for one that goes on in the background.
enum HolderRole: Hashable, Sendable {
    case foreground
    /// Tells `word` to whoever waits at the descriptor, as soon as the daemon answers.
    case background(tells: Descriptor)

    /// How a program learns that it is the holder: `hold`, with the descriptor behind it where somebody waits.
    private static let variable = "SVINSTALL_HOLD"
    static let word = "ready\n"

    /// Reads it, and takes it out of our environment; `nil` for a daemon or whoever starts one.
    static func take(_ kernel: some SystemCalls) -> HolderRole? {
        let words = (kernel.variable(variable) ?? "").split(separator: " ")
        kernel.forgetVariable(variable)
        guard words.first == "hold" else { return nil }
        guard let number = words.dropFirst().first.flatMap({ Int32($0) }), number > 2 else { return .foreground }
        return .background(tells: Descriptor(number: number))
    }

    /// Puts the holder in our place, or, `detaches`, starts it in a session of its own and waits until its daemon answers
    /// or has failed. The exit code; nobody knows of it where we are not any more.
    static func begin(
        _ succession: Succession, detaches: Bool, _ kernel: some SystemCalls
    ) throws(SystemError) -> Int32 {
        // Without them nobody could tell that a program of a daemon before is the one that is meant.
        kernel.close(try kernel.openHandle(of: kernel.processID))
        var environment = kernel.environment
        guard detaches else {
            environment[variable] = "hold"
            throw kernel.execute(
                .path(succession.program), arguments: succession.arguments, environment: environment)
        }
        let pipe = try kernel.makePipe(.blockingBoth)
        defer { kernel.close(pipe.reader) }
        environment[variable] = "hold 3"
        var request = SpawnRequest(
            path: succession.program, arguments: succession.arguments, environment: environment, grouping: .newSession)
        request.extraDescriptors = [pipe.writer]
        let result = kernel.spawn(request)
        kernel.close(pipe.writer)
        switch result {
        case .failure(let failure): throw SystemError("execve", failure.number, path: succession.program)
        case .success(let process):
            var word = [UInt8](repeating: 0, count: Self.word.utf8.count)
            let count = word.withUnsafeMutableBytes { (try? kernel.read(pipe.reader, into: $0)) ?? 0 }
            if count > 0 { return 0 }
            while true {
                if let end = kernel.reap(process) { return end.shellStatus ?? 1 }
                kernel.sleep(nanoseconds: 5_000_000)
            }
        }
    }
}
