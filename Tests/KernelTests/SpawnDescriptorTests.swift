import Kernel
import SourceText
import Synchronization
import Testing

@Suite("A child has the descriptors it was given and no others")
struct SpawnDescriptorTests {
    /// `ls` itself opens the directory it lists, as the lowest free number.
    static let listing = SpawnRequest(
        path: "/bin/ls", arguments: ["ls", "/proc/self/fd"], environment: shellEnvironment)

    @Test("inherited descriptors without close-on-exec are closed")
    func nothingLeaks() async {
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            // Descriptor 0 to 2 lose the flag by spawning; put copies without it all over the table.
            for number in [9, 63, 64, 500] as [Int32] { try leakOnPurpose(at: number, kernel) }
            #expect(try run(SpawnDescriptorTests.listing, on: kernel).lines == ["0", "1", "2", "3"])
        }
    }

    @Test("passed sockets arrive at 3, 4 … in order")
    func extraDescriptors() throws {
        let kernel = HostKernel()
        let first = try kernel.makePipe(.blockingBoth)
        let second = try kernel.makePipe(.blockingBoth)
        defer { for end in [first.reader, first.writer, second.reader, second.writer] { kernel.close(end) } }
        // Given in descending order, so that sources and targets cross.
        let finished = try shell("echo one >&3; echo two >&4; ls /proc/$$/fd", on: kernel) {
            $0.extraDescriptors = [second.writer, first.writer]
        }
        #expect(Set(finished.lines).isSuperset(of: ["0", "1", "2", "3", "4"]))
        #expect(finished.lines.count == 5)
        #expect(try readSome(second.reader, kernel) == "one\n")
        #expect(try readSome(first.reader, kernel) == "two\n")
    }

    @Test("standard descriptors may be exchanged among themselves")
    func crossedStandardDescriptors() async {
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            let pipe = try kernel.makePipe(.blockingBoth)
            let errors = try kernel.makePipe(.blockingBoth)
            try replace(.standardOutput, by: errors.writer, kernel)
            try replace(.standardError, by: pipe.writer, kernel)
            // The child's output is our error and the other way round.
            let request = SpawnRequest(
                path: "/bin/sh", arguments: ["sh", "-c", "echo out; echo err >&2"], environment: shellEnvironment,
                standardOutput: .standardError, standardError: .standardOutput)
            let process = try kernel.spawn(request).get()
            #expect(try waitForExit(process, on: kernel) == .exited(code: 0))
            #expect(try readSome(pipe.reader, kernel) == "out\n")
            #expect(try readSome(errors.reader, kernel) == "err\n")
        }
    }

    @Test("ends with high numbers are lent low ones and given back: the reader sees the end")
    func highDescriptors() throws {
        let kernel = HostKernel()
        // Reserve the low numbers while they are free, as a daemon's first spawn does.
        _ = try shell("true", on: kernel)
        var ballast: [Descriptor] = []
        defer { for descriptor in ballast { kernel.close(descriptor) } }
        for _ in 0..<300 { ballast.append(try kernel.open("/dev/null", .reading)) }
        for _ in 0..<8 {
            let finished = try run(Self.listing, on: kernel)
            #expect(finished.lines == ["0", "1", "2", "3"])
            #expect(finished.termination == .exited(code: 0))
        }
    }

    @Test("200 spawns at once from eight threads: no descriptor of another child's, no lost exit")
    func concurrentSpawns() throws {
        let kernel = HostKernel()
        let wrong = Mutex<[String]>([])
        let remaining = Mutex(8)
        let done = try kernel.makePipe(.blockingBoth)
        defer { kernel.close(done.reader) }
        for _ in 0..<8 {
            let failure = HostThread.start {
                for _ in 0..<25 {
                    do {
                        let finished = try run(Self.listing, on: kernel)
                        if finished.lines != ["0", "1", "2", "3"] || finished.termination != .exited(code: 0) {
                            wrong.withLock { $0.append("\(finished)") }
                        }
                    } catch {
                        wrong.withLock { $0.append("\(error)") }
                    }
                }
                if remaining.withLock({
                    $0 -= 1; return $0 == 0
                }) {
                    kernel.close(done.writer)
                }
            }
            try #require(failure == nil)
        }
        _ = try readToEnd(done.reader, on: kernel)
        #expect(wrong.withLock { $0 } == [])
    }
}

func readSome(_ descriptor: Descriptor, _ kernel: HostKernel) throws -> String {
    var piece = [UInt8](repeating: 0, count: 4096)
    let count = try piece.withUnsafeMutableBytes { try kernel.read(descriptor, into: $0) }
    return String(decoding: piece[..<count], as: UTF8.self)
}
