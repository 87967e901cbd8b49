#ifndef CPLATFORM_SPAWNING_H
#define CPLATFORM_SPAWNING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// How far a child came; the numbers are those of SpawnStep in Swift.
enum svi_spawn_step {
    SVI_STEP_NONE = 0,
    SVI_STEP_CREATE = 1,
    SVI_STEP_GROUPING = 2,
    SVI_STEP_DESCRIPTORS = 3,
    SVI_STEP_LIMITS = 4,
    SVI_STEP_GROUPS = 5,
    SVI_STEP_GROUP = 6,
    SVI_STEP_USER = 7,
    SVI_STEP_DEATH_SIGNAL = 8,
    SVI_STEP_DIRECTORY = 9,
    SVI_STEP_EXECUTE = 10,
};

// A limit of setrlimit(2); `resource` as in svi_get_limit, UINT64_MAX is no limit.
struct svi_limit {
    int resource;
    uint64_t soft;
    uint64_t hard;
};

// Everything a child needs, made before it exists: it shares our memory and must not allocate.
struct svi_spawn_job {
    const char *path;
    char **arguments;
    char **environment;
    const char *directory; // NULL: ours
    int umask;             // -1: ours
    int grouping;          // 0 ours, 1 new process group, 2 new session
    int has_credentials;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t group_count;
    const struct svi_limit *limits;
    size_t limit_count;
    int death_signal;      // Linux; 0: none
    uint64_t ignored;      // signals the program is born ignoring: bit N - 1 for signal N; all others have the default
    int waits;             // its maker has nothing else to do: svi_spawn_begin may return when the program runs
    int *descriptors;      // sources of the child's 0, 1, 2, 3 …; overwritten
    int descriptor_count;

    // Results.
    int pid;     // written by the child before it can end of itself, where it shares our memory
    int handle;  // process descriptor, or -1
    int step;    // where a failed child ended
    int error;   // its errno; 0: the program runs

    // For spawn.c alone.
    int report;  // the pipe of a child with a memory of its own, or -1
    int shares_descriptors;
    int parent;
    void *execution; // Darwin: what its posix_spawn needs
    void *stack;     // Linux: the child's, as long as it shares our memory
    int is_on_its_way; // Linux: not 0 until the kernel has seen it execute or end
};

// Starts a program and waits until it runs or failed to. 0, or -1 with `step` and `error` set; a child that failed is
// reaped already. The descriptors below `descriptor_count` in the child are copies of `descriptors`, all others are
// closed. Cost does not grow with the number of our open descriptors as long as `descriptors` holds low numbers.
int svi_spawn(struct svi_spawn_job *job);

// The same in two steps, so that the next child can be made while this one is on its way to its program. `job`, and all
// it points to, must stay where it is and as it is from the first to the second; that must follow, on any thread.
void svi_spawn_begin(struct svi_spawn_job *job);
int svi_spawn_end(struct svi_spawn_job *job);

// The pid of a job in progress, 0 as long as it is not known; from any thread.
int svi_spawn_pid(const struct svi_spawn_job *job);

// Whether svi_spawn learns a child's pid only after the fact, because the system has no better way.
int svi_spawn_is_blind(void);

// For tests of the way without: pretend that the kernel knows no process descriptors, or no clone at all.
void svi_spawn_pretend(int no_handles, int no_clone);

#endif
