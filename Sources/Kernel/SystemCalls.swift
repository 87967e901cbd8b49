/// Everything the engine and the boot hook ask of the operating system.
///
/// Two types conform: `HostKernel` (this machine) and the tests' simulated one. Nothing above this floor makes a system
/// call of its own, so whatever can fail, block or tell the time can be made to do so in a test. Callers are generic
/// (`<K: SystemCalls>`) where calls are hot and take `any SystemCalls` elsewhere.
///
/// All calls may be made from any thread. Those that can block are marked so; the engine thread makes none of them.
package protocol SystemCalls: ClockCalls, ProcessCalls, DescriptorCalls, FileCalls, SocketCalls, AccountCalls,
    HostCalls, SuccessionCalls
{}
