import Engine
import Kernel
import SourceText
import Supervision
import Testing

/// What is written down for a daemon that comes after a crash.
@Suite struct StoredRunTests {
    static let run = StoredRun(
        run: RunID(number: 77), group: "böse gruppe", process: "a", fingerprint: .max,
        logs: AutomaticLogs(output: "/logs/a", error: nil),
        pipes: [
            StoredRun.Pipe(stream: .input, identity: FileStatus.Identity(device: 9, inode: 1)),
            StoredRun.Pipe(stream: .error, identity: FileStatus.Identity(device: 9, inode: .max)),
        ])
    static let birth = StoredRun.Birth(pid: 4711, instant: Instant(monotonic: 1, boot: 2, wall: 3))

    @Test func whatIsWrittenIsRead() throws {
        #expect(try StoredRun(decoding: Self.run.encoded()) == Self.run)
        var born = Self.run
        born.birth = Self.birth
        #expect(try StoredRun(decoding: Self.run.encoded() + Self.birth.encoded()) == born)
    }

    @Test func aBirthThatIsTornHasNotBeen() throws {
        let birth = Self.birth.encoded()
        for count in 0..<birth.count {
            #expect(try StoredRun(decoding: Self.run.encoded() + birth.prefix(count)) == Self.run)
        }
    }

    @Test func aRunThatIsTornOrAlteredIsNone() {
        let bytes = Self.run.encoded()
        for count in 0..<bytes.count {
            #expect(throws: StateDecodingError.self) { try StoredRun(decoding: Array(bytes.prefix(count))) }
            var altered = bytes
            altered[count] ^= 1
            #expect(throws: StateDecodingError.self) { try StoredRun(decoding: altered) }
        }
    }

    @Test(
        arguments: [
            (StoreName.run(RunID(number: 1)), "+1"), (.run(RunID(number: 1_000_000)), "+lfls"),
            (.ferry(35), "~z"), (.socket(group: "php"), "=php"), (.socket(group: "a:b %\nü"), "=a%3ab%20%25%0a%c3%bc"),
        ])
    func aNameIsVisibleASCIIWithoutAColon(_ name: StoreName, _ text: String) {
        #expect(name.text == text)
        #expect(StoreName(text) == name)
    }

    @Test(arguments: ["", "+", "+0", "+-1", "+ü", "=%", "=%zz", "=%ff", "my.socket", "stored", "unknown"])
    func whatIsNoneOfOursIsLeftAlone(_ text: String) {
        #expect(StoreName(text) == nil)
    }

    @Test func aGroupWhoseNameIsTooLongHasNone() {
        #expect(StoreName.socket(group: String(repeating: "x", count: 254)).text != nil)
        #expect(StoreName.socket(group: String(repeating: "x", count: 255)).text == nil)
    }
}
