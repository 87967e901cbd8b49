// svinstall, floor 6: the command line: one file a verb, no logic of its own.

import Kernel

let invocation = Invocation(HostKernel().arguments ?? CommandLine.arguments)
endProcess(invocation.run())
