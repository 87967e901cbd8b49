// What a child does between its birth and its program; shared by both systems.

#ifndef CPLATFORM_CHILD_H
#define CPLATFORM_CHILD_H

#include "spawning.h"

// Sanitizers keep what a thread calls and owns in memory that the child shares: what never returns in the child would be
// taken for its parent's for ever.
#if defined(__has_attribute)
#if __has_attribute(disable_sanitizer_instrumentation)
#define SVI_UNWATCHED __attribute__((disable_sanitizer_instrumentation))
#endif
#endif
#ifndef SVI_UNWATCHED
#define SVI_UNWATCHED
#endif

#ifdef __linux__
#include "bare-linux.h"
#else
#include <errno.h>
#endif

// A system call by name, made by the child: its result, or -1 with the error in the job.
//
// On Linux the child may share our memory while the thread that made it goes on: it has that thread's errno, and so must
// not touch it, as glibc's functions do when they fail.
static inline int svi_child_result(struct svi_spawn_job *job, long result)
{
#ifdef __linux__
    if (result >= 0)
        return (int)result;
    job->error = (int)-result;
#else
    if (result >= 0)
        return (int)result;
    job->error = errno;
#endif
    return -1;
}

#ifdef __linux__
#define SVI_CHILD_CALL(job, name, a, b, c) \
    svi_child_result(job, svi_bare_call(SYS_##name, (long)(a), (long)(b), (long)(c), 0))
#define SVI_CHILD_CALL_0(job, name) SVI_CHILD_CALL(job, name, 0, 0, 0)
#define SVI_CHILD_CALL_1(job, name, a) SVI_CHILD_CALL(job, name, a, 0, 0)
#define SVI_CHILD_CALL_2(job, name, a, b) SVI_CHILD_CALL(job, name, a, b, 0)
#define SVI_CHILD_CALL_3(job, name, a, b, c) SVI_CHILD_CALL(job, name, a, b, c)
#else
#define SVI_CHILD_CALL_0(job, name) svi_child_result(job, name())
#define SVI_CHILD_CALL_1(job, name, a) svi_child_result(job, name(a))
#define SVI_CHILD_CALL_2(job, name, a, b) svi_child_result(job, name(a, b))
#define SVI_CHILD_CALL_3(job, name, a, b, c) svi_child_result(job, name(a, b, c))
#endif

// Sets the child up and executes the program; never returns. `job` is a struct svi_spawn_job. Calls nothing that
// allocates, locks, sends signals to threads or has a thread's own variables: the child may share our memory.
int svi_child_main(void *job);

// The steps that differ between systems; each returns 0 or -1 with the error in the job.
//
// Handlers of ours must never run in the child, and what we ignore would stay ignored in the program: the first of them
// gives every signal its default action, but for those the program shall be born ignoring.
void svi_child_reset_signals(struct svi_spawn_job *job);
int svi_child_unshare_descriptors(struct svi_spawn_job *job, int first_unneeded);
int svi_child_place(struct svi_spawn_job *job, int source, int target);
int svi_child_close_from(struct svi_spawn_job *job, int first);
int svi_child_set_groups(struct svi_spawn_job *job);
int svi_child_set_group(struct svi_spawn_job *job);
int svi_child_set_user(struct svi_spawn_job *job);
int svi_child_set_death_signal(struct svi_spawn_job *job);
void svi_child_unblock_signals(struct svi_spawn_job *job);
void svi_child_execute(struct svi_spawn_job *job);
_Noreturn void svi_child_exit(void);

// The counterpart of svi_spawn_pid: other threads may be looking.
void svi_spawn_set_pid(struct svi_spawn_job *job, int pid);

// fork(2) and a report pipe, for systems and kernels without anything better. Waits; leaves a child that failed unreaped.
void svi_spawn_by_fork(struct svi_spawn_job *job);

// Reaps a child that failed before its program ran.
void svi_reap_failed(int pid);

// The setrlimit(2) number of a resource, -1 when the system has none.
int svi_resource_number(int resource);

#endif
