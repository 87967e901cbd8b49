package import Kernel

/// A virtual machine's process is followed by none: what can be tested of that needs a real one.
extension VirtualKernel {
    package var arguments: [String]? { ["svinstall", "run"] }

    package func openMemory() throws(SystemError) -> Descriptor {
        try call("memfd_create") { state in
            // Under a name that nobody looks for.
            let path = "/dev/memory \(state.files.inodes.count)"
            return state.open(
                VirtualDescriptor(.file(inode: state.files.add(path, VirtualFile(.regular, mode: 0o600))), path: path))
        }
    }

    package func setInherited(_ descriptor: Descriptor, _ flag: Bool) throws(SystemError) {}

    package func openOwnProgram() throws(SystemError) -> Descriptor { throw SystemError("open", .notSupported) }

    package func execute(_ program: ProgramFile, arguments: [String], environment: Environment) -> SystemError {
        SystemError("execve", .notSupported)
    }

    package func takeUp(child pid: Int32) -> SpawnedProcess { SpawnedProcess(pid: pid, handle: nil) }

    package func forgetVariable(_ name: String) {
        var variables = environment
        variables[name] = nil
        setEnvironment(variables)
    }
}
