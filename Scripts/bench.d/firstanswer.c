/* Starts a server and measures the time from just before its exec to its first answered call:
   firstanswer SOCKET COMMAND [ARGUMENT...] prints "NANOSECONDS PID" and leaves the server running.
   The socket is tried again every 50 microseconds. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char body[] =
    "<?xml version='1.0'?><methodCall><methodName>supervisor.getState</methodName></methodCall>";
static const long long limit = 30000000000LL;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Whether the server behind the socket answers getState with a response. */
static int answered(const struct sockaddr_un *address) {
    char request[512], answer[4096];
    size_t got = 0;
    int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link < 0 || connect(link, (const struct sockaddr *)address, sizeof *address) != 0) {
        close(link);
        return 0;
    }
    int size = snprintf(request, sizeof request,
                        "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
                        "Content-Length: %zu\r\n\r\n%s", sizeof body - 1, body);
    if (write(link, request, size) == size) {
        ssize_t part;
        while (got < sizeof answer - 1
               && (part = read(link, answer + got, sizeof answer - 1 - got)) > 0) {
            answer[got += part] = 0;
            if (strstr(answer, "</methodResponse>"))
                break;
        }
    }
    close(link);
    return got > 0 && strstr(answer, "statename") != NULL;
}

int main(int count, char **words) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (count < 3 || strlen(words[1]) >= sizeof address.sun_path) {
        fprintf(stderr, "usage: firstanswer SOCKET COMMAND [ARGUMENT...]\n");
        return 64;
    }
    strcpy(address.sun_path, words[1]);
    long long begun = now();
    pid_t pid = vfork();
    if (pid == 0) {
        /* the reader of our line must not wait for the server's end */
        dup2(2, 1);
        execv(words[2], words + 2);
        _exit(127);
    }
    struct timespec pause = {.tv_nsec = 50000};
    while (!answered(&address)) {
        if (now() - begun > limit || waitpid(pid, NULL, WNOHANG) != 0) {
            fprintf(stderr, "firstanswer: %s does not answer\n", words[2]);
            kill(pid, 9);
            return 1;
        }
        nanosleep(&pause, NULL);
    }
    printf("%lld %d\n", now() - begun, (int)pid);
    return 0;
}
