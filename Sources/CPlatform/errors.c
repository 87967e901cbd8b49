// No _GNU_SOURCE here: strerror_r is to be the portable one that fills the buffer.
#define _POSIX_C_SOURCE 200809L

#include "errors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int svi_errno(void) { return errno; }

void svi_error_text(int number, char *buffer, size_t size)
{
    if (strerror_r(number, buffer, size) != 0)
        snprintf(buffer, size, "Error %d", number);
}
