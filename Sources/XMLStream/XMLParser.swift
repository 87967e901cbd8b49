/// The elements that have a meaning in a format.
public protocol XMLElement: CaseIterable {
    /// As it stands in a tag.
    var name: StaticString { get }
}

extension XMLElement {
    /// All of them by their names as libxml2 has them in one parse. Inlined, so that each format has code of its own.
    @inlinable
    public static func interned(_ intern: (StaticString) -> UnsafePointer<UInt8>?) -> [(UnsafePointer<UInt8>, Self)] {
        var names: [(UnsafePointer<UInt8>, Self)] = []
        for element in allCases {
            if let name = intern(element.name) { names.append((name, element)) }
        }
        return names
    }
}

/// What a format makes of the events of its XML.
public protocol XMLReading {
    /// Before the first event comes: `intern` finds a name as libxml2 has it in this parse.
    mutating func begin(_ intern: (StaticString) -> UnsafePointer<UInt8>?)

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

    override func begin() { reading.begin(intern) }

    override func handle(_ batch: XMLBatch) {
        do throws(Refusal) {
            try reading.take(batch)
            if reading.isComplete { stop() }
        } catch {
            refuse(error)
        }
    }
}
