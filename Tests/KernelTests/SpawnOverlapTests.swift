import Kernel
import SourceText
import Synchronization
import Testing

@Suite("Several children on their way at once: each is what its own request says")
struct SpawnOverlapTests {
    @Test("whatever order they are ended in, on whichever thread; those that fail among them too")
    func mixed() throws {
        let kernel = HostKernel()
        let pipe = try kernel.makePipe(.blockingBoth)
        let count = 60
        let ends = (0..<count).map { number in
            var request = SpawnRequest(
                path: number % 3 == 1 ? "/nowhere/\(number)" : "/bin/sh",
                arguments: ["sh", "-c", "echo $NUMBER; exit \(number)"], environment: ["NUMBER": "\(number)"])
            if number % 3 == 2 { request.workingDirectory = "/nowhere" }
            request.standardOutput = pipe.writer
            return kernel.beginSpawn(request)
        }
        let outcomes = Mutex<[Int: Result<SpawnedProcess, SpawnFailure>]>([:])
        _ = HostThread.start {
            for number in 0..<count / 2 {
                let outcome = ends[number]()
                outcomes.withLock { $0[number] = outcome }
            }
        }
        for number in (count / 2..<count).reversed() {
            let outcome = ends[number]()
            outcomes.withLock { $0[number] = outcome }
        }
        while outcomes.withLock({ $0.count }) < count { kernel.sleep(nanoseconds: 1_000_000) }
        kernel.close(pipe.writer)

        let written = try readToEnd(pipe.reader, on: kernel).split(separator: "\n").compactMap { Int($0) }
        kernel.close(pipe.reader)
        #expect(written.sorted() == (0..<count).filter { $0 % 3 == 0 })
        for (number, outcome) in outcomes.withLock({ $0 }) {
            switch outcome {
            case .success(let process):
                #expect(number % 3 == 0)
                #expect(try waitForExit(process, on: kernel) == .exited(code: Int32(number)))
            case .failure(let failure):
                #expect(failure.step == (number % 3 == 1 ? .execution : .workingDirectory))
                #expect(failure.number == .noEntry)
            }
        }
    }

    @Test("one that is forgotten is ended all the same, and what it had shared with us is not freed before")
    func forgotten() async {
        // In a process of its own: nobody knows the children that are left.
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            let pipe = try kernel.makePipe(.blockingBoth)
            for _ in 0..<50 {
                var request = SpawnRequest(
                    path: "/bin/sh", arguments: ["sh", "-c", "echo $WORD"], environment: ["WORD": "kept"])
                request.standardOutput = pipe.writer
                _ = kernel.beginSpawn(request)
            }
            kernel.close(pipe.writer)
            let lines = try readToEnd(pipe.reader, on: kernel).split(separator: "\n")
            #expect(lines.count == 50)
            #expect(lines.allSatisfy { $0 == "kept" })
        }
    }

    @Test("the calls of whoever goes on meanwhile fail with their own errors")
    func errors() throws {
        let kernel = HostKernel()
        for _ in 0..<300 {
            let end = kernel.beginSpawn(SpawnRequest(path: "/nowhere", arguments: ["x"], environment: [:]))
            for _ in 0..<20 {
                #expect(throws: SystemError("open", .notDirectory, path: "/etc/passwd/x")) {
                    _ = try kernel.open("/etc/passwd/x", .reading)
                }
            }
            guard case .failure(let failure) = end() else {
                Issue.record("it ran")
                return
            }
            #expect(failure.number == .noEntry)
        }
    }
}
