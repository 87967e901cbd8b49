#ifdef __APPLE__

#include "child.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <unistd.h>

// posix_spawn in place of execve (POSIX_SPAWN_SETEXEC): the kernel closes every descriptor that is not named, which
// Darwin offers in no other way. Made before fork, because making it allocates.
struct execution {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
};

static int prepare(struct execution *execution, int descriptor_count)
{
    int error = posix_spawnattr_init(&execution->attributes);
    if (error)
        return error;
    error = posix_spawn_file_actions_init(&execution->actions);
    if (error) {
        posix_spawnattr_destroy(&execution->attributes);
        return error;
    }
    error = posix_spawnattr_setflags(&execution->attributes,
                                     POSIX_SPAWN_SETEXEC | POSIX_SPAWN_CLOEXEC_DEFAULT);
    for (int number = 0; number < descriptor_count && !error; number++)
        error = posix_spawn_file_actions_addinherit_np(&execution->actions, number);
    if (error) {
        posix_spawn_file_actions_destroy(&execution->actions);
        posix_spawnattr_destroy(&execution->attributes);
    }
    return error;
}

void svi_child_reset_signals(struct svi_spawn_job *job)
{
    struct sigaction action = {0};
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++) {
        action.sa_handler = job->ignored >> (number - 1) & 1 ? SIG_IGN : SIG_DFL;
        sigaction(number, &action, NULL);
    }
}

int svi_child_unshare_descriptors(struct svi_spawn_job *job, int first_unneeded)
{
    (void)job;
    (void)first_unneeded;
    return 0;
}

int svi_child_place(struct svi_spawn_job *job, int source, int target)
{
    return SVI_CHILD_CALL_2(job, dup2, source, target);
}

int svi_child_close_from(struct svi_spawn_job *job, int first)
{
    (void)job;
    (void)first;
    return 0; // svi_child_execute does it
}

int svi_child_set_groups(struct svi_spawn_job *job)
{
    // Darwin keeps at most NGROUPS_MAX of them in the kernel.
    int count = job->group_count > 16 ? 16 : (int)job->group_count;
    return SVI_CHILD_CALL_2(job, setgroups, count, job->groups);
}

int svi_child_set_group(struct svi_spawn_job *job) { return SVI_CHILD_CALL_1(job, setgid, job->group); }

int svi_child_set_user(struct svi_spawn_job *job) { return SVI_CHILD_CALL_1(job, setuid, job->user); }

int svi_child_set_death_signal(struct svi_spawn_job *job)
{
    (void)job;
    return 0; // Darwin has none
}

void svi_child_unblock_signals(struct svi_spawn_job *job)
{
    (void)job;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void svi_child_execute(struct svi_spawn_job *job)
{
    struct execution *execution = job->execution;
    job->error = posix_spawn(NULL, job->path, &execution->actions, &execution->attributes, job->arguments,
                             job->environment);
}

void svi_child_exit(void) { _exit(127); }

int svi_resource_number(int resource)
{
    static const int numbers[] = {
        RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_CPU,
        RLIMIT_DATA, RLIMIT_STACK, RLIMIT_AS, RLIMIT_MEMLOCK, RLIMIT_RSS,
    };
    return resource >= 0 && resource < (int)(sizeof numbers / sizeof *numbers) ? numbers[resource] : -1;
}

int svi_spawn_is_blind(void) { return 1; }

void svi_spawn_pretend(int no_handles, int no_clone)
{
    (void)no_handles;
    (void)no_clone;
}

// There is one way, which waits: the second step has nothing left to do but to bury a child that failed.
void svi_spawn_begin(struct svi_spawn_job *job)
{
    struct execution execution;
    svi_spawn_set_pid(job, 0);
    job->handle = -1;
    job->report = -1;
    job->step = SVI_STEP_CREATE;
    job->error = prepare(&execution, job->descriptor_count);
    if (job->error)
        return;
    job->execution = &execution;

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    svi_spawn_by_fork(job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    job->execution = NULL;
    posix_spawn_file_actions_destroy(&execution.actions);
    posix_spawnattr_destroy(&execution.attributes);
}

int svi_spawn_end(struct svi_spawn_job *job)
{
    if (job->step == SVI_STEP_NONE)
        return 0;
    if (job->step != SVI_STEP_CREATE)
        svi_reap_failed(job->pid);
    return -1;
}

#endif
