// XMLStream, floor 0: libxml2 as a stream of events, for property lists and XML-RPC alike.

import CLibXML2

/// XML as a stream of events over libxml2, for bytes from strangers.
///
/// No document type with an internal subset, no entity but the five of XML, no network, no second file, no word on
/// standard error; libxml2's own time and memory are linear in the input (`XMLTagGuard`). A subclass says what each
/// element means; the first `refuse` ends the parse. Open, because its subclasses are in the rooms of their formats.
open class XMLEvents {
    /// What ended the parse, and at which byte of the input.
    public struct Refusal: Error, Hashable {
        /// Stable identifier, e.g. `xml-truncated`.
        public var code: String
        /// What is wrong.
        public var message: String
        /// What to do about it.
        public var remedy: String?
        /// Bytes before the place.
        public var offset: Int

        /// A refusal at a byte of the input.
        public init(code: String, message: String, remedy: String? = nil, offset: Int) {
            self.code = code
            self.message = message
            self.remedy = remedy
            self.offset = offset
        }
    }

    /// The first refusal, which ended the parse.
    public private(set) var refusal: Refusal?
    private var isStopped = false
    private var context: xmlParserCtxtPtr?

    /// A parser for one document.
    public init() {}

    // MARK: for the subclass

    /// Called once before the first event: the place to `intern` the names of elements.
    open func begin() {}
    /// A start tag; `name` is interned, or nil for a name with a prefix.
    open func startElement(_ name: UnsafePointer<UInt8>?) {}
    /// An end tag, or the end of an empty element's tag.
    open func endElement() {}
    /// A piece of character data; one text may come in many pieces.
    open func text(_ piece: UnsafeBufferPointer<UInt8>) {}
    /// A comment or processing instruction.
    open func aside() {}
    /// Something XML forbids but every property list reader accepts: `--` in a comment.
    open func doubleHyphen() {}

    /// The unique pointer that stands for an element's name in this parse.
    public final func intern(_ name: StaticString) -> UnsafePointer<UInt8>? {
        guard let dictionary = context?.pointee.dict else { return nil }
        return xmlDictLookup(dictionary, name.utf8Start, Int32(name.utf8CodeUnitCount))
    }

    /// Bytes before the place that libxml2 has reached: behind the tag at an end tag, before its `>` at a start tag.
    public final var offset: Int {
        guard let input = context?.pointee.input else { return 0 }
        return Int(input.pointee.consumed) + (input.pointee.cur - input.pointee.base)
    }

    /// The offset of the `<` of the tag whose event is being handled.
    public final var tagOffset: Int {
        guard let input = context?.pointee.input, let base = input.pointee.base, var cursor = input.pointee.cur
        else { return 0 }
        // A raw `<` cannot stand inside a tag, so the nearest one opened it.
        repeat {
            guard cursor > base else { break }
            cursor -= 1
        } while cursor.pointee != UInt8(ascii: "<")
        return Int(input.pointee.consumed) + (cursor - base)
    }

    /// The offset at which a piece of character data stands; where it is a copy, about there.
    public final func offset(of piece: UnsafeBufferPointer<UInt8>) -> Int {
        guard let input = context?.pointee.input, let base = input.pointee.base, let end = input.pointee.end,
            let start = piece.baseAddress, start >= base, start <= end
        else { return max(0, offset - piece.count) }
        return Int(input.pointee.consumed) + (start - base)
    }

    /// The byte before the place that libxml2 has reached, as far as it is still there.
    private var previousByte: UInt8? {
        guard let input = context?.pointee.input, let base = input.pointee.base, let cursor = input.pointee.cur,
            cursor > base
        else { return nil }
        return cursor[-1]
    }

    /// The offset of the next `]]>`.
    private var sectionEndOffset: Int {
        guard let input = context?.pointee.input, var cursor = input.pointee.cur, let end = input.pointee.end
        else { return 0 }
        var place = offset
        while end - cursor > 3, !(cursor[0] == 0x5D && cursor[1] == 0x5D && cursor[2] == 0x3E) {
            cursor += 1
            place += 1
        }
        return place
    }

    /// Ends the parse with an error; the first one counts.
    public final func refuse(_ code: String, _ message: String, remedy: String? = nil, at offset: Int) {
        if refusal == nil { refusal = Refusal(code: code, message: message, remedy: remedy, offset: offset) }
        stop()
    }

    /// Ends the parse without an error: what follows is not read.
    public final func stop() {
        guard !isStopped else { return }
        isStopped = true
        if let context { xmlStopParser(context) }
    }

    // MARK: the parse

    /// Runs the parser over `bytes`, which must be valid UTF-8 whatever its declaration says.
    public final func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(Refusal) {
        _ = Self.library
        if let offset = XMLTagGuard.firstCrowdedTag(in: bytes) {
            throw Refusal(code: "xml-attributes", message: "tag with too many attributes", offset: offset)
        }
        guard !bytes.isEmpty, let length = Int32(exactly: bytes.count), let start = bytes.baseAddress,
            let context = start.withMemoryRebound(
                to: CChar.self, capacity: bytes.count,
                { text in
                    xmlCreateMemoryParserCtxt(text, length)
                })
        else { throw Refusal(code: "xml-empty", message: "nothing to read", offset: 0) }
        var handler = Self.handler
        let ownHandler = context.pointee.sax
        self.context = context
        context.pointee.userData = Unmanaged.passUnretained(self).toOpaque()
        // HUGE lifts libxml2's limits on depth and text, which are not ours: the subclass has its own.
        _ = xmlCtxtUseOptions(
            context,
            Int32(
                XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue | XML_PARSE_RECOVER.rawValue
                    | XML_PARSE_IGNORE_ENC.rawValue))
        begin()
        withExtendedLifetime(self) {
            withUnsafeMutablePointer(to: &handler) { handler in
                context.pointee.sax = handler
                _ = xmlParseDocument(context)
                context.pointee.sax = ownHandler
            }
        }
        let end = offset
        self.context = nil
        if let document = context.pointee.myDoc {
            xmlFreeDoc(document)
            context.pointee.myDoc = nil
        }
        xmlFreeParserCtxt(context)
        if let refusal { throw refusal }
        if !isStopped { throw Refusal(code: "xml-truncated", message: "the document ends too early", offset: end) }
    }

    /// libxml2's one-time set-up, which must happen before two threads parse.
    private static let library: Void = xmlInitParser()

    private static func events(_ pointer: UnsafeMutableRawPointer?) -> XMLEvents? {
        pointer.map { Unmanaged<XMLEvents>.fromOpaque($0).takeUnretainedValue() }
    }

    private static var handler: xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.initialized = XML_SAX2_MAGIC
        handler.internalSubset = { user, _, _, _ in XMLEvents.events(user)?.documentType() }
        handler.getEntity = { _, _ in nil }
        handler.entityDecl = { user, _, _, _, _, _ in XMLEvents.events(user)?.refuseDeclaration() }
        handler.reference = { user, name in
            guard let events = XMLEvents.events(user) else { return }
            events.refuseEntity(name.map { String(cString: $0) } ?? "")
        }
        handler.startElementNs = { user, name, prefix, _, _, _, _, _, _ in
            guard let events = XMLEvents.events(user), !events.isStopped else { return }
            events.startElement(prefix == nil ? name : nil)
        }
        handler.endElementNs = { user, _, _, _ in
            guard let events = XMLEvents.events(user), !events.isStopped else { return }
            events.endElement()
        }
        let characters: charactersSAXFunc = { user, piece, length in
            guard let events = XMLEvents.events(user), !events.isStopped else { return }
            events.text(UnsafeBufferPointer(start: piece, count: Int(length)))
        }
        handler.characters = characters
        handler.ignorableWhitespace = characters
        handler.cdataBlock = characters
        handler.comment = { user, _ in XMLEvents.events(user)?.aside() }
        handler.processingInstruction = { user, _, _ in XMLEvents.events(user)?.aside() }
        handler.serror = { user, error in
            guard let events = XMLEvents.events(user), let error else { return }
            events.report(error.pointee)
        }
        return handler
    }

    /// The document type is being read: its name is over, an internal subset would begin here.
    private func documentType() {
        guard let next = context?.pointee.input.pointee.cur, next.pointee == UInt8(ascii: "[") else { return }
        refuseDeclaration()
    }

    private func refuseDeclaration() {
        refuse(
            "xml-internal-subset", "declarations inside the document type are not allowed",
            remedy: "remove the [...] part of <!DOCTYPE> and write entities out", at: offset)
    }

    private func refuseEntity(_ name: String) {
        refuse(
            "xml-entity", "entity &\(name); is not defined",
            remedy: "write the character itself or its number, such as &#160;", at: max(0, offset - name.utf8.count - 2)
        )
    }

    /// Turns an error of libxml2 into the refusal; positions are where it stopped reading.
    private func report(_ error: xmlError) {
        // After a deliberate stop libxml2 may complain about the rest; namespaces mean nothing to our readers.
        guard !isStopped, error.level.rawValue >= XML_ERR_ERROR.rawValue,
            error.domain != Int32(XML_FROM_NAMESPACE.rawValue)
        else { return }
        let text = error.message.map { String(cString: $0) } ?? "not well-formed"
        let first = text.split(separator: "\n").first.map(String.init) ?? text
        switch xmlParserErrors(UInt32(bitPattern: error.code)) {
        case XML_ERR_HYPHEN_IN_COMMENT:
            doubleHyphen()
        case XML_WAR_UNDECLARED_ENTITY, XML_ERR_UNDECLARED_ENTITY:
            refuseEntity(error.str1.map { String(cString: $0) } ?? "")
        case XML_ERR_TAG_NAME_MISMATCH:
            let expected = error.str1.map { String(cString: $0) } ?? "?"
            refuse(
                "xml-mismatch", "</\(expected)> expected: the <\(expected)> of line \(error.int1) is still open",
                at: tagOffset)
        case XML_ERR_TAG_NOT_FINISHED:
            refuse("xml-truncated", "the document ends inside <\(openElement)>", remedy: "close the tag", at: offset)
        case XML_ERR_LT_IN_ATTRIBUTE, XML_ERR_NAME_REQUIRED:
            refuse(
                "xml-syntax", "a bare < or & that begins no tag or entity",
                remedy: "write &lt; for < and &amp; for & in texts",
                at: previousByte == UInt8(ascii: "<") || previousByte == UInt8(ascii: "&") ? offset - 1 : offset)
        case XML_ERR_STRING_NOT_STARTED, XML_ERR_ATTRIBUTE_NOT_STARTED, XML_ERR_LITERAL_NOT_STARTED:
            refuse(
                "xml-syntax", "a quote \" or ' is expected", remedy: "use straight quotes, not typographic ones",
                at: offset)
        case XML_ERR_MISPLACED_CDATA_END:
            refuse("xml-syntax", "]]> in a text", remedy: "write ]]&gt;", at: sectionEndOffset)
        case XML_ERR_INVALID_CHAR, XML_ERR_INVALID_CHARREF:
            refuse("xml-character", "a character that XML 1.0 does not allow", remedy: "remove it", at: offset)
        default:
            refuse("xml-syntax", "not well-formed XML: \(first)", at: offset)
        }
    }

    private var openElement: String { context?.pointee.name.map { String(cString: $0) } ?? "" }
}
