/// The elements that have a meaning in a format.
public protocol XMLElement: CaseIterable {
    /// As it stands in a tag.
    var name: StaticString { get }
}

/// What a format makes of the events of its XML.
public protocol XMLReading {
    /// The elements that it looks for.
    associatedtype Element: XMLElement

    /// The elements' names as libxml2 has them in this parse: set before the first event comes.
    var names: [(UnsafePointer<UInt8>, Element)] { get set }

    /// Whether what follows need not be read.
    var isComplete: Bool { get }

    /// Takes some events; those behind the end need not be looked at.
    mutating func take(_ batch: XMLBatch) throws(XMLEvents.Refusal)
}

/// Hands the events of one document to its reading, and the reading's refusal to the stream.
public final class XMLParser<Reading: XMLReading>: XMLEvents {
    /// What has been read.
    public private(set) var reading: Reading

    /// A parser for one document.
    public init(_ reading: Reading) {
        self.reading = reading
    }

    override func begin() {
        reading.names = Reading.Element.allCases.compactMap { element in intern(element.name).map { ($0, element) } }
    }

    override func handle(_ batch: XMLBatch) {
        do throws(Refusal) {
            try reading.take(batch)
            if reading.isComplete { stop() }
        } catch {
            refuse(error)
        }
    }
}
