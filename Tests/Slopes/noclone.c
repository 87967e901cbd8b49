// Preloaded: the daemon starts its programs by fork, because valgrind ends at a clone(2) as it makes one.
#include <errno.h>

int clone(int (*body)(void *), void *stack, int flags, void *argument, ...)
{
    (void)body, (void)stack, (void)flags, (void)argument;
    errno = EPERM;
    return -1;
}
