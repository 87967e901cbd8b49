import SourceText

/// The ways to write a property list down.
package enum PropertyListFormat: String, Hashable, Sendable, CaseIterable {
    case xml, binary, json
    case openStep = "openstep"

    /// The format that the content of a file looks like; OpenStep, which any text may be, where nothing else fits.
    package static func recognise(_ bytes: [UInt8]) -> PropertyListFormat {
        if bytes.starts(with: "bplist".utf8) { return .binary }
        return recognise(text: bytes[...])
    }

    /// As `recognise`, of text in UTF-8.
    static func recognise(text bytes: ArraySlice<UInt8>) -> PropertyListFormat {
        var rest = bytes
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        rest = skipBlanks(rest)
        guard let first = rest.first else { return .xml }
        let second = rest.dropFirst().first ?? 0
        switch first {
        case UInt8(ascii: "<"):
            // `<68656c6c 6f>` is OpenStep data; an element's name may consist of such letters too, but none of
            // the property list elements does.
            let inside = rest.dropFirst().prefix { $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "<") }
            let isData =
                inside.allSatisfy { Digits.value(ofHexadecimal: $0) != nil || isBlank($0) }
                || second == UInt8(ascii: "*")
            return isData && (!inside.isEmpty || second == UInt8(ascii: ">")) ? .openStep : .xml
        case UInt8(ascii: "["):
            return .json
        case UInt8(ascii: "{"):
            let inside = skipBlanks(rest.dropFirst())
            if inside.first == UInt8(ascii: "}") { return .json }
            guard inside.first == UInt8(ascii: "\"") else { return .openStep }
            return skipBlanks(behindString(inside)).first == UInt8(ascii: ":") ? .json : .openStep
        default:
            return .openStep
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

    private static func skipBlanks(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> { bytes.drop(while: isBlank) }

    /// What follows the string in double quotes with which `bytes` begins.
    private static func behindString(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes.dropFirst()
        while let byte = rest.first {
            rest.removeFirst()
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
        }
        return rest
    }
}
