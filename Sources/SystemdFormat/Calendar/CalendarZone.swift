import SourceText

/// When a place's clocks differ from UTC by how much: a file of the time zone database (tzfile(5)).
package struct CalendarZone: Hashable, Sendable {
    package struct Period: Hashable, Sendable {
        /// First second, since 1970 by UTC.
        package var start: Int64
        /// Seconds east of UTC.
        package var offset: Int
        /// E.g. `CEST`.
        package var name: String
    }

    /// Ascending; before the first, and everywhere when there is none, `base` holds.
    private var periods: [Period]
    private var base: Period

    package static let utc = CalendarZone(periods: [], base: Period(start: .min, offset: 0, name: "UTC"))

    private init(periods: [Period], base: Period) {
        self.periods = periods
        self.base = base
    }

    /// Reads a compiled zone of version 1 to 4; `nil` when the bytes are none. Years behind the last transition follow
    /// the rule at the file's end, up to the last year that systemd evaluates.
    package init?(bytes: [UInt8]) {
        var reader = ZoneReader(bytes: bytes)
        guard let first = reader.header() else { return nil }
        let body: ZoneReader.Header
        let width: Int
        if first.version >= 2 {
            reader.skip(first.size(width: 4))
            guard let second = reader.header() else { return nil }
            (body, width) = (second, 8)
        } else {
            (body, width) = (first, 4)
        }
        guard body.types > 0, body.types <= 256, body.transitions <= 10_000, body.letters <= 1024,
            let times = reader.numbers(body.transitions, width: width), let kinds = reader.take(body.transitions),
            let types = reader.take(body.types * 6), let letters = reader.take(body.letters)
        else { return nil }
        func period(_ index: Int, from start: Int64) -> Period? {
            guard index < body.types else { return nil }
            let record = types[types.startIndex + index * 6..<types.startIndex + index * 6 + 6]
            let raw = record.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let place = Int(record[record.startIndex + 5])
            let name = letters.dropFirst(place).prefix { $0 != 0 }
            return Period(
                start: start, offset: Int(Int32(bitPattern: raw)), name: String(decoding: name, as: UTF8.self))
        }
        guard let base = period(0, from: .min) else { return nil }
        var periods: [Period] = []
        for (time, kind) in zip(times, kinds) {
            guard let next = period(Int(kind), from: time), time > periods.last?.start ?? .min else { continue }
            periods.append(next)
        }
        self.init(periods: periods, base: base)
        reader.skip(body.leaps * (width + 4) + body.standards + body.universals)
        if width == 8, let rule = ZoneRule(reader.footer()) {
            let last = periods.last?.start ?? 0
            let firstYear = periods.isEmpty ? 1970 : CivilTime(secondsSinceEpoch: last).year
            for year in firstYear...max(firstYear, CalendarExpression.knownYears.upperBound) {
                self.periods += rule.periods(of: year).filter { $0.start > last }
            }
            if periods.isEmpty { self.base = rule.standard }
        }
    }

    /// What holds at an instant.
    package func period(at instant: Int64) -> Period {
        var low = 0
        var high = periods.count
        while low < high {
            let middle = (low + high) / 2
            if periods[middle].start <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? base : periods[low - 1]
    }

    package func offset(at instant: Int64) -> Int { period(at: instant).offset }

    package func civilTime(at instant: Int64) -> CivilTime {
        CivilTime(secondsSinceEpoch: instant + Int64(offset(at: instant)))
    }

    /// The instant at which the clocks show a time, as the C library's mktime(3) finds it: of two instants the one with
    /// `usualOffset`; in a gap, that much later as the gap is long. `usualOffset` becomes the offset that was used.
    package func instant(of time: CivilTime, usualOffset: inout Int) -> Int64 {
        let shown = time.secondsSinceEpoch
        let around = [usualOffset, offset(at: shown - 90_000), offset(at: shown + 90_000)]
        for offset in around where self.offset(at: shown - Int64(offset)) == offset {
            usualOffset = offset
            return shown - Int64(offset)
        }
        let found = shown - Int64(around[1])
        usualOffset = offset(at: found)
        return found
    }
}

/// The rule for years that a zone file does not list: POSIX's TZ, e.g. `CET-1CEST,M3.5.0,M10.5.0/3` (tzset(3)).
struct ZoneRule {
    /// The day of a change: `Mm.w.d`, `Jn` or `n`.
    enum Day: Hashable {
        case weekday(month: Int, week: Int, weekday: Int)
        /// 1 to 365, leap days not counted.
        case julian(Int)
        /// 0 to 365.
        case ordinal(Int)
    }

    var standard: CalendarZone.Period
    var summer: CalendarZone.Period?
    private var changes: [(day: Day, seconds: Int)] = []

    init?(_ text: String) {
        var parser = ZoneRuleParser(rest: text[...])
        guard let name = parser.name(), let west = parser.time() else { return nil }
        standard = CalendarZone.Period(start: .min, offset: -west, name: name)
        guard let summerName = parser.name() else { return }
        let summerWest = parser.rest.first == "," ? west - 3600 : parser.time() ?? west - 3600
        for _ in 0..<2 {
            guard parser.skip(","), let day = parser.day() else { return nil }
            changes.append((day, parser.skip("/") ? parser.time() ?? 7200 : 7200))
        }
        summer = CalendarZone.Period(start: .min, offset: -summerWest, name: summerName)
    }

    /// The two changes of a year, in order.
    func periods(of year: Int) -> [CalendarZone.Period] {
        guard let summer, changes.count == 2 else { return [] }
        var toSummer = summer
        toSummer.start = second(of: changes[0], in: year) - Int64(standard.offset)
        var toStandard = standard
        toStandard.start = second(of: changes[1], in: year) - Int64(summer.offset)
        return [toSummer, toStandard].sorted { $0.start < $1.start }
    }

    private func second(of change: (day: Day, seconds: Int), in year: Int) -> Int64 {
        let start: CivilTime
        switch change.day {
        case .julian(let day):
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            start = CivilTime(year, 1, day + (isLeap && day >= 60 ? 1 : 0))
        case .ordinal(let day):
            start = CivilTime(year, 1, day + 1)
        case .weekday(let month, let week, let weekday):
            // POSIX counts from Sunday.
            let first = CivilTime(year, month, 1)
            var day = 1 + ((weekday + 6) % 7 - first.weekday + 7) % 7 + (week - 1) * 7
            while CivilTime(secondsSinceEpoch: CivilTime(year, month, day).secondsSinceEpoch).month != month {
                day -= 7
            }
            start = CivilTime(year, month, day)
        }
        return start.secondsSinceEpoch + Int64(change.seconds)
    }
}

private struct ZoneRuleParser {
    var rest: Substring

    mutating func skip(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func name() -> String? {
        let isQuoted = skip("<")
        let name = rest.prefix { isQuoted ? $0 != ">" : $0.isLetter }
        guard !name.isEmpty else { return nil }
        rest = rest.dropFirst(name.count)
        if isQuoted, !skip(">") { return nil }
        return String(name)
    }

    mutating func number() -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits.count < 6 ? Int(digits) : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time() -> Int? {
        let sign = skip("-") ? -1 : 1
        if sign == 1 { _ = skip("+") }
        guard var seconds = number().map({ $0 * 3600 }) else { return nil }
        if skip(":") { seconds += (number() ?? 0) * 60 }
        if skip(":") { seconds += number() ?? 0 }
        return sign * seconds
    }

    mutating func day() -> ZoneRule.Day? {
        if skip("M") {
            guard let month = number(), (1...12).contains(month), skip("."), let week = number(),
                (1...5).contains(week), skip("."), let weekday = number(), (0...6).contains(weekday)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
        if skip("J") { return number().flatMap { (1...365).contains($0) ? .julian($0) : nil } }
        return number().flatMap { (0...365).contains($0) ? .ordinal($0) : nil }
    }
}

/// The bytes of a zone file, read from front to back.
private struct ZoneReader {
    struct Header {
        var version: UInt8
        var universals: Int
        var standards: Int
        var leaps: Int
        var transitions: Int
        var types: Int
        var letters: Int

        func size(width: Int) -> Int {
            transitions * (width + 1) + types * 6 + letters + leaps * (width + 4) + standards + universals
        }
    }

    private let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func skip(_ count: Int) { place = min(bytes.count, place + max(0, count)) }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - place else { return nil }
        defer { place += count }
        return bytes[place..<place + count]
    }

    mutating func numbers(_ count: Int, width: Int) -> [Int64]? {
        guard let slice = take(count * width) else { return nil }
        return (0..<count).map { index in
            let start = slice.startIndex + index * width
            let raw = slice[start..<start + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return width == 4 ? Int64(Int32(bitPattern: UInt32(truncatingIfNeeded: raw))) : Int64(bitPattern: raw)
        }
    }

    mutating func header() -> Header? {
        guard let magic = take(4), magic.elementsEqual("TZif".utf8), let version = take(1)?.first, take(15) != nil,
            let counts = numbers(6, width: 4), counts.allSatisfy({ (0..<1 << 20).contains($0) })
        else { return nil }
        let ints = counts.map(Int.init)
        let digit = version >= UInt8(ascii: "0") ? version - UInt8(ascii: "0") : 1
        return Header(
            version: digit, universals: ints[0], standards: ints[1], leaps: ints[2], transitions: ints[3],
            types: ints[4], letters: ints[5])
    }

    /// The line between the last two line ends.
    mutating func footer() -> String {
        let line = bytes[place...].drop { $0 == UInt8(ascii: "\n") }.prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self)
    }
}
