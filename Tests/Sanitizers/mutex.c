// What the Swift library does when threads wait for a Mutex is compiled without ThreadSanitizer, so that nobody seems to
// give the lock or to get it. Linked into what ThreadSanitizer watches, this says who does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *handle

// Synchronization._MutexHandle._lockSlow(UInt32) -> ()
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
// Synchronization._MutexHandle._unlockSlow() -> ()
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t state, SELF) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK_SLOW);

typedef SWIFT void (*LockSlow)(uint32_t, SELF);
typedef SWIFT void (*UnlockSlow)(SELF);

static LockSlow real_lock;
static UnlockSlow real_unlock;

__attribute__((constructor)) static void find(void)
{
    real_lock = (LockSlow)dlsym(RTLD_NEXT, LOCK_SLOW);
    real_unlock = (UnlockSlow)dlsym(RTLD_NEXT, UNLOCK_SLOW);
}

SWIFT void lock_slow(uint32_t state, SELF)
{
    real_lock(state, handle);
    __tsan_acquire(handle);
}

SWIFT void unlock_slow(SELF)
{
    __tsan_release(handle);
    real_unlock(handle);
}
