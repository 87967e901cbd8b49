/// This machine. What every system shares is in the `HostKernel+…` files without a system's name; what differs is in
/// `…+Linux.swift` and `…+Darwin.swift`.
package final class HostKernel: SystemCalls {
    let children = ChildRegistry()
    let lowDescriptors = LowDescriptors()
    let systemLog = SystemLogSocket()

    package init() {}
}
