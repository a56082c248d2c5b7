// SPDX-License-Identifier: Apache-2.0
/*
 * For builds without libFuzzer: run a fuzz target over the files and folders given as arguments.
 * Each input is a malloc of its own size, so that sanitizers see reads beyond it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1);
    size_t len = file && data ? fread(data, 1, size, file) : 0;
    int failed = !file || !data || len != size;

    if (file)
        fclose(file);
    if (failed)
        fprintf(stderr, "%s: cannot be read\n", path);
    else
        LLVMFuzzerTestOneInput(data, size);
    free(data);
    return failed ? -1 : 1;
}

/* How many inputs were run, or -1. */
static int replay(const char *path)
{
    struct stat info;
    struct dirent **names = NULL;
    int total = 0, n;

    if (stat(path, &info) < 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(info.st_mode))
        return replay_file(path, (size_t)info.st_size);
    n = scandir(path, &names, NULL, alphasort);
    if (n < 0) {
        perror(path);
        return -1;
    }
    for (int i = 0; i < n; i++) {
        char inner[4096];
        int done = 0;
        if (names[i]->d_name[0] != '.') {
            snprintf(inner, sizeof inner, "%s/%s", path, names[i]->d_name);
            done = replay(inner);
        }
        total = done < 0 || total < 0 ? -1 : total + done;
        free(names[i]);
    }
    free(names);
    return total;
}

int main(int argc, char **argv)
{
    int total = 0;

    for (int i = 1; i < argc; i++) {
        int done = replay(argv[i]);
        if (done < 0)
            return 1;
        total += done;
    }
    if (total == 0) {
        fprintf(stderr, "usage: %s FILE|DIR...: no input was found\n", argv[0]);
        return 1;
    }
    printf("%d inputs replayed\n", total);
    return 0;
}
