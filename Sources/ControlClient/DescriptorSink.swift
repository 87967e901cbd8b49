package import Kernel

/// A standard stream. What cannot be written is dropped: nobody is left to be told.
package final class DescriptorSink: TextSink {
    private let descriptor: Descriptor
    private let kernel: any SystemCalls
    private var buffer: [UInt8] = []
    package let isTerminal: Bool

    package init(_ descriptor: Descriptor, _ kernel: any SystemCalls) {
        self.descriptor = descriptor
        self.kernel = kernel
        isTerminal = kernel.isTerminal(descriptor)
    }

    deinit { flush() }

    package func write(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
        if buffer.count > 64 << 10 { flush() }
    }

    package func flush() {
        guard !buffer.isEmpty else { return }
        try? kernel.writeAll(descriptor, buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
