import PropertyList
import ServiceFormats
import ServiceModel
import SourceText
import Testing

/// Jobs put together by chance, from the same seed every time.
@Suite struct GeneratedJobTests {
    private struct Chance {
        var state: UInt64

        mutating func below(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
    }

    private static let texts = [
        "a", "two words", "100%", "%(x)s", "$HOME", "${X}", "a;b", "a ;b", "#c", "q\"q", "p'p", "b'\"b", "\\", "tab\tb",
        "é漢", "",
        " lead", "trail ", "~", "-x", "k=v,w", "%n", "~20",
    ]

    private static let choices: [(key: String, values: [PropertyValue])] = [
        ("RunAtLoad", [true, false, "yes"]),
        (
            "KeepAlive",
            [
                true, false, [:], ["SuccessfulExit": false], ["SuccessfulExit": true], ["Crashed": true],
                ["Crashed": false],
                ["SuccessfulExit": false, "Crashed": true], ["AfterInitialDemand": true], ["PathState": ["/x": true]],
                ["SuccessfulExit": true, "AfterInitialDemand": true, "NetworkState": true], ["Bogus": 1], "YES",
            ]
        ),
        ("OnDemand", [true, false]), ("ThrottleInterval", [0, 1, 10, 3600, -1]), ("ExitTimeOut", [0, 5, 20, 100]),
        ("AbandonProcessGroup", [true, false]), ("UserName", ["www", "root", "501"]), ("GroupName", ["staff"]),
        ("InitGroups", [true, false]), ("Umask", [18, 63, "022", "0x1f", 0, 9999]), ("Nice", [-20, 0, 19, 20, 21]),
        ("WorkingDirectory", ["/", "/srv", "rel", "/with blank"]), ("RootDirectory", ["/jail"]),
        ("Disabled", [true, false]),
        ("StartInterval", [1, 300, 0, 4_294_967_295]),
        (
            "StartCalendarInterval",
            [
                [:], ["Hour": 3], ["Minute": 0, "Weekday": 7], [["Minute": 1], ["Day": 31, "Month": 2]], ["Minute": 60],
                [],
                ["Minute": 5, "Day": 1, "Weekday": 0],
            ]
        ),
        ("WatchPaths", [["/a"], ["/a", "b"], []]), ("QueueDirectories", [["/q"]]),
        ("StandardInPath", ["/in", "/dev/null"]), ("StandardOutPath", ["/log", "/dev/null", "rel", "/dev/stdout"]),
        ("StandardErrorPath", ["/log", "/err", "/dev/null"]),
        ("SoftResourceLimits", [["NumberOfFiles": 64], ["Core": 0, "Bogus": 1], [:]]),
        ("HardResourceLimits", [["NumberOfFiles": 128], ["Stack": 9_223_372_036_854_775_807]]),
        ("MachServices", [["a.b": true]]), ("Sockets", [["L": ["SockServiceName": "http"]]]),
        ("LowPriorityIO", [true, 1]), ("x", [1.5, .data([1, 2]), .date(PropertyDate(secondsSince2001: 5))]),
        ("ServiceIPC", [true]), ("runatload", [true]), ("LaunchOnlyOnce", [true]),
    ]

    private static func job(_ chance: inout Chance) -> PropertyDictionary {
        var job = PropertyDictionary()
        var words: [PropertyValue] = [.string(chance.pick(["/bin/a", "/opt/with blank/b", "/bin/%n"]))]
        for _ in 0..<chance.below(4) { words.append(.string(chance.pick(texts))) }
        job["Label"] = .string(chance.pick(["org.example.job", "a b", "x_1", "é", "a/b", "n%m", "q]"]))
        if chance.below(4) == 0 { job["Program"] = .string("/usr/bin/env") }
        job["ProgramArguments"] = .array(words)
        if chance.below(2) == 0 {
            var variables = PropertyDictionary()
            for name in ["A", "PATH", "B_2", "9x", "C D"] where chance.below(3) == 0 {
                variables[name] = .string(chance.pick(texts))
            }
            job["EnvironmentVariables"] = .dictionary(variables)
        }
        for choice in choices where chance.below(4) == 0 { job[choice.key] = chance.pick(choice.values) }
        return job
    }

    @Test(arguments: [Format.systemd, .supervisor]) func `a job of chance comes back, every key told once`(
        through: Format
    ) throws {
        var chance = Chance(state: 20_261_122)
        var converted = 0
        var refused = 0
        for _ in 0..<250 {
            let job = Self.job(&chance)
            let bytes = try XMLPropertyListWriter.write(.dictionary(job))
            let file = InputFile(path: "job.plist", bytes: bytes)
            let there: Conversion.Result
            do {
                there = try Sample.convert(file, through, to: through)
            } catch let failure as Failure {
                // A value that the other format cannot hold at all.
                #expect(failure.diagnostics.allSatisfy { $0.span != nil && $0.remedy != nil }, "\(failure)")
                refused += 1
                continue
            }
            converted += 1
            let output = Sample.whole(there.outputs)
            let back = try Sample.converted(output, to: .plist)
            #expect(
                try Sample.value(back) == .dictionary(job),
                "\(String(decoding: bytes, as: UTF8.self))\n\(String(decoding: output.bytes, as: UTF8.self))\n\(Sample.text(back))"
            )
            let keys = try FormatRegistry.read(file, world: TestWorld()).keys.map(\.name).sorted()
            #expect(there.reports.first?.items.filter { $0.grade != .generated }.map(\.key).sorted() == keys)
        }
        #expect(converted > 125 && refused < 125, "\(converted) converted, \(refused) refused")
    }
}
