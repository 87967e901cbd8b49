import Engine
import Foundation
import Kernel
import ServiceModel
import SourceText
import Supervision
import Testing

/// Programs do not wait for the daemon's ears.
@Suite struct EarsTests {
    /// Ears that open when a program has written its pid, if they open.
    private final class LatePort: ControlPort {
        let file: String
        let opens: Bool
        private let kernel = HostKernel()

        init(after file: String, opens: Bool) {
            self.file = file
            self.opens = opens
        }

        func start(_ listeners: [BoundListener], engine: any EngineControl) throws {
            for listener in listeners { kernel.close(listener.descriptor) }
            for _ in 0..<10_000 where EarsTests.pid(in: file) == nil { kernel.sleep(nanoseconds: 2_000_000) }
            guard opens, EarsTests.pid(in: file) != nil else { throw SystemError("epoll_create", .tooManyOpenFiles) }
            engine.submit(.supervise(.shutdown)) { _ in }
        }

        func add(_ listeners: [BoundListener]) {}
        var listeners: [BoundListener] { [] }
        func stop(grace: TimeSpan) {}
    }

    fileprivate static func pid(in file: String) -> Int32? {
        guard let bytes = try? HostKernel().readFile(file, limit: 64) else { return nil }
        return Int32(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines))
    }

    /// The exit code of a daemon with such ears, and whether its program was born and is gone.
    private static func life(opens: Bool) -> (code: Int32, wasBorn: Bool, isGone: Bool) {
        let kernel = HostKernel()
        let directory = "/tmp/svi-ears-\(kernel.processID)"
        _ = try? kernel.makeDirectories(directory, mode: 0o755)
        let file = directory + "/pid"
        let plan = Program.plan([Program.shell("a", "echo $$ > \(file); exec sleep 1000", in: directory)]) {
            $0.daemon.silent = true
            $0.daemon.keepsOldChildLogs = true
            $0.daemon.logFile = directory + "/main.log"
        }
        let code = Daemon.run(
            DaemonOptions(), source: StubSource(plan), port: LatePort(after: file, opens: opens))
        let born = pid(in: file)
        let isGone = born.map { (try? kernel.status(of: "/proc/\($0)", followLinks: true)) == nil } ?? false
        for name in ["pid", "main.log", "a.out", "a.err"] { try? kernel.unlink(directory + "/" + name) }
        try? kernel.removeDirectory(directory)
        return (code, born != nil, isGone)
    }

    @Test func `a program is born while the ears are being opened`() async {
        await #expect(processExitsWith: .success) {
            let life = EarsTests.life(opens: true)
            exit(life == (0, true, true) ? 0 : 1)
        }
    }

    @Test func `ears that cannot be opened leave no program behind`() async {
        await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let life = EarsTests.life(opens: false)
            exit(life.code != 0 && life.wasBorn && life.isGone ? 0 : 1)
        }
    }
}
