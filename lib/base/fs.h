// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_FS_H
#define TALLY_LIB_BASE_FS_H
/* Files and folders: whole-file reads with a limit, durable writes, sorted listings. */
#include <stdbool.h>

#include "lib/base/str.h"

struct arena;
struct err;

struct fs_list {
    struct str *items; /* paths, NUL-terminated, in byte order */
    size_t len, cap;
};

/* "-" reads standard input. Errors: ERR_NOT_FOUND, ERR_IO, ERR_USAGE (a folder), ERR_LIMIT (longer
 * than max). */
int fs_read(const char *path, size_t max, struct arena *arena, struct str *ret, struct err *err);
/*
 * Replace path in one step: temporary file beside it, fsync, rename, fsync of the folder. Keeps
 * the mode of a file that exists; a device or pipe is written in place.
 */
int fs_write(const char *path, struct str content, struct err *err);
int fs_mkdirs(const char *path, struct err *err);
bool fs_is_dir(const char *path);
bool fs_exists(const char *path);
/* All regular files (and links to them) below dir (recursively) whose name ends in suffix. */
int fs_find(const char *dir, const char *suffix, struct arena *arena, struct fs_list *ret,
            struct err *err);
/* A new private folder below $TMPDIR. */
int fs_tmpdir(struct arena *arena, char **ret_path, struct err *err);
/* A path that does not exist is fine. */
int fs_remove_tree(const char *path, struct err *err);
/* $XDG_DATA_HOME/tally or ~/.local/share/tally; created if needed. */
int fs_data_dir(struct arena *arena, char **ret_path, struct err *err);
char *fs_join(struct arena *arena, const char *dir, const char *name);

#endif
