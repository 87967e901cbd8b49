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
        (InitSystem.launchd, Scope.user, "/Users/ann/Library/LaunchAgents/org.svinstall.daemon.plist"),
        (.launchd, .system, "/Library/LaunchDaemons/org.svinstall.daemon.plist"),
        (.systemd, .user, "/Users/ann/.config/systemd/user/svinstall.service"),
        (.systemd, .system, "/etc/systemd/system/svinstall.service"),
    ])
    func `each init and scope has its place`(system: InitSystem, scope: Scope, path: String) {
        #expect(hook(system, scope).placement.path == path)
        #expect(hook(system, scope).placement.mode == 0o644)
    }

    @Test func `the hook is a service that runs svinstall and restarts it on failure only`() {
        for system in [InitSystem.launchd, .systemd] {
            let service = hook(system, .system).service
            #expect(
                service.command?.value.arguments == ["/usr/local/bin/svinstall", "run", "-c", "/etc/svinstall.conf"])
            #expect(service.restartOn?.value.contains(.exited(code: 0)) == false)
            #expect(service.restartOn?.value.contains(.exited(code: 1)) == true)
            #expect(service.restartOn?.value.contains(.signalled(.kill, coreDumped: false)) == true)
            #expect(service.stopTimeout?.value == .seconds(120))
        }
    }

    @Test func `systemd does not retry a wrong configuration`() {
        let service = hook(.systemd, .system).service
        #expect(service.restartOn?.value.contains(.exited(code: 78)) == false)
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
