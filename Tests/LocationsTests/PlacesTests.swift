import Kernel
import Locations
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

    @Test func `each configuration has a socket of its own, always the same`() {
        let places = Places(.system, environment: ["SVINSTALL_STATE_DIR": "/run/x"], home: "/")
        let socket = ControlSocket.path(for: "/etc/supervisord.conf", in: places)
        #expect(socket == ControlSocket.path(for: "/etc/supervisord.conf", in: places))
        #expect(socket != ControlSocket.path(for: "/etc/supervisord2.conf", in: places))
        #expect(socket.hasPrefix("/run/x/") && socket.hasSuffix(".sock"))
    }
}
