/* A program to be supervised that pours numbered lines into its standard output:
   pour FIFO BYTES WRITE LINE writes BYTES in pieces of WRITE bytes; every line has LINE bytes, ten of
   them its number. Then it writes when it began and ended, two monotonic times in nanoseconds and its
   pid, 24 bytes, to FIFO. With BYTES 0 it never ends. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Adds `step` to a decimal number of ten digits. */
static void advance(char *number, unsigned step) {
    for (char *digit = number + 9; step > 0 && digit >= number; digit--) {
        step += *digit - '0';
        *digit = '0' + step % 10;
        step /= 10;
    }
}

int main(int count, char **words) {
    if (count != 5)
        return 64;
    unsigned long long left = strtoull(words[2], NULL, 10);
    int endless = left == 0;
    size_t piece = atol(words[3]), line = atol(words[4]);
    /* so many lines that pieces and lines end together */
    size_t a = piece, b = line;
    while (b) { size_t rest = a % b; a = b; b = rest; }
    size_t round = piece / a * line;
    while (round < 65536)
        round *= 2;
    char *text = malloc(round);
    for (size_t at = 0; at < round; at += line) {
        memset(text + at, 'a' + at / line % 26, line);
        memset(text + at, '0', 10);
        advance(text + at, at / line);
        text[at + line - 1] = '\n';
    }
    long long times[3] = {now(), 0, getpid()};
    size_t at = 0;
    while (endless || left > 0) {
        size_t size = !endless && left < piece ? left : piece;
        for (size_t done = 0; done < size;) {
            ssize_t part = write(1, text + at + done, size - done);
            if (part < 0 && errno != EINTR)
                return 1;
            done += part > 0 ? part : 0;
        }
        left -= endless ? 0 : size;
        at += size;
        if (at == round) {
            at = 0;
            for (size_t next = 0; next < round; next += line)
                advance(text + next, round / line);
        }
    }
    times[1] = now();
    int fifo = open(words[1], O_WRONLY);
    return fifo < 0 || write(fifo, times, sizeof times) != sizeof times;
}
