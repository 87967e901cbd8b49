/// Byte strings, each once: equal ones share a number, counted from 0 in the order of their coming.
struct ByteTable {
    /// All of them, one behind the other; number `n` ends at `ends[n]`.
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// A number and one at the hash of its bytes or behind; 0 is free.
    private var slots = [UInt32](repeating: 0, count: 64)
    /// Not known to who writes a file: nobody can make one whose keys all collide.
    private let seed = UInt64.random(in: .min ... .max) | 1

    var count: Int { ends.count }

    /// Where the bytes of a number are in `bytes`.
    func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

    /// The number of some bytes; it is `count` as it was before where they are new.
    mutating func number(of key: UnsafeBufferPointer<UInt8>) -> Int {
        let hash = hash(key)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == hash, isEqual(number, key) { return number }
            slot = (slot + 1) & mask
        }
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        hashes.append(hash)
        slots[slot] = UInt32(truncatingIfNeeded: ends.count)
        if ends.count * 2 > slots.count { grow() }
        return ends.count - 1
    }

    private func isEqual(_ number: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = range(number)
        guard range.count == key.count else { return false }
        for index in key.indices where bytes[range.lowerBound + index] != key[index] { return false }
        return true
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(truncatingIfNeeded: number + 1)
        }
    }

    /// Eight bytes at a time, both halves of a product with the seed folded together.
    private func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state = seed ^ UInt64(key.count)
        var place = 0
        let raw = UnsafeRawBufferPointer(key)
        while place + 8 <= key.count {
            state = fold(state ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var last: UInt64 = 0
        while place < key.count {
            last = last << 8 | UInt64(key[place])
            place += 1
        }
        return fold(fold(state ^ last))
    }

    private func fold(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: seed)
        return high ^ low
    }
}
