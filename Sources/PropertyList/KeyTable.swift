/// The keys of one file: equal keys, which are those of equal bytes, share a number and a string, however often they
/// stand there.
struct KeyTable {
    private var table = ByteTable()
    private var texts: [String] = []
    /// Where each key was seen last.
    private var sightings: [Sighting] = []
    private var dictionaries: UInt32 = 0

    private struct Sighting {
        var dictionary: UInt32 = 0
        var place = 0
    }

    /// The string of a key.
    func text(_ number: Int) -> String { texts[number] }

    /// How many bytes a key has.
    func length(_ number: Int) -> Int { table.range(number).count }

    /// The number of a key in UTF-8.
    mutating func number(of key: UnsafeBufferPointer<UInt8>) -> Int {
        let number = table.number(of: key)
        if number == texts.count {
            texts.append(String(decoding: key, as: UTF8.self))
            sightings.append(Sighting())
        }
        return number
    }

    // MARK: keys that stand twice in one dictionary

    /// Begins to look at the keys of a dictionary, all in a row.
    mutating func beginDictionary() { dictionaries &+= 1 }

    /// Notes that a key stands at a place of the dictionary; the place where it stood before, if it did.
    mutating func earlierPlace(of number: Int, at place: Int) -> Int? {
        if sightings[number].dictionary == dictionaries { return sightings[number].place }
        sightings[number] = Sighting(dictionary: dictionaries, place: place)
        return nil
    }
}
