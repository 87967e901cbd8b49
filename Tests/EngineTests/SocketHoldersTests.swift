import Engine
import Supervision
import Testing

/// When the socket that FastCGI programs share is closed: after the last run of its group.
@Suite struct SocketHoldersTests {
    /// Gives back in that order; which of them were the last.
    private func givingBack(_ runs: [UInt64], of group: String, _ holders: inout SocketHolders) -> [Bool] {
        runs.map { holders.giveBack(RunID(number: $0), of: group) }
    }

    @Test func theLastOneCloses() {
        var holders = SocketHolders()
        for number: UInt64 in 1...3 { holders.take(RunID(number: number), of: "f") }
        let wereLast = givingBack([2, 1, 3], of: "f", &holders)
        #expect(wereLast == [false, false, true])
    }

    @Test func nobodyGivesBackTwice() {
        var holders = SocketHolders()
        holders.take(RunID(number: 1), of: "f")
        let wereLast = givingBack([1, 1, 7], of: "f", &holders)
        #expect(wereLast == [true, false, false])
    }

    @Test func groupsDoNotShare() {
        var holders = SocketHolders()
        holders.take(RunID(number: 1), of: "f")
        holders.take(RunID(number: 2), of: "g")
        let ofG = givingBack([1, 2], of: "g", &holders)
        let ofF = givingBack([1], of: "f", &holders)
        #expect(ofG == [false, true])
        #expect(ofF == [true])
    }

    @Test func aNewRunKeepsItOpen() {
        var holders = SocketHolders()
        holders.take(RunID(number: 1), of: "f")
        holders.take(RunID(number: 2), of: "f")
        let wereLast = givingBack([1, 2], of: "f", &holders)
        #expect(wereLast == [false, true])
    }
}
