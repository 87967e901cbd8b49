import BootHook
import Locations
import ServiceModel
import SourceText
import Testing

@Suite struct HookTests {
    private func hook(_ system: InitSystem, _ scope: Scope) -> Hook {
        Hook(
            system: system, scope: scope, program: "/usr/local/bin/svinstall", configuration: "/etc/svinstall.conf",
            home: "/Users/ann", logDirectory: "/var/log/svinstall", stopTimeout: .seconds(120))
    }

    @Test(arguments: [
        (InitSystem.launchd, Scope.user, "/Users/ann/Library/LaunchAgents/org.svinstall.daemon.plist", UInt32(0o644)),
        (.launchd, .system, "/Library/LaunchDaemons/org.svinstall.daemon.plist", 0o644),
        (.systemd, .user, "/Users/ann/.config/systemd/user/svinstall.service", 0o644),
        (.systemd, .system, "/etc/systemd/system/svinstall.service", 0o644),
        (.openrc, .system, "/etc/init.d/svinstall", 0o755),
        (.sysv, .system, "/etc/init.d/svinstall", 0o755),
        (.runit, .system, "/etc/sv/svinstall/run", 0o755),
        (.s6, .system, "/etc/s6/sv/svinstall/run", 0o755),
        (.cron, .system, "/etc/cron.d/svinstall", 0o644),
    ])
    func `each init and scope has its place and mode`(
        system: InitSystem, scope: Scope, path: String, mode: UInt32
    ) throws {
        let file = try #require(try hook(system, scope).procedure().files.first)
        #expect(file.path == path)
        #expect(file.mode == mode)
    }

    @Test(arguments: InitSystem.allCases)
    func `the hook is a service that runs svinstall and leaves it down after a shutdown`(system: InitSystem) {
        let service = hook(system, .system).service
        #expect(
            service.command?.value.arguments == [
                "/usr/local/bin/svinstall", "run", "-c", "/etc/svinstall.conf", "--shutdown-timeout", "117",
            ])
        #expect(service.restartOn?.value.contains(.exited(code: 0)) == false)
        #expect(service.restartOn?.value.contains(.exited(code: 1)) == true)
        #expect(service.restartOn?.value.contains(.signalled(.kill, coreDumped: false)) == true)
        #expect(service.stopTimeout?.value == .seconds(120))
    }

    @Test func `systemd does not retry a wrong configuration`() {
        let service = hook(.systemd, .system).service
        #expect(service.restartOn?.value.contains(.exited(code: 78)) == false)
    }

    @Test func `words of a unit are quoted as systemd reads them`() throws {
        var hook = hook(.systemd, .system)
        hook.program = "/opt/my tools/100%/$x/svinstall"
        let text = String(decoding: try #require(try hook.procedure().files.first).bytes, as: UTF8.self)
        #expect(text.contains("ExecReload=\"/opt/my tools/100%%/$$x/svinstall\" update -c /etc/svinstall.conf\n"))
    }

    @Test func `nothing is sandboxed unless it is asked for, and then every loss is told`() throws {
        var hook = hook(.systemd, .system)
        let plain = String(decoding: try #require(try hook.procedure().files.first).bytes, as: UTF8.self)
        hook.options.isHardened = true
        let hardened = String(decoding: try #require(try hook.procedure().files.first).bytes, as: UTF8.self)
        for line in Hardening.settings {
            #expect(!plain.contains(line.key))
            #expect(hardened.contains("\(line.key)=\(line.value)\n"))
            #expect(!line.loss.isEmpty)
        }
    }

    @Test func `the stop time covers the groups one after the other`() {
        func group(_ name: String, _ seconds: [Int64]) -> ServiceGroup {
            let services = seconds.map { count in
                var service = Service(name: Setting(name), dialect: .supervisor)
                service.stopTimeout = Setting(.seconds(count))
                return service
            }
            return ServiceGroup(name: name, services: services)
        }
        let plan = Plan(groups: [group("a", [10, 30]), group("b", [60])])
        let needed = StopBudget.needed(by: plan)
        #expect(needed >= .seconds(90) && needed <= .seconds(100))
        var endless = group("c", [1])
        endless.services[0].stopTimeout = Setting(.infinity)
        #expect(StopBudget.needed(by: Plan(groups: [endless])) == .infinity)
    }
}
