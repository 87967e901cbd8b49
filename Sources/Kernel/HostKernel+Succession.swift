import CPlatform

extension HostKernel {
    package func openMemory() throws(SystemError) -> Descriptor {
        Descriptor(number: try retrying("memfd_create") { svi_memory_file() })
    }

    package func setInherited(_ descriptor: Descriptor, _ flag: Bool) throws(SystemError) {
        _ = try retrying("fcntl", "\(descriptor)") { svi_set_inherited(descriptor.number, flag ? 1 : 0) }
    }

    package func openOwnProgram() throws(SystemError) -> Descriptor { try open("/proc/self/exe", .reading) }

    package func execute(_ program: ProgramFile, arguments: [String], environment: Environment) -> SystemError {
        guard let words = CStringArray(arguments.map { Array($0.utf8) }),
            let variables = CStringArray(environment.entries)
        else { return SystemError("execve", .invalid) }
        return withExtendedLifetime((words, variables)) {
            switch program {
            case .path(let path):
                _ = svi_execute(-1, path, words.pointers, variables.pointers)
                return SystemError("execve", .current, path: path)
            case .open(let descriptor):
                _ = svi_execute(descriptor.number, "", words.pointers, variables.pointers)
                return SystemError("execveat", .current)
            }
        }
    }

    package func takeUp(child pid: Int32) -> SpawnedProcess {
        children.takeUp(pid)
        // The pid is an unreaped child's, so it is nobody else's.
        let handle = svi_open_handle(pid)
        return SpawnedProcess(pid: pid, handle: handle >= 0 ? Descriptor(number: handle) : nil)
    }

    package func forgetVariable(_ name: String) { unsetenv(name) }
}
