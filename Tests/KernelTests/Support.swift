import Kernel
import SourceText
import Testing

/// What a child left behind.
struct Finished {
    var output: String
    var termination: Termination?
    var pid: Int32

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

let shellEnvironment: Environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]

/// Runs `/bin/sh -c script` to its end with its outputs in a pipe; `change` may alter the request before.
func shell(
    _ script: String, on kernel: HostKernel = HostKernel(), _ change: (inout SpawnRequest) -> Void = { _ in }
) throws -> Finished {
    var request = SpawnRequest(path: "/bin/sh", arguments: ["sh", "-c", script], environment: shellEnvironment)
    change(&request)
    return try run(request, on: kernel)
}

/// Runs a request to its end; standard output and error go into one pipe, standard input is /dev/null.
func run(_ request: SpawnRequest, on kernel: HostKernel = HostKernel()) throws -> Finished {
    let pipe = try kernel.makePipe(.blockingBoth)
    let null = try kernel.open("/dev/null", .reading)
    defer { kernel.close(pipe.reader) }
    var request = request
    if request.standardInput == .standardInput { request.standardInput = null }
    request.standardOutput = pipe.writer
    request.standardError = pipe.writer
    let result = kernel.spawn(request)
    kernel.close(pipe.writer)
    kernel.close(null)
    let process = try result.get()
    let output = try readToEnd(pipe.reader, on: kernel)
    let termination = try waitForExit(process, on: kernel)
    return Finished(output: output, termination: termination, pid: process.pid)
}

func readToEnd(_ descriptor: Descriptor, on kernel: HostKernel) throws -> String {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = try piece.withUnsafeMutableBytes { try kernel.read(descriptor, into: $0) }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += piece[..<count]
    }
}

/// Waits with a poller of its own until the child ended, at most ten seconds, and reaps it.
func waitForExit(_ process: SpawnedProcess, on kernel: HostKernel) throws -> Termination? {
    let poller = try kernel.makePoller()
    defer { poller.close() }
    try poller.watchExit(of: process, token: 1)
    defer { poller.unwatchExit(of: process) }
    var events: [PollEvent] = []
    let deadline = kernel.now().monotonic + 10_000_000_000
    while kernel.now().monotonic < deadline {
        // Without process handles and without SIGCHLD nobody wakes us: hence the slices.
        let slice = process.handle == nil ? kernel.now().monotonic + 5_000_000 : deadline
        try poller.wait(until: slice, into: &events)
        if let termination = kernel.reap(process) { return termination }
    }
    return nil
}

/// A directory of this test's own, removed with everything in it afterwards.
func withScratchDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let kernel = HostKernel()
    let path = "/tmp/svinstall-test-\(kernel.processID)-\(UInt32.random(in: 0 ... .max))"
    try kernel.makeDirectory(path, mode: 0o700)
    defer { removeTree(path, kernel) }
    return try body(path)
}

private func removeTree(_ path: String, _ kernel: HostKernel) {
    do {
        if try kernel.status(of: path, followLinks: false).kind == .directory {
            for name in try kernel.list(path) { removeTree(path + "/" + name, kernel) }
            try kernel.removeDirectory(path)
        } else {
            try kernel.unlink(path)
        }
    } catch {
        Issue.record("cannot remove \(path): \(error)")
    }
}

let isRoot = HostKernel().userID == 0
