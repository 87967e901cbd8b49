#ifdef __linux__
#define _GNU_SOURCE

// Processes that are nobody's children here: what their descriptors tell of them.

#include "calls.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

// <linux/pidfd.h> of Linux 6.15; the headers of the machine that compiles this may be older.
struct handle_info {
    uint64_t mask, control_group;
    uint32_t pid, thread_group, parent;
    uint32_t users[8];
    int32_t exit_status;
};
#define HANDLE_GET_INFO _IOWR(0xFF, 11, struct handle_info)
#define HANDLE_INFO_EXIT (UINT64_C(1) << 3)
#define HANDLE_SIGNAL_GROUP (1U << 2) // Linux 6.9

static int tells_exits;
static pthread_once_t exits_once = PTHREAD_ONCE_INIT;

// By its version: one that knows the question and not this answer (6.13) says so only after the fact.
static void look_at_version(void)
{
    struct utsname name;
    int major = 0, minor = 0;
    if (uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2)
        tells_exits = major > 6 || (major == 6 && minor >= 15);
}

int svi_handles_tell_exits(void)
{
    pthread_once(&exits_once, look_at_version);
    return tells_exits;
}

void svi_handles_pretend(int silent)
{
    pthread_once(&exits_once, look_at_version);
    if (silent)
        tells_exits = 0;
}

// Whether poll(2) says so of the process: POLLIN that it has ended, POLLHUP that its parent has reaped it.
static int says(int handle, short what)
{
    struct pollfd question = {.fd = handle, .events = POLLIN};
    return poll(&question, 1, 0) > 0 && (question.revents & what);
}

int svi_handle_exit(int handle, struct svi_exit *out)
{
    if (!svi_handles_tell_exits())
        return says(handle, POLLIN) ? -1 : 0;
    // Asked first: the answer is there before the process counts as reaped.
    int is_reaped = says(handle, POLLHUP);
    struct handle_info info = {.mask = HANDLE_INFO_EXIT};
    if (ioctl(handle, HANDLE_GET_INFO, &info) == 0 && (info.mask & HANDLE_INFO_EXIT)) {
        int status = info.exit_status;
        out->pid = 0;
        out->kind = WIFEXITED(status) ? 0 : WCOREDUMP(status) ? 2 : 1;
        out->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
        return 1;
    }
    return is_reaped ? -1 : 0;
}

int svi_signal_by_handle(int handle, int number, int group)
{
    return (int)syscall(SYS_pidfd_send_signal, handle, number, NULL, group ? HANDLE_SIGNAL_GROUP : 0);
}

#endif
