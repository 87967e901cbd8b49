// A small real program: numbers its lines, and notices when it runs twice.
// worker DIRECTORY NAME MILLISECONDS-A-LINE LIFE-MILLISECONDS(0 = for ever) EXIT-STATUS IGNORES-TERM
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static int opened(const char *directory, const char *name, const char *kind)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s", directory, name, kind);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        exit(70);
    return file;
}

int main(int count, char **words)
{
    if (count != 7)
        return 64;
    const char *directory = words[1], *name = words[2];
    long pause = atol(words[3]), life = atol(words[4]), elapsed = 0;
    if (atoi(words[6]))
        signal(SIGTERM, SIG_IGN);
    if (flock(opened(directory, name, "lock"), LOCK_EX | LOCK_NB) < 0) {
        int twice = opened(directory, name, "twice");
        dprintf(twice, "%d\n", (int)getpid());
        return 71;
    }
    // Number n of the file: how many lines life n has written for certain.
    int lives = opened(directory, name, "lives");
    uint64_t number = (uint64_t)lseek(lives, 0, SEEK_END) / 8, written = 0;
    pwrite(lives, &written, 8, (off_t)(number * 8));
    for (;;) {
        char line[128];
        int length = snprintf(line, sizeof line, "%s %llu %llu %.*s.\n", name, (unsigned long long)number,
                              (unsigned long long)written + 1, (int)(written % 40),
                              "the quick brown fox jumps over the lazy dog");
        if (write(1, line, (size_t)length) != length)
            return 74;
        written++;
        pwrite(lives, &written, 8, (off_t)(number * 8));
        struct timespec wait = {pause / 1000, pause % 1000 * 1000000};
        nanosleep(&wait, NULL);
        elapsed += pause;
        if (life && elapsed >= life)
            return atoi(words[5]);
    }
}
