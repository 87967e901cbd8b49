import CPlatform
import Kernel

// What only tests do to descriptors: calls the Kernel does not offer on purpose.

/// An open descriptor without close-on-exec at that number.
func leakOnPurpose(at number: Int32, _ kernel: HostKernel) throws {
    let null = try kernel.open("/dev/null", .reading)
    guard dup2(null.number, number) == number else { throw SystemError("dup2", ErrorNumber(svi_errno())) }
    if null.number != number { kernel.close(null) }
}

/// Makes `target` another name of `source`.
func replace(_ target: Descriptor, by source: Descriptor, _ kernel: HostKernel) throws {
    guard dup2(source.number, target.number) >= 0 else { throw SystemError("dup2", ErrorNumber(svi_errno())) }
    kernel.close(source)
}

/// From now on this process has neither process handles nor, with `clone` false, a spawn that shares memory.
func pretendOldKernel(clone: Bool) { svi_spawn_pretend(1, clone ? 0 : 1) }

/// A new abstract datagram socket that NOTIFY_SOCKET of this process names.
func makeNotifySocket() throws -> Descriptor {
    let name = "svinstall-test-\(getpid())"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
        for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
    }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    let size = MemoryLayout<sa_family_t>.size + 1 + name.utf8.count
    let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(size)) }
    }
    guard bound == 0 else { throw SystemError("bind", ErrorNumber(svi_errno())) }
    setenv("NOTIFY_SOCKET", "@" + name, 1)
    return Descriptor(number: descriptor)
}

/// Changes the time zone of this process.
func setZone(_ name: String) {
    setenv("TZ", name, 1)
    tzset()
}

/// Runs `body` in a forked copy of this process, where its thread is the only one and what it does to the process is
/// gone afterwards; whether it returned `true`.
func inForkedChild(_ body: () throws -> Bool) -> Bool {
    let pid = svi_fork()
    if pid == 0 {
        var succeeded = false
        do { succeeded = try body() } catch { report("forked child: \(error)") }
        _exit(succeeded ? 0 : 1)
    }
    var found = svi_exit()
    while svi_wait(pid, 0, &found) == 0 { usleep(1000) }
    return found.kind == 0 && found.status == 0
}

/// Whether the two are equal; says so when they are not, which `#expect` cannot do in a forked child.
func agree<Value: Equatable>(_ found: Value, _ expected: Value) -> Bool {
    if found != expected { report("found \(found), expected \(expected)") }
    return found == expected
}

/// Without the standard library's `print`, whose lock another thread may have held when we forked.
func report(_ text: String) {
    let line = text + "\n"
    _ = line.withCString { write(2, $0, strlen($0)) }
}

/// Whether this kernel tells how a process ended that is nobody's child here.
var tellsExits: Bool { svi_handles_tell_exits() != 0 }

/// From now on it does not.
func pretendSilentHandles() { svi_handles_pretend(1) }

/// The next datagram of a socket, and the one descriptor that came with it.
func receive(_ socket: Descriptor) throws -> (text: String, passed: Descriptor) {
    var text = [UInt8](repeating: 0, count: 4096)
    var control = [UInt64](repeating: 0, count: 8)
    let count = text.withUnsafeMutableBytes { text in
        control.withUnsafeMutableBytes { control in
            var vector = iovec(iov_base: text.baseAddress, iov_len: text.count)
            return withUnsafeMutablePointer(to: &vector) { vector in
                var message = msghdr()
                message.msg_iov = vector
                message.msg_iovlen = 1
                message.msg_control = control.baseAddress
                message.msg_controllen = .init(control.count)
                return recvmsg(socket.number, &message, 0)
            }
        }
    }
    guard count >= 0 else { throw SystemError("recvmsg", ErrorNumber(svi_errno())) }
    // Behind the header's two words (cmsg(3)).
    return (String(decoding: text[..<count], as: UTF8.self), Descriptor(number: Int32(truncatingIfNeeded: control[2])))
}
