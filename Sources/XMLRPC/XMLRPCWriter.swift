/// Writes messages byte by byte as Python's `xmlrpc.client.dumps` lays them out, straight into one buffer.
///
/// Either whole values (`value(_:)`), or piece by piece without building one:
/// `writer.structure { $0.member("pid"); $0.int(7) }`.
package struct XMLRPCWriter: Sendable {
    /// What has been written.
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 512) {
        bytes.reserveCapacity(capacity)
    }

    // MARK: messages

    /// The answer of a call that succeeded.
    package static func answer(_ value: XMLRPCValue) -> [UInt8] {
        answer { $0.value(value) }
    }

    /// The answer of a call that succeeded; the closure writes exactly one value.
    package static func answer(capacity: Int = 512, _ write: (inout XMLRPCWriter) -> Void) -> [UInt8] {
        var writer = XMLRPCWriter(capacity: capacity)
        writer.raw("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n")
        write(&writer)
        writer.raw("</param>\n</params>\n</methodResponse>\n")
        return writer.bytes
    }

    /// The answer of a call that was refused.
    package static func fault(_ fault: XMLRPCFault) -> [UInt8] {
        var writer = XMLRPCWriter()
        writer.raw("<?xml version='1.0'?>\n<methodResponse>\n<fault>\n")
        writer.fault(fault)
        writer.raw("</fault>\n</methodResponse>\n")
        return writer.bytes
    }

    /// A call.
    package static func call(_ call: XMLRPCCall) -> [UInt8] {
        var writer = XMLRPCWriter()
        writer.raw("<?xml version='1.0'?>\n<methodCall>\n<methodName>")
        writer.text(call.method)
        writer.raw("</methodName>\n<params>\n")
        for parameter in call.parameters {
            writer.raw("<param>\n")
            writer.value(parameter)
            writer.raw("</param>\n")
        }
        writer.raw("</params>\n</methodCall>\n")
        return writer.bytes
    }

    // MARK: values

    /// Any value.
    package mutating func value(_ value: XMLRPCValue) {
        switch value {
        case .int(let number): int(number)
        case .boolean(let flag): boolean(flag)
        case .string(let text): string(text)
        case .double(let number): double(number)
        case .dateTime(let text): dateTime(text)
        case .base64(let data): base64(data)
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .structure(let members):
            structure { writer in
                for member in members { writer.member(member.name) { $0.value(member.value) } }
            }
        }
    }

    package mutating func int(_ number: Int64) {
        raw("<value><int>")
        decimal(number)
        raw("</int></value>\n")
    }

    package mutating func boolean(_ flag: Bool) {
        raw(flag ? "<value><boolean>1</boolean></value>\n" : "<value><boolean>0</boolean></value>\n")
    }

    /// A string; what XML cannot carry is escaped (`XMLRPCText`).
    package mutating func string(_ text: String) {
        raw("<value><string>")
        self.text(text)
        raw("</string></value>\n")
    }

    /// A string from bytes that need not be UTF-8, such as a log's (`XMLRPCText`).
    package mutating func string(bytes text: some Sequence<UInt8>) {
        raw("<value><string>")
        let done: Void? = text.withContiguousStorageIfAvailable { XMLRPCText.append($0, to: &bytes, markup: true) }
        if done == nil {
            Array(text).withUnsafeBufferPointer { XMLRPCText.append($0, to: &bytes, markup: true) }
        }
        raw("</string></value>\n")
    }

    /// A double with the digits that Python's `repr` shows.
    package mutating func double(_ number: Double) {
        raw("<value><double>")
        text(Self.digits(number))
        raw("</double></value>\n")
    }

    /// A time, already in the form `YYYYMMDDThh:mm:ss`.
    package mutating func dateTime(_ text: String) {
        raw("<value><dateTime.iso8601>")
        self.text(text)
        raw("</dateTime.iso8601></value>\n")
    }

    package mutating func base64(_ data: [UInt8]) {
        raw("<value><base64>\n")
        RPCBase64.encode(data, into: &bytes)
        raw("</base64></value>\n")
    }

    /// An array; the closure writes its values.
    package mutating func array(_ write: (inout XMLRPCWriter) -> Void) {
        raw("<value><array><data>\n")
        write(&self)
        raw("</data></array></value>\n")
    }

    /// A structure; the closure writes its members.
    package mutating func structure(_ write: (inout XMLRPCWriter) -> Void) {
        raw("<value><struct>\n")
        write(&self)
        raw("</struct></value>\n")
    }

    /// A member of a structure; the closure writes exactly one value.
    package mutating func member(_ name: String, _ write: (inout XMLRPCWriter) -> Void) {
        raw("<member>\n<name>")
        text(name)
        raw("</name>\n")
        write(&self)
        raw("</member>\n")
    }

    package mutating func member(_ name: String, _ text: String) { member(name) { $0.string(text) } }
    package mutating func member(_ name: String, _ number: Int64) { member(name) { $0.int(number) } }
    package mutating func member(_ name: String, _ flag: Bool) { member(name) { $0.boolean(flag) } }

    /// The structure of a fault as one value: an element of `system.multicall`'s answer.
    package mutating func fault(_ fault: XMLRPCFault) {
        structure {
            $0.member("faultCode", fault.code)
            $0.member("faultString", fault.text)
        }
    }

    // MARK: bytes

    private mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { XMLRPCText.append($0, to: &bytes, markup: true) }
    }

    private mutating func decimal(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Swift and Python both show the shortest digits that read back the same; they differ in where exponents begin.
    private static func digits(_ number: Double) -> String {
        let text = "\(number)"
        guard number.magnitude >= 1e16, number.isFinite, !text.contains("e") else { return text }
        let sign = number < 0 ? "-" : ""
        let whole = text.drop { $0 == "-" }.prefix { $0 != "." }
        var fraction = whole.dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(sign)\(whole.prefix(1))\(fraction.isEmpty ? "" : ".")\(fraction)e+\(whole.count - 1)"
    }
}
