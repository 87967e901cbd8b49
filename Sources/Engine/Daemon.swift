package import Kernel

/// The daemon as a whole, from its first file to its last.
package enum Daemon {
    /// Runs until it is told to end; returns the exit code. To be called on the main thread, before any other thread
    /// exists: it may fork, and it blocks the signals it handles.
    package static func run(_ options: DaemonOptions, source: any PlanSource, port: any ControlPort) -> Int32 {
        // Specialised here, in the engine's own module: a generic that is instantiated elsewhere is several times slower.
        DaemonLife(kernel: HostKernel(), options: options, source: source, port: port).run()
    }

    /// The same on a kernel of the caller's, for tests.
    package static func run(
        _ options: DaemonOptions, source: any PlanSource, port: any ControlPort, on kernel: some SystemCalls
    ) -> Int32 {
        DaemonLife(kernel: kernel, options: options, source: source, port: port).run()
    }
}
