import ServiceModel
import SystemdFormat
import Testing

/// Normalised forms and instants are those that `systemd-analyze calendar` of systemd 252 printed.
@Suite struct CalendarExpressionTests {
    @Test(arguments: [
        ("Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00"),
        ("Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00"),
        ("Wed *-1", "Wed *-*-01 00:00:00"), ("Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00"),
        ("Wed, 17:48", "Wed *-*-* 17:48:00"), ("Wed..Sat,Tue 12-10-15 1:2:3", "Tue..Sat 2012-10-15 01:02:03"),
        ("*-*-7 0:0:0", "*-*-07 00:00:00"), ("10-15", "*-10-15 00:00:00"),
        ("monday *-12-* 17:00", "Mon *-12-* 17:00:00"), ("12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00"),
        ("03-05 08:05:40", "*-03-05 08:05:40"), ("08:05:40", "*-*-* 08:05:40"), ("05:40", "*-*-* 05:40:00"),
        ("Sat,Sun 12-05 08:05:40", "Sat,Sun *-12-05 08:05:40"), ("2003-03-05", "2003-03-05 00:00:00"),
        ("minutely", "*-*-* *:*:00"), ("weekly UTC", "Mon *-*-* 00:00:00 UTC"),
        ("quarterly", "*-01,04,07,10-01 00:00:00"),
        ("*:2/3", "*-*-* *:02/3:00"), ("*-*~05,01", "*-*~01,05 00:00:00"), ("*:*:*", "*-*-* *:*:*"),
        ("*:*:3.5", "*-*-* *:*:03.500000"), ("2..4-1..3/2", "*-02..04-01..03/2 00:00:00"),
        ("daily Europe/Berlin", "*-*-* 00:00:00 Europe/Berlin"), ("@1395716396", "2014-03-25 02:59:56 UTC"),
        ("Mon-Fri", "Mon..Fri *-*-* 00:00:00"), ("00/6:00", "*-*-* 00/6:00:00"),
    ])
    func `an expression is normalised as systemd does it`(text: String, normalised: String) throws {
        let expression = try CalendarExpression(text)
        #expect(expression.description == normalised)
        #expect(try CalendarExpression(normalised) == expression)
    }

    @Test(arguments: [
        "", "7 *-*-*", "24:00", "*-13-01", "12:60", "*/15", "Mon..", "Fri..Mon", "*-*~29", "*-*-01/31", "*:0/0",
        "1-2-3-4",
        "0 3 * * *", "99999999999-1-1", "*-*-* 1:2:3:4", "Foo", "1:2 3", "0:0:0/0.00", "*-*-* 5..2:0",
    ])
    func `what systemd refuses is refused with a reason`(text: String) {
        let error = #expect(throws: CalendarExpression.ParseError.self) { try CalendarExpression(text) }
        #expect(error?.reason.isEmpty == false)
    }

    @Test func `cron's spellings are answered with systemd's`() {
        let step = #expect(throws: CalendarExpression.ParseError.self) { try CalendarExpression("*:*/15") }
        #expect(step?.remedy?.contains("0/15") == true)
        let line = #expect(throws: CalendarExpression.ParseError.self) { try CalendarExpression("0 3 * * *") }
        #expect(line?.remedy?.contains("cron") == true)
    }

    @Test(
        arguments: [
            ("Mon *-*-* 03:00", [1_767_582_000, 1_768_186_800]), ("*-02-29", [1_835_395_200, 1_961_625_600]),
            ("*-*~01 12:00", [1_769_860_800, 1_772_280_000]), ("*-*-31", [1_769_817_600, 1_774_915_200]),
            ("*:0/20:30", [1_767_225_630, 1_767_226_830]), ("2020-*-*", []), ("*-02-30", []),
        ] as [(String, [Int64])])
    func `the next instants after New Year 2026`(text: String, instants: [Int64]) throws {
        let start = CalendarExpression.Elapse(seconds: 1_767_225_600)
        #expect(try CalendarExpression(text).next(2, after: start, in: .utc).map(\.seconds) == instants)
    }

    /// Version 2 with no transition of its own and a rule at the end, as `Europe/Berlin` has it.
    private static let berlin: CalendarZone? = {
        func header(_ types: UInt8, _ letters: UInt8) -> [UInt8] {
            Array("TZif2".utf8) + Array(repeating: 0, count: 15) + Array(repeating: 0, count: 16)
                + [0, 0, 0, types, 0, 0, 0, letters]
        }
        let body: [UInt8] = [0, 0, 0x0E, 0x10, 0, 0] + Array("CET\0".utf8)
        return CalendarZone(
            bytes: header(1, 4) + body + header(1, 4) + body + Array("\nCET-1CEST,M3.5.0,M10.5.0/3\n".utf8))
    }()

    @Test(
        arguments: [
            // The clock jumps from 2 to 3 o'clock on 29 March 2026: systemd leaves out what was due between.
            ("*-*-* 02:30", 1_774_740_000, [1_774_830_600, 1_774_917_000]),
            // It shows the hour from 2 to 3 twice on 25 October 2026: once is enough.
            ("hourly", 1_792_882_800, [1_792_886_400, 1_792_893_600]),
            ("12:00", 1_774_740_000, [1_774_778_400, 1_774_864_800]),
        ] as [(String, Int64, [Int64])])
    func `days on which clocks are changed`(text: String, start: Int64, instants: [Int64]) throws {
        let zone = try #require(Self.berlin)
        let next = try CalendarExpression(text).next(2, after: .init(seconds: start), in: zone)
        #expect(next.map(\.seconds) == instants)
    }

    @Test func `a broken zone file is none, wherever it is cut`() {
        let bytes = Array("TZif2".utf8) + Array(repeating: UInt8(0xFF), count: 200)
        for length in 0...bytes.count { #expect(CalendarZone(bytes: Array(bytes.prefix(length))) == nil) }
    }

    @Test(arguments: [
        ("Mon..Fri 09,17:00", 10), ("*-*-01 00:00", 1), ("*:0/15", 4), ("Sun", 1), ("*-1..3-5 4:6", 3),
    ])
    func `rules of the model come back as the same line`(text: String, count: Int) throws {
        let expression = try CalendarExpression(text)
        let rules = try #require(CalendarSpec.rules(of: expression))
        #expect(rules.count == count)
        let again = try CalendarSpec.lines(of: rules).map { try CalendarExpression($0) }
        #expect(again.flatMap { CalendarSpec.rules(of: $0) ?? [] } == rules)
    }

    @Test(arguments: [
        "Mon *-*-01", "2027-01-01", "*:*:30", "*-*~01", "daily UTC", "*-1..12-1..31 0..23:0..59",
    ])
    func `what the model cannot say is no rule`(text: String) throws {
        #expect(CalendarSpec.rules(of: try CalendarExpression(text)) == nil)
    }
}
