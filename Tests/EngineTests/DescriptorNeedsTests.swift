import Engine
import ServiceModel
import Testing

@Suite struct DescriptorNeedsTests {
    private func plan(_ count: Int, _ change: (inout Service) -> Void) -> Plan {
        Plan(
            groups: (0..<count).map { number in
                var service = Service(name: Setting("n\(number)"), dialect: .supervisor)
                change(&service)
                return ServiceGroup(name: service.name.value, services: [service])
            })
    }

    /// A pidfd and a pipe for its input; for each output that is logged a pipe and a file.
    @Test(arguments: [
        (OutputSink.automatic, OutputSink.automatic, 6), (.file("/x"), .sameAsOutput, 4), (.null, .null, 2),
        (.inherit, .journal, 4),
    ])
    func `what a program keeps open`(_ output: OutputSink, _ error: OutputSink, _ each: Int) {
        let needs = DescriptorNeeds(
            plan(10) {
                $0.standardOutput = Setting(output)
                $0.standardError = Setting(error)
            })
        let own = 64
        #expect(needs.notices(limit: UInt64(own + 10 * each)).isEmpty)
        let text = needs.notices(limit: UInt64(own + 10 * each - 1)).map(\.text).joined()
        #expect(text.hasPrefix("all 10 programs together need \(own + 10 * each) file descriptors"))
        #expect(text.contains("enough for 9 of them"))
    }

    @Test func `a limit below what the daemon itself needs is enough for none`() {
        let text = DescriptorNeeds(plan(3) { _ in }).notices(limit: 10).map(\.text).joined()
        #expect(text.contains("enough for 0 of them"))
    }

    @Test func `without a limit nothing is said`() {
        #expect(DescriptorNeeds(plan(3) { _ in }).notices(limit: nil).isEmpty)
    }
}
