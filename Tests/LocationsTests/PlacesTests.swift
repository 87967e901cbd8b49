import Kernel
import Locations
import SupervisorFormat
import Testing

@Suite struct PlacesTests {
    @Test func `root works for the system, everybody else for themselves`() {
        #expect(Scope.own(userID: 0) == .system)
        #expect(Scope.own(userID: 501) == .user)
    }

    @Test func `a user's places are in the home directory`() {
        let places = Places(.user, environment: [:], home: "/home/ann")
        #expect(places.configurationFile == "/home/ann/.config/svinstall/svinstall.conf")
        #expect(places.state == "/home/ann/.local/state/svinstall")
    }

    @Test func `SVINSTALL_STATE_DIR moves the state, a relative one does not count`() {
        #expect(Places(.system, environment: ["SVINSTALL_STATE_DIR": "/data/s"], home: "/").state == "/data/s")
        #expect(Places(.system, environment: ["SVINSTALL_STATE_DIR": "s"], home: "/").state != "s")
    }

    @Test func `started in the root directory the daemon leaves its files elsewhere`() {
        let places = Places(.system, environment: [:], home: "/")
        #expect(places.ownFiles(of: "/etc/a.conf", workingDirectory: "/srv") == nil)
        let files = ["/etc/a.conf", "/srv/a.conf"].compactMap { places.ownFiles(of: $0, workingDirectory: "/") }
        #expect(files.map(\.log) == ["/var/log/svinstall/svinstall-a.log", "/var/log/svinstall/svinstall-a.log"])
        #expect(files.first?.pid != files.last?.pid)
        #expect(files.allSatisfy { $0.pid.hasPrefix(places.state + "/") && $0.pid.hasSuffix(".pid") })
        #expect(
            places.ownLog(of: "/etc/svinstall/svinstall.conf", workingDirectory: "/")
                == "/var/log/svinstall/svinstall.log")
    }

    @Test func `each configuration has a socket of its own, always the same`() {
        let places = Places(.system, environment: ["SVINSTALL_STATE_DIR": "/run/x"], home: "/")
        let socket = ControlSocket.path(for: "/etc/supervisord.conf", in: places)
        #expect(socket == ControlSocket.path(for: "/etc/supervisord.conf", in: places))
        #expect(socket != ControlSocket.path(for: "/etc/supervisord2.conf", in: places))
        #expect(socket.hasPrefix("/run/x/") && socket.hasSuffix(".sock"))
    }
}
