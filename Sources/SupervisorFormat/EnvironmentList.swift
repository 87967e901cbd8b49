/// `environment=KEY="value",KEY2=value2`, split as supervisord 4.3.0 does it: by Python's old shlex without POSIX rules,
/// its surprises included (`A=$HOME` is a `$`).
package enum EnvironmentList {
    /// The variables in the order in which they first occur; a later value of a name replaces the earlier.
    package static func parse(_ text: String) throws(BadValue) -> [(name: String, value: String)] {
        let tokens = try tokens(of: text)
        var variables: [(name: String, value: String)] = []
        var index: [String: Int] = [:]
        var start = 0
        while start < tokens.count {
            guard start + 2 < tokens.count, tokens[start + 1] == "=" else {
                throw BadValue(
                    "Unexpected end of key/value pairs in value '\(text)'",
                    remedy: "write KEY=\"value\",KEY2=\"value2\" without quotes inside the quotes")
            }
            let (name, value) = (tokens[start], stripQuotes(tokens[start + 2]))
            if let known = index[name] {
                variables[known].value = value
            } else {
                index[name] = variables.count
                variables.append((name, value))
            }
            // The fourth token is the separator, whatever it is.
            start += 4
        }
        return variables
    }

    private static func stripQuotes(_ token: String) -> String {
        let scalars = token.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isQuote($0) }),
            let last = scalars.lastIndex(where: { !isQuote($0) })
        else { return "" }
        return String(token[first...last])
    }

    private static func tokens(of text: String) throws(BadValue) -> [String] {
        var tokens: [String] = []
        var token: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        var quote: UInt8?
        var wide = 0
        func finish() {
            if !token.isEmpty { tokens.append(String(decoding: token, as: UTF8.self)) }
            token.removeAll(keepingCapacity: true)
        }
        while let byte = bytes.next() {
            if wide > 0 {
                // The rest of a character beyond ASCII, which is a token by itself.
                wide -= 1
                token.append(byte)
                if wide == 0 { finish() }
            } else if let open = quote {
                token.append(byte)
                if byte == open {
                    finish()
                    quote = nil
                }
            } else if byte == 32 || byte == 9 || byte == 13 || byte == 10 {
                finish()
            } else if byte == UInt8(ascii: "#") {
                // A comment up to the end of the line; a word before it goes on after it.
                while let skipped = bytes.next(), skipped != 10 {}
            } else if isQuote(Unicode.Scalar(byte)), token.isEmpty {
                token.append(byte)
                quote = byte
            } else if isWord(Unicode.Scalar(byte)) || isQuote(Unicode.Scalar(byte)) {
                // A quote inside a word is part of it and groups nothing.
                token.append(byte)
            } else {
                finish()
                token.append(byte)
                wide = byte < 0x80 ? 0 : (byte < 0xE0 ? 1 : (byte < 0xF0 ? 2 : 3))
                if wide == 0 { finish() }
            }
        }
        guard quote == nil else { throw BadValue("No closing quotation") }
        finish()
        return tokens
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\"" }

    /// Characters that form words: letters and digits of ASCII, and what supervisord adds.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "/", ".", "+", "-", "(", ")", ":": true
        default: false
        }
    }
}
