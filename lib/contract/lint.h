// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_LINT_H
#define TALLY_LIB_CONTRACT_LINT_H
/* What is wrong or risky in one Pact file, seen without any provider. */
#include "lib/contract/mapping_rules.h"
#include "lib/contract/pact.h"

enum lint_level { LINT_NOTE, LINT_WARNING, LINT_ERROR };

struct lint_finding {
    enum lint_level level;
    const char *check;      /* "rule-never-fires"; the list is in docs/CONTRACTS.md */
    struct str interaction; /* its description; absent for the file itself */
    struct str where;       /* "response body $.id"; absent if the whole is meant */
    struct str text;        /* one sentence: what is wrong and what to do */
    int line, column;       /* 0 if unknown */
};
struct lint_findings {
    VEC_OF(struct lint_finding); /* in the order of the file */
};
struct lint_options {
    bool require_mapping; /* an interaction without a repository method is an error */
    const struct mapping_rules *mapping; /* of the house; NULL = none */
};

/*
 * Read and judge a file. An invalid rule path is a finding, although it keeps the rest of the file
 * from being judged. Errors: as pact_read() for everything else that cannot be read.
 */
int lint_text(struct str text, const char *source, const struct lint_options *options,
              struct arena *arena, struct lint_findings *ret, struct err *err);
void lint_pact(const struct pact *pact, const struct lint_options *options, struct arena *arena,
               struct lint_findings *ret);
/*
 * Only what keeps a contract from ever giving an answer, whoever the provider is: patterns that do
 * not compile, and interactions whose carriers name different repository methods.
 */
void lint_unusable(const struct pact *pact, struct arena *arena, struct lint_findings *ret);
/* What makes a text look as if each test run made it anew ("a UUID"); NULL if nothing does. */
const char *lint_random(struct str text);

#endif
