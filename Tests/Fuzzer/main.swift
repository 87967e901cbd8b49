// Fuzzer: libFuzzer over one of FuzzTargets: `svinstall-fuzz --target NAME [libFuzzer's own arguments]`. Built by
// Scripts/fuzz alone; it wants switches of the compiler that no other build has.

import FuzzTargets
import Glibc

private typealias TestOne = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>, _ test: TestOne
) -> CInt

private nonisolated(unsafe) var target: FuzzTarget?

private func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(2, bytes, bytes.count)
}

private func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    if let rule = target?.judge(Array(UnsafeBufferPointer(start: bytes, count: count))) {
        say("BROKEN RULE: \(rule)")
        abort()
    }
    return 0
}

private let names = FuzzTarget.all.map(\.name)
var arguments = CommandLine.arguments
guard arguments.count > 1, arguments[1] != "--list" else {
    print(names.joined(separator: "\n"))
    exit(0)
}
guard arguments.count > 2, arguments[1] == "--target",
    let chosen = FuzzTarget.all.first(where: { $0.name == arguments[2] })
else {
    say("usage: svinstall-fuzz --list | --target NAME [libFuzzer's arguments]; targets: \(names)")
    exit(64)
}
target = chosen
arguments.removeSubrange(1...2)
var count = CInt(arguments.count)
var pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = .allocate(capacity: arguments.count + 1)
for (index, argument) in arguments.enumerated() { pointers?[index] = strdup(argument) }
pointers?[arguments.count] = nil
exit(runFuzzer(&count, &pointers, test))
