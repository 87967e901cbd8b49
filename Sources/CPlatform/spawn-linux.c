#ifdef __linux__
#define _GNU_SOURCE

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

// Asked once, then remembered: what this kernel (or the sandbox around us) refuses. Set from any thread; each only ever
// goes from 0 to 1, and a stale 0 costs one more refused call.
static _Atomic int without_clone_handle;
static _Atomic int without_open_handle;
static _Atomic int without_clone;
static int without_close_range;
static pthread_once_t close_range_probe = PTHREAD_ONCE_INIT;

static void probe_close_range(void)
{
    // An empty range: nothing is closed.
    without_close_range = syscall(SYS_close_range, ~0U, ~0U, 0) < 0 && errno == ENOSYS;
}

// The bare call: glibc's refuses the two signals it uses itself, which whoever started us may have ignored.
void svi_child_reset_signals(uint64_t ignored)
{
    // The kernel's struct sigaction: the action, no flags, no restorer, nothing blocked.
    const unsigned long default_action[8] = {(unsigned long)SIG_DFL};
    const unsigned long no_action[8] = {(unsigned long)SIG_IGN};
    for (int number = 1; number <= 64; number++) {
        const unsigned long *action = ignored >> (number - 1) & 1 ? no_action : default_action;
        syscall(SYS_rt_sigaction, number, action, NULL, sizeof(uint64_t));
    }
}

// Between clone and this call, parent and child have one descriptor table. What lies at or above `first_unneeded` is
// not even copied, so the cost does not grow with the number of descriptors we hold.
int svi_child_unshare_descriptors(struct svi_spawn_job *job, int first_unneeded)
{
    (void)job;
    return (int)syscall(SYS_close_range, (unsigned)first_unneeded, ~0U, CLOSE_RANGE_UNSHARE);
}

int svi_child_close_from(struct svi_spawn_job *job, int first)
{
    // The report pipe has to live until execve, which closes it: it goes to the first place behind the kept ones.
    if (job->report >= 0) {
        if (job->report != first) {
            if (dup3(job->report, first, O_CLOEXEC) < 0)
                return -1;
            job->report = first;
        }
        first++;
    }
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0) == 0)
        return 0;
    // Before Linux 5.9. All of ours are close-on-exec; this is for those we inherited.
    struct rlimit limit;
    int end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int number = first; number < end; number++)
        close(number);
    return 0;
}

// The bare calls: glibc's functions pass the change on to all threads, and in the child those are our own.
int svi_child_set_groups(const gid_t *groups, size_t count)
{
    return (int)syscall(SYS_setgroups, count, groups);
}

int svi_child_set_group(gid_t group)
{
    return (int)syscall(SYS_setresgid, group, group, group);
}

int svi_child_set_user(uid_t user)
{
    return (int)syscall(SYS_setresuid, user, user, user);
}

int svi_child_set_death_signal(struct svi_spawn_job *job)
{
    // A filter (seccomp) that forbids it is no reason not to start the program.
    if (prctl(PR_SET_PDEATHSIG, job->death_signal) < 0)
        return 0;
    // Had our parent died before the call, the signal would never come.
    if (getppid() != job->parent) {
        errno = ESRCH;
        return -1;
    }
    return 0;
}

SVI_UNWATCHED int svi_child_execute(struct svi_spawn_job *job)
{
    return execve(job->path, job->arguments, job->environment);
}

// The bare call: sanitizers settle their accounts in _exit, and in memory that is our parent's.
_Noreturn void svi_child_end(void)
{
    for (;;)
        syscall(SYS_exit_group, 127);
}

int svi_resource_number(int resource)
{
    static const int numbers[] = {
        RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_CPU,
        RLIMIT_DATA, RLIMIT_STACK, RLIMIT_AS, RLIMIT_MEMLOCK, RLIMIT_RSS,
    };
    return resource >= 0 && resource < (int)(sizeof numbers / sizeof *numbers) ? numbers[resource] : -1;
}

int svi_spawn_is_blind(void) { return without_clone; }

void svi_spawn_pretend(int no_handles, int no_clone)
{
    without_clone_handle = no_handles;
    without_open_handle = no_handles;
    without_clone = no_clone;
}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The sanitizer's own clone takes every child for a copy of the process. This is glibc's, by its other name.
extern int __clone(int (*)(void *), void *, int, void *, ...);
#define clone __clone
#endif
#endif

// One attempt by clone. The child runs on a piece of our own stack: we are suspended until it executes or exits.
SVI_UNWATCHED static int clone_once(struct svi_spawn_job *job)
{
    alignas(16) char stack[32768];
    int flags = CLONE_VM | CLONE_VFORK | CLONE_CHILD_SETTID | SIGCHLD;
    if (!without_clone_handle)
        flags |= CLONE_PIDFD;
    job->shares_descriptors = !without_close_range;
    if (job->shares_descriptors)
        flags |= CLONE_FILES;
    job->handle = -1;
    // CLONE_PIDFD puts the descriptor where CLONE_PARENT_SETTID would put the pid.
    return clone(svi_child_main, stack + sizeof stack, flags, job, &job->handle, NULL, &job->pid);
}

int svi_spawn(struct svi_spawn_job *job)
{
    svi_spawn_set_pid(job, 0);
    job->handle = -1;
    job->step = SVI_STEP_NONE;
    job->error = 0;
    job->report = -1;
    job->parent = getpid();

    pthread_once(&close_range_probe, probe_close_range);

    // No handler of ours may run in a child that shares our memory. A cancelled thread would leave the child alone.
    sigset_t all, before;
    int cancellation;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);

    int pid = -1;
    if (!without_clone) {
        pid = clone_once(job);
        if (pid < 0 && errno == EINVAL && !without_clone_handle) {
            without_clone_handle = 1;
            pid = clone_once(job);
        }
        if (pid < 0 && (errno == EINVAL || errno == ENOSYS || errno == EPERM))
            without_clone = 1;
    }
    int result = -1;
    if (pid > 0) {
        svi_spawn_set_pid(job, pid);
        result = job->error ? -1 : 0;
        if (job->error)
            svi_reap_failed(pid);
    } else if (without_clone) {
        result = svi_spawn_by_fork(job);
    } else {
        job->step = SVI_STEP_CREATE;
        job->error = errno;
    }

    pthread_setcancelstate(cancellation, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (result < 0 && job->handle >= 0) {
        close(job->handle);
        job->handle = -1;
    }
    // The child is ours and unreaped, so its pid cannot have passed to another process meanwhile.
    if (result == 0 && job->handle < 0 && !without_open_handle) {
        job->handle = (int)syscall(SYS_pidfd_open, job->pid, 0);
        if (job->handle < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
            without_open_handle = 1;
    }
    return result;
}

#endif
