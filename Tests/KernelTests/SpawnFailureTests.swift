import Kernel
import SourceText
import Testing

@Suite("A failed spawn names its step and errno, and leaves no process")
struct SpawnFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: String
        var step: SpawnStep
        var number: ErrorNumber
        var change: @Sendable (inout SpawnRequest) -> Void
        var testDescription: String { rule }
    }

    static let cases = [
        Case(rule: "a program that is not there", step: .execution, number: .noEntry) { $0.path = "/nowhere/x" },
        Case(rule: "a directory", step: .execution, number: .accessDenied) { $0.path = "/usr" },
        Case(rule: "a file without execute bit", step: .execution, number: .accessDenied) { $0.path = "/etc/passwd" },
        Case(rule: "a path through a file", step: .execution, number: .notDirectory) { $0.path = "/etc/passwd/x" },
        Case(rule: "arguments over the system's limit", step: .execution, number: .argumentsTooLong) {
            $0.arguments.append(String(repeating: "x", count: 4_000_000))
        },
        Case(rule: "a directory that is not there", step: .workingDirectory, number: .noEntry) {
            $0.workingDirectory = "/nowhere"
        },
        Case(rule: "a soft limit over the hard one", step: .limits, number: .invalid) {
            $0.limits = [LimitSetting(.openFiles, soft: 100, hard: 50)]
        },
        Case(rule: "a closed descriptor", step: .descriptors, number: .badDescriptor) {
            $0.standardOutput = Descriptor(number: 987)
        },
        Case(rule: "a NUL byte in an argument", step: .preparation, number: .invalid) { $0.arguments.append("a\0b") },
    ]

    @Test(arguments: cases)
    func failure(_ example: Case) {
        let kernel = HostKernel()
        var request = SpawnRequest(path: "/bin/true", arguments: ["true"], environment: [:])
        example.change(&request)
        guard case .failure(let failure) = kernel.spawn(request) else {
            Issue.record("it ran")
            return
        }
        #expect(failure.step == example.step)
        #expect(failure.number == example.number)
        guard example.step != .preparation, let pid = failure.pid else { return }
        // Reaped already: nobody is there to be asked.
        #expect(throws: SystemError("kill", .noProcess, path: "\(pid)")) {
            try kernel.signal(pid: pid, .init(number: 0))
        }
    }

    @Test("somebody without privileges cannot become somebody else", .enabled(if: isRoot))
    func userWithoutPrivileges() async {
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            try kernel.setCredentials(Credentials(user: 65_534, group: 65_534, supplementaryGroups: []))
            for (user, step) in [(0, SpawnStep.supplementaryGroups)] as [(UInt32, SpawnStep)] {
                let request = SpawnRequest(
                    path: "/bin/true", arguments: ["true"], environment: [:],
                    credentials: Credentials(user: user, group: 0, supplementaryGroups: []))
                guard case .failure(let failure) = kernel.spawn(request) else {
                    Issue.record("it ran")
                    return
                }
                #expect(failure.step == step)
                #expect(failure.number == .notPermitted)
            }
        }
    }

    @Test("the ways without process handles and without clone report the same", arguments: [true, false])
    func olderKernels(clone: Bool) async {
        await #expect(processExitsWith: .success) { [clone] in
            pretendOldKernel(clone: clone)
            for example in SpawnFailureTests.cases {
                var request = SpawnRequest(path: "/bin/true", arguments: ["true"], environment: [:])
                example.change(&request)
                let failure = SpawnFailure(step: example.step, number: example.number)
                switch HostKernel().spawn(request) {
                case .success: Issue.record("\(example.rule): it ran")
                case .failure(let found):
                    #expect(found.step == failure.step && found.number == failure.number, "\(example.rule)")
                }
            }
            let finished = try shell("exit 3")
            #expect(finished.termination == .exited(code: 3))
            let listing = try run(SpawnDescriptorTests.listing)
            #expect(listing.lines == ["0", "1", "2", "3"])
        }
    }
}
