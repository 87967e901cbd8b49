#define _GNU_SOURCE

#include "calls.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t nanoseconds(clockid_t clock)
{
    struct timespec time = {0, 0};
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

#ifdef __APPLE__
// Darwin's CLOCK_MONOTONIC runs on while the machine sleeps; its uptime clock is the one that stops.
int64_t svi_monotonic_clock(void) { return nanoseconds(CLOCK_UPTIME_RAW); }
int64_t svi_boot_clock(void) { return nanoseconds(CLOCK_MONOTONIC_RAW); }
#else
int64_t svi_monotonic_clock(void) { return nanoseconds(CLOCK_MONOTONIC); }
int64_t svi_boot_clock(void) { return nanoseconds(CLOCK_BOOTTIME); }
#endif

int64_t svi_wall_clock(void) { return nanoseconds(CLOCK_REALTIME); }

int svi_duplicate(int descriptor, int least) { return fcntl(descriptor, F_DUPFD_CLOEXEC, least); }

int svi_set_nonblocking(int descriptor, int flag)
{
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0)
        return -1;
    return fcntl(descriptor, F_SETFL, flag ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

int svi_set_inherited(int descriptor, int flag)
{
    int flags = fcntl(descriptor, F_GETFD);
    if (flags < 0)
        return -1;
    return fcntl(descriptor, F_SETFD, flag ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC);
}

int svi_terminal_size(int descriptor, int *columns, int *rows)
{
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) < 0)
        return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

static void translate(const struct stat *from, struct svi_file_status *to)
{
#ifdef __APPLE__
    struct timespec modified = from->st_mtimespec;
#else
    struct timespec modified = from->st_mtim;
#endif
    to->device = (uint64_t)from->st_dev;
    to->inode = (uint64_t)from->st_ino;
    to->type = from->st_mode & S_IFMT;
    to->mode = from->st_mode & ~(unsigned)S_IFMT;
    to->user = from->st_uid;
    to->group = from->st_gid;
    to->size = from->st_size;
    to->modified = (int64_t)modified.tv_sec * 1000000000 + modified.tv_nsec;
}

int svi_status(const char *path, int follow_links, struct svi_file_status *out)
{
    struct stat status;
    if ((follow_links ? stat : lstat)(path, &status) < 0)
        return -1;
    translate(&status, out);
    return 0;
}

int svi_descriptor_status(int descriptor, struct svi_file_status *out)
{
    struct stat status;
    if (fstat(descriptor, &status) < 0)
        return -1;
    translate(&status, out);
    return 0;
}

const char *svi_entry_name(const struct dirent *entry) { return entry->d_name; }

int svi_wait(int pid, int keep, struct svi_exit *out)
{
    siginfo_t info;
    int options = WEXITED | WNOHANG | (keep ? WNOWAIT : 0);
    while (1) {
        info.si_pid = 0;
        if (waitid(pid ? P_PID : P_ALL, (id_t)pid, &info, options) < 0)
            return -1;
        if (info.si_pid == 0)
            return 0;
        if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED)
            break;
        // A child that made us its tracer (PTRACE_TRACEME) tells of each stop, asked or not: it has not ended. The news
        // is taken, and no more than that, or it would stand before those that have.
        siginfo_t stop;
        if (waitid(P_PID, (id_t)info.si_pid, &stop, WSTOPPED | WNOHANG) < 0 && errno != ECHILD)
            return -1;
    }
    out->pid = info.si_pid;
    out->kind = info.si_code == CLD_EXITED ? 0 : info.si_code == CLD_DUMPED ? 2 : 1;
    // The system call below exit(3) takes 32 bits, of which wait(2) has always told eight.
    out->status = out->kind ? info.si_status : info.si_status & 255;
    return 1;
}

int svi_get_limit(int resource, uint64_t *soft, uint64_t *hard)
{
    struct rlimit value;
    int number = svi_resource_number(resource);
    if (number < 0) {
        errno = EINVAL;
        return -1;
    }
    if (getrlimit(number, &value) < 0)
        return -1;
    *soft = value.rlim_cur == RLIM_INFINITY ? UINT64_MAX : value.rlim_cur;
    *hard = value.rlim_max == RLIM_INFINITY ? UINT64_MAX : value.rlim_max;
    return 0;
}

int svi_set_limit(int resource, uint64_t soft, uint64_t hard)
{
    struct rlimit value = {
        .rlim_cur = soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)soft,
        .rlim_max = hard == UINT64_MAX ? RLIM_INFINITY : (rlim_t)hard,
    };
    int number = svi_resource_number(resource);
    if (number < 0) {
        errno = EINVAL;
        return -1;
    }
    return setrlimit(number, &value);
}

// ---- sockets

size_t svi_unix_path_limit(void) { return sizeof(((struct sockaddr_un *)0)->sun_path) - 1; }

static int unix_address(const char *path, struct sockaddr_un *address, socklen_t *size)
{
    size_t length = strlen(path);
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (length == 0 || length > svi_unix_path_limit()) {
        errno = length ? ENAMETOOLONG : ENOENT;
        return -1;
    }
    memcpy(address->sun_path, path, length);
    *size = (socklen_t)sizeof *address;
#ifdef __linux__
    if (path[0] == '@') { // abstract: no NUL byte at the end, and its length counts
        address->sun_path[0] = 0;
        *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    }
#endif
    return 0;
}

static int make_socket(int family, int type)
{
    int descriptor = socket(family, type, 0);
    if (descriptor < 0)
        return -1;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
    int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return descriptor;
}

static int close_failed(int descriptor)
{
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

static int unix_socket(const char *path, int binding)
{
    struct sockaddr_un address;
    socklen_t size;
    if (unix_address(path, &address, &size) < 0)
        return -1;
    int descriptor = make_socket(AF_UNIX, SOCK_STREAM);
    if (descriptor < 0)
        return -1;
    if ((binding ? bind : connect)(descriptor, (struct sockaddr *)&address, size) < 0)
        return close_failed(descriptor);
    return descriptor;
}

int svi_unix_bind(const char *path) { return unix_socket(path, 1); }

int svi_unix_connect(const char *path) { return unix_socket(path, 0); }

int svi_listen(int descriptor)
{
    return listen(descriptor, SOMAXCONN) < 0 ? -1 : svi_set_nonblocking(descriptor, 1);
}

int svi_local_port(int descriptor)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &size) < 0)
        return -1;
    switch (address.ss_family) {
    case AF_INET: return ntohs(((struct sockaddr_in *)&address)->sin_port);
    case AF_INET6: return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    default:
        errno = EAFNOSUPPORT;
        return -1;
    }
}

int svi_set_timeouts(int descriptor, int64_t milliseconds)
{
    struct timeval value = {
        .tv_sec = (time_t)(milliseconds / 1000),
        .tv_usec = (suseconds_t)(milliseconds % 1000 * 1000),
    };
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) < 0)
        return -1;
    return setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

int svi_send_datagram(const void *bytes, size_t count, const char *path)
{
    struct sockaddr_un address;
    socklen_t size;
    if (unix_address(path, &address, &size) < 0)
        return -1;
    int descriptor = make_socket(AF_UNIX, SOCK_DGRAM);
    if (descriptor < 0)
        return -1;
#ifdef MSG_NOSIGNAL
    int flags = MSG_NOSIGNAL;
#else
    int flags = 0;
#endif
    ssize_t sent = sendto(descriptor, bytes, count, flags, (struct sockaddr *)&address, size);
    if (sent < 0)
        return close_failed(descriptor);
    close(descriptor);
    return 0;
}

int svi_send_descriptors(
    const void *bytes, size_t count, const char *path, const int *descriptors, int descriptor_count, int milliseconds)
{
    enum { MOST = 16 };
    struct sockaddr_un address;
    socklen_t size;
    if (unix_address(path, &address, &size) < 0)
        return -1;
    if (descriptor_count < 0 || descriptor_count > MOST) {
        errno = EINVAL;
        return -1;
    }
    int socket = make_socket(AF_UNIX, SOCK_DGRAM);
    if (socket < 0)
        return -1;
    svi_set_timeouts(socket, milliseconds);
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(MOST * sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    size_t length = (size_t)descriptor_count * sizeof(int);
    struct iovec text = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {
        .msg_name = &address, .msg_namelen = size, .msg_iov = &text, .msg_iovlen = 1,
    };
    if (descriptor_count > 0) {
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(length);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(length);
        memcpy(CMSG_DATA(head), descriptors, length);
    }
#ifdef MSG_NOSIGNAL
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
#else
    ssize_t sent = sendmsg(socket, &message, 0);
#endif
    if (sent < 0)
        return close_failed(socket);
    close(socket);
    return 0;
}

uint64_t svi_thread_number(void)
{
    static _Atomic uint64_t last;
    static _Thread_local uint64_t own;
    if (own == 0)
        own = ++last;
    return own;
}

void *svi_map_shared(int descriptor, size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

#ifndef __APPLE__
int svi_system_log_socket(int milliseconds)
{
    int descriptor = make_socket(AF_UNIX, SOCK_DGRAM);
    if (descriptor >= 0)
        svi_set_timeouts(descriptor, milliseconds);
    return descriptor;
}

int svi_system_log_send(int descriptor, const void *bytes, size_t count, const char *path)
{
    struct sockaddr_un address;
    socklen_t size;
    if (unix_address(path, &address, &size) < 0)
        return -1;
    return sendto(descriptor, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&address, size) < 0 ? -1 : 0;
}

const char *svi_program_name(void) { return program_invocation_short_name; }
#endif

static int tcp_socket(const struct addrinfo *info, int listening)
{
    int descriptor = make_socket(info->ai_family, SOCK_STREAM);
    if (descriptor < 0)
        return -1;
    if (listening) {
        int on = 1;
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(descriptor, info->ai_addr, info->ai_addrlen) < 0 || svi_listen(descriptor) < 0)
            return close_failed(descriptor);
    } else if (connect(descriptor, info->ai_addr, info->ai_addrlen) < 0) {
        return close_failed(descriptor);
    }
    return descriptor;
}

int svi_tcp(const char *host, const char *port, int listening, int *resolver)
{
    svi_prepare_names();
    struct addrinfo hints = {0}, *found = NULL;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_family = host ? AF_UNSPEC : AF_INET;
    hints.ai_flags = AI_NUMERICSERV | (listening ? AI_PASSIVE : 0);
    *resolver = getaddrinfo(host, port, &hints, &found);
    if (*resolver) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    int descriptor = -1;
    errno = EADDRNOTAVAIL;
    // Who listens on a name that has both kinds of addresses is expected at the IPv4 one.
    for (int pass = listening ? 0 : 1; pass < 2 && descriptor < 0; pass++)
        for (const struct addrinfo *info = found; info && descriptor < 0; info = info->ai_next)
            if (pass == 1 || info->ai_family == AF_INET)
                descriptor = tcp_socket(info, listening);
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    return descriptor;
}

// ---- accounts

int svi_groups(const char *user, uint32_t primary, uint32_t *groups, int capacity)
{
    svi_prepare_names();
    int count = capacity;
#ifdef __APPLE__
    getgrouplist(user, (int)primary, (int *)groups, &count);
#else
    getgrouplist(user, primary, groups, &count);
#endif
    return count;
}

// ---- the process

int svi_fork(void) { return fork(); }

char *const *svi_environment(void) { return environ; }

static char *const *argument_words;

#if defined(__GLIBC__) || defined(__APPLE__)
// Both hand every constructor what they hand main.
__attribute__((constructor)) static void keep_arguments(int count, char **words)
{
    (void)count;
    argument_words = words;
}
#endif

char *const *svi_arguments(void) { return argument_words; }

static void set_action(int number, void (*handler)(int))
{
    struct sigaction action = {0};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void svi_ignore_signal(int number) { set_action(number, SIG_IGN); }

static volatile sig_atomic_t last_status;

static void end_at_once(int number)
{
    (void)number;
    _exit(last_status);
}

void svi_end_within(int64_t milliseconds, int status)
{
    struct itimerval span = {.it_value = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000}};
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    last_status = status;
    if (milliseconds > 0) {
        set_action(SIGALRM, end_at_once);
        // Whichever thread hangs, this one hears it.
        pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
    }
    setitimer(ITIMER_REAL, &span, NULL);
    if (milliseconds <= 0)
        set_action(SIGALRM, SIG_IGN);
}

void svi_default_signal(int number) { set_action(number, SIG_DFL); }

int svi_ignores_signal(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int svi_block_signals(const int *numbers, int count)
{
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++)
        sigaddset(&set, numbers[index]);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    errno = error;
    return error ? -1 : 0;
}
