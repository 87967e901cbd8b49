import ServiceFormats
import SourceText
import Testing

@Suite struct RecognitionTests {
    @Test(arguments: [
        ("x", "<?xml version=\"1.0\"?>\n<plist/>", Format.plist),
        ("x", "\n<!-- c --><plist><dict/></plist>", .plist),
        ("x", "bplist00abc", .plist),
        ("x", "{ Label = x; }", .plist),
        ("x", "[program:a]\ncommand=b\n", .supervisor),
        ("x", "; c\n[supervisord]\n", .supervisor),
        ("x", "[include]\nfiles=*\n", .supervisor),
        ("x", "[Unit]\nDescription=x\n[Service]\nExecStart=/a\n", .systemd),
        ("x", "# c\n[Service]\n", .systemd),
        ("x", "[Timer]\n", .systemd),
        ("x", "web: ./a -b\nworker: c\n", .procfile),
        ("x", "#!/sbin/openrc-run\ncommand=a\n", .openrc),
        ("x", "#!/bin/sh\n### BEGIN INIT INFO\n", .sysv),
        ("x", "services:\n  web:\n    image: x\n", .compose),
        ("x", "apiVersion: v1\nkind: Pod\n", .kubernetes),
        ("x", "start on runlevel [2345]\nexec a\n", .upstart),
        ("x", "@reboot /bin/a\n", .cron),
        ("a.plist", "", .plist),
        ("a.service", "garbage", .systemd),
        ("a.conf", "", .supervisor),
        ("dir/Procfile", "garbage", .procfile),
        // The content counts, not the name.
        ("a.conf", "[Service]\nExecStart=/a\n", .systemd),
        ("a.service", "<?xml version=\"1.0\"?><plist/>", .plist),
    ])
    func `a file is what its content says`(name: String, text: String, format: Format) {
        #expect(FormatRegistry.recognise(InputFile(path: name, bytes: Array(text.utf8))) == format)
    }

    @Test(arguments: ["", "hello", "\u{0}\u{1}", "#!/bin/sh\necho\n", "{{ x }}", "{% if x %}\n"])
    func `what is nothing is nothing`(text: String) {
        #expect(FormatRegistry.recognise(InputFile(path: "x", bytes: Array(text.utf8))) == nil)
    }

    @Test(arguments: [
        ("plist", Format.plist), ("launchd", .plist), ("LAUNCHD", .plist), ("conf", .supervisor), ("unit", .systemd),
        ("openrc", .openrc), ("crontab", .cron),
    ])
    func `a word names a format`(word: String, format: Format) {
        #expect(Format(word: word) == format)
    }

    @Test func `a format that is only written says so`() {
        let file = InputFile(path: "init", bytes: Array("#!/sbin/openrc-run\n".utf8))
        let failure = #expect(throws: Failure.self) { try FormatRegistry.read(file, world: TestWorld()) }
        #expect(failure?.status == .badInput)
        #expect(failure?.diagnostics.map(\.code) == ["format-only-written"])
        #expect(failure?.description.contains("OpenRC") == true)
    }

    @Test func `what no reader knows names those that there are`() {
        let failure = #expect(throws: Failure.self) {
            try FormatRegistry.read(InputFile(path: "x", bytes: Array("hello".utf8)), world: TestWorld())
        }
        #expect(failure?.diagnostics.map(\.code) == ["format-unknown"])
    }
}
