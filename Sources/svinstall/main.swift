// svinstall, floor 6: the command line: one file a verb, no logic of its own.

let invocation = Invocation(CommandLine.arguments)
endProcess(invocation.run())
