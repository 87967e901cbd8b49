import ServiceModel
import SourceText
import SupervisorFormat
import Testing

/// `[access:NAME]`: a section of ours.
@Suite struct AccessSectionTests {
    private static let head = """
        [supervisord]
        [program:web]
        command=x
        [unix_http_server]
        file=/tmp/s
        [inet_http_server]
        port=9001

        """

    private func plan(_ sections: String) throws -> Plan {
        try SupervisorReader(world: MemoryWorld(["/etc/s.conf": Self.head + sections])).plan(path: "/etc/s.conf")
    }

    @Test("every listener gets the rules, in their order")
    func rules() throws {
        let plan = try plan(
            """
            [access:dash]
            users=kim, 0
            rights=read
            [access:ops]
            username=ops
            password={SHA}abc
            rights=Control
            groups=web
            [access:rest]
            users=*
            rights=none
            [access:boss]
            username=boss
            password=%%
            rights=all
            """)
        let rules = [
            AccessRule(name: "dash", users: [1000, 0], rights: .read),
            AccessRule(name: "ops", username: "ops", password: "{SHA}abc", rights: .control(groups: ["web"])),
            AccessRule(name: "rest", isForOthers: true, rights: .none),
            AccessRule(name: "boss", username: "boss", password: "%", rights: .all),
        ]
        #expect(plan.daemon.listeners.map(\.access) == [rules, rules])
        #expect(plan.notices.isEmpty)
    }

    @Test("without such a section there is no rule")
    func none() throws {
        #expect(try plan("").daemon.listeners.map(\.access) == [[], []])
    }

    @Test(
        "what could be meant to restrict somebody and does not is refused",
        arguments: [
            ("users=kim\nright=read", "has no key right"), ("users=kim", "does not say which rights"),
            ("users=kim\nrights=write", "does not say which rights"), ("rights=read", "is about nobody"),
            ("users=\nrights=read", "is about nobody"), ("users=nobody7\nrights=read", "Invalid user name nobody7"),
            ("users=77\nrights=read", "Invalid user id 77"), ("username=u\nrights=read", "incomplete authentication"),
            ("users=kim\nrights=read\ngroups=web", "groups= goes with rights=control"),
            ("users=kim\nrights=read\n[access:b]\nusers=1000\nrights=all", "whom [access:a] is about too"),
            ("users=*\nrights=read\n[access:b]\nusers=*\nrights=all", "whom [access:a] is about too"),
            (
                "username=u\npassword=p\nrights=read\n[access:b]\nusername=u\npassword=q\nrights=all",
                "whom [access:a] is about too"
            ),
        ])
    func refused(section: String, words: String) throws {
        let failure = #expect(throws: Failure.self) { try plan("[access:a]\n" + section + "\n") }
        #expect(failure?.diagnostics.first?.message.contains(words) == true, "\(String(describing: failure))")
        #expect(failure?.diagnostics.first?.span != nil)
    }

    @Test("a group that is not there is warned about: it may come later")
    func strangeGroup() throws {
        let plan = try plan("[access:a]\nusers=kim\nrights=control\ngroups=web,api\n")
        #expect(plan.notices.map(\.text) == ["[access:a] speaks of a group api, which is not here"])
        #expect(plan.daemon.listeners[0].access[0].rights == .control(groups: ["web", "api"]))
    }

    @Test("[DEFAULT]'s keys are none of its own")
    func defaults() throws {
        let plan = try plan("[access:a]\nusers=kim\nrights=read\n[DEFAULT]\nx=1\n")
        #expect(plan.daemon.listeners[0].access.count == 1)
    }
}
