#define _GNU_SOURCE

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_grouping(struct svi_spawn_job *job)
{
    switch (job->grouping) {
    case 1: return SVI_CHILD_CALL_2(job, setpgid, 0, 0);
    case 2: return SVI_CHILD_CALL_0(job, setsid) < 0 ? -1 : 0;
    default: return 0;
    }
}

// Brings the sources to 0, 1, 2 … in this order. A source that would be overwritten before its turn moves up first; of many
// that ascend none does.
static int place_descriptors(struct svi_spawn_job *job)
{
    int count = job->descriptor_count;
    int highest = count - 1;
    for (int target = 0; target < count; target++)
        if (job->descriptors[target] > highest)
            highest = job->descriptors[target];
    if (job->shares_descriptors && svi_child_unshare_descriptors(job, highest + 1) < 0)
        return -1;
    if (job->report >= 0 && job->report < count) {
        job->report = SVI_CHILD_CALL_3(job, fcntl, job->report, F_DUPFD_CLOEXEC, count);
        if (job->report < 0)
            return -1;
    }
    for (int target = 0; target < count; target++) {
        int source = job->descriptors[target];
        if (source < target) {
            source = SVI_CHILD_CALL_3(job, fcntl, source, F_DUPFD, count);
            if (source < 0)
                return -1;
            job->descriptors[target] = source;
        }
    }
    for (int target = 0; target < count; target++) {
        int source = job->descriptors[target];
        // dup2 onto itself would leave close-on-exec set.
        int result = source == target ? SVI_CHILD_CALL_3(job, fcntl, target, F_SETFD, 0)
                                      : svi_child_place(job, source, target);
        if (result < 0)
            return -1;
    }
    return svi_child_close_from(job, count);
}

static int set_limits(struct svi_spawn_job *job)
{
    for (size_t index = 0; index < job->limit_count; index++) {
        const struct svi_limit *limit = &job->limits[index];
        struct rlimit value = {
            .rlim_cur = limit->soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limit->soft,
            .rlim_max = limit->hard == UINT64_MAX ? RLIM_INFINITY : (rlim_t)limit->hard,
        };
        int number = svi_resource_number(limit->resource);
        if (number < 0) {
            job->error = EINVAL;
            return -1;
        }
        if (SVI_CHILD_CALL_2(job, setrlimit, number, &value) < 0)
            return -1;
    }
    return 0;
}

// Runs the steps in order; returns the one that failed.
SVI_UNWATCHED static enum svi_spawn_step run_steps(struct svi_spawn_job *job)
{
    svi_child_reset_signals(job);
    if (set_grouping(job) < 0)
        return SVI_STEP_GROUPING;
    if (place_descriptors(job) < 0)
        return SVI_STEP_DESCRIPTORS;
    // Limits before the user: only root may raise a hard limit.
    if (set_limits(job) < 0)
        return SVI_STEP_LIMITS;
    if (job->has_credentials) {
        if (svi_child_set_groups(job) < 0)
            return SVI_STEP_GROUPS;
        if (svi_child_set_group(job) < 0)
            return SVI_STEP_GROUP;
        if (svi_child_set_user(job) < 0)
            return SVI_STEP_USER;
    }
    // After the user: the kernel forgets a death signal when credentials change.
    if (job->death_signal > 0 && svi_child_set_death_signal(job) < 0)
        return SVI_STEP_DEATH_SIGNAL;
    if (job->directory && SVI_CHILD_CALL_1(job, chdir, job->directory) < 0)
        return SVI_STEP_DIRECTORY;
    if (job->umask >= 0)
        SVI_CHILD_CALL_1(job, umask, (mode_t)job->umask);
    svi_child_unblock_signals(job);
    svi_child_execute(job);
    return SVI_STEP_EXECUTE;
}

SVI_UNWATCHED int svi_child_main(void *argument)
{
    struct svi_spawn_job *job = argument;
    __atomic_store_n(&job->pid, SVI_CHILD_CALL_0(job, getpid), __ATOMIC_RELEASE);
    job->step = run_steps(job);
    if (job->report >= 0) {
        int message[2] = {job->step, job->error};
        while (SVI_CHILD_CALL_3(job, write, job->report, message, sizeof message) < 0 && job->error == EINTR) {}
    }
    svi_child_exit();
}

void svi_reap_failed(int pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
}

void svi_spawn_by_fork(struct svi_spawn_job *job)
{
    int ends[2];
    job->step = SVI_STEP_CREATE;
    if (pipe(ends) < 0) {
        job->error = errno;
        return;
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    job->report = ends[1];
    job->shares_descriptors = 0;
    int pid = fork();
    if (pid == 0)
        svi_child_main(job);
    int creation_error = errno;
    close(ends[1]);
    job->report = -1;
    if (pid < 0) {
        close(ends[0]);
        job->error = creation_error;
        return;
    }
    // The end of the pipe without a message: execve closed it.
    int message[2];
    ssize_t count;
    do {
        count = read(ends[0], message, sizeof message);
    } while (count < 0 && errno == EINTR);
    close(ends[0]);
    svi_spawn_set_pid(job, pid);
    if (count == (ssize_t)sizeof message) {
        job->step = message[0];
        job->error = message[1];
    } else {
        job->step = SVI_STEP_NONE;
    }
}

int svi_spawn(struct svi_spawn_job *job)
{
    job->waits = 1;
    svi_spawn_begin(job);
    return svi_spawn_end(job);
}

void svi_spawn_set_pid(struct svi_spawn_job *job, int pid)
{
    __atomic_store_n(&job->pid, pid, __ATOMIC_RELEASE);
}

int svi_spawn_pid(const struct svi_spawn_job *job)
{
    return __atomic_load_n(&job->pid, __ATOMIC_ACQUIRE);
}
