// The shortest life there is: one byte to a file, one line to the log, the end. brief FILE
#include <fcntl.h>
#include <unistd.h>

int main(int count, char **words)
{
    if (count != 2)
        return 64;
    int file = open(words[1], O_WRONLY | O_CREAT | O_APPEND, 0644);
    return write(file, ".", 1) == 1 && write(1, "once\n", 5) == 5 ? 0 : 74;
}
