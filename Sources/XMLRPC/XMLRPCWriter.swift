/// Writes messages byte by byte as Python's `xmlrpc.client.dumps` lays them out, straight into one buffer.
///
/// Either whole values (`value(_:)`), or piece by piece without building one:
/// `writer.structure { $0.member("pid"); $0.int(7) }`.
package struct XMLRPCWriter: Sendable {
    private var buffer: MessageBuffer

    package init(capacity: Int = 512) {
        buffer = MessageBuffer(capacity: capacity)
    }

    /// What has been written.
    package var bytes: [UInt8] { buffer.bytes }

    // MARK: messages

    /// The answer of a call that succeeded.
    package static func answer(_ value: XMLRPCValue) -> [UInt8] {
        answer { $0.value(value) }
    }

    /// The answer of a call that succeeded; the closure writes exactly one value.
    package static func answer(capacity: Int = 512, _ write: (inout XMLRPCWriter) -> Void) -> [UInt8] {
        var writer = XMLRPCWriter(capacity: capacity)
        writer.buffer.lay("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n")
        write(&writer)
        writer.buffer.lay("</param>\n</params>\n</methodResponse>\n")
        return writer.buffer.take()
    }

    /// The answer of a call that was refused.
    package static func fault(_ fault: XMLRPCFault) -> [UInt8] {
        var writer = XMLRPCWriter()
        writer.buffer.lay("<?xml version='1.0'?>\n<methodResponse>\n<fault>\n")
        writer.fault(fault)
        writer.buffer.lay("</fault>\n</methodResponse>\n")
        return writer.buffer.take()
    }

    /// A call.
    package static func call(_ call: XMLRPCCall) -> [UInt8] {
        var writer = XMLRPCWriter()
        writer.buffer.lay("<?xml version='1.0'?>\n<methodCall>\n<methodName>")
        writer.text(call.method)
        writer.buffer.lay("</methodName>\n<params>\n")
        for parameter in call.parameters {
            writer.buffer.lay("<param>\n")
            writer.value(parameter)
            writer.buffer.lay("</param>\n")
        }
        writer.buffer.lay("</params>\n</methodCall>\n")
        return writer.buffer.take()
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
        case .null: buffer.lay("<value><nil/></value>\n")
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .structure(let members):
            structure { writer in
                for member in members { writer.member(member.name) { $0.value(member.value) } }
            }
        }
    }

    package mutating func int(_ number: Int64) {
        buffer.lay(room: 64) {
            $0.write("<value><int>")
            $0.write(number)
            $0.write("</int></value>\n")
        }
    }

    package mutating func boolean(_ flag: Bool) {
        buffer.lay(flag ? "<value><boolean>1</boolean></value>\n" : "<value><boolean>0</boolean></value>\n")
    }

    /// A string; what XML cannot carry is escaped (`XMLRPCText`).
    package mutating func string(_ text: String) {
        buffer.lay("<value><string>")
        self.text(text)
        buffer.lay("</string></value>\n")
    }

    /// A string from bytes that need not be UTF-8, such as a log's (`XMLRPCText`).
    package mutating func string(bytes text: some Sequence<UInt8>) {
        buffer.lay("<value><string>")
        let done: Void? = text.withContiguousStorageIfAvailable { buffer.lay(text: $0) }
        if done == nil { Array(text).withUnsafeBufferPointer { buffer.lay(text: $0) } }
        buffer.lay("</string></value>\n")
    }

    /// A double with the digits that Python's `repr` shows.
    package mutating func double(_ number: Double) {
        buffer.lay("<value><double>")
        text(Self.digits(number))
        buffer.lay("</double></value>\n")
    }

    /// A time, already in the form `YYYYMMDDThh:mm:ss`.
    package mutating func dateTime(_ text: String) {
        buffer.lay("<value><dateTime.iso8601>")
        self.text(text)
        buffer.lay("</dateTime.iso8601></value>\n")
    }

    package mutating func base64(_ data: [UInt8]) {
        buffer.lay("<value><base64>\n")
        var text: [UInt8] = []
        RPCBase64.encode(data, into: &text)
        buffer.lay(text)
        buffer.lay("</base64></value>\n")
    }

    /// An array; the closure writes its values.
    package mutating func array(_ write: (inout XMLRPCWriter) -> Void) {
        buffer.lay("<value><array><data>\n")
        write(&self)
        buffer.lay("</data></array></value>\n")
    }

    /// A structure; the closure writes its members.
    package mutating func structure(_ write: (inout XMLRPCWriter) -> Void) {
        buffer.lay("<value><struct>\n")
        write(&self)
        buffer.lay("</struct></value>\n")
    }

    /// A member of a structure; the closure writes exactly one value.
    package mutating func member(_ name: String, _ write: (inout XMLRPCWriter) -> Void) {
        buffer.lay("<member>\n<name>")
        text(name)
        buffer.lay("</name>\n")
        write(&self)
        buffer.lay("</member>\n")
    }

    // The members of large answers have names of the program's own, which need neither copy nor check.

    /// A member with a string; the name is plain ASCII.
    package mutating func member(_ name: StaticString, _ text: String) {
        var text = text
        text.withUTF8 { text in
            guard XMLRPCText.isPlain(text) else {
                begin(name, "<value><string>")
                buffer.lay(text: text)
                return buffer.lay("</string></value>\n</member>\n")
            }
            buffer.lay(room: name.utf8CodeUnitCount + text.count + 80) {
                $0.write("<member>\n<name>")
                $0.write(name)
                $0.write("</name>\n<value><string>")
                $0.write(text)
                $0.write("</string></value>\n</member>\n")
            }
        }
    }

    /// A member with a number; the name is plain ASCII.
    package mutating func member(_ name: StaticString, _ number: Int64) {
        buffer.lay(room: name.utf8CodeUnitCount + 100) {
            $0.write("<member>\n<name>")
            $0.write(name)
            $0.write("</name>\n<value><int>")
            $0.write(number)
            $0.write("</int></value>\n</member>\n")
        }
    }

    /// A member with a truth value; the name is plain ASCII.
    package mutating func member(_ name: StaticString, _ flag: Bool) {
        begin(name, flag ? "<value><boolean>1" : "<value><boolean>0")
        buffer.lay("</boolean></value>\n</member>\n")
    }

    private mutating func begin(_ name: StaticString, _ value: StaticString) {
        buffer.lay("<member>\n<name>")
        buffer.lay(name)
        buffer.lay("</name>\n")
        buffer.lay(value)
    }

    /// The structure of a fault as one value: an element of `system.multicall`'s answer.
    package mutating func fault(_ fault: XMLRPCFault) {
        structure {
            $0.member("faultCode", fault.code)
            $0.member("faultString", fault.text)
        }
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { buffer.lay(text: $0) }
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
