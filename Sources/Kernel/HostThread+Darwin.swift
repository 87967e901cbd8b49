import CPlatform

/// Threads of this process. They end with their body; nobody joins them.
package enum HostThread {
    fileprivate final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread with a stack of `stackBytes`. It inherits the caller's blocked signals. Returns why
    /// there is no thread, `nil` when there is one.
    package static func start(stackBytes: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) -> ErrorNumber? {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        // The new thread takes the body over; only a failed creation leaves it to us.
        let context = Unmanaged.passRetained(Body(body))
        let result = create(&attributes, context.toOpaque())
        if result != 0 { context.release() }
        return result == 0 ? nil : ErrorNumber(result)
    }

    /// A number of the calling thread that no other has or ever had.
    package static var number: UInt64 { svi_thread_number() }

    #if canImport(Darwin)
    /// Tells the calling thread from the others that live.
    package static var current: UInt { UInt(bitPattern: pthread_self()) }

    private static func create(_ attributes: inout pthread_attr_t, _ context: UnsafeMutableRawPointer) -> Int32 {
        var thread: pthread_t?
        return pthread_create(&thread, &attributes, { runBody($0) }, context)
    }
    #else
    /// Tells the calling thread from the others that live.
    package static var current: UInt { UInt(pthread_self()) }

    private static func create(_ attributes: inout pthread_attr_t, _ context: UnsafeMutableRawPointer) -> Int32 {
        var thread = pthread_t()
        return pthread_create(&thread, &attributes, { runBody($0) }, context)
    }
    #endif
}

/// Optional, because SDKs differ in whether the context of a thread may be nil.
private func runBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<HostThread.Body>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
