import BootHook
import Kernel
import Locations
import SimulatedKernel
import SourceText
import Testing

/// kill -9 of an installation after each of its calls, and of an uninstallation.
@Suite("A killed installation leaves no half file, is seen, goes on and can be taken back")
struct KilledInstallTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var system: InitSystem
        var user: UInt32
        var testDescription: String { "\(system.rawValue) \(user == 0 ? "system" : "user")" }

        func prepare() throws -> HookMachine {
            let machine = try HookMachine(user: user)
            let scope: Scope = user == 0 ? .system : .user
            switch system {
            case .systemd: _ = VirtualSystemd(machine, scope: scope)
            default: _ = VirtualLaunchd(machine, scope: scope)
            }
            return machine
        }
    }

    static let cases = [
        Case(system: .systemd, user: 0), Case(system: .systemd, user: 1000), Case(system: .launchd, user: 0),
        Case(system: .launchd, user: 1000),
    ]

    /// What stands at names that somebody reads: never a part of a file.
    private func whole(_ machine: HookMachine, _ good: [String: String]) -> Bool {
        good.allSatisfy { path, text in machine.kernel.text(of: path).map { $0 == text } ?? true }
    }

    @Test("after each call of install", arguments: cases)
    func install(_ item: Case) throws {
        let model = try item.prepare()
        let files = try model.agent(model.request(item.system)).install().report
        let record =
            "\(item.user == 0 ? "/var/lib/svinstall" : "/home/ann/.local/state/svinstall")/hooks/\(files.hook.label)"
        let paths = [try #require(files.file), record]
        let good = Dictionary(uniqueKeysWithValues: paths.map { ($0, model.kernel.text(of: $0) ?? "") })

        var count = 0
        while true {
            let machine = try item.prepare()
            let before = machine.kernel.allPaths
            let request = machine.request(item.system)
            machine.kernel.kill(afterCalls: count)
            _ = try? machine.agent(request).install()
            let wasKilled = machine.kernel.revive()
            #expect(whole(machine, good), "half a file after \(count) calls")
            if !wasKilled { break }

            if try !machine.agent(request).status().holds {
                #expect(
                    try !machine.agent(request).status().isInstalled || machine.broken(request) != [], "after \(count)")
            }
            // From every state an uninstallation reverts…
            let other = try item.prepare()
            other.kernel.kill(afterCalls: count)
            _ = try? other.agent(request).install()
            _ = other.kernel.revive()
            _ = try other.agent(request).uninstall()
            let left = other.kernel.allPaths.filter {
                !before.contains($0) && !$0.hasPrefix("/run") && !$0.hasPrefix("/var/lib/systemd")
            }
            #expect(left.filter { other.kernel.quietStatus(of: $0)?.kind != .directory } == [], "after \(count) calls")
            // … and another installation completes.
            _ = try machine.agent(request).install()
            #expect(try machine.broken(request) == [], "after \(count) calls")
            count += 1
        }
        #expect(count > 40)
    }

    @Test("after each call of uninstall, another one ends it", arguments: cases)
    func uninstall(_ item: Case) throws {
        var count = 0
        while true {
            let machine = try item.prepare()
            let before = machine.kernel.allPaths
            let request = machine.request(item.system)
            _ = try machine.agent(request).install()
            machine.kernel.kill(afterCalls: count)
            _ = try? machine.agent(request).uninstall()
            let wasKilled = machine.kernel.revive()
            _ = try machine.agent(request).uninstall()
            let left = machine.kernel.allPaths.filter {
                !before.contains($0) && !$0.hasPrefix("/run") && !$0.hasPrefix("/var/lib/systemd")
            }
            #expect(
                left.filter { machine.kernel.quietStatus(of: $0)?.kind != .directory } == [], "after \(count) calls")
            if !wasKilled { break }
            count += 1
        }
        #expect(count > 20)
    }
}
