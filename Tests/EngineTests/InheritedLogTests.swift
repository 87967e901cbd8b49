import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Synchronization
import Testing

/// Logs that are descriptors of ours, such as `/dev/stdout`: pipes here, whose reader may stop to read.
@Suite struct InheritedLogTests {
    /// The pipe of a trial's process, as `/dev/fd/N` of its daemon.
    static let pipe = Mutex<PipeEnds?>(nil)

    static func ends() -> PipeEnds {
        pipe.withLock { known in
            if let known { return known }
            guard let fresh = try? HostKernel().makePipe(.nonBlockingReader) else { exit(99) }
            known = fresh
            return fresh
        }
    }

    static func logging(_ name: String, _ script: String, in directory: String) -> Service {
        Program.shell(name, script, in: directory) {
            $0.standardOutput = Setting(.file("/dev/fd/\(ends().writer.number)"))
            // A size that a pipe cannot be measured by: the original ends its channel.
            $0.outputRotation = Setting(LogRotation(maximumBytes: ByteSize(bytes: 1000), backups: 2))
        }
    }

    static func read(_ kernel: HostKernel, _ pause: Int64 = 0) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { (try? kernel.read(ends().reader, into: $0)) ?? 0 }
        return Array(buffer[..<count])
    }

    @Test func aReaderThatStopsHoldsUpItsProgramsAndNobodyElse() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    Program.plan([
                        Self.logging(
                            "loud", "seq 1 1000000; : > \(directory)/loud.done; exec sleep 1000", in: directory),
                        Program.shell("quiet", "while read x; do echo $x; done", in: directory),
                    ])
                }) { trial in
                    // Until the pipe and the backlog are full.
                    trial.pause(milliseconds: 400)
                    _ = trial.ask(.writeInput(Target(namespec: "quiet"), bytes: Array("word\n".utf8)))
                    trial.awaitText("quiet.out", containing: "word\n")
                    trial.check(
                        (try? trial.kernel.status(of: trial.directory + "/loud.done", followLinks: false)) == nil,
                        "who writes is held up rather than its output lost")
                    var bytes: [UInt8] = []
                    trial.wait(for: "all of it") {
                        bytes += Self.read(trial.kernel)
                        return bytes.suffix(8).elementsEqual("1000000\n".utf8) ? true : nil
                    }
                    let expected = (1...1_000_000).map { "\($0)\n" }.joined()
                    trial.check(bytes.elementsEqual(expected.utf8), "\(bytes.count) bytes")
                })
        }
        tell(result)
    }

    @Test func flagsOfASharedDescriptionStayAsTheyWere() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    // Somebody else made it non-blocking; the writer waits all the same.
                    try? HostKernel().setNonBlocking(Self.ends().writer, true)
                    return Program.plan([Self.logging("a", "seq 1 100000; exec sleep 1000", in: directory)])
                }) { trial in
                    trial.pause(milliseconds: 300)
                    let number = Self.ends().writer.number
                    let flags = trial.text("/proc/self/fdinfo/\(number)").split(separator: "\n")
                        .first { $0.hasPrefix("flags:") }.flatMap {
                            Int($0.split(separator: "\t").last ?? "", radix: 8)
                        }
                    trial.check((flags ?? 0) & 0o4000 != 0, "flags \(String(describing: flags))")
                    var bytes: [UInt8] = []
                    trial.wait(for: "all of it") {
                        bytes += Self.read(trial.kernel)
                        return bytes.suffix(7).elementsEqual("100000\n".utf8) ? true : nil
                    }
                    trial.check(bytes.elementsEqual((1...100_000).map { "\($0)\n" }.joined().utf8), "\(bytes.count)")
                })
        }
        tell(result)
    }

    @Test func aReaderThatIsGoneIsToldOnce() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            exit(
                Trial.run({ directory in
                    HostKernel().close(Self.ends().reader)
                    return Program.plan([
                        Self.logging(
                            "a", "for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; echo >&2 end; exec sleep 1000",
                            in: directory)
                    ])
                }) { trial in
                    trial.awaitText("a.err", containing: "end")
                    trial.awaitText("main.log", containing: "EPIPE")
                    let told = trial.text("main.log").components(separatedBy: "cannot be logged").count - 1
                    trial.check(told == 1, "\(told)")
                    trial.awaitState("a", .running)
                })
        }
        tell(result)
    }
}
