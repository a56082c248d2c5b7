// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_DETECT_H
#define TALLY_CI_DETECT_H
/*
 * Version, branch and build page of what is being built, as CI systems and git tell them. Where a
 * CI system builds a merge of a pull request, the pull request's own commit and branch count.
 */
#include "lib/base/str.h"

struct arena;

/* Where to look; replaced in tests. */
struct detect_sources {
    const char *(*env)(void *context, const char *name); /* NULL = not set */
    /* First line of what git prints for the arguments; NULL = no git, no repository, or failed. */
    const char *(*git)(void *context, const char *arguments, struct arena *arena);
    /* A file's text; absent if it cannot be read. */
    struct str (*file)(void *context, const char *path, struct arena *arena);
    void *context;
};
struct detect_sources detect_system_sources(void);

struct detect_value {
    const char *value; /* NULL = not found */
    const char *from;  /* "GITHUB_HEAD_REF (GitHub Actions)", "git"; why not, if not found */
};
struct detected {
    struct detect_value version, branch, build_url;
};

/* Never fails: what cannot be told stays NULL, with the reason in `from`. */
void detect(const struct detect_sources *sources, struct arena *arena, struct detected *ret);

#endif
