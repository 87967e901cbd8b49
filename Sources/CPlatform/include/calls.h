#ifndef CPLATFORM_CALLS_H
#define CPLATFORM_CALLS_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// ---- clocks: nanoseconds since whenever the clock began (the wall clock: since 1970)

int64_t svi_monotonic_clock(void);  // stands still while the machine sleeps
int64_t svi_boot_clock(void);       // runs on
int64_t svi_wall_clock(void);

// ---- descriptors: variadic calls and those with an atomic close-on-exec only on one system

int svi_open(const char *path, int flags, mode_t mode);   // close-on-exec, no controlling terminal
int svi_pipe(int ends[2]);                                // close-on-exec
int svi_duplicate(int descriptor, int least);             // close-on-exec
int svi_replace(int source, int target);                  // dup2, close-on-exec
int svi_set_nonblocking(int descriptor, int flag);
int svi_set_inherited(int descriptor, int flag);          // whether a program that takes our place finds it open
int svi_memory_file(void);                                // a file without a name, close-on-exec
int64_t svi_move(int source, int target, size_t most);    // from pipe to pipe without a copy, without waiting (Linux)
void *svi_map_shared(int descriptor, size_t size);        // NULL with errno
int svi_set_pipe_capacity(int descriptor, int bytes);     // the capacity there is now; 65536 where it is fixed
int svi_terminal_size(int descriptor, int *columns, int *rows);

// ---- files

struct svi_file_status {
    uint64_t device, inode;
    uint32_t type;     // S_IFMT bits
    uint32_t mode;     // the other bits
    uint32_t user, group;
    int64_t size;
    int64_t modified;  // nanoseconds since 1970
};

int svi_status(const char *path, int follow_links, struct svi_file_status *out);
int svi_descriptor_status(int descriptor, struct svi_file_status *out);
const char *svi_entry_name(const struct dirent *entry);
int svi_effective_access(const char *path, int mode);

// ---- waiting: siginfo_t hides its members behind macros

struct svi_exit {
    int pid;
    int kind;    // 0 exited, 1 killed by a signal, 2 the same with a core dump
    int status;  // exit code or signal number
};

// Looks for an ended child: `pid`, or any for 0. `keep` leaves it unreaped. 1 found, 0 none has ended, -1 with errno.
int svi_wait(int pid, int keep, struct svi_exit *out);

// ---- limits: resources by the numbers of Resource in Swift; UINT64_MAX is no limit

int svi_get_limit(int resource, uint64_t *soft, uint64_t *hard);
int svi_set_limit(int resource, uint64_t soft, uint64_t hard);

// ---- sockets; all close-on-exec

int svi_unix_bind(const char *path);      // a listening socket needs svi_listen after its mode is set
int svi_unix_connect(const char *path);
int svi_listen(int descriptor);
int svi_accept(int listener);             // non-blocking
int svi_local_port(int descriptor);
int svi_set_timeouts(int descriptor, int64_t milliseconds);
int svi_send_datagram(const void *bytes, size_t count, const char *path);
// The same with open descriptors, of which the receiver gets copies; waits at most that long for room.
int svi_send_descriptors(
    const void *bytes, size_t count, const char *path, const int *descriptors, int descriptor_count, int milliseconds);

// A non-blocking datagram socket with a name in the abstract name space that the kernel has chosen, which goes to `name`
// with an @ before it (Linux).
int svi_named_datagrams(char *name, size_t size);

struct svi_datagram {
    size_t count;
    int sender;               // the pid of who sent it, as the kernel knows it
    int descriptors[16];
    int descriptor_count;
};

// Takes one message; 0, or -1, with EAGAIN when none waits.
int svi_receive_datagram(int socket, void *bytes, size_t size, struct svi_datagram *out);

size_t svi_unix_path_limit(void);

// Name resolution included. `listening` 1 binds and listens, 0 connects; `host` NULL is every IPv4 address. When the
// name is the trouble, -1 with errno EADDRNOTAVAIL and `*resolver` the reason (gai_strerror(3)).
int svi_tcp(const char *host, const char *port, int listening, int *resolver);

struct svi_peer {
    int pid;   // 0: not told
    uint32_t user, group;
};

int svi_peer_of(int descriptor, struct svi_peer *out);

// ---- accounts

// Before the first look-up: a static executable must not load the C library's name service plug-ins.
void svi_prepare_names(void);
// Whether look-ups read files and ask nobody.
int svi_names_are_files(void);
// Fills up to `capacity` groups; returns how many there are.
int svi_groups(const char *user, uint32_t primary, uint32_t *groups, int capacity);

// ---- the process

int svi_fork(void);
char *const *svi_environment(void);

// The calling thread's number, which no other thread has or ever had.
uint64_t svi_thread_number(void);

// The words of the command line, ended by NULL; NULL itself where the system does not tell. Swift's own list comes from
// /proc, which a chroot or a container may lack.
char *const *svi_arguments(void);
int svi_become_subreaper(void);

/* Gives pages back that hold nothing (glibc) and takes those of program code out of our resident set; what of these is
 * still needed comes back from the page cache. */
void svi_give_back_memory(void);
// Real, effective and saved ids all equal these; 0 or -1.
int svi_ids_are(uid_t user, gid_t group);
void svi_ignore_signal(int number);
// Ends the process with that status when it still is there then (alarm(2)), whatever its threads do. 0: no more.
void svi_end_within(int64_t milliseconds, int status);
void svi_default_signal(int number);
int svi_ignores_signal(int number);
int svi_block_signals(const int *numbers, int count);
// The absolute path of the program file, NUL-terminated.
int svi_executable_path(char *buffer, size_t size);

// A process descriptor of a process that this call did not start (Linux).
int svi_open_handle(int pid);

// When a living process started, in microseconds since 1970 (Darwin). -1: there is none, or it waits to be reaped.
int svi_process_start(int pid, uint64_t *start);

// Processes that are nobody's children here, by their process descriptors (Linux).

// Whether the kernel keeps the end of such a process for whoever holds its descriptor (6.15).
int svi_handles_tell_exits(void);
// 1: it has ended, and so; 0: it lives, or its parent has not reaped it yet; -1: it has ended and the kernel keeps to
// itself how.
int svi_handle_exit(int handle, struct svi_exit *out);
// With `group` to the process group that it leads.
int svi_signal_by_handle(int handle, int number, int group);
// For tests of the way without: pretend that the kernel does not tell.
void svi_handles_pretend(int silent);

// Puts another program in our place: the file at `path`, or, where `descriptor` is not -1, the one open there (Linux).
// Returns only when that fails: -1 with errno.
int svi_execute(int descriptor, const char *path, char *const *arguments, char *const *environment);

// ---- syslog

#ifdef __APPLE__
void svi_system_log(const char *line);    // facility user, priority info
#else
// A datagram socket whose sendto(2) waits at most that long.
int svi_system_log_socket(int milliseconds);
int svi_system_log_send(int descriptor, const void *bytes, size_t count, const char *path);
// The name this process was started by, without its directory.
const char *svi_program_name(void);
#endif

#endif
