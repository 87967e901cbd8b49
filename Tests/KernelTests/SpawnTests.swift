import Kernel
import SourceText
import Testing

@Suite("A child starts exactly as asked")
struct SpawnTests {
    @Test("argv[0] is what the user wrote, the environment is the given one and nothing else")
    func argumentsAndEnvironment() throws {
        let request = SpawnRequest(
            path: "/usr/bin/env", arguments: ["my-name"], environment: ["B": "two words", "A": ""])
        #expect(try run(request).lines == ["A=", "B=two words"])
        let named = SpawnRequest(
            path: "/bin/sh", arguments: ["my shell", "-c", "echo \"$0|$1\"", "x", "a b"], environment: [:])
        #expect(try run(named).lines == ["x|a b"])
    }

    @Test("bytes of the environment that are no UTF-8 arrive unchanged")
    func rawEnvironment() throws {
        var environment = shellEnvironment
        environment.add(entry: Array("RAW=".utf8) + [0xff, 0xe9])
        let finished = try shell("printf %s \"$RAW\" | od -An -tx1") { $0.environment = environment }
        #expect(finished.output.trimmed == "ff e9")
    }

    @Test("directory and umask are the child's own")
    func directoryAndUmask() throws {
        let finished = try shell("pwd; umask") {
            $0.workingDirectory = "/usr"
            $0.umask = 0o027
        }
        #expect(finished.lines == ["/usr", "0027"])
    }

    @Test(
        "the child leads what it was told to",
        arguments: [(ProcessGrouping.inherited, false, false), (.newGroup, true, false), (.newSession, true, true)])
    func grouping(_ grouping: ProcessGrouping, leadsGroup: Bool, leadsSession: Bool) throws {
        let finished = try shell(
            "read -r pid name state parent group session rest </proc/self/stat; echo $group $session"
        ) {
            $0.grouping = grouping
        }
        let fields = finished.output.trimmed.split(separator: " ").compactMap { Int32($0) }
        try #require(fields.count == 2)
        #expect((fields[0] == finished.pid) == leadsGroup)
        #expect((fields[1] == finished.pid) == leadsSession)
    }

    @Test("signals are neither blocked nor ignored, whatever they are here")
    func signalState() {
        #expect(
            inForkedChild {
                let kernel = HostKernel()
                kernel.ignoreSignal(.pipe)
                try kernel.blockSignals([.terminate, .user1, .child])
                let finished = try shell("grep -E '^Sig(Blk|Ign)' /proc/self/status", on: kernel)
                return agree(finished.lines, ["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"])
            })
    }

    @Test("a program is born ignoring what it shall ignore, and nothing else")
    func ignoredSignals() throws {
        let finished = try shell("grep -E '^SigIgn' /proc/self/status") { $0.ignoredSignals = [.hangUp, .pipe] }
        #expect(finished.lines == ["SigIgn:\t0000000000001001"])
    }

    @Test("limits hold in the child alone")
    func limits() throws {
        let before = try HostKernel().limit(.openFiles)
        let finished = try shell("ulimit -S -n; ulimit -H -n; ulimit -c") {
            $0.limits = [
                LimitSetting(.openFiles, soft: 100, hard: 120), LimitSetting(.coreSize, soft: 0, hard: 0),
            ]
        }
        #expect(finished.lines == ["100", "120", "0"])
        #expect(try HostKernel().limit(.openFiles) == before)
    }

    @Test("the identity is complete: user, group and supplementary groups", .enabled(if: isRoot))
    func credentials() throws {
        let finished = try shell("id -u; id -g; id -G; grep -E '^[UG]id' /proc/self/status") {
            $0.credentials = Credentials(user: 65_534, group: 65_533, supplementaryGroups: [7, 9])
        }
        #expect(finished.lines.prefix(2) == ["65534", "65533"])
        #expect(Set((finished.lines[2]).split(separator: " ")) == ["65533", "7", "9"])
        #expect(
            finished.lines.suffix(2) == [
                "Uid:\t65534\t65534\t65534\t65534", "Gid:\t65533\t65533\t65533\t65533",
            ])
    }

    @Test("a death signal is set after the change of user, which would clear it", .enabled(if: isRoot))
    func parentDeathSignal() throws {
        let script = "import ctypes; s = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(s)); print(s.value)"
        let request = SpawnRequest(
            path: "/usr/bin/env", arguments: ["env", "python3", "-c", script], environment: HostKernel().environment,
            credentials: Credentials(user: 65_534, group: 65_534, supplementaryGroups: []),
            parentDeathSignal: .terminate)
        let finished = try run(request)
        #expect(finished.output.trimmed == "15")
    }
}
