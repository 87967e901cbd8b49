import ServiceModel
import SourceText
import Testing

@Suite struct TerminationSetTests {
    @Test func `unexpected with exitcodes 0 is the same rule as SuccessfulExit false`() {
        #expect(TerminationSet.codes([0]).inverted == TerminationSet.unsuccessful)
    }

    @Test(arguments: [
        (Termination.exited(code: 0), false),
        (.exited(code: 1), true),
        (.exited(code: 255), true),
        (.signalled(.terminate, coreDumped: false), true),
        (.signalled(Signal(number: 64), coreDumped: false), true),
        (.unknown, true),
    ])
    func `an unsuccessful end is anything but exit 0`(end: Termination, isIn: Bool) {
        #expect(TerminationSet.unsuccessful.contains(end) == isIn)
    }

    @Test func `sets add, subtract and list their members`() {
        let set = TerminationSet.codes([0, 3, 256, -1]).union(.signals([.kill, .terminate]))
        #expect(set.exitCodes == [0, 3])
        #expect(set.signalNumbers == [9, 15])
        #expect(set.subtracting(.codes([3])).exitCodes == [0])
        #expect(set.inverted.inverted == set)
        #expect(!set.inverted.contains(.exited(code: 3)))
    }
}
