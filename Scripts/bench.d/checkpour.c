/* Looks through what pour has poured: checkpour LINE FILE... reads the files as one, the oldest first.
   Every line must be whole and its number follow the one before; the first file may
   begin in the middle of a line. Prints "FIRST LAST", the numbers of the first and the last line, and
   ends with 1 where bytes are missing, doubled or out of order. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long long value(const char *digits) {
    unsigned long long result = 0;
    for (int at = 0; at < 10; at++)
        result = result * 10 + (digits[at] - '0');
    return result;
}

/* Whether ten digits, one letter again and again and the line's end stand there. */
static int whole(const char *text, size_t line, unsigned long long *number) {
    *number = value(text);
    return text[10] >= 'a' && text[10] <= 'z' && text[line - 1] == '\n'
           && (line < 13 || memcmp(text + 10, text + 11, line - 12) == 0);
}

int main(int count, char **words) {
    if (count < 3)
        return 64;
    size_t line = atol(words[1]), room = 1 << 20, held = 0;
    char *text = malloc(room);
    unsigned long long first = 0, last = 0, lines = 0;
    int begun = 0;
    for (int file = 2; file < count; file++) {
        FILE *stream = fopen(words[file], "r");
        if (stream == NULL)
            return 1;
        size_t part;
        while ((part = fread(text + held, 1, room - held, stream)) > 0) {
            size_t at = 0;
            held += part;
            if (!begun) {
                /* only a rotated file begins elsewhere than with a line */
                char *end = file == 2 && text[0] >= '0' && text[0] <= '9' && held >= line && text[line - 1] == '\n'
                                ? text - 1 : memchr(text, '\n', held);
                if (end == NULL)
                    return 1;
                at = end + 1 - text;
                begun = 1;
            }
            for (; at + line <= held; at += line, lines++) {
                unsigned long long number;
                if (!whole(text + at, line, &number) || (lines > 0 && number != last + 1)) {
                    fprintf(stderr, "checkpour: %s: a line after number %llu is damaged\n", words[file], last);
                    return 1;
                }
                if (lines == 0)
                    first = number;
                last = number;
            }
            memmove(text, text + at, held - at);
            held -= at;
        }
        fclose(stream);
    }
    if (held > 0 || lines == 0) {
        fprintf(stderr, "checkpour: the last line is not whole\n");
        return 1;
    }
    printf("%llu %llu\n", first, last);
    return 0;
}
