/* A disk that fails: with this library before a process, whatever it would write below the folder FAILING_DISK fails with the
   number in the file FAILING_ERRNO, for as long as that file is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int fault(void) {
    const char *path = getenv("FAILING_ERRNO");
    static int (*real)(const char *, int, ...);
    char text[8] = {0};
    if (!real) real = dlsym(RTLD_NEXT, "open");
    int file = path ? real(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return 0;
    ssize_t got = read(file, text, sizeof text - 1);
    close(file);
    return got > 0 ? atoi(text) : 0;
}

static int is_below(const char *path) {
    const char *disk = getenv("FAILING_DISK");
    return disk && path && strncmp(path, disk, strlen(disk)) == 0;
}

static int is_on_disk(int file) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_below(path);
}

#define FAILS(condition) do { int why; if ((condition) && (why = fault())) { errno = why; return -1; } } while (0)
#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t count) { REAL(write); FAILS(is_on_disk(file)); return real(file, bytes, count); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { REAL(pwrite); FAILS(is_on_disk(file)); return real(file, bytes, count, at); }
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) { REAL(pwrite64); FAILS(is_on_disk(file)); return real(file, bytes, count, at); }
int fsync(int file) { REAL(fsync); FAILS(is_on_disk(file)); return real(file); }
int fdatasync(int file) { REAL(fdatasync); FAILS(is_on_disk(file)); return real(file); }
int ftruncate(int file, off_t size) { REAL(ftruncate); FAILS(is_on_disk(file)); return real(file, size); }
int ftruncate64(int file, off64_t size) { REAL(ftruncate64); FAILS(is_on_disk(file)); return real(file, size); }
int rename(const char *from, const char *to) { REAL(rename); FAILS(is_below(to)); return real(from, to); }

int open64(const char *path, int flags, ...) {
    REAL(open64);
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    FAILS((flags & O_CREAT) && is_below(path));
    return real(path, flags, mode);
}
