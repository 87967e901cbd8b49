#ifdef __linux__
#ifndef CPLATFORM_LINUX_H
#define CPLATFORM_LINUX_H

#include <stdint.h>

// epoll(7), with the packed event of some machines unpacked.
struct svi_event {
    uint64_t token;
    uint32_t flags;
};

#define SVI_READABLE 1U
#define SVI_WRITABLE 4U
#define SVI_ERROR 8U
#define SVI_HANG_UP 16U
#define SVI_EDGE 0x80000000U

int svi_epoll_create(void);
int svi_epoll_add(int epoll, int descriptor, uint32_t flags, uint64_t token);
int svi_epoll_modify(int epoll, int descriptor, uint32_t flags, uint64_t token);
int svi_epoll_remove(int epoll, int descriptor);
// `nanoseconds` -1 waits for ever. Rounds up where the kernel counts milliseconds only.
int svi_epoll_wait(int epoll, struct svi_event *events, int capacity, int64_t nanoseconds);

int svi_eventfd(void);
// `descriptor` -1 makes a new one; otherwise changes its signals.
int svi_signalfd(int descriptor, const int *signals, int count);
// The numbers of up to `capacity` signals that arrived; 0 when there are none left.
int svi_signalfd_read(int descriptor, int *signals, int capacity);

#endif
#endif
