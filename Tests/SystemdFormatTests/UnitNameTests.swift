import SystemdFormat
import Testing

@Suite struct UnitNameTests {
    /// What `systemd-escape TEXT` printed.
    @Test(arguments: [
        ("a/b c", #"a-b\x20c"#), ("a-b", #"a\x2db"#), ("x@y", #"x\x40y"#), (#"a\b"#, #"a\x5cb"#), (".a.b", #"\x2ea.b"#),
        ("é:_", #"\xc3\xa9:_"#),
    ])
    func `text becomes a part of a name and comes back`(text: String, escaped: String) {
        #expect(UnitName.escapeComponent(text) == escaped)
        #expect(UnitName.unescapeComponent(escaped) == text)
    }

    /// What `systemd-escape --path` printed.
    @Test(arguments: [("/", "-"), ("/a/b/", "a-b"), ("/dev/sd-a", #"dev-sd\x2da"#), ("//a///b", "a-b")])
    func `a path loses the slashes at its ends`(path: String, escaped: String) {
        #expect(UnitName.escapePath(path) == escaped)
    }

    @Test(arguments: [
        ("My App", #"My\x20App"#), ("web-1", "web-1"), ("web@blue", "web@blue"), ("web@", #"web\x40"#),
        ("@web", #"\x40web"#), ("a@b@c", #"a\x40b\x40c"#), ("g:p", "g:p"), ("..", #"\x2e."#),
        // An instance that systemd does not take for `mnt@my-disk`, and names that only look like it.
        (#"mnt@my\x2ddisk"#, #"mnt@my\x2ddisk"#), (#"a\x20b"#, #"a\x5cx20b"#), (#"a\x2d b"#, #"a\x5cx2d\x20b"#),
        (#"a\b"#, #"a\x5cb"#),
    ])
    func `a service's name is escaped, an instance stays one`(name: String, escaped: String) {
        #expect(UnitName.escape(name) == escaped)
        #expect(UnitName.unescape(escaped) == name)
    }

    @Test(
        arguments: [
            ("web@blue.service", "web@.service"), ("web.service", nil), ("web@.service", nil), ("@x.service", nil),
        ] as [(String, String?)])
    func `the template of an instance`(name: String, template: String?) {
        #expect(UnitName.template(of: name) == template)
    }

    @Test func `drop-ins are looked for from the most to the least specific`() {
        #expect(
            UnitName.dropInDirectories(of: "a-b@c.service")
                == ["a-b@c.service.d", "a-b@.service.d", "a-.service.d", "service.d"])
    }

    @Test(arguments: [
        ("%n", "web-api@a-b.service"), ("%N", "web-api@a-b"), ("%p", "web-api"), ("%i", "a-b"), ("%I", "a/b"),
        ("%j", "api"), ("%f", "/a/b"), ("%%", "%"), ("%y", "/etc/web@.service"), ("%Y", "/etc"), ("50% x", "50% x"),
    ])
    func `specifiers that follow from the name`(text: String, value: String) throws {
        let specifiers = UnitSpecifiers(unitName: "web-api@a-b.service", fragmentPath: "/etc/web@.service")
        let resolved = try specifiers.resolve(text)
        #expect(resolved.text == value)
        #expect(resolved.unresolved.isEmpty)
    }

    @Test(arguments: ["%H", "%m", "%b", "%v"])
    func `specifiers that depend on the machine stand`(text: String) throws {
        #expect(try UnitSpecifiers(unitName: "a.service").resolve(text).unresolved == [text])
    }

    @Test func `a template's instance is not made up`() throws {
        #expect(try UnitSpecifiers(unitName: "a@.service").resolve("%i").unresolved == ["%i"])
    }
}
