import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// `[supervisorctl]` as supervisorctl 4.3 reads it.
@Suite struct ClientSettingsTests {
    private func settings(_ text: String) throws -> ClientSettings {
        try SupervisorReader(world: MemoryWorld()).clientSettings(path: "/etc/s.conf", bytes: Array(text.utf8))
    }

    @Test("defaults")
    func defaults() throws {
        let settings = try settings("[supervisorctl]\n")
        #expect(settings == ClientSettings())
        #expect(settings.serverURL == "http://localhost:9001")
        #expect(settings.prompt == "supervisor")
    }

    @Test("every key; the socket's path is settled")
    func everyKey() throws {
        let settings = try settings(
            "[supervisorctl]\nserverurl=unix://%(here)s/../tmp/s.sock\nusername=u\npassword=p%%\nprompt=mine\n"
                + "history_file=~/.hist\n[include]\nnofiles=1\n[ctlplugin:x]\nsupervisor.ctl_factory=a:b")
        #expect(settings.serverURL == "unix:///tmp/s.sock")
        #expect(settings.username == "u")
        #expect(settings.password == "p%")
        #expect(settings.prompt == "mine")
        #expect(settings.historyFile == "/home/kim/.hist")
        #expect(settings.notices.map(\.level) == [.warning])
    }

    @Test("faults")
    func faults() {
        let none = #expect(throws: Failure.self) { try settings("[supervisord]\n") }
        #expect(none?.diagnostics.first?.message == ".ini file does not include supervisorctl section")
        let here = #expect(throws: Failure.self) { try settings("[supervisorctl]\nusername=%(here)s") }
        #expect(here?.diagnostics.first?.message.contains("contains names ('here')") == true)
        let reader = SupervisorReader(world: MemoryWorld())
        let missing = #expect(throws: Failure.self) { try reader.clientSettings(path: "/nope") }
        #expect(missing?.status == .noInput)
    }
}
