import Kernel
import Testing

@Suite("Sockets are right before anybody can connect")
struct SocketTests {
    let kernel = HostKernel()

    @Test("mode and owner hold whatever the umask", arguments: [0o700, 0o660, 0o777] as [UInt32])
    func modes(_ mode: UInt32) throws {
        try withScratchDirectory { directory in
            let path = directory + "/s"
            let owner: UInt32? = isRoot ? 65_534 : nil
            let listener = try kernel.listenUnix(path, mode: mode, user: owner, group: nil)
            defer { kernel.close(listener) }
            let status = try kernel.status(of: path, followLinks: false)
            #expect(status.kind == .socket)
            #expect(status.mode == mode)
            #expect(status.user == owner ?? kernel.userID)
            #expect(try kernel.list(directory) == ["s"])
        }
    }

    @Test("a connection knows its peer, and bytes pass both ways")
    func connection() throws {
        try withScratchDirectory { directory in
            let listener = try kernel.listenUnix(directory + "/s", mode: 0o700, user: nil, group: nil)
            let client = try kernel.connectUnix(directory + "/s")
            let served = try kernel.accept(listener)
            defer { for descriptor in [listener, client, served] { kernel.close(descriptor) } }
            #expect(
                try kernel.peerCredentials(served)
                    == PeerCredentials(pid: kernel.processID, user: kernel.userID, group: kernel.groupID))
            try kernel.writeAll(served, Array("hello".utf8))
            #expect(try readSome(client, kernel) == "hello")
            #expect(throws: SystemError("read", .again)) { try readSome(served, kernel) }
            try kernel.setTimeouts(client, milliseconds: 20)
            #expect(throws: SystemError("read", .again)) { try readSome(client, kernel) }
        }
    }

    @Test("a stale socket file is told from a live one, and replaced")
    func staleSocket() throws {
        try withScratchDirectory { directory in
            let path = directory + "/s"
            let first = try kernel.listenUnix(path, mode: 0o700, user: nil, group: nil)
            kernel.close(try kernel.connectUnix(path))
            kernel.close(first)
            #expect(throws: SystemError("connect", .connectionRefused, path: path)) { try kernel.connectUnix(path) }
            let second = try kernel.listenUnix(path, mode: 0o700, user: nil, group: nil)
            kernel.close(try kernel.connectUnix(path))
            kernel.close(second)
        }
    }

    @Test("what is no socket is never replaced")
    func foreignFile() throws {
        try withScratchDirectory { directory in
            let path = directory + "/precious"
            try kernel.writeFileAtomically(path, Array("data".utf8), mode: 0o600)
            #expect(throws: SystemError("bind", .exists, path: path)) {
                try kernel.listenUnix(path, mode: 0o700, user: nil, group: nil)
            }
            #expect(try kernel.readFile(path, limit: 10) == Array("data".utf8))
        }
    }

    @Test("a path of the longest length works, one byte more is refused by name")
    func pathLength() throws {
        try withScratchDirectory { directory in
            let room = kernel.socketPathLimit - directory.utf8.count - 1
            let longest = directory + "/" + String(repeating: "s", count: room)
            kernel.close(try kernel.listenUnix(longest, mode: 0o700, user: nil, group: nil))
            #expect(throws: SystemError("bind", .nameTooLong, path: longest + "s")) {
                try kernel.listenUnix(longest + "s", mode: 0o700, user: nil, group: nil)
            }
            #expect(throws: SystemError("connect", .nameTooLong, path: longest + "s")) {
                try kernel.connectUnix(longest + "s")
            }
            // The shortest name leaves no room for a longer temporary one.
            let deep = directory + "/" + String(repeating: "d", count: room - 2)
            try kernel.makeDirectory(deep, mode: 0o700)
            kernel.close(try kernel.listenUnix(deep + "/s", mode: 0o700, user: nil, group: nil))
            #expect(try kernel.list(deep) == ["s"])
        }
    }

    @Test("a missing directory and a missing socket are different errors from a refusal")
    func missing() {
        #expect(throws: SystemError("bind", .noEntry, path: "/nowhere/s")) {
            try kernel.listenUnix("/nowhere/s", mode: 0o700, user: nil, group: nil)
        }
        #expect(throws: SystemError("connect", .noEntry, path: "/nowhere/s")) { try kernel.connectUnix("/nowhere/s") }
    }

    @Test("TCP on a free port of the loopback; a second listener there is refused")
    func tcp() throws {
        let listener = try kernel.listenTCP(host: "127.0.0.1", port: 0)
        defer { kernel.close(listener) }
        let port = try kernel.localPort(listener)
        #expect(port > 0)
        let client = try kernel.connectTCP(host: "127.0.0.1", port: port)
        let served = try kernel.accept(listener)
        try kernel.writeAll(client, Array("ping".utf8))
        try kernel.setNonBlocking(served, false)
        #expect(try readSome(served, kernel) == "ping")
        kernel.close(client)
        kernel.close(served)
        #expect(throws: SystemError("bind", .addressInUse, path: "127.0.0.1:\(port)")) {
            try kernel.listenTCP(host: "127.0.0.1", port: port)
        }
    }

    @Test("a datagram reaches a service manager's abstract socket")
    func notification() async {
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            #expect(try !kernel.notifyServiceManager("READY=1"))
            let manager = try makeNotifySocket()
            #expect(try kernel.notifyServiceManager("READY=1"))
            #expect(try readSome(manager, kernel) == "READY=1")
        }
    }
}
