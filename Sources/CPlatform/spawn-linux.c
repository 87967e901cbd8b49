#ifdef __linux__
#define _GNU_SOURCE

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <pthread.h>
#include <stdlib.h>
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

// Not by glibc, which refuses the two signals it uses itself: whoever started us may have ignored those.
void svi_child_reset_signals(struct svi_spawn_job *job)
{
    // The kernel's struct sigaction: the action, no flags, no restorer, nothing blocked.
    const unsigned long default_action[8] = {(unsigned long)SIG_DFL};
    const unsigned long no_action[8] = {(unsigned long)SIG_IGN};
    for (int number = 1; number <= 64; number++) {
        const unsigned long *action = job->ignored >> (number - 1) & 1 ? no_action : default_action;
        svi_bare_call(SYS_rt_sigaction, number, (long)action, 0, sizeof(uint64_t));
    }
}

// Between clone and this call, parent and child have one descriptor table. What lies at or above `first_unneeded` is
// not even copied, so the cost does not grow with the number of descriptors we hold.
int svi_child_unshare_descriptors(struct svi_spawn_job *job, int first_unneeded)
{
    return SVI_CHILD_CALL_3(job, close_range, (unsigned)first_unneeded, ~0U, CLOSE_RANGE_UNSHARE);
}

int svi_child_place(struct svi_spawn_job *job, int source, int target)
{
    return SVI_CHILD_CALL_3(job, dup3, source, target, 0);
}

int svi_child_close_from(struct svi_spawn_job *job, int first)
{
    // The report pipe has to live until execve, which closes it: it goes to the first place behind the kept ones.
    if (job->report >= 0) {
        if (job->report != first) {
            if (SVI_CHILD_CALL_3(job, dup3, job->report, first, O_CLOEXEC) < 0)
                return -1;
            job->report = first;
        }
        first++;
    }
    if (SVI_CHILD_CALL_3(job, close_range, (unsigned)first, ~0U, 0) == 0)
        return 0;
    // Before Linux 5.9. All of ours are close-on-exec; this is for those we inherited.
    struct rlimit limit;
    int isKnown = SVI_CHILD_CALL_2(job, getrlimit, RLIMIT_NOFILE, &limit) == 0;
    int end = isKnown && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int number = first; number < end; number++)
        SVI_CHILD_CALL_1(job, close, number);
    return 0;
}

// The kernel's calls concern the child alone: glibc's functions pass the change on to all threads, which are our own.
int svi_child_set_groups(struct svi_spawn_job *job)
{
    return SVI_CHILD_CALL_2(job, setgroups, job->group_count, job->groups);
}

int svi_child_set_group(struct svi_spawn_job *job)
{
    return SVI_CHILD_CALL_3(job, setresgid, job->group, job->group, job->group);
}

int svi_child_set_user(struct svi_spawn_job *job)
{
    return SVI_CHILD_CALL_3(job, setresuid, job->user, job->user, job->user);
}

int svi_child_set_death_signal(struct svi_spawn_job *job)
{
    // A filter (seccomp) that forbids it is no reason not to start the program.
    if (SVI_CHILD_CALL_2(job, prctl, PR_SET_PDEATHSIG, job->death_signal) < 0)
        return 0;
    // Had our parent died before the call, the signal would never come.
    if (SVI_CHILD_CALL_0(job, getppid) != job->parent) {
        job->error = ESRCH;
        return -1;
    }
    return 0;
}

void svi_child_unblock_signals(struct svi_spawn_job *job)
{
    (void)job;
    const uint64_t none = 0;
    svi_bare_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof none);
}

SVI_UNWATCHED void svi_child_execute(struct svi_spawn_job *job)
{
    SVI_CHILD_CALL_3(job, execve, job->path, job->arguments, job->environment);
}

// The bare call: sanitizers settle their accounts in _exit, and in memory that is our parent's.
void svi_child_exit(void)
{
    for (;;)
        svi_bare_call(SYS_exit_group, 127, 0, 0, 0);
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

enum { STACK_SIZE = 32768 };

// Whether the kernel says when a child that shares our memory executes (CLONE_CHILD_CLEARTID: at an execve as at an end;
// not everything that passes for Linux does). Found out with the first child, whose maker waits by CLONE_VFORK.
static _Atomic int tells_execution;
static _Atomic int was_asked;

// One attempt by clone. The child has a stack of its own; without CLONE_VFORK its maker goes on at once, and neither of the
// two touches what is the other's: the child only its job and what that points to, the maker nothing of it until
// `is_on_its_way` is 0 (see child.h for errno).
SVI_UNWATCHED static int clone_once(struct svi_spawn_job *job, int waits)
{
    int flags = CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
    if (waits)
        flags |= CLONE_VFORK;
    if (!without_clone_handle)
        flags |= CLONE_PIDFD;
    job->shares_descriptors = !without_close_range;
    if (job->shares_descriptors)
        flags |= CLONE_FILES;
    job->handle = -1;
    __atomic_store_n(&job->is_on_its_way, 1, __ATOMIC_RELEASE);
    // CLONE_PIDFD puts the descriptor where CLONE_PARENT_SETTID would put the pid.
    int pid = clone(svi_child_main, (char *)job->stack + STACK_SIZE, flags, job, &job->handle, NULL, &job->is_on_its_way);
    if (waits && pid > 0) {
        if (!was_asked) {
            tells_execution = __atomic_load_n(&job->is_on_its_way, __ATOMIC_ACQUIRE) == 0;
            was_asked = 1;
        }
        job->is_on_its_way = 0;
    }
    if (pid < 0)
        job->is_on_its_way = 0;
    return pid;
}

void svi_spawn_begin(struct svi_spawn_job *job)
{
    svi_spawn_set_pid(job, 0);
    job->handle = -1;
    job->step = SVI_STEP_NONE;
    job->error = 0;
    job->report = -1;
    job->parent = getpid();
    job->is_on_its_way = 0;
    job->stack = without_clone ? NULL : malloc(STACK_SIZE);

    pthread_once(&close_range_probe, probe_close_range);

    // No handler of ours may run in a child that shares our memory. A cancelled thread would leave the child alone.
    sigset_t all, before;
    int cancellation;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);

    int pid = -1;
    int refusal = ENOMEM;
    if (job->stack) {
        int waits = job->waits || !SVI_CHILD_IS_DISCREET || !tells_execution;
        pid = clone_once(job, waits);
        if (pid < 0 && errno == EINVAL && !without_clone_handle) {
            without_clone_handle = 1;
            pid = clone_once(job, waits);
        }
        refusal = errno;
        if (pid < 0 && (refusal == EINVAL || refusal == ENOSYS || refusal == EPERM))
            without_clone = 1;
    }
    if (pid > 0) {
        svi_spawn_set_pid(job, pid);
    } else if (without_clone) {
        svi_spawn_by_fork(job);
    } else {
        job->step = SVI_STEP_CREATE;
        job->error = refusal;
    }

    pthread_setcancelstate(cancellation, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int svi_spawn_end(struct svi_spawn_job *job)
{
    for (int left; (left = __atomic_load_n(&job->is_on_its_way, __ATOMIC_ACQUIRE)) != 0;)
        syscall(SYS_futex, &job->is_on_its_way, FUTEX_WAIT, left, NULL, NULL, 0);
    free(job->stack);
    job->stack = NULL;
    if (job->step != SVI_STEP_NONE && job->step != SVI_STEP_CREATE)
        svi_reap_failed(job->pid);
    if (job->step != SVI_STEP_NONE) {
        if (job->handle >= 0)
            close(job->handle);
        job->handle = -1;
        return -1;
    }
    // The child is ours and unreaped, so its pid cannot have passed to another process meanwhile.
    if (job->handle < 0 && !without_open_handle) {
        job->handle = (int)syscall(SYS_pidfd_open, job->pid, 0);
        if (job->handle < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
            without_open_handle = 1;
    }
    return 0;
}

#endif
