import Kernel
import SourceText
import Testing

@Suite("The process, its users and its clocks")
struct HostTests {
    let kernel = HostKernel()

    @Test("accounts are found by name and number; unknown ones are nil, not errors")
    func accounts() throws {
        let root = try #require(try kernel.user(named: "root"))
        #expect(root.id == 0 && root.group == 0 && root.home == "/root")
        #expect(try kernel.user(id: 0) == root)
        #expect(try kernel.user(named: "nobody-of-this-name") == nil)
        #expect(try kernel.user(named: "") == nil)
        #expect(try kernel.user(id: 4_000_000_000) == nil)
        let group = try #require(try kernel.group(id: 0))
        #expect(try kernel.group(named: group.name) == group)
        #expect(try kernel.group(named: "no-group-of-this-name") == nil)
        #expect(try kernel.credentials(of: root).supplementaryGroups.contains(0))
    }

    @Test("one variable is what the whole environment says of it")
    func variable() {
        for (name, value) in kernel.environment.variables { #expect(kernel.variable(name) == value) }
        #expect(kernel.variable("PATH") != nil)
        for name in ["PAT", "PATH=", "", "NO_VARIABLE_OF_THIS_NAME"] { #expect(kernel.variable(name) == nil) }
    }

    @Test("the clocks agree with the system's and do not run backwards")
    func clocks() {
        let before = kernel.now()
        kernel.sleep(nanoseconds: 2_000_000)
        let after = kernel.now()
        #expect(after.monotonic - before.monotonic >= 2_000_000)
        #expect(after.boot - before.boot >= 2_000_000)
        // 2020-01-01 and 2100-01-01.
        #expect(after.epochSeconds > 1_577_836_800 && after.epochSeconds < 4_102_444_800)
    }

    @Test("a log stamp is supervisord's: local time, milliseconds after a comma")
    func logStamp() async {
        await #expect(processExitsWith: .success) {
            setZone("Asia/Kolkata")
            let time = HostKernel().localTime(wall: 1_700_000_000_007_999_999)
            #expect(time.logStamp == "2023-11-15 03:43:20,007")
            #expect(time.offset == 19_800)
            #expect(time.weekday == 3)
            #expect(HostKernel().localTime(wall: -1).nanosecond == 999_999_999)
        }
    }

    @Test("limits, umask and directory are set for the process")
    func processSettings() async {
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            _ = kernel.setUmask(0o077)
            #expect(kernel.setUmask(0o022) == 0o077)
            let old = try kernel.limit(.openFiles)
            try kernel.setLimit(LimitSetting(.openFiles, soft: 99, hard: old.hard))
            #expect(try kernel.limit(.openFiles).soft == 99)
            #expect(throws: SystemError("setrlimit", .invalid)) {
                try kernel.setLimit(LimitSetting(.openFiles, soft: 99, hard: 98))
            }
            try kernel.changeDirectory("/usr")
            #expect(try kernel.currentDirectory() == "/usr")
            try kernel.discardStandardDescriptors()
            #expect(try kernel.status(of: .standardOutput).kind == .characterDevice)
        }
    }

    @Test("a daemon has a session of its own, /dev/null for its standard descriptors, and a parent that ended with 0")
    func daemon() throws {
        let kernel = HostKernel()
        let pipe = try kernel.makePipe(.blockingBoth)
        defer { kernel.close(pipe.reader) }
        #expect(
            inForkedChild {
                let before = kernel.processID
                try kernel.daemonise()
                // From here on this is the daemon; its parent, whom the test waits for, has ended.
                let stat = try kernel.readFile("/proc/self/stat", limit: 4096)
                let fields = String(decoding: stat, as: UTF8.self).split(separator: " ")
                let null = try kernel.status(of: "/dev/null", followLinks: true).identity
                let quiet = try [Descriptor.standardInput, .standardOutput, .standardError].allSatisfy {
                    try kernel.status(of: $0).identity == null
                }
                let leads = fields[5] == "\(kernel.processID)" && kernel.processID != before
                try kernel.writeAll(pipe.writer, Array("leads \(leads), quiet \(quiet)".utf8))
                return true
            })
        kernel.close(pipe.writer)
        #expect(try readToEnd(pipe.reader, on: kernel) == "leads true, quiet true")
    }

    @Test("dropped privileges are gone for good", .enabled(if: isRoot))
    func dropPrivileges() async {
        await #expect(processExitsWith: .success) {
            let kernel = HostKernel()
            try kernel.setCredentials(Credentials(user: 65_534, group: 65_533, supplementaryGroups: [9]))
            #expect(kernel.userID == 65_534 && kernel.groupID == 65_533)
            #expect(throws: SystemError("setgroups", .notPermitted)) {
                try kernel.setCredentials(Credentials(user: 0, group: 0, supplementaryGroups: []))
            }
        }
    }

    @Test("we know who and where we are")
    func identity() throws {
        #expect(kernel.processID > 1)
        #expect(!kernel.hostName.isEmpty)
        let executable = try #require(kernel.executablePath())
        #expect(try kernel.mayAccess(executable, .execute))
        #expect(kernel.environment["PATH"] != nil)
    }

    @Test("an environment keeps names unique and refuses what is no name")
    func environment() {
        var environment: Environment = ["A": "1", "": "x", "B=C": "y"]
        #expect(environment.variables == ["A": "1"])
        environment.add(entry: Array("A=2=3".utf8))
        environment.add(entry: Array("=C:=x".utf8))
        environment.add(entry: Array("nothing".utf8))
        environment["D"] = ""
        #expect(environment.entries.map { String(decoding: $0, as: UTF8.self) } == ["A=2=3", "D="])
        environment.merge(["D": "4"])
        environment["A"] = nil
        #expect(environment.variables == ["D": "4"])
    }
}
