// SPDX-License-Identifier: Apache-2.0
#include "lib/base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/uuid.h"
#include "lib/base/vec.h"

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define FD_AUTO __attribute__((cleanup(close_fd)))

enum { READ_STEP = 64 * 1024 };

/* Reads to the end, or one byte beyond what buf may hold, which the caller sees as overflow. */
static int read_all(int fd, size_t expected, struct buf *buf, const char *path, struct err *err)
{
    size_t step = expected < buf->max ? expected + 1 : READ_STEP;
    for (;;) {
        size_t left = buf->max - buf->len;
        char *to = buf_reserve(buf, left < step ? left : step);
        char one;
        ssize_t n = left > 0 ? read(fd, to, left < step ? left : step) : read(fd, &one, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, "reading '%s'", path);
        if (n == 0)
            return 0;
        if (left == 0)
            return err_set(err, ERR_LIMIT, "reading '%s': longer than %zu bytes", path, buf->max);
        buf_commit(buf, (size_t)n);
        step = READ_STEP;
    }
}

int fs_read(const char *path, size_t max, struct arena *arena, struct str *ret, struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FD_AUTO int opened = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    int fd = is_stdin ? STDIN_FILENO : opened;
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0)
        return err_errno(err, "reading '%s'", path);
    size_t expected = S_ISREG(info.st_mode) && info.st_size > 0 ? (size_t)info.st_size : 0;
    if (expected > max)
        return err_set(err, ERR_LIMIT, "reading '%s': longer than %zu bytes", path, max);
    BUF_AUTO struct buf buf = BUF_INIT(max);
    int rc = read_all(fd, expected, &buf, path, err);
    if (rc < 0)
        return rc;
    *ret = str_dup(arena, buf_view(&buf));
    return 0;
}

static int write_all(int fd, struct str content)
{
    while (content.len > 0) {
        ssize_t n = write(fd, content.ptr, content.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        content = str_sub(content, (size_t)n, content.len);
    }
    return 0;
}

/* The rename is durable only once the folder is (fsync(2), NOTES). */
static int sync_folder_of(const char *path)
{
    ARENA_AUTO struct arena *arena = arena_new();
    const char *slash = strrchr(path, '/');
    const char *dir = !slash          ? "."
                      : slash == path ? "/"
                                      : arena_strndup(arena, path, (size_t)(slash - path));
    FD_AUTO int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : -1; /* writable but not readable: nothing to sync with */
    /* Some file systems cannot sync a folder and say EINVAL; their renames are all we can get. */
    return fsync(fd) == 0 || errno == EINVAL ? 0 : -1;
}

/* A path that exists and is no regular file (a device, a pipe) is written, not replaced. */
static int write_in_place(const char *path, struct str content, struct err *err)
{
    FD_AUTO int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write_all(fd, content) < 0)
        return err_errno(err, "writing '%s'", path);
    return 0;
}

static int replace(const char *path, struct str content, const struct stat *old, struct err *err)
{
    ARENA_AUTO struct arena *arena = arena_new();
    char uuid[UUID_TEXT_LEN];
    const char *temporary = arena_printf(arena, "%s.%.8s.tmp", path, uuid_random(uuid));
    FD_AUTO int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_errno(err, "writing '%s'", path);
    bool ok = (!old || fchmod(fd, old->st_mode & 07777) == 0) && write_all(fd, content) == 0 &&
              fsync(fd) == 0 && rename(temporary, path) == 0;
    if (!ok) {
        int rc = err_errno(err, "writing '%s'", path);
        unlink(temporary);
        return rc;
    }
    if (sync_folder_of(path) < 0)
        return err_errno(err, "writing '%s'", path);
    return 0;
}

int fs_write(const char *path, struct str content, struct err *err)
{
    struct stat info;
    if (stat(path, &info) < 0)
        return replace(path, content, NULL, err);
    if (!S_ISREG(info.st_mode))
        return write_in_place(path, content, err);
    /* Behind a symbolic link the file is replaced, not the link. */
    char *real = realpath(path, NULL);
    if (!real)
        return err_errno(err, "writing '%s'", path);
    int rc = replace(real, content, &info, err);
    free(real);
    return rc;
}

int fs_mkdirs(const char *path, struct err *err)
{
    ARENA_AUTO struct arena *arena = arena_new();
    char *prefix = arena_strdup(arena, path);
    for (char *at = prefix + 1; prefix[0] != '\0'; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        if (mkdir(prefix, 0777) < 0 && !fs_is_dir(prefix))
            return err_errno(err, "making folder '%s'", prefix);
        if (end == '\0')
            break;
        *at = end;
    }
    return 0;
}

bool fs_is_dir(const char *path)
{
    int saved = errno;
    struct stat info;
    bool is_dir = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    errno = saved;
    return is_dir;
}

bool fs_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

char *fs_join(struct arena *arena, const char *dir, const char *name)
{
    if (name[0] == '/' || dir[0] == '\0')
        return arena_strdup(arena, name);
    size_t len = strlen(dir);
    return arena_printf(arena, "%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name);
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* Reads the names first, so that no descriptor stays open while going deeper. */
static int list_names(const char *dir, struct arena *arena, struct fs_list *ret, struct err *err)
{
    __attribute__((cleanup(close_dir))) DIR *handle = opendir(dir);
    if (!handle)
        return err_errno(err, "listing '%s'", dir);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(handle);
        if (!entry && errno != 0)
            return err_errno(err, "listing '%s'", dir);
        if (!entry)
            return 0;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            *VEC_PUSH(arena, ret) = str_of(fs_join(arena, dir, entry->d_name));
    }
}

/* Links to files count; links to folders are not followed, so there are no circles. */
static int find_below(const char *dir, struct str suffix, struct arena *arena, struct fs_list *ret,
                      struct err *err)
{
    struct fs_list paths = {0};
    int rc = list_names(dir, arena, &paths, err);
    VEC_EACH(&paths, struct str *, path) {
        struct stat info;
        if (rc < 0)
            return rc;
        if (lstat(path->ptr, &info) < 0) {
            if (errno == ENOENT) /* gone since it was listed */
                continue;
            return err_errno(err, "listing '%s'", path->ptr);
        }
        if (S_ISDIR(info.st_mode))
            rc = find_below(path->ptr, suffix, arena, ret, err);
        else if (str_ends(*path, suffix) && stat(path->ptr, &info) == 0 && S_ISREG(info.st_mode))
            *VEC_PUSH(arena, ret) = *path;
    }
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

int fs_find(const char *dir, const char *suffix, struct arena *arena, struct fs_list *ret,
            struct err *err)
{
    struct fs_list found = {0};
    int rc = find_below(dir, str_of(suffix), arena, &found, err);
    if (rc < 0)
        return rc;
    if (found.len > 0)
        qsort(found.items, found.len, sizeof found.items[0], by_bytes);
    *ret = found;
    return 0;
}

int fs_tmpdir(struct arena *arena, char **ret_path, struct err *err)
{
    const char *parent = getenv("TMPDIR");
    char *path = fs_join(arena, parent && parent[0] ? parent : "/tmp", "tally-XXXXXX");
    if (!mkdtemp(path))
        return err_errno(err, "making folder '%s'", path);
    *ret_path = path;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int fs_remove_tree(const char *path, struct err *err)
{
    enum { OPEN_FOLDERS = 16 };
    if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return 0;
    return err_errno(err, "removing '%s'", path);
}

int fs_data_dir(struct arena *arena, char **ret_path, struct err *err)
{
    /* XDG Base Directory Specification: relative paths are to be ignored. */
    const char *data = getenv("XDG_DATA_HOME");
    if (!data || data[0] != '/') {
        const char *home = getenv("HOME");
        if (!home || home[0] != '/')
            return err_set(err, ERR_USAGE, "no folder for data: set XDG_DATA_HOME or HOME");
        data = fs_join(arena, home, ".local/share");
    }
    char *path = fs_join(arena, data, "tally");
    int rc = fs_mkdirs(path, err);
    if (rc < 0)
        return rc;
    *ret_path = path;
    return 0;
}
