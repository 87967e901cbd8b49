/* Asks a server over its unix socket, every client on one connection that it keeps:
   asks SOCKET METHOD CLIENTS MILLISECONDS PAUSE EXPECTED prints "CALLS NANOSECONDS P50 P99 MAXIMUM",
   the last three of the time from the request's first byte to the answer's last, in nanoseconds.
   A client rests PAUSE microseconds between its calls. The first answer of every client must hold
   EXPECTED states, every other one must be as long as it, give or take a sixteenth: numbers in it
   grow. Anything else ends it with 1. */

#define _GNU_SOURCE

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 64 << 20 };

struct client {
    pthread_t thread;
    long long *times;
    size_t count, room;
    const char *failure;
};

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static char request[1024];
static size_t request_size;
static long long until;
static long pause_microseconds, expected;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long count_states(const char *text) {
    long found = 0;
    while ((text = strstr(text, "<name>statename</name>")) != NULL) {
        found++;
        text++;
    }
    return found;
}

/* The size of the body of one answer, which stands at *body; -1 when it is none. */
static long exchange(int link, char **answer, size_t *room, char **body) {
    size_t got = 0, head = 0, whole = 0;
    if (write(link, request, request_size) != (ssize_t)request_size)
        return -1;
    while (whole == 0 || got < whole) {
        if (got + 1 >= *room) {
            if (*room >= LIMIT)
                return -1;
            *answer = realloc(*answer, *room *= 2);
            if (*answer == NULL)
                return -1;
        }
        ssize_t part = read(link, *answer + got, *room - 1 - got);
        if (part <= 0)
            return -1;
        (*answer)[got += part] = 0;
        if (whole == 0) {
            char *end = strstr(*answer, "\r\n\r\n"), *length;
            if (end == NULL)
                continue;
            *end = 0;
            length = strcasestr(*answer, "\r\ncontent-length:");
            if (strncmp(*answer, "HTTP/1.1 200", 12) != 0 || length == NULL)
                return -1;
            head = end + 4 - *answer;
            whole = head + strtoul(length + 17, NULL, 10);
        }
    }
    *body = *answer + head;
    return got == whole ? (long)(whole - head) : -1;
}

static void *ask(void *argument) {
    struct client *client = argument;
    size_t room = 1 << 16;
    char *answer = malloc(room), *body;
    long first = 0;
    int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link < 0 || connect(link, (struct sockaddr *)&address, sizeof address) != 0) {
        client->failure = strerror(errno);
        return NULL;
    }
    do {
        long long begun = now();
        long size = exchange(link, &answer, &room, &body);
        long long taken = now() - begun;
        if (size < 0) {
            client->failure = "a call was not answered";
            break;
        }
        if (first == 0) {
            first = size;
            if (count_states(body) != expected) {
                client->failure = "an answer does not tell of every program";
                break;
            }
            /* the first one also pays for the connection */
            continue;
        }
        if (labs(size - first) > first / 16) {
            client->failure = "an answer is shorter or longer than the first";
            break;
        }
        if (client->count == client->room) {
            client->room = client->room ? client->room * 2 : 4096;
            client->times = realloc(client->times, client->room * sizeof *client->times);
        }
        client->times[client->count++] = taken;
        if (pause_microseconds > 0)
            usleep(pause_microseconds);
    } while (now() < until || client->count == 0);
    close(link);
    free(answer);
    return NULL;
}

static int ascending(const void *one, const void *other) {
    long long a = *(const long long *)one, b = *(const long long *)other;
    return (a > b) - (a < b);
}

int main(int count, char **words) {
    char body[256];
    if (count != 7 || strlen(words[1]) >= sizeof address.sun_path || strlen(words[2]) > 100) {
        fprintf(stderr, "usage: asks SOCKET METHOD CLIENTS MILLISECONDS PAUSE EXPECTED\n");
        return 64;
    }
    strcpy(address.sun_path, words[1]);
    int clients = atoi(words[3]);
    int size = snprintf(body, sizeof body, "<?xml version='1.0'?><methodCall><methodName>"
                        "supervisor.%s</methodName><params></params></methodCall>", words[2]);
    request_size = snprintf(request, sizeof request,
                            "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
                            "Content-Length: %d\r\n\r\n%s", size, body);
    pause_microseconds = atol(words[5]);
    expected = atol(words[6]);
    struct client *all = calloc(clients, sizeof *all);
    long long begun = now();
    until = begun + atoll(words[4]) * 1000000;
    for (int number = 0; number < clients; number++)
        pthread_create(&all[number].thread, NULL, ask, &all[number]);
    size_t calls = 0;
    for (int number = 0; number < clients; number++) {
        pthread_join(all[number].thread, NULL);
        if (all[number].failure != NULL) {
            fprintf(stderr, "asks: %s\n", all[number].failure);
            return 1;
        }
        calls += all[number].count;
    }
    long long taken = now() - begun, *times = malloc(calls * sizeof *times), *next = times;
    for (int number = 0; number < clients; number++) {
        memcpy(next, all[number].times, all[number].count * sizeof *next);
        next += all[number].count;
    }
    qsort(times, calls, sizeof *times, ascending);
    printf("%zu %lld %lld %lld %lld\n", calls, taken, times[calls / 2], times[calls * 99 / 100],
           times[calls - 1]);
    return 0;
}
