import CLibXML2

/// What libxml2's callbacks write into: events pile up and are handed over by the hundred, so that a callback costs no
/// more than an append.
struct XMLRecorder {
    private var events: [XMLEvent] = []
    private var copies: [UInt8] = []
    private let document: UnsafeBufferPointer<UInt8>
    private let context: xmlParserCtxtPtr
    private unowned let owner: XMLEvents

    private static let batchSize = 512

    /// Where the last event ended that was no complaint about a comment: no later than the comment begins.
    private var settled = 0
    private var copied = 0
    /// Bytes that libxml2 may copy for its complaints: at each `--` in a comment all that it has read of it.
    private static let copyLimit = 1 << 23

    init(owner: XMLEvents, context: xmlParserCtxtPtr, document: UnsafeBufferPointer<UInt8>) {
        self.owner = owner
        self.context = context
        self.document = document
        events.reserveCapacity(Self.batchSize)
    }

    private mutating func record(
        _ kind: XMLEvent.Kind, name: UnsafePointer<UInt8>? = nil, from start: Int, to end: Int, copy: Int = 0
    ) {
        events.append(
            XMLEvent(
                kind: kind, name: name, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end), copy: UInt32(truncatingIfNeeded: copy)))
        if kind != .doubleHyphen { settled = end }
        if events.count == Self.batchSize { flush() }
    }

    /// Hands over what has piled up.
    private mutating func flush() {
        events.withUnsafeBufferPointer { events in
            copies.withUnsafeBufferPointer { copies in
                owner.take(XMLBatch(events: events, document: document, copies: copies))
            }
        }
        events.removeAll(keepingCapacity: true)
        copies.removeAll(keepingCapacity: true)
    }

    private mutating func text(_ piece: UnsafePointer<UInt8>?, _ length: Int32) {
        guard let piece, length > 0 else { return }
        let count = Int(length)
        if let input = context.pointee.input, let base = input.pointee.base, let end = input.pointee.end,
            piece >= base, piece < end
        {
            let start = Int(input.pointee.consumed) + (piece - base)
            return record(.text, from: start, to: start + count)
        }
        // About there: the text is longer or shorter in the document.
        let start = max(0, context.offset - count)
        copies.append(contentsOf: UnsafeBufferPointer(start: piece, count: count))
        record(.copiedText, from: start, to: start + count, copy: copies.count - count)
    }

    /// Runs libxml2 over the context's document; the owner has heard of everything when it returns.
    static func run(owner: XMLEvents, context: xmlParserCtxtPtr, document: UnsafeBufferPointer<UInt8>) {
        let ownHandler = context.pointee.sax
        var recorder = XMLRecorder(owner: owner, context: context, document: document)
        var handler = Self.handler
        withUnsafeMutablePointer(to: &recorder) { recorder in
            withUnsafeMutablePointer(to: &handler) { handler in
                context.pointee.userData = UnsafeMutableRawPointer(recorder)
                context.pointee.sax = handler
                _ = xmlParseDocument(context)
                context.pointee.sax = ownHandler
                context.pointee.userData = nil
            }
            recorder.pointee.flush()
        }
    }

    private static func with(_ user: UnsafeMutableRawPointer?, _ body: (inout XMLRecorder) -> Void) {
        guard let user else { return }
        body(&user.assumingMemoryBound(to: XMLRecorder.self).pointee)
    }

    private static var handler: xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.initialized = XML_SAX2_MAGIC
        handler.internalSubset = { user, _, _, _ in
            XMLRecorder.with(user) {
                // The document type's name is over; an internal subset would begin here.
                guard $0.context.pointee.input?.pointee.cur?.pointee == UInt8(ascii: "[") else { return }
                $0.refuseDeclaration()
            }
        }
        handler.getEntity = { _, _ in nil }
        handler.entityDecl = { user, _, _, _, _, _ in XMLRecorder.with(user) { $0.refuseDeclaration() } }
        handler.reference = { user, name in
            XMLRecorder.with(user) {
                $0.flush()
                $0.owner.refuseEntity(name.map { String(cString: $0) } ?? "", at: $0.context.offset)
            }
        }
        handler.startElementNs = { user, name, prefix, _, _, _, _, _, _ in
            XMLRecorder.with(user) {
                $0.record(
                    .startElement, name: prefix == nil ? name : nil, from: $0.context.tagOffset, to: $0.context.offset)
            }
        }
        handler.endElementNs = { user, _, _, _ in
            XMLRecorder.with(user) {
                let end = $0.context.offset
                $0.record(.endElement, from: end, to: end)
            }
        }
        let characters: charactersSAXFunc = { user, piece, length in
            XMLRecorder.with(user) { $0.text(piece, length) }
        }
        handler.characters = characters
        handler.ignorableWhitespace = characters
        handler.cdataBlock = characters
        handler.comment = { user, _ in XMLRecorder.with(user) { $0.recordAside() } }
        handler.processingInstruction = { user, _, _ in XMLRecorder.with(user) { $0.recordAside() } }
        handler.serror = { user, error in
            guard let error else { return }
            XMLRecorder.with(user) { $0.report(error.pointee) }
        }
        return handler
    }

    private mutating func recordAside() {
        let offset = context.offset
        record(.aside, from: offset, to: offset)
    }

    private mutating func refuseDeclaration() {
        flush()
        owner.refuse(
            "xml-internal-subset", "declarations inside the document type are not allowed",
            remedy: "remove the [...] part of <!DOCTYPE> and write entities out", at: context.offset)
    }

    private mutating func report(_ error: xmlError) {
        // Namespaces mean nothing to our readers.
        guard error.level.rawValue >= XML_ERR_ERROR.rawValue, error.domain != Int32(XML_FROM_NAMESPACE.rawValue)
        else { return }
        if xmlParserErrors(UInt32(bitPattern: error.code)) == XML_ERR_HYPHEN_IN_COMMENT {
            let offset = context.offset
            copied += offset - settled
            guard copied > Self.copyLimit else { return record(.doubleHyphen, from: offset, to: offset) }
            flush()
            return owner.refuse(
                "xml-hyphens", "a long comment with too many --", remedy: "remove them, or the comment", at: offset)
        }
        // What the document said before its error counts first.
        flush()
        owner.report(error, in: context)
    }
}
