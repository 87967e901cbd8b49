import FuzzTargets
import Testing

@Suite("A random walk")
struct RandomWalkTests {
    /// Four walks of 250,000 events: a million in all.
    @Test(
        "a million events in a world that acts by chance contradict no invariant", arguments: [1, 2, 3, 4] as [UInt64])
    func walk(seed: UInt64) {
        var world = RandomWorld(seed: seed)
        world.walk(250_000)
        #expect(world.problem == nil)
        #expect(world.eventCount >= 250_000)
        // The walk has been everywhere it was meant to go.
        #expect(world.shutdowns > 5)
        #expect(world.calms > 20)
        #expect(world.twinSteps > 10_000)
    }

    /// Dictionaries are ordered differently in each process; actions must not be.
    @Test("the same events give the same actions in every process")
    func sameEverywhere() {
        var world = RandomWorld(seed: 99)
        world.digestsActions = true
        world.walk(10_000)
        #expect(world.problem == nil)
        // A rule that changed on purpose changes this number: put the new one here.
        #expect(world.digest == 5_083_797_454_186_270_185)
    }
}
