/// One thing that libxml2 found in a document.
public struct XMLEvent {
    /// What was found.
    public enum Kind: UInt8 {
        /// A start tag: from its `<` to its `>` or `/>`.
        case startElement
        /// An end tag, or the end of an empty element's tag; `end` is behind it.
        case endElement
        /// A piece of character data as it stands in the document; one text may come in many pieces.
        case text
        /// A piece of character data that stands otherwise in the document, such as `&lt;`.
        case copiedText
        /// A comment or processing instruction.
        case aside
        /// Something XML forbids but every property list reader accepts: `--` in a comment.
        case doubleHyphen
    }

    /// What was found.
    public var kind: Kind
    /// The interned name of a start tag; nil for a name with a prefix.
    public var name: UnsafePointer<UInt8>?
    /// Bytes of the document before the event.
    public var start: UInt32
    /// Bytes of the document before what follows it.
    public var end: UInt32
    /// Where the batch keeps a copied text.
    var copy: UInt32 = 0
}

/// Some events in a row, together with the bytes that they speak of; valid only while it is handled.
public struct XMLBatch {
    /// The events, in the order of the document.
    public let events: UnsafeBufferPointer<XMLEvent>
    /// The document, whose offsets the events have.
    public let document: UnsafeBufferPointer<UInt8>
    let copies: UnsafeBufferPointer<UInt8>

    /// The bytes of a piece of character data.
    public func text(of event: XMLEvent) -> UnsafeBufferPointer<UInt8> {
        let count = Int(event.end - event.start)
        return event.kind == .text
            ? UnsafeBufferPointer(rebasing: document[Int(event.start)..<Int(event.start) + count])
            : UnsafeBufferPointer(rebasing: copies[Int(event.copy)..<Int(event.copy) + count])
    }
}
