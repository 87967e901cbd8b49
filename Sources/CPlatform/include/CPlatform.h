// The only C of the project: what Swift cannot do between fork and exec, and the calls its C library module lacks.
//
// Plain functions and structs, no state but what a comment names. Everything returns -1 with errno, as its manual page
// says, unless noted. The system headers included here are re-exported, so that `import CPlatform` is all a Swift
// file of the Kernel needs, on Linux and on macOS alike.

#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#ifdef __APPLE__
#include <sys/event.h>
#endif

#include "calls.h"
#include "errors.h"
#include "linux.h"
#include "spawning.h"

#endif
