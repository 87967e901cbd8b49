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

// Sets the child up and executes the program; never returns. `job` is a struct svi_spawn_job. Calls nothing that
// allocates, locks or sends signals to threads: the child may share our memory.
int svi_child_main(void *job);

// The steps that differ between systems; each returns 0 or -1 with errno.
//
// Handlers of ours must never run in the child, and what we ignore would stay ignored in the program: the first of them
// gives every signal its default action, but for those the program shall be born ignoring.
void svi_child_reset_signals(uint64_t ignored);
int svi_child_unshare_descriptors(struct svi_spawn_job *job, int first_unneeded);
int svi_child_close_from(struct svi_spawn_job *job, int first);
int svi_child_set_groups(const gid_t *groups, size_t count);
int svi_child_set_group(gid_t group);
int svi_child_set_user(uid_t user);
int svi_child_set_death_signal(struct svi_spawn_job *job);
int svi_child_execute(struct svi_spawn_job *job);

// Ends a child that could not become its program.
_Noreturn void svi_child_end(void);

// The counterpart of svi_spawn_pid: other threads may be looking.
void svi_spawn_set_pid(struct svi_spawn_job *job, int pid);

// fork(2) and a report pipe, for systems and kernels without anything better.
int svi_spawn_by_fork(struct svi_spawn_job *job);

// Reaps a child that failed before its program ran.
void svi_reap_failed(int pid);

// The setrlimit(2) number of a resource, -1 when the system has none.
int svi_resource_number(int resource);

#endif
