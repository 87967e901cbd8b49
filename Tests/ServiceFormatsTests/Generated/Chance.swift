#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Numbers by chance, the same ones from the same seed.
struct Chance {
    var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// True once in `count` times.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    /// Seeds of a test: SVINSTALL_GENERATED says how many services all of them together make.
    static let perPairing: Int = {
        let wanted = getenv("SVINSTALL_GENERATED").flatMap { Int(String(cString: $0)) } ?? 3000
        return max(1, (wanted + 5) / 6)
    }()

    /// Texts that one format or another finds a meaning in.
    static let texts = [
        "a", "two words", "100%", "%(x)s", "$HOME", "${X}", "a;b", "a ;b", "#c", "q\"q", "p'p", "b'\"b", "\\", "tab\tb",
        "é漢", "", " lead", "trail ", "~", "-x", "k=v,w", "%n", "~20", "[x]", "a:b", "\\n", "a,b", "%%",
    ]
}
