// XMLStream, floor 0: libxml2 as a stream of events, for property lists and XML-RPC alike.

import CLibXML2

/// XML as a stream of events over libxml2, for bytes from strangers.
///
/// No document type with an internal subset, no entity but the five of XML, no network, no second file, no word on
/// standard error; libxml2's own time and memory are linear in the input (`XMLTagGuard`, `XMLRecorder`). What each element
/// means, a format's `XMLReading` says; the first `refuse` ends the parse.
public class XMLEvents {
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

    init() {}

    // MARK: for the parser of a format

    /// Called once before the first event: the place to `intern` the names of elements.
    func begin() {}

    /// Takes some events at once.
    func handle(_ batch: XMLBatch) {}

    /// The unique pointer that stands for an element's name in this parse.
    final func intern(_ name: StaticString) -> UnsafePointer<UInt8>? {
        guard let dictionary = context?.pointee.dict else { return nil }
        return xmlDictLookup(dictionary, name.utf8Start, Int32(name.utf8CodeUnitCount))
    }

    /// Ends the parse with an error; the first one counts, and none after `stop`.
    final func refuse(_ code: String, _ message: String, remedy: String? = nil, at offset: Int) {
        refuse(Refusal(code: code, message: message, remedy: remedy, offset: offset))
    }

    /// Ends the parse with an error; the first one counts, and none after `stop`.
    final func refuse(_ refusal: Refusal) {
        guard !isStopped else { return }
        self.refusal = refusal
        stop()
    }

    /// Ends the parse without an error: what follows is not read.
    final func stop() {
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
        guard !bytes.isEmpty, bytes.count <= Int(Int32.max) else {
            throw Refusal(code: "xml-empty", message: "nothing to read", offset: 0)
        }
        var feed = XMLFeed(bytes)
        let end = try withUnsafeMutablePointer(to: &feed) { feed throws(Refusal) in try parse(bytes, from: feed) }
        if let offset = feed.endlessTag {
            throw Refusal(
                code: "xml-tag", message: "a tag that does not end", remedy: "close it with >", offset: offset)
        }
        if let refusal { throw refusal }
        if !isStopped { throw Refusal(code: "xml-truncated", message: "the document ends too early", offset: end) }
    }

    /// Runs the parser over what the feed hands out; the offset at which it ended.
    private func parse(
        _ bytes: UnsafeBufferPointer<UInt8>, from feed: UnsafeMutablePointer<XMLFeed>
    ) throws(Refusal) -> Int {
        guard let context = xmlCreateIOParserCtxt(nil, nil, XMLFeed.read, nil, feed, XML_CHAR_ENCODING_NONE) else {
            throw Refusal(code: "xml-memory", message: "no memory for a parser", offset: 0)
        }
        self.context = context
        // HUGE lifts libxml2's limits on depth and text, which are not ours: the format has its own.
        _ = xmlCtxtUseOptions(
            context,
            Int32(
                XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue | XML_PARSE_RECOVER.rawValue
                    | XML_PARSE_IGNORE_ENC.rawValue))
        begin()
        withExtendedLifetime(self) { XMLRecorder.run(owner: self, context: context, document: bytes) }
        let end = context.offset
        self.context = nil
        if let document = context.pointee.myDoc {
            xmlFreeDoc(document)
            context.pointee.myDoc = nil
        }
        xmlFreeParserCtxt(context)
        return end
    }

    /// Events from the recorder.
    final func take(_ batch: XMLBatch) {
        if !isStopped { handle(batch) }
    }

    /// libxml2's one-time set-up, which must happen before two threads parse.
    private static let library: Void = xmlInitParser()
}
