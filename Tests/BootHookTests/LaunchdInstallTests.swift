import BootHook
import Kernel
import Locations
import SimulatedKernel
import SourceText
import Synchronization
import Testing

@Suite("launchd: the conversation with launchctl, its codes and its races")
struct LaunchdInstallTests {
    private static let plist = "/Library/LaunchDaemons/org.svinstall.daemon.plist"

    @Test("enable, bootout, until nobody knows the job, bootstrap, and print as the proof")
    func order() throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        let outcome = try machine.agent(machine.request(.launchd)).install()
        #expect(outcome.report.holds && outcome.report.pid == 321)
        let verbs = launchd.verbs()
        let changes = verbs.filter { !$0.hasPrefix("print") }
        #expect(changes == ["bootout", "bootstrap"])
        #expect(launchd.calls.last { $0.hasPrefix("bootstrap") } == "bootstrap system \(Self.plist)")
        let calls = launchd.calls.count
        #expect(try machine.agent(machine.request(.launchd)).install().changes == [])
        #expect(launchd.calls.dropFirst(calls).allSatisfy { $0.hasPrefix("print") })
    }

    @Test("an override that outlived an earlier plist is lifted")
    func disabled() throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        launchd.state.withLock { $0.isDisabled = true }
        #expect(try machine.agent(machine.request(.launchd)).install().report.holds)
        #expect(launchd.verbs().contains("enable"))
        launchd.state.withLock { $0.isDisabled = true }
        #expect(try machine.broken(machine.request(.launchd)) == ["enabled", "override"])
    }

    @Test("a bootout that still runs is waited for", arguments: [Int64(1), 6, 19])
    func slowBootout(seconds: Int64) throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        launchd.state.withLock {
            $0.isLoaded = true
            $0.bootoutTakes = seconds * 1_000_000_000
        }
        // Loaded, but by a plist that is gone and not running: the chain begins anew.
        machine.kernel.erase(Self.plist)
        _ = try machine.agent(machine.request(.launchd)).install()
        _ = try machine.agent(machine.request(.launchd)).control(.restart)
        #expect(try machine.broken(machine.request(.launchd)) == [])
    }

    @Test("5 and 37 are tried again for a while", arguments: [Int32(5), 37, 36])
    func again(code: Int32) throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        launchd.state.withLock { $0.script["bootstrap"] = [code, code, code] }
        #expect(try machine.agent(machine.request(.launchd)).install().report.holds)
        #expect(launchd.verbs().count { $0 == "bootstrap" } == 4)
    }

    @Test("17 is as good as 0")
    func already() throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        launchd.state.withLock { $0.script["bootstrap"] = [17] }
        #expect(try machine.agent(machine.request(.launchd)).install().report.holds)
        #expect(launchd.verbs().contains("bootstrap"))
    }

    @Test(
        "what does not pass is told with cause and remedy",
        arguments: [Int32(5), 78, 111, 112, 119, 122, 125, 134, 150])
    func told(code: Int32) throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        launchd.state.withLock { $0.script["bootstrap"] = Array(repeating: code, count: 1000) }
        let failure = #expect(throws: Failure.self) { try machine.agent(machine.request(.launchd)).install() }
        let row = try #require(LaunchctlCode.table.first { $0.code == code })
        #expect(failure?.diagnostics.first?.message.contains(row.cause) == true)
        #expect(failure?.diagnostics.first?.remedy?.isEmpty == false)
        // The file is there, nothing is loaded, and the status says so.
        #expect(try machine.broken(machine.request(.launchd)).contains("loaded"))
    }

    @Test("every code that a person meets is in the table, once")
    func table() {
        let codes = LaunchctlCode.table.map(\.code)
        #expect(Set(codes).count == codes.count)
        for code in [Int32(3), 5, 17, 37, 78, 112, 113, 119, 125] { #expect(codes.contains(code)) }
    }

    @Test("without a graphical session the agent goes to the user's domain")
    func headless() throws {
        let machine = try HookMachine(user: 1000)
        let launchd = VirtualLaunchd(machine, scope: .user)
        launchd.state.withLock { $0.hasSession = false }
        _ = try machine.agent(machine.request(.launchd)).install()
        #expect(launchd.calls.contains { $0.hasPrefix("bootstrap user/1000 ") })
        let plist = "/home/ann/Library/LaunchAgents/org.svinstall.daemon.plist"
        #expect(machine.kernel.text(of: plist)?.contains("<string>Background</string>") == true)
    }

    @Test("stopped it stays down, and start brings it back")
    func stop() throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        _ = try machine.agent(machine.request(.launchd)).install()
        _ = try machine.agent(machine.request(.launchd)).control(.stop)
        #expect(try machine.broken(machine.request(.launchd)) == ["running", "answers"])
        _ = try machine.agent(machine.request(.launchd)).control(.start)
        #expect(try machine.broken(machine.request(.launchd)) == [])
        #expect(launchd.verbs().contains("kickstart"))
    }

    @Test("uninstalled it is gone, also when it was not loaded")
    func uninstall() throws {
        let machine = try HookMachine()
        let launchd = VirtualLaunchd(machine, scope: .system)
        _ = try machine.agent(machine.request(.launchd)).install()
        launchd.state.withLock { $0.isLoaded = false }
        _ = try machine.agent(machine.request(.launchd)).uninstall()
        #expect(machine.kernel.text(of: Self.plist) == nil)
        #expect(try machine.agent(machine.request(.launchd)).uninstall() == [])
    }
}
