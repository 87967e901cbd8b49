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

void svi_child_reset_signals(uint64_t ignored)
{
    struct sigaction action = {0};
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++) {
        action.sa_handler = ignored >> (number - 1) & 1 ? SIG_IGN : SIG_DFL;
        sigaction(number, &action, NULL);
    }
}

int svi_child_unshare_descriptors(struct svi_spawn_job *job, int first_unneeded)
{
    (void)job;
    (void)first_unneeded;
    return 0;
}

int svi_child_close_from(struct svi_spawn_job *job, int first)
{
    (void)job;
    (void)first;
    return 0; // svi_child_execute does it
}

int svi_child_set_groups(const gid_t *groups, size_t count)
{
    // Darwin keeps at most NGROUPS_MAX of them in the kernel.
    return setgroups(count > 16 ? 16 : (int)count, groups);
}

int svi_child_set_group(gid_t group) { return setgid(group); }

int svi_child_set_user(uid_t user) { return setuid(user); }

int svi_child_set_death_signal(struct svi_spawn_job *job)
{
    (void)job;
    return 0; // Darwin has none
}

_Noreturn void svi_child_end(void) { _exit(127); }

int svi_child_execute(struct svi_spawn_job *job)
{
    struct execution *execution = job->execution;
    errno = posix_spawn(NULL, job->path, &execution->actions, &execution->attributes, job->arguments,
                        job->environment);
    return -1;
}

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

int svi_spawn(struct svi_spawn_job *job)
{
    struct execution execution;
    svi_spawn_set_pid(job, 0);
    job->handle = -1;
    job->report = -1;
    job->step = SVI_STEP_NONE;
    job->error = prepare(&execution, job->descriptor_count);
    if (job->error)
        return -1;
    job->execution = &execution;

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int result = svi_spawn_by_fork(job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    job->execution = NULL;
    posix_spawn_file_actions_destroy(&execution.actions);
    posix_spawnattr_destroy(&execution.attributes);
    return result;
}

#endif
