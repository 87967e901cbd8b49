import SourceText

extension CalendarExpression {
    /// Why a text is no calendar expression.
    package struct ParseError: Error, Hashable, Sendable {
        package var reason: String
        package var remedy: String?
        /// Where, in bytes from the beginning of the text.
        package var offset: Int
    }

    /// Reads an expression as systemd 252 does.
    ///
    /// - Parameter isZone: whether a last word is the name of a time zone; without it, every word that looks like one is.
    package init(_ text: String, isZone: (String) -> Bool = Self.looksLikeZone) throws(ParseError) {
        var parser = CalendarParser(text)
        self = try parser.expression(isZone: isZone)
    }

    /// Letters, digits, `/ _ + -`, and a letter in front.
    package static func looksLikeZone(_ word: String) -> Bool {
        guard let first = word.unicodeScalars.first, first.properties.isAlphabetic, first.isASCII else { return false }
        if CalendarParser.weekday(at: word.lowercased()[...]) != nil || word.contains("..") { return false }
        return word.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789/_+-".unicodeScalars.contains($0))
        }
    }
}

/// The text of one expression while it is read.
struct CalendarParser {
    typealias Part = CalendarExpression.Part
    typealias ParseError = CalendarExpression.ParseError

    private let whole: String
    private var rest: Substring

    init(_ text: String) {
        whole = text.trimmed
        rest = whole[...]
    }

    private func failure(_ reason: String, remedy: String? = nil) -> ParseError {
        ParseError(
            reason: reason, remedy: remedy, offset: whole.utf8.distance(from: whole.startIndex, to: rest.startIndex))
    }

    mutating func expression(isZone: (String) -> Bool) throws(ParseError) -> CalendarExpression {
        var result = CalendarExpression()
        if let space = whole.lastIndex(of: " ") {
            let word = String(whole[whole.index(after: space)...])
            if word.uppercased() == "UTC" {
                result.zone = .utc
            } else if isZone(word) {
                result.zone = .named(word)
            }
            if result.zone != .local { rest = trimming(whole[..<space]) }
        }
        guard !rest.isEmpty else { throw failure("it is empty", remedy: "write e.g. *-*-* 03:00") }
        if let shorthand = Self.shorthands[rest.lowercased()] {
            shorthand(&result)
            return result
        }
        try weekdays(into: &result)
        if rest.first == "@" {
            try timestamp(into: &result)
        } else {
            try date(into: &result)
            try time(into: &result)
        }
        guard rest.isEmpty else { throw failure("'\(rest)' is not expected here") }
        result.normalise()
        try check(result)
        return result
    }

    /// systemd.time(7): the words that stand for a whole expression.
    private static let shorthands: [String: @Sendable (inout CalendarExpression) -> Void] = {
        func rule(
            _ months: [Int], day: Int?, time: [Int?], weekday: UInt8 = 0
        ) -> @Sendable (inout CalendarExpression) -> Void {
            { expression in
                expression.weekdays = weekday
                expression.months = months.map { Part($0) }
                expression.days = day.map { [Part($0)] } ?? []
                expression.hours = time[0].map { [Part($0)] } ?? []
                expression.minutes = time[1].map { [Part($0)] } ?? []
                expression.microseconds = [Part(0)]
            }
        }
        let yearly = rule([1], day: 1, time: [0, 0])
        let twice = rule([1, 7], day: 1, time: [0, 0])
        return [
            "minutely": rule([], day: nil, time: [nil, nil]), "hourly": rule([], day: nil, time: [nil, 0]),
            "daily": rule([], day: nil, time: [0, 0]), "weekly": rule([], day: nil, time: [0, 0], weekday: 1),
            "monthly": rule([], day: 1, time: [0, 0]), "yearly": yearly, "annually": yearly, "anually": yearly,
            "quarterly": rule([1, 4, 7, 10], day: 1, time: [0, 0]), "biannually": twice, "bi-annually": twice,
            "semiannually": twice, "semi-annually": twice,
        ]
    }()

    private static let longWeekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]

    /// The weekday with which a lower-case text begins, and the length of its name; the name must end there.
    static func weekday(at text: Substring) -> (day: Int, length: Int)? {
        for (day, name) in longWeekdays.enumerated() {
            for length in [name.count, 3] where text.hasPrefix(name.prefix(length)) {
                let next = text.dropFirst(length).first
                if next == nil || next == "-" || next == "." || next == "," || next == " " { return (day, length) }
            }
        }
        return nil
    }

    private mutating func weekdays(into result: inout CalendarExpression) throws(ParseError) {
        var rangeStart: Int?
        var isFirst = true
        while true {
            guard let (day, length) = Self.weekday(at: Substring(rest.lowercased())) else {
                if isFirst { return }
                throw failure("a weekday is expected", remedy: "write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
            }
            isFirst = false
            if let start = rangeStart, start > day {
                throw failure("the weekdays run backwards", remedy: "begin with the earlier day; Monday is the first")
            }
            for covered in (rangeStart ?? day)...day { result.weekdays |= 1 << covered }
            rest = rest.dropFirst(length)
            if rest.isEmpty || rest.first == " " { break }
            switch rest.first {
            case ".", "-":
                let isDash = rest.first == "-"
                guard rangeStart == nil, isDash || rest.hasPrefix("..") else { throw failure("a range is Mon..Fri") }
                rangeStart = day
                rest = rest.dropFirst(isDash ? 1 : 2)
            default:
                rangeStart = nil
                rest = rest.dropFirst()
            }
            if rest.isEmpty || rest.first == " " {
                guard rangeStart == nil else { throw failure("the range of weekdays has no end") }
                break
            }
        }
        rest = rest.drop { $0 == " " }
    }

    /// `@SECONDS`: one instant, by UTC.
    private mutating func timestamp(into result: inout CalendarExpression) throws(ParseError) {
        rest = rest.dropFirst()
        let seconds = try number(scale: 1)
        let time = CivilTime(secondsSinceEpoch: Int64(seconds))
        result.zone = .utc
        result.years = [Part(time.year)]
        result.months = [Part(time.month)]
        result.days = [Part(time.day)]
        result.hours = [Part(time.hour)]
        result.minutes = [Part(time.minute)]
        result.microseconds = [Part(time.second * CalendarExpression.microsecondsPerSecond)]
    }

    private mutating func date(into result: inout CalendarExpression) throws(ParseError) {
        guard !rest.isEmpty else { return }
        let start = rest
        var lists = [try list(scale: 1)]
        // The end, or a colon: it was a time.
        if rest.isEmpty || rest.first == ":" {
            rest = start
            return
        }
        while let separator = rest.first, separator != " " {
            guard separator == "-" || separator == "~", lists.count < 3, !result.countsFromMonthEnd else {
                throw failure("'\(separator)' is not expected in a date", remedy: Self.hint(for: rest, in: whole))
            }
            result.countsFromMonthEnd = separator == "~"
            rest = rest.dropFirst()
            lists.append(try list(scale: 1))
        }
        rest = rest.drop { $0 == " " }
        switch lists.count {
        case 3: (result.years, result.months, result.days) = (lists[0], lists[1], lists[2])
        case 2: (result.months, result.days) = (lists[0], lists[1])
        default:
            rest = start
            throw failure("'\(start)' is no date and no time", remedy: Self.cronHint(whole))
        }
    }

    private mutating func time(into result: inout CalendarExpression) throws(ParseError) {
        let zero = [Part(0)]
        (result.hours, result.minutes, result.microseconds) = (zero, zero, zero)
        guard !rest.isEmpty else { return }
        result.hours = try list(scale: 1)
        guard rest.first == ":" else {
            throw failure("a time is HH:MM or HH:MM:SS", remedy: Self.hint(for: rest, in: whole))
        }
        rest = rest.dropFirst()
        result.minutes = try list(scale: 1)
        guard rest.first == ":" else { return }
        rest = rest.dropFirst()
        result.microseconds = try list(scale: CalendarExpression.microsecondsPerSecond)
    }

    /// `*`, or parts with commas. Seconds count in microseconds.
    private mutating func list(scale: Int) throws(ParseError) -> [Part] {
        if rest.first == "*" {
            rest = rest.dropFirst()
            if rest.first == "/" {
                throw failure("'*/' is cron's way", remedy: "write 0\(rest.prefix { $0 != ":" && $0 != " " })")
            }
            return scale == 1 ? [] : [Part(0, step: scale)]
        }
        var parts: [Part] = []
        while true {
            var part = Part(try number(scale: scale))
            if rest.hasPrefix("..") {
                rest = rest.dropFirst(2)
                part.stop = try number(scale: scale)
                part.step = scale
            }
            if rest.first == "/" {
                rest = rest.dropFirst()
                part.step = try number(scale: scale)
                if part.step == 0 { throw failure("a step of 0 never ends") }
            } else if scale > 1, let stop = part.stop, part.start + scale > stop {
                throw failure("a range of seconds must span one second at least")
            }
            parts.append(part)
            guard rest.first == "," else { return parts }
            rest = rest.dropFirst()
        }
    }

    private mutating func number(scale: Int) throws(ParseError) -> Int {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty else {
            let word = rest.prefix { $0 != " " }
            throw failure(
                word.isEmpty ? "a number is missing" : "'\(word.prefix(20))' is no number",
                remedy: Self.cronHint(whole))
        }
        guard let value = Int(digits), value < 1 << 31 else { throw failure("the number is too large") }
        rest = rest.dropFirst(digits.count)
        guard scale > 1 else { return value }
        guard value * scale < 1 << 31 else { throw failure("the number is too large") }
        guard rest.first == ".", !rest.hasPrefix("..") else { return value * scale }
        let fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
        guard !fraction.isEmpty else { throw failure("digits are expected behind the point") }
        var micros = Int(Digits.leading(6, of: fraction)) ?? 0
        if let seventh = fraction.dropFirst(6).first, seventh >= "5" { micros += 1 }
        rest = rest.dropFirst(fraction.count + 1)
        return value * scale + micros
    }

    /// Every number must lie in its range; steps must lead somewhere.
    private func check(_ expression: CalendarExpression) throws(ParseError) {
        let top = 60 * CalendarExpression.microsecondsPerSecond - 1
        let columns: [(String, [Part], ClosedRange<Int>, Bool)] = [
            ("year", expression.years, CalendarExpression.knownYears, false),
            ("month", expression.months, 1...12, false),
            ("day", expression.days, expression.countsFromMonthEnd ? 1...28 : 1...31, expression.countsFromMonthEnd),
            ("hour", expression.hours, 0...23, false), ("minute", expression.minutes, 0...59, false),
            ("second", expression.microseconds, 0...top, false),
        ]
        for (name, parts, range, isFromEnd) in columns {
            let shown = name == "second" ? "0 to 59.999999" : "\(range.lowerBound) to \(range.upperBound)"
            for part in parts {
                let step = part.step ?? 0
                let isInside = range.contains(part.start) && (part.stop.map(range.contains) ?? true)
                guard isInside, step <= range.upperBound - range.lowerBound else {
                    throw ParseError(
                        reason: "\(name == "hour" ? "an" : "a") \(name) is a number from \(shown)",
                        remedy: Self.cronHint(whole), offset: 0)
                }
                let reaches: Bool
                if let stop = part.stop {
                    reaches = part.start + step <= stop
                } else {
                    reaches = isFromEnd ? part.start - step >= range.lowerBound : part.start + step <= range.upperBound
                }
                guard reaches else {
                    throw ParseError(reason: "the range or step of the \(name)s leads nowhere", remedy: nil, offset: 0)
                }
            }
        }
    }

    private static func hint(for rest: Substring, in whole: String) -> String? { cronHint(whole) }

    /// Five columns are a line of cron.
    private static func cronHint(_ text: String) -> String? {
        let words = text.split(separator: " ")
        guard words.count == 5 else { return nil }
        return "that is cron's order; write WEEKDAY YEAR-MONTH-DAY HOUR:MINUTE"
    }
}

extension Digits {
    /// The first `count` digits, filled up with zeros on the right.
    static func leading(_ count: Int, of digits: Substring) -> String {
        let taken = digits.prefix(count)
        return taken + String(repeating: "0", count: count - taken.count)
    }
}

extension CalendarExpression {
    /// Two-digit years, ends of ranges that no step reaches, order and duplicates: as systemd normalises them.
    mutating func normalise() {
        if weekdays == 0x7F { weekdays = 0 }
        if days.isEmpty { countsFromMonthEnd = false }
        if zone == .named("UTC") { zone = .utc }
        years = years.map { part in
            Part(Self.fullYear(part.start), through: part.stop.map(Self.fullYear), step: part.step)
        }
        years.tidy()
        months.tidy()
        days.tidy()
        hours.tidy()
        minutes.tidy()
        microseconds.tidy()
    }

    private static func fullYear(_ year: Int) -> Int { year < 70 ? year + 2000 : year < 100 ? year + 1900 : year }
}

extension [CalendarExpression.Part] {
    fileprivate mutating func tidy() {
        for index in indices {
            var part = self[index]
            if let stop = part.stop, let step = part.step, stop > part.start {
                part.stop = stop - (stop - part.start) % step
            }
            if let stop = part.stop, stop == part.start { (part.stop, part.step) = (nil, nil) }
            self[index] = part
        }
        sort { left, right in
            (left.start, left.stop ?? -1, left.step ?? 0) < (right.start, right.stop ?? -1, right.step ?? 0)
        }
        var seen: Set<Element> = []
        removeAll { !seen.insert($0).inserted }
    }
}
