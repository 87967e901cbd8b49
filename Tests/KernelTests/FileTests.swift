import Kernel
import Testing

@Suite("Files")
struct FileTests {
    let kernel = HostKernel()

    private func write(_ path: String, _ text: String) throws {
        let descriptor = try kernel.open(path, .appending())
        defer { kernel.close(descriptor) }
        try kernel.writeAll(descriptor, Array(text.utf8))
    }

    private func content(_ path: String) throws -> String {
        String(decoding: try kernel.readFile(path, limit: 1 << 20), as: UTF8.self)
    }

    @Test("appending goes on at the end, also after somebody truncated the file")
    func appending() throws {
        try withScratchDirectory { directory in
            let path = directory + "/log"
            let log = try kernel.open(path, .appending(mode: 0o640))
            defer { kernel.close(log) }
            try kernel.writeAll(log, Array("first\n".utf8))
            try write(path, "second\n")
            #expect(try content(path) == "first\nsecond\n")
            try kernel.truncate(log, to: 0)
            try kernel.writeAll(log, Array("third\n".utf8))
            #expect(try content(path) == "third\n")
            var tail = [UInt8](repeating: 0, count: 3)
            let count = try tail.withUnsafeMutableBytes {
                try kernel.read(try kernel.open(path, .reading), at: 3, into: $0)
            }
            #expect(count == 3 && tail == Array("rd\n".utf8))
            let status = try kernel.status(of: log)
            #expect(status.size == 6 && status.kind == .regular)
            #expect(try kernel.status(of: path, followLinks: true).identity == status.identity)
        }
    }

    @Test("an atomic write replaces the file whole, with its mode, and leaves nothing else")
    func atomicWrite() throws {
        try withScratchDirectory { directory in
            let path = directory + "/f"
            try kernel.writeFileAtomically(path, Array("old".utf8), mode: 0o666)
            #expect(try kernel.status(of: path, followLinks: true).mode == 0o666)
            try kernel.writeFileAtomically(path, Array("new".utf8), mode: 0o600)
            #expect(try content(path) == "new")
            #expect(try kernel.status(of: path, followLinks: true).mode == 0o600)
            try kernel.makeDirectory(directory + "/d", mode: 0o755)
            #expect(throws: SystemError("rename", .isDirectory, path: directory + "/d")) {
                try kernel.writeFileAtomically(directory + "/d", [], mode: 0o600)
            }
            #expect(try kernel.list(directory) == ["d", "f"])
        }
    }

    @Test("missing directories are made and named, outermost first")
    func directories() throws {
        try withScratchDirectory { directory in
            let path = directory + "/a/b/c/"
            let made = try kernel.makeDirectories(path, mode: 0o755)
            #expect(made == ["/a", "/a/b", "/a/b/c"].map { directory + $0 })
            #expect(try kernel.status(of: path, followLinks: true).mode == 0o755)
            #expect(try kernel.makeDirectories(path, mode: 0o755) == [])
            try write(directory + "/file", "")
            #expect(throws: SystemError.self) { try kernel.makeDirectories(directory + "/file/x", mode: 0o755) }
        }
    }

    @Test("a file over the limit is refused, one of exactly the limit is read")
    func boundedReading() throws {
        try withScratchDirectory { directory in
            let path = directory + "/f"
            try write(path, "12345")
            #expect(try kernel.readFile(path, limit: 5).count == 5)
            #expect(throws: SystemError("read", .fileTooLarge, path: path)) { try kernel.readFile(path, limit: 4) }
            #expect(throws: SystemError("read", .isDirectory, path: directory)) {
                try kernel.readFile(directory, limit: 4)
            }
            // A file that does not tell its size.
            #expect(try kernel.readFile("/proc/self/stat", limit: 10_000).count > 10)
        }
    }

    @Test("a lock is held by one open file at a time")
    func locks() throws {
        try withScratchDirectory { directory in
            let path = directory + "/pid"
            let first = try kernel.open(path, .appending())
            let second = try kernel.open(path, .appending())
            defer { kernel.close(second) }
            #expect(try kernel.tryLock(first))
            #expect(try !kernel.tryLock(second))
            kernel.close(first)
            #expect(try kernel.tryLock(second))
        }
    }

    @Test("links: refused where asked, a hard link claims a name once")
    func links() throws {
        try withScratchDirectory { directory in
            let file = directory + "/f"
            let link = directory + "/l"
            try write(file, "x")
            try kernel.makeSymbolicLink(link, to: "f")
            #expect(try kernel.readSymbolicLink(link) == "f")
            #expect(try kernel.status(of: link, followLinks: false).kind == .symbolicLink)
            #expect(throws: SystemError("open", .loop, path: link)) {
                try kernel.open(link, OpenOptions(.write, append: true, createMode: 0o600, refuseLink: true))
            }
            #expect(try kernel.realPath(link) == kernel.realPath(file))
            try kernel.link(file, to: directory + "/claim")
            #expect(throws: SystemError("link", .exists, path: directory + "/claim")) {
                try kernel.link(file, to: directory + "/claim")
            }
        }
    }

    @Test("execute permission is asked for, not guessed")
    func access() throws {
        #expect(try kernel.mayAccess("/bin/sh", .execute))
        #expect(try !kernel.mayAccess("/etc/passwd", .execute))
        #expect(throws: SystemError("access", .noEntry, path: "/nowhere")) {
            try kernel.mayAccess("/nowhere", .execute)
        }
    }

    @Test("an error says call, path, reason and name")
    func errorText() {
        #expect(throws: SystemError("open", .noEntry, path: "/nowhere/x")) {
            try kernel.open("/nowhere/x", .reading)
        }
        #expect("\(SystemError("open", .accessDenied, path: "/x"))" == "open /x: Permission denied (EACCES)")
        #expect("\(SystemError("fork", .again))".hasPrefix("fork: "))
        #expect(ErrorNumber(9999).name == "errno 9999")
        #expect(throws: SystemError("open", .invalid, path: "a\0b")) { try kernel.open("a\0b", .reading) }
    }

    @Test("a pipe grows when asked to")
    func pipeCapacity() throws {
        let pipe = try kernel.makePipe(.blockingBoth)
        defer {
            kernel.close(pipe.reader)
            kernel.close(pipe.writer)
        }
        #expect(try kernel.setPipeCapacity(pipe.reader, bytes: 1 << 18) >= 1 << 16)
    }
}
