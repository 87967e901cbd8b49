// System calls that touch nothing but the kernel: no errno, no cancellation, no variable of a thread.

#ifndef CPLATFORM_BARE_LINUX_H
#define CPLATFORM_BARE_LINUX_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

// The result, or the error's negative number.
static inline long svi_bare_call(long number, long a, long b, long c, long d)
{
#if defined(__x86_64__)
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long code __asm__("x8") = number;
    register long first __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long fourth __asm__("x3") = d;
    __asm__ volatile("svc 0"
                     : "+r"(first)
                     : "r"(code), "r"(second), "r"(third), "r"(fourth)
                     : "memory");
    return first;
#else
    long result = syscall(number, a, b, c, d);
    return result < 0 ? -errno : result;
#endif
}

#ifdef __has_feature
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SVI_IS_WATCHED 1
#endif
#endif

// Whether a child that shares our memory leaves alone what belongs to the thread that made it. What a sanitizer adds to
// our functions does not.
#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(SVI_IS_WATCHED)
#define SVI_CHILD_IS_DISCREET 1
#else
#define SVI_CHILD_IS_DISCREET 0
#endif

#endif
