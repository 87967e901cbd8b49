/* Where Swift's runtime looks for its crash reporter, swift-backtrace: nowhere. The static build links with
   `--wrap=swift_copyAuxiliaryExecutablePath`. Otherwise each start asks the disk eight times for a program that is not
   shipped, and without /proc the runtime ends the process before main. */
#include "CICUStub.h"

char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
    (void)name;
    return 0;
}
