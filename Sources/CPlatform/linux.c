#ifdef __linux__
#define _GNU_SOURCE

#include "linux.h"
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <nss.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int svi_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int change(int epoll, int operation, int descriptor, uint32_t flags, uint64_t token)
{
    struct epoll_event event = {.events = flags, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int svi_epoll_add(int epoll, int descriptor, uint32_t flags, uint64_t token)
{
    return change(epoll, EPOLL_CTL_ADD, descriptor, flags, token);
}

int svi_epoll_modify(int epoll, int descriptor, uint32_t flags, uint64_t token)
{
    return change(epoll, EPOLL_CTL_MOD, descriptor, flags, token);
}

int svi_epoll_remove(int epoll, int descriptor) { return change(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int svi_epoll_wait(int epoll, struct svi_event *events, int capacity, int64_t nanoseconds)
{
    enum { MOST = 256 };
    static _Atomic int without_nanoseconds; // Linux before 5.11
    struct epoll_event found[MOST];
    if (capacity > MOST)
        capacity = MOST;
    int count = -1;
    if (nanoseconds > 0 && !without_nanoseconds) {
        struct timespec timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};
        count = (int)syscall(SYS_epoll_pwait2, epoll, found, capacity, &timeout, NULL, 0);
        if (count < 0 && (errno == ENOSYS || errno == EPERM))
            without_nanoseconds = 1;
    }
    if (nanoseconds <= 0 || without_nanoseconds) {
        int64_t rounded = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
        count = epoll_wait(epoll, found, capacity, rounded > INT32_MAX ? INT32_MAX : (int)rounded);
    }
    for (int index = 0; index < count; index++) {
        events[index].token = found[index].data.u64;
        events[index].flags = found[index].events;
    }
    return count;
}

int svi_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int svi_signalfd(int descriptor, const int *signals, int count)
{
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++)
        sigaddset(&set, signals[index]);
    return signalfd(descriptor, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int svi_signalfd_read(int descriptor, int *signals, int capacity)
{
    struct signalfd_siginfo infos[16];
    int most = capacity > 16 ? 16 : capacity;
    ssize_t count = read(descriptor, infos, (size_t)most * sizeof *infos);
    if (count < 0)
        return errno == EAGAIN ? 0 : -1;
    int found = (int)(count / (ssize_t)sizeof *infos);
    for (int index = 0; index < found; index++)
        signals[index] = (int)infos[index].ssi_signo;
    return found;
}

int svi_open_handle(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int svi_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
}

int svi_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int svi_replace(int source, int target) { return dup3(source, target, O_CLOEXEC); }

int svi_set_pipe_capacity(int descriptor, int bytes)
{
    int now = fcntl(descriptor, F_GETPIPE_SZ);
    if (now < 0 || now >= bytes)
        return now;
    int result = fcntl(descriptor, F_SETPIPE_SZ, bytes);
    // Over the system's or the user's allowance: the pipe stays as it is.
    return result < 0 && errno == EPERM ? now : result;
}

int64_t svi_move(int source, int target, size_t most)
{
    return splice(source, NULL, target, NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

int svi_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int svi_peer_of(int descriptor, struct svi_peer *out)
{
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return -1;
    out->pid = credentials.pid;
    out->user = credentials.uid;
    out->group = credentials.gid;
    return 0;
}

int svi_effective_access(const char *path, int mode) { return faccessat(AT_FDCWD, path, mode, AT_EACCESS); }

static int give_back(struct dl_phdr_info *object, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        // Only what no one can have changed: a private page that was written to would be lost.
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W))
            continue;
        uintptr_t start = (object->dlpi_addr + part->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + part->p_vaddr + part->p_filesz) & ~(page - 1);
        if (end > start)
            madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

#ifdef __GLIBC__
// Large blocks, such as an answer with a thousand programs, go back when they are freed. Left to itself glibc learns to
// keep them, and what lies at the top of a thread's arena malloc_trim(3) does not give back.
__attribute__((constructor)) static void shape_heap(void)
{
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
}
#endif

void svi_give_back_memory(void)
{
#ifdef __GLIBC__
    malloc_trim(0); // glibc keeps what was freed below a piece in use
#endif
    dl_iterate_phdr(give_back, NULL);
}

int svi_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int svi_ids_are(uid_t user, gid_t group)
{
    uid_t users[3];
    gid_t groups[3];
    if (getresuid(&users[0], &users[1], &users[2]) < 0 || getresgid(&groups[0], &groups[1], &groups[2]) < 0)
        return 0;
    for (int index = 0; index < 3; index++)
        if (users[index] != user || groups[index] != group)
            return 0;
    return 1;
}

int svi_named_datagrams(char *name, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;
    int on = 1;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return -1;
    // Bound to no name, it gets a free one (unix(7), autobind).
    if (setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0
        || bind(descriptor, (struct sockaddr *)&address, sizeof(sa_family_t)) < 0
        || getsockname(descriptor, (struct sockaddr *)&address, &length) < 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    snprintf(name, size, "@%.*s", (int)(length - offsetof(struct sockaddr_un, sun_path) - 1), address.sun_path + 1);
    return descriptor;
}

int svi_receive_datagram(int socket, void *bytes, size_t size, struct svi_datagram *out)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof out->descriptors) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec text = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &text, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room,
    };
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count < 0)
        return -1;
    out->count = (size_t)count;
    out->sender = 0;
    out->descriptor_count = 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET)
            continue;
        size_t length = head->cmsg_len - CMSG_LEN(0);
        if (head->cmsg_type == SCM_RIGHTS && length <= sizeof out->descriptors) {
            memcpy(out->descriptors, CMSG_DATA(head), length);
            out->descriptor_count = (int)(length / sizeof(int));
        } else if (head->cmsg_type == SCM_CREDENTIALS && length == sizeof(struct ucred)) {
            struct ucred sender;
            memcpy(&sender, CMSG_DATA(head), length);
            out->sender = sender.pid;
        }
    }
    return 0;
}

int svi_memory_file(void) { return memfd_create("svinstall", MFD_CLOEXEC); }

int svi_execute(int descriptor, const char *path, char *const *arguments, char *const *environment)
{
    if (descriptor >= 0)
        return (int)syscall(SYS_execveat, descriptor, "", arguments, environment, AT_EMPTY_PATH);
    return execve(path, arguments, environment);
}

int svi_executable_path(char *buffer, size_t size)
{
    ssize_t count = readlink("/proc/self/exe", buffer, size);
    if (count < 0)
        return -1;
    if ((size_t)count >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    buffer[count] = 0;
    return 0;
}

// Without a dynamic loader in this process there are no plug-ins that would ask others.
int svi_names_are_files(void) { return getauxval(AT_BASE) == 0; }

static pthread_once_t names_once = PTHREAD_ONCE_INIT;

static void configure_names(void)
{
    // The plug-ins that nsswitch.conf names cannot be loaded then; glibc crashes on the attempt. The files are always there.
    if (!svi_names_are_files())
        return;
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
    __nss_configure_lookup("initgroups", "files");
    __nss_configure_lookup("hosts", "files dns");
}

void svi_prepare_names(void) { pthread_once(&names_once, configure_names); }

#endif
