#ifdef __APPLE__

#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mach-o/dyld.h>
#include <stdlib.h>
#include <string.h>
#include <sys/proc.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/ucred.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

// Darwin sets close-on-exec in a second step. A child started in between inherits nothing all the same: svi_spawn
// passes on named descriptors only.

static int close_on_exec(int descriptor)
{
    if (descriptor >= 0 && fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}

int svi_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
}

int svi_pipe(int ends[2])
{
    if (pipe(ends) < 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

int svi_replace(int source, int target)
{
    return dup2(source, target) < 0 ? -1 : close_on_exec(target);
}

// Pipes grow to 64 KiB by themselves and have no call for it.
int svi_set_pipe_capacity(int descriptor, int bytes)
{
    (void)bytes;
    return fcntl(descriptor, F_GETFD) < 0 ? -1 : 65536;
}

int svi_accept(int listener)
{
    int descriptor = close_on_exec(accept(listener, NULL, NULL));
    if (descriptor < 0)
        return -1;
    int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    return svi_set_nonblocking(descriptor, 1) < 0 ? -1 : descriptor;
}

int svi_peer_of(int descriptor, struct svi_peer *out)
{
    uid_t user;
    gid_t group;
    if (getpeereid(descriptor, &user, &group) < 0)
        return -1;
    pid_t pid = 0;
    socklen_t size = sizeof pid;
    if (getsockopt(descriptor, SOL_LOCAL, LOCAL_PEERPID, &pid, &size) < 0)
        pid = 0;
    out->pid = pid;
    out->user = user;
    out->group = group;
    return 0;
}

int svi_effective_access(const char *path, int mode) { return faccessat(AT_FDCWD, path, mode, AT_EACCESS); }

int64_t svi_move(int source, int target, size_t most)
{
    (void)source;
    (void)target;
    (void)most;
    errno = ENOTSUP;
    return -1;
}

// There are no process descriptors.
int svi_handles_tell_exits(void) { return 0; }

void svi_handles_pretend(int silent) { (void)silent; }

int svi_handle_exit(int handle, struct svi_exit *out)
{
    (void)handle;
    (void)out;
    return -1;
}

int svi_signal_by_handle(int handle, int number, int group)
{
    (void)handle;
    (void)number;
    (void)group;
    errno = ENOTSUP;
    return -1;
}

void svi_give_back_memory(void) {} // the system pages out by itself what is not used

int svi_become_subreaper(void) { return 0; } // launchd adopts orphans, nobody else can

int svi_ids_are(uid_t user, gid_t group)
{
    return getuid() == user && geteuid() == user && getgid() == group && getegid() == group;
}

int svi_open_handle(int pid)
{
    (void)pid;
    errno = ENOTSUP;
    return -1;
}

int svi_process_start(int pid, uint64_t *start)
{
    int name[] = {CTL_KERN, KERN_PROC, KERN_PROC_PID, pid};
    struct kinfo_proc info;
    size_t size = sizeof info;
    // The kernel succeeds with nothing where there is no such process.
    if (sysctl(name, 4, &info, &size, NULL, 0) < 0 || size < sizeof info || info.kp_proc.p_stat == SZOMB)
        return -1;
    struct timeval began = info.kp_proc.p_starttime;
    *start = (uint64_t)began.tv_sec * 1000000 + (uint64_t)began.tv_usec;
    return 0;
}

int svi_named_datagrams(char *name, size_t size)
{
    (void)name;
    (void)size;
    errno = ENOTSUP;
    return -1;
}

int svi_receive_datagram(int socket, void *bytes, size_t size, struct svi_datagram *out)
{
    (void)socket;
    (void)bytes;
    (void)size;
    (void)out;
    errno = ENOTSUP;
    return -1;
}

int svi_memory_file(void)
{
    char path[] = "/tmp/svinstall.XXXXXX";
    int descriptor = mkstemp(path);
    if (descriptor >= 0)
        unlink(path);
    return close_on_exec(descriptor);
}

int svi_execute(int descriptor, const char *path, char *const *arguments, char *const *environment)
{
    if (descriptor >= 0) {
        errno = ENOTSUP;
        return -1;
    }
    return execve(path, arguments, environment);
}

int svi_executable_path(char *buffer, size_t size)
{
    char raw[PATH_MAX], resolved[PATH_MAX];
    uint32_t length = sizeof raw;
    if (_NSGetExecutablePath(raw, &length) != 0 || !realpath(raw, resolved) || strlen(resolved) >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(buffer, resolved);
    return 0;
}

void svi_prepare_names(void) {}

int svi_names_are_files(void) { return 0; }

void svi_system_log(const char *line) { syslog(LOG_USER | LOG_INFO, "%s", line); }

#endif
