import PropertyList
import ServiceModel
import SourceText

/// The rules of single keys.
extension LaunchdReading {
    mutating func take(_ member: PropertyMember, _ rule: LaunchdKeys.Rule) {
        let span = member.keySpan
        let value = member.value
        switch rule {
        case .label:
            if case .string(let text) = value.content { label = Setting(text, at: span) }
            account(member.key, at: span, .name)
        case .program:
            if case .string(let text) = value.content { program = Setting(text, at: span) }
            account(member.key, at: span, .command)
        case .programArguments:
            takeArguments(member)
        case .environment:
            takeEnvironment(member)
        case .umask:
            takeUmask(member)
        case .keepAlive:
            takeKeepAlive(member)
        case .onDemand:
            guard case .boolean(let flag) = value.content else { return }
            warn(
                "launchd-on-demand", "'OnDemand' was replaced in Mac OS X 10.5",
                remedy: flag ? "remove it, true does nothing" : "write <key>KeepAlive</key><true/>", at: span)
            guard !flag, root["KeepAlive"] == nil else { return keep([member.key], value, at: span) }
            service.restartOn = Setting(.all, at: span)
            keepAliveSpan = span
            account(member.key, at: span, .restartOn, .startsAtLoad)
        case .startInterval:
            guard let seconds = value.plain.integer, seconds > 0, seconds <= Int(UInt32.max) else {
                return reject(member, "a StartInterval must be between 1 and 4294967295 seconds")
            }
            service.interval = Setting(.seconds(Int64(seconds)), at: span)
            account(member.key, at: span, .interval)
        case .calendar:
            takeCalendar(member)
        case .throttle:
            guard let seconds = value.plain.integer, seconds >= 0, seconds <= Int(UInt32.max) else {
                return reject(member, "a ThrottleInterval must not be negative")
            }
            service.restartDelay = Setting(.sinceStart(.seconds(Int64(seconds))), at: span)
            account(member.key, at: span, .restartDelay)
        case .exitTimeOut:
            guard let seconds = value.plain.integer, seconds >= 0, seconds <= Int(UInt32.max) else {
                return reject(member, "an ExitTimeOut must not be negative")
            }
            if seconds == 0 {
                warn(
                    "launchd-no-kill", "ExitTimeOut 0 never kills a job that ignores SIGTERM",
                    remedy: "write the seconds that the program needs to end", at: span)
            }
            service.stopTimeout = Setting(seconds == 0 ? .infinity : .seconds(Int64(seconds)), at: span)
            account(member.key, at: span, .stopTimeout)
        case .abandonProcessGroup:
            guard case .boolean(let flag) = value.content else { return }
            service.endsStragglers = Setting(!flag, at: span)
            account(member.key, at: span, .endsStragglers)
        case .niceness:
            guard let nice = value.plain.integer, (-20...20).contains(nice) else {
                return reject(member, "a Nice must be between -20 and 20")
            }
            service.niceness = Setting(nice, at: span)
            account(member.key, at: span, .niceness)
        case .softLimits:
            takeLimits(member, \.soft) { .softLimit($0) }
        case .hardLimits:
            takeLimits(member, \.hard) { .hardLimit($0) }
        case .standardInput:
            guard case .string(let path) = value.content else { return }
            service.standardInput = Setting(path == "/dev/null" ? .null : .file(path), at: span)
            account(member.key, at: span, .standardInput)
        case .sockets: takeSockets(member)
        case .inetd: takeInetd(member)
        case .disabled:
            guard case .boolean(let flag) = value.content else {
                warn(
                    "launchd-disabled-dict", "'Disabled' chooses by hardware, which only old launchd did",
                    remedy: "write <true/> or <false/>", at: span)
                return keep([member.key], value, at: span)
            }
            service.disabled = Setting(flag, at: span)
            account(member.key, at: span, .disabled)
        }
    }

    /// A value that launchd ignores because of its range.
    private mutating func reject(_ member: PropertyMember, _ message: String) {
        warn("launchd-range", "\(message); launchd ignores it", remedy: "correct or remove it", at: member.value.span)
        keep([member.key], member.value, at: member.keySpan)
    }

    private mutating func takeArguments(_ member: PropertyMember) {
        var words: [String] = []
        for element in member.value.elements ?? [] {
            guard case .string(let text) = element.content else {
                fail(
                    "launchd-argument-type",
                    "an element of 'ProgramArguments' is \(element.kind.named), not a string; launchd refuses the job",
                    remedy: "write <string>\(Self.textForm(element.plain))</string>", at: element.span)
                continue
            }
            if text.contains("\0") {
                fail("launchd-nul", "an argument holds a NUL byte", remedy: "remove it", at: element.span)
            }
            words.append(text)
        }
        // With a Program the first argument is only what the program sees as its name.
        let program = root["Program"]?.plain.string
        let script = ShellSyntax.script(in: program.map { [$0] + words.dropFirst() } ?? words)
        for element in member.value.elements ?? [] {
            guard case .string(let text) = element.content, text != script else { continue }
            warnUnexpanded(text, at: element.span)
        }
        programArguments = Setting(words, at: member.keySpan)
        account(member.key, at: member.keySpan, .command)
    }

    private static func textForm(_ value: PropertyValue) -> String {
        switch value {
        case .integer(let number): number.description
        case .boolean(let flag): flag ? "true" : "false"
        case .real(let number): "\(number)"
        default: "…"
        }
    }

    /// launchd hands every text to the program as it is.
    mutating func warnUnexpanded(_ text: String, at span: SourceSpan) {
        if text == "~" || text.hasPrefix("~/") {
            warn(
                "launchd-tilde", "launchd does not expand '~' in '\(text.prefix(60))'",
                remedy: "write the home directory's absolute path", at: span)
        }
        if hasVariable(text) {
            warn(
                "launchd-variable", "launchd does not expand variables in '\(text.prefix(60))'",
                remedy: "write the value, or run the program through /bin/sh -c", at: span)
        }
    }

    private func hasVariable(_ text: String) -> Bool {
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if previous == "$", scalar == "{" || scalar == "(" || scalar == "_" || scalar.properties.isAlphabetic {
                return true
            }
            previous = scalar
        }
        return false
    }

    private mutating func takeEnvironment(_ member: PropertyMember) {
        let members = member.value.members ?? []
        if members.isEmpty { return keep([member.key], member.value, at: member.keySpan) }
        for variable in members {
            let path = [member.key, variable.key]
            guard case .string(let text) = variable.value.content else {
                warn(
                    "launchd-wrong-type",
                    "the variable '\(variable.key)' is \(variable.value.kind.named); launchd ignores it",
                    remedy: "write <string>\(Self.textForm(variable.value.plain))</string>", at: variable.value.span)
                keep(path, variable.value, at: variable.keySpan)
                continue
            }
            guard !variable.key.isEmpty, !variable.key.contains("="), !variable.key.contains("\0"),
                !text.contains("\0")
            else {
                warn(
                    "launchd-variable-name", "'\(variable.key)' cannot be the name of a variable",
                    remedy: "use letters, digits and _", at: variable.keySpan)
                keep(path, variable.value, at: variable.keySpan)
                continue
            }
            warnUnexpanded(text, at: variable.value.span)
            service.environment.append(EnvironmentVariable(variable.key, Setting(text, at: variable.keySpan)))
            account(path.joined(separator: "."), at: variable.keySpan, .environment(variable.key))
        }
    }

    private mutating func takeUmask(_ member: PropertyMember) {
        let span = member.keySpan
        let value: Int?
        switch member.value.content {
        case .integer(let number):
            value = number.int
            if let value, Self.looksOctal.contains(value) {
                warn(
                    "launchd-umask-decimal",
                    "Umask <integer>\(value)</integer> is decimal: the mask is \(Self.octal(value))",
                    remedy: "write <integer>\(Int(String(value), radix: 8) ?? 18)</integer> for 0\(value)",
                    at: member.value.span)
            }
        case .string(let text): value = Self.strtoul(text)
        default: value = nil
        }
        guard let value, (0...0o777).contains(value) else {
            return reject(member, "a Umask must be between 0 and 0777 (511)")
        }
        service.umask = Setting(UInt32(value), at: span)
        account(member.key, at: span, .umask)
    }

    /// Decimal numbers whose digits are a usual umask in octal: somebody has probably forgotten that plists have no
    /// octal numbers.
    private static let looksOctal: Set<Int> = [22, 27, 77]

    private static func octal(_ value: Int) -> String { Digits.octal(UInt64(max(0, value)), width: 4) }

    /// C's strtoul with base 0: `0x` hexadecimal, leading `0` octal, else decimal.
    private static func strtoul(_ text: String) -> Int? {
        let trimmedText = text.trimmed.lowercased()
        if trimmedText.hasPrefix("0x") { return Int(trimmedText.dropFirst(2), radix: 16) }
        if trimmedText.hasPrefix("0"), trimmedText.count > 1 { return Int(trimmedText.dropFirst(), radix: 8) }
        return Int(trimmedText)
    }

    private mutating func takeLimits(
        _ member: PropertyMember, _ half: WritableKeyPath<ResourceLimit, Setting<UInt64>?>,
        field: (ResourceKind) -> ServiceField
    ) {
        let members = member.value.members ?? []
        if members.isEmpty { return keep([member.key], member.value, at: member.keySpan) }
        for limit in members {
            let path = [member.key, limit.key]
            let names = LaunchdKeys.limits.map(\.name)
            guard let kind = LaunchdKeys.limits.first(where: { $0.name == limit.key })?.kind else {
                warn(
                    "launchd-limit", "'\(limit.key)' is no limit that launchd sets",
                    remedy: nearestWord(to: limit.key, among: names).map { "did you mean \($0)?" }
                        ?? "use one of \(names.joined(separator: ", "))", at: limit.keySpan)
                keep(path, limit.value, at: limit.keySpan)
                continue
            }
            guard case .integer(let number) = limit.value.content, let value = number.uint64 else {
                let isNumber = limit.value.kind == .integer
                warn(
                    "launchd-limit",
                    "the limit '\(limit.key)' is \(isNumber ? "negative" : limit.value.kind.named); launchd ignores it",
                    remedy: "write an <integer> from 0", at: limit.value.span)
                keep(path, limit.value, at: limit.keySpan)
                continue
            }
            // Darwin's RLIM_INFINITY is 2^63 - 1.
            let isUnlimited = value >= UInt64(Int64.max)
            service.limits[kind, default: ResourceLimit()][keyPath: half] = Setting(
                isUnlimited ? .max : value, at: limit.keySpan)
            account(path.joined(separator: "."), at: limit.keySpan, field(kind))
        }
    }
}
