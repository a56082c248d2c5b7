// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_CONTRACT_H
#define TALLY_VERIFIER_CONTRACT_H
/* What a run of the verifier works on and what it finds out: contracts, and a verdict for each of
 * their interactions. */
#include "lib/base/vec.h"
#include "lib/contract/mapping.h"
#include "lib/contract/match.h"
#include "lib/contract/pact.h"

struct hal;

enum outcome {
    OUTCOME_NOT_RUN,  /* the run ended before */
    OUTCOME_LEFT_OUT, /* by a filter */
    OUTCOME_PASSED,
    OUTCOME_FAILED,    /* `differences`, or a `reason` for which nothing could be compared */
    OUTCOME_UNTOLD,    /* the comparison could not be made: no verdict, `reason` says why */
    OUTCOME_UNREACHED, /* there was nobody to ask: no verdict, `reason` says why */
};

struct texts {
    VEC_OF(struct str);
};

struct verdict {
    const struct pact_interaction *interaction;
    struct mapping mapping;
    enum outcome outcome;
    bool pending;                    /* a failure is told, and does not fail the run */
    struct match_result differences; /* status first */
    struct str reason;
    struct str request;               /* "GET /v1/me?x=1" as sent */
    int status;                       /* of the reply, 0 = none */
    struct str content_type, excerpt; /* of the reply; kept for failures only */
    size_t body_len;
    int64_t elapsed_us;
    struct texts warnings;
};

struct notice {
    struct str when, text;
};

enum publication {
    PUBLISH_NOT_ASKED,
    PUBLISH_DONE,
    PUBLISH_NO_PLACE, /* not from a broker */
    PUBLISH_PARTIAL,  /* not every interaction has a verdict */
    PUBLISH_REFUSED,  /* or the broker did not answer */
};

struct contract {
    struct pact *pact;
    const char *origin;          /* file or URL, for people */
    struct str consumer_version; /* "" if unknown */
    struct str about;            /* why the broker chose it: "latest from main branch" */
    bool pending, wip;
    struct {
        VEC_OF(struct notice);
    } notices;
    struct hal *hal;          /* of the broker it came from; NULL = a file */
    struct verdict *verdicts; /* one for each interaction of the pact, in its order */
    enum publication publication;
    struct str publication_text;
};

struct ignored {
    const char *origin;
    struct str reason;
};

struct contracts {
    VEC_OF(struct contract);
    struct {
        VEC_OF(struct ignored);
    } ignored;
    struct {
        VEC_OF(struct hal *);
    } hals; /* of the brokers they came from */
};
/* Ends the connections to brokers. */
void contracts_release(struct contracts *contracts);

/* How many verdicts there are of a kind. Failures of pending interactions count as pending. */
struct counts {
    size_t passed, failed, pending, untold, unreached, not_run, left_out, skipped;
};
struct counts contract_counts(const struct contract *contract);
struct counts contracts_counts(const struct contracts *contracts);
/* Every interaction of the contract has a verdict. */
bool contract_is_whole(const struct contract *contract);
/* "wallet-android 3.2.0 -> mobile-bff" */
struct str contract_title(const struct contract *contract, struct arena *arena);

#endif
