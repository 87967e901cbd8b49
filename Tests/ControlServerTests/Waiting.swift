import Kernel
import Testing

/// Waits until something holds that another thread brings about; after ten seconds the test fails.
func waitUntil(
    _ what: Comment = "it does not come about", sourceLocation: SourceLocation = #_sourceLocation,
    _ holds: () -> Bool
) {
    let kernel = HostKernel()
    for _ in 0..<2000 {
        if holds() { return }
        kernel.sleep(nanoseconds: 5_000_000)
    }
    Issue.record(what, sourceLocation: sourceLocation)
}
