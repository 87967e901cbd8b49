/// A reproducible source of chance: bytes as long as there are any, then a seeded one (SplitMix64).
package struct Chance: RandomNumberGenerator, Sendable {
    private var bytes: ArraySlice<UInt8>
    private var state: UInt64

    package init(seed: UInt64) {
        bytes = []
        state = seed
    }

    /// Two bytes make each number, so that a fuzzer that changes a byte changes one decision.
    package init(bytes: [UInt8]) {
        self.bytes = bytes[...]
        state = 0
    }

    package var isExhausted: Bool { bytes.isEmpty }

    package mutating func next() -> UInt64 {
        if let first = bytes.popFirst() {
            let both = UInt64(first) | UInt64(bytes.popFirst() ?? 0) << 8
            return both &* 0x0001_0001_0001_0001
        }
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
