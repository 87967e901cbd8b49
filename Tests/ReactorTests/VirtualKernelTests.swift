import Kernel
import SimulatedKernel
import SourceText
import Synchronization
import Testing

@Suite("The simulated machine behaves as the real one where a supervisor looks")
struct VirtualKernelTests {
    let kernel = VirtualKernel()

    private func spawn(_ path: String, output: Descriptor = .standardOutput) throws -> SpawnedProcess {
        try kernel.spawn(
            SpawnRequest(path: path, arguments: [path], environment: [:], standardOutput: output)
        ).get()
    }

    private func content(_ descriptor: Descriptor) throws -> String {
        var piece = [UInt8](repeating: 0, count: 100)
        let count = try piece.withUnsafeMutableBytes { try kernel.read(descriptor, into: $0) }
        return String(decoding: piece[..<count], as: UTF8.self)
    }

    @Test("signals are recorded; TERM ends a process that does not ignore it, KILL ends any")
    func signals() throws {
        kernel.setProgram("/bin/deaf", VirtualProgram(ignores: [.terminate]))
        kernel.setProgram("/bin/polite", VirtualProgram(endsOn: [.terminate: .exited(code: 0)]))
        let plain = try spawn("/bin/plain")
        let deaf = try spawn("/bin/deaf")
        let polite = try spawn("/bin/polite")
        for process in [plain, deaf, polite] { try kernel.signal(process, .terminate) }
        #expect(kernel.peekExit(plain) == .signalled(.terminate, coreDumped: false))
        #expect(kernel.peekExit(deaf) == nil)
        #expect(kernel.peekExit(polite) == .exited(code: 0))
        try kernel.signalGroup(deaf, .kill)
        #expect(kernel.reap(deaf) == .signalled(.kill, coreDumped: false))
        #expect(kernel.signals(to: deaf.pid) == [.terminate])
        #expect(kernel.groupSignals(to: deaf.pid) == [.kill])
        #expect(throws: SystemError("kill", .noProcess, path: "\(deaf.pid)")) { try kernel.signal(deaf, .kill) }
        #expect(kernel.reap(deaf) == .unknown)
        #expect(kernel.livingProcesses() == [])
    }

    @Test("a child's output is readable until it ended, then the pipe hangs up; its exit and SIGCHLD are events")
    func outputAndExit() throws {
        let poller = try kernel.makePoller()
        try poller.watchSignals([.child])
        let pipe = try kernel.makePipe(.nonBlockingReader)
        let process = try spawn("/bin/x", output: pipe.writer)
        kernel.close(pipe.writer)
        try poller.add(pipe.reader, token: 1, .readable)
        try poller.watchExit(of: process, token: 2)
        var events: [PollEvent] = []
        try poller.wait(until: 0, into: &events)
        #expect(events == [])
        #expect(kernel.output(process.pid, "hello") == 5)
        try poller.wait(until: nil, into: &events)
        #expect(events == [.ready(token: 1, .readable, hangUp: false)])
        #expect(try content(pipe.reader) == "hello")
        #expect(throws: SystemError("read", .again)) { try content(pipe.reader) }
        kernel.exit(process.pid, .exited(code: 3))
        try poller.wait(until: nil, into: &events)
        #expect(events == [.signal(.child), .exited(token: 2), .ready(token: 1, [], hangUp: true)])
        #expect(try content(pipe.reader) == "")
        #expect(kernel.reap(process) == .exited(code: 3))
    }

    @Test("orphans are reaped, children are not taken for orphans")
    func orphans() throws {
        let process = try spawn("/bin/x")
        let orphan = kernel.adoptOrphan()
        #expect(kernel.reapAnyOrphan() == nil)
        kernel.exit(process.pid, .exited(code: 1))
        kernel.exit(orphan, .exited(code: 2))
        #expect(kernel.reapAnyOrphan() == OrphanExit(pid: orphan, termination: .exited(code: 2)))
        #expect(kernel.reapAnyOrphan() == nil)
        #expect(kernel.reap(process) == .exited(code: 1))
    }

    @Test("files append, rotate by rename, and keep their identity under another name")
    func rotation() throws {
        kernel.install("/var/log/x.log", "old\n")
        let log = try kernel.open("/var/log/x.log", .appending())
        try kernel.writeAll(log, Array("new\n".utf8))
        #expect(kernel.text(of: "/var/log/x.log") == "old\nnew\n")
        let identity = try kernel.status(of: log).identity
        try kernel.rename("/var/log/x.log", to: "/var/log/x.log.1")
        #expect(try kernel.status(of: "/var/log/x.log.1", followLinks: true).identity == identity)
        let fresh = try kernel.open("/var/log/x.log", .appending())
        try kernel.writeAll(log, Array("late\n".utf8))
        #expect(kernel.text(of: "/var/log/x.log") == "")
        #expect(kernel.text(of: "/var/log/x.log.1") == "old\nnew\nlate\n")
        try kernel.truncate(log, to: 0)
        try kernel.writeAll(log, Array("x".utf8))
        #expect(kernel.text(of: "/var/log/x.log.1") == "x")
        kernel.close(log)
        kernel.close(fresh)
        #expect(kernel.openDescriptorCount == 3)
        #expect(try kernel.list("/var/log") == ["x.log", "x.log.1"])
        #expect(throws: SystemError("open", .noEntry, path: "/nowhere/x")) {
            try kernel.open("/nowhere/x", .appending())
        }
    }

    @Test("what is said of whole files holds here too: atomic writing, missing directories, patterns")
    func wholeFiles() throws {
        #expect(try kernel.makeDirectories("/a/b/c", mode: 0o755) == ["/a", "/a/b", "/a/b/c"])
        try kernel.writeFileAtomically("/a/b/f.conf", Array("text".utf8), mode: 0o640)
        #expect(try kernel.readFile("/a/b/f.conf", limit: 4) == Array("text".utf8))
        #expect(try kernel.status(of: "/a/b/f.conf", followLinks: true).mode == 0o640)
        try kernel.makeSymbolicLink("/l", to: "a/b")
        #expect(try kernel.realPath("/l/f.conf") == "/a/b/f.conf")
        kernel.fail("fsync", .inputOutput)
        #expect(throws: SystemError("fsync", .inputOutput, path: "/a/b/f.conf")) {
            try kernel.writeFileAtomically("/a/b/f.conf", Array("lost".utf8), mode: 0o640)
        }
        #expect(kernel.text(of: "/a/b/f.conf") == "text")
        #expect(try kernel.list("/a/b") == ["c", "f.conf"])
    }

    @Test("a call fails as often as it was told to, for the paths it was told")
    func faults() throws {
        kernel.fail("open", .tooManyOpenFiles, matching: "/tmp", times: 2)
        for _ in 0..<2 {
            #expect(throws: SystemError("open", .tooManyOpenFiles, path: "/tmp/f")) {
                try kernel.open("/tmp/f", .appending())
            }
        }
        kernel.close(try kernel.open("/tmp/f", .appending()))
        kernel.failSpawn("/bin/x", at: .execution, .noEntry)
        guard case .failure(let failure) = kernel.spawn(SpawnRequest(path: "/bin/x", arguments: [], environment: [:]))
        else {
            Issue.record("it ran")
            return
        }
        #expect(failure.step == .execution && failure.number == .noEntry)
        _ = try spawn("/bin/x")
    }

    @Test("a frozen call holds its caller and nobody else, until it is thawed")
    func freezing() throws {
        kernel.freeze("spawn", matching: "/bin/frozen")
        let started = Mutex<Int32?>(nil)
        let failure = HostThread.start { [self] in
            do {
                let process = try spawn("/bin/frozen")
                started.withLock { $0 = process.pid }
            } catch {
                Issue.record("\(error)")
            }
        }
        try #require(failure == nil)
        #expect(kernel.waitUntilHeld("spawn", matching: "/bin/frozen"))
        let other = try spawn("/bin/other")
        try kernel.signal(other, .kill)
        #expect(kernel.reap(other) == .signalled(.kill, coreDumped: false))
        #expect(started.withLock { $0 } == nil)
        kernel.thaw("spawn", matching: "/bin/frozen")
        let pid = try #require(kernel.waitForProcess(of: "/bin/frozen"))
        while started.withLock({ $0 }) == nil { HostKernel().sleep(nanoseconds: 100_000) }
        #expect(started.withLock { $0 } == pid)
    }

    @Test("each clock moves as the world moves it")
    func clocks() {
        let start = kernel.now()
        kernel.advance(milliseconds: 5)
        kernel.suspend(nanoseconds: 100)
        kernel.stepWallClock(nanoseconds: -7)
        let end = kernel.now()
        #expect(end.monotonic - start.monotonic == 5_000_000)
        #expect(end.boot - start.boot == 5_000_100)
        #expect(end.wall - start.wall == 5_000_093)
    }

    @Test(
        "its calendar is the real one",
        arguments: [
            (0, "1970-01-01 00:00:00,000"), (951_782_399_999_000_000, "2000-02-28 23:59:59,999"),
            (951_782_400_000_000_000, "2000-02-29 00:00:00,000"), (-1, "1969-12-31 23:59:59,999"),
            (1_700_000_000_000_000_000, "2023-11-14 22:13:20,000"),
        ] as [(Int64, String)])
    func calendar(_ wall: Int64, _ stamp: String) {
        #expect(kernel.localTime(wall: wall).logStamp == stamp)
    }

    @Test("connections carry bytes both ways and end")
    func sockets() throws {
        let poller = try kernel.makePoller()
        let listener = try kernel.listenUnix("/tmp/s", mode: 0o700, user: nil, group: nil)
        try poller.add(listener, token: 1, .readable)
        let client = try kernel.connectUnix("/tmp/s")
        var events: [PollEvent] = []
        try poller.wait(until: 0, into: &events)
        #expect(events == [.ready(token: 1, .readable, hangUp: false)])
        let served = try kernel.accept(listener)
        #expect(throws: SystemError("accept", .again, path: nil)) { try kernel.accept(listener) }
        try kernel.writeAll(client, Array("ping".utf8))
        #expect(try content(served) == "ping")
        kernel.close(client)
        #expect(try content(served) == "")
        kernel.close(listener)
        #expect(throws: SystemError("connect", .connectionRefused, path: "/tmp/s")) { try kernel.connectUnix("/tmp/s") }
    }
}
