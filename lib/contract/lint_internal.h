// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_LINT_INTERNAL_H
#define TALLY_LIB_CONTRACT_LINT_INTERNAL_H
/* What the files of lint.c share. */
#include "lib/contract/generate.h"
#include "lib/contract/lint.h"
#include "lib/contract/rules.h"

struct linting {
    const struct pact *pact;
    const struct lint_options *options;
    struct arena *arena;
    struct lint_findings *findings;
    const struct pact_interaction *at; /* NULL: the file */
    bool only_unusable;                /* see lint_unusable() */
};
struct lint_place {
    struct str where;
    int line, column;
};
void lint_say(const struct linting *linting, enum lint_level level, const char *check,
              const struct lint_place *place, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* One part with a body, whatever its kind. */
struct lint_part {
    const char *name; /* "request" */
    const struct pact_body *body;
    const struct rules *rules;
    const struct generators *generators;
    const struct pact_headers *headers; /* NULL for messages */
    const struct pact_query *query;     /* requests only */
    const struct json *metadata;        /* messages only */
};
/* Rules that no value can reach, or that another always comes before (lint_rules.c). */
void lint_rules(const struct linting *linting, const struct lint_part *part);
/* Patterns that do not compile: no comparison could be made (lint_rules.c). */
void lint_patterns(const struct linting *linting, const struct lint_part *part);
/* Invalid paths in a file that cannot be read because of them (lint_paths.c). */
void lint_paths(const struct linting *linting, const struct json *root, struct str text);
/* Values that look made anew by each run (lint_random.c). */
void lint_values(const struct linting *linting, const struct lint_part *part);
/* Methods, operations and tests that do not fit together (lint_methods.c). */
void lint_methods(struct linting *linting);

#endif
