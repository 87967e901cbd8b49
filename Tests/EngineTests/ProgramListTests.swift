import Engine
import Supervision
import Testing

@Suite struct ProgramListTests {
    private func list(_ count: Int) -> ProgramList {
        ProgramList((0..<count).map { ProgramSnapshot(status: status($0), outputLog: nil, errorLog: nil) })
    }

    private func status(_ number: Int) -> ProgramStatus {
        ProgramStatus(id: ProgramID(number: UInt32(number)), group: "g", name: "n\(number)")
    }

    @Test(arguments: [0, 1, 63, 64, 65, 128, 1000])
    func `programs come in the order in which they were given`(_ count: Int) {
        #expect(list(count).map(\.status.name) == (0..<count).map { "n\($0)" })
    }

    @Test(arguments: [0, 63, 64, 99]) func `a change is not seen in a list that was copied before`(_ position: Int) {
        let before = list(100)
        var after = before
        after[position].status.spawnError = "changed"
        #expect(before.allSatisfy { $0.status.spawnError.isEmpty })
        #expect(after.indices.filter { !after[$0].status.spawnError.isEmpty } == [position])
    }
}
