// FuzzTargets: what a fuzzer does with bytes, and the replay of what it found: one function a target.

/// Something that takes a stranger's bytes. It must not crash or hang, whatever they are, and some rules hold besides.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    /// As `Scripts/fuzz` and the corpus directories name it.
    package let name: String
    /// The rule that the bytes broke, in words; `nil` for none.
    package let judge: @Sendable ([UInt8]) -> String?

    package init(_ name: String, _ judge: @escaping @Sendable ([UInt8]) -> String?) {
        self.name = name
        self.judge = judge
    }

    package var description: String { name }

    package static let all: [FuzzTarget] =
        propertyLists + configurations + [
            FuzzTarget("http", RequestRules.http), FuzzTarget("json-api", RequestRules.json),
            FuzzTarget("xmlrpc", XMLRPCRules.judge), FuzzTarget("capture", StreamRules.capture),
            FuzzTarget("listener", StreamRules.listener), FuzzTarget("machine", MachineRules.events),
            FuzzTarget("state", MachineRules.state),
        ]
}
