/* Preloaded into a process that writes: keeps beside each file what a loss of power would leave of it.

   What is written is safe only after fsync or fdatasync. Then the file, as it is, is copied to the folder PLATTER under
   its own name; the copy appears whole or not at all. What is deleted there is deleted here: the next sync of any file
   makes that stick too (ext4, XFS), and nothing is acknowledged before one. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int copied(int from, const char *to) {
    char block[65536];
    off_t offset = 0;
    ssize_t got;
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0) return -1;
    while ((got = pread(from, block, sizeof block, offset)) > 0) {
        if (write(out, block, (size_t)got) != got) got = -1;
        if (got < 0) break;
        offset += got;
    }
    close(out);
    return (int)got;
}

static void kept_as(char *whole, size_t size, const char *path) {
    const char *name = strrchr(path, '/');
    snprintf(whole, size, "%s/%s", getenv("PLATTER"), name ? name + 1 : path);
}

static int keep(int file) {
    char link[64], path[4096], whole[8192], part[8200];
    struct stat kind;
    if (fstat(file, &kind) || !S_ISREG(kind.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return -1;
    path[length] = 0;
    kept_as(whole, sizeof whole, path);
    snprintf(part, sizeof part, "%s.part", whole);
    /* Through its own descriptor: to close another one of the file would drop SQLite's locks on it. */
    return copied(file, part) || rename(part, whole);
}

static int synced(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(file) || keep(file);
}

int fsync(int file) { return synced("fsync", file); }
int fdatasync(int file) { return synced("fdatasync", file); }

int unlink(const char *path) {
    char whole[8192];
    int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
    int failed = real(path);
    if (!failed) {
        kept_as(whole, sizeof whole, path);
        real(whole);
    }
    return failed;
}
