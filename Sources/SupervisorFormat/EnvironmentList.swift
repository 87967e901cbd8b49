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
        var scalars = token.unicodeScalars[...]
        while let first = scalars.first, isQuote(first) { scalars.removeFirst() }
        while let last = scalars.last, isQuote(last) { scalars.removeLast() }
        return String(scalars)
    }

    private static func tokens(of text: String) throws(BadValue) -> [String] {
        var tokens: [String] = []
        var token = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        var quote: Unicode.Scalar?
        func finish() {
            if !token.isEmpty { tokens.append(String(token)) }
            token = String.UnicodeScalarView()
        }
        while let scalar = scalars.next() {
            if let open = quote {
                token.append(scalar)
                if scalar == open {
                    finish()
                    quote = nil
                }
            } else if isBlank(scalar) {
                finish()
            } else if scalar == "#" {
                // A comment up to the end of the line; a word before it goes on after it.
                while let skipped = scalars.next(), skipped != "\n" {}
            } else if isQuote(scalar), token.isEmpty {
                token.append(scalar)
                quote = scalar
            } else if isWord(scalar) || isQuote(scalar) {
                // A quote inside a word is part of it and groups nothing.
                token.append(scalar)
            } else {
                finish()
                tokens.append(String(scalar))
            }
        }
        guard quote == nil else { throw BadValue("No closing quotation") }
        finish()
        return tokens
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\r" || scalar == "\n"
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
