import SourceText
import Testing

@Suite struct MeasureTests {
    @Test(arguments: [
        ("5", Int64(5000)), ("1min30s", 90_000), ("1min 30s", 90_000), ("1h 5", 3_605_000), ("250ms", 250),
        ("1 month", 2_629_800_000), ("0.5s", 500), ("100us", 1), ("0", 0),
    ])
    func `time spans are systemd's`(text: String, milliseconds: Int64) {
        #expect(TimeSpan(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "x", "5 bananas", "-", "1..5s", "99999999999999999999y"])
    func `what is no time span is refused`(text: String) {
        #expect(TimeSpan(text) == nil)
    }

    @Test func `infinity is longer than everything and survives printing`() {
        #expect(TimeSpan("infinity") == .infinity)
        #expect(TimeSpan.milliseconds(.max) < .infinity)
        #expect(TimeSpan(TimeSpan.infinity.description) == .infinity)
    }

    @Test(arguments: [Int64(0), 1, 999, 1000, 61_001, 86_400_000, 90_061_007])
    func `a printed time span reads back`(milliseconds: Int64) {
        #expect(TimeSpan(TimeSpan.milliseconds(milliseconds).description) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        ("50MB", Int64(50 << 20)), ("5 MB", 5 << 20), ("1kb", 1024), ("2GB", 2 << 30), ("100", 100), ("-1", -1),
    ])
    func `byte sizes are supervisord's`(text: String, bytes: Int64) {
        #expect(ByteSize(text, suffixes: .supervisor)?.bytes == bytes)
    }

    @Test(arguments: ["1.5MB", "5K", "", "MB", "99999999999GB"])
    func `what is no byte size is refused`(text: String) {
        #expect(ByteSize(text, suffixes: .supervisor) == nil)
    }

    @Test func `a printed byte size is the shortest form`() {
        #expect(ByteSize(bytes: 50 << 20).description == "50MB")
        #expect(ByteSize(bytes: 1536).description == "1536")
        #expect(ByteSize(bytes: 0).description == "0")
    }

    @Test(arguments: [("TERM", 15), ("sigterm", 15), ("Hup", 1), ("SIGKILL", 9)])
    func `signals are named with and without SIG, in any case`(name: String, number: Int32) {
        #expect(Signal(named: name)?.number == number)
    }

    @Test func `an unknown signal has no name`() {
        #expect(Signal(named: "FOO") == nil)
        #expect(!Signal(number: 99).isKnown)
        #expect(Signal(number: 15).description == "SIGTERM")
    }

    @Test(arguments: [UInt64(0), 1, 7, 8, 35, 36, 255, 4_194_304, UInt64(1) << 63, .max])
    func `numbers in any base are the standard library's`(number: UInt64) {
        for radix in 2...36 {
            #expect(Digits.text(number, radix: UInt64(radix)) == String(number, radix: radix))
        }
        #expect(Digits.text(number, radix: 16, width: 20).utf8.count == 20)
        #expect(UInt64(Digits.octal(number, width: 30), radix: 8) == number)
    }
}
