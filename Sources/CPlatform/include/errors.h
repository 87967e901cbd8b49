#ifndef CPLATFORM_ERRORS_H
#define CPLATFORM_ERRORS_H

#include <stddef.h>

// The calling thread's errno, which Swift cannot read everywhere.
int svi_errno(void);

// The system's words for an error, e.g. "Permission denied"; always ends with a NUL byte.
void svi_error_text(int number, char *buffer, size_t size);

#endif
