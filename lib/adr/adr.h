// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_ADR_ADR_H
#define TALLY_LIB_ADR_ADR_H
/*
 * The architecture rules (ADR-INT-005, mobile BFF) as things a tool decides: one table of rules,
 * and pure checks that turn contracts, API descriptions, payloads and recorded page walks into
 * findings. "Inconclusive" is a verdict of its own and never counts as pass.
 */
#include "lib/base/str.h"
#include "lib/base/vec.h"
#include "lib/contract/pact.h"
#include "lib/json/json.h"

struct arena;
struct err;

enum adr_verdict { ADR_PASS, ADR_FAIL, ADR_WARN, ADR_WAIVED, ADR_INCONCLUSIVE, ADR_NOT_APPLICABLE };
/* Where evidence of a rule can come from. */
enum adr_tier { ADR_STATIC = 1, ADR_CONTRACT = 2, ADR_LIVE = 4 };

struct adr_rule {
    const char *id;      /* "INT-005-CURSOR" */
    const char *title;   /* "lists page by cursor" */
    const char *section; /* of the ADR */
    const char *remedy;  /* what to do about a failure */
    unsigned tiers;      /* tiers that can decide it */
    unsigned required;   /* tiers the gate demands */
};
const struct adr_rule *adr_rules(size_t *ret_len); /* by id */
const struct adr_rule *adr_rule(struct str id);    /* NULL if unknown */

struct adr_finding {
    const char *rule; /* id */
    enum adr_verdict verdict;
    enum adr_tier tier;
    struct str
        subject; /* "GET /v1/transactions", "Query.transactions", "TransactionRepository.page" */
    struct str text;        /* one sentence */
    struct json *evidence;  /* object: pointers, excerpts, counted numbers; NULL = none */
    struct str observed_at; /* RFC 3339; absent for what is computed on the spot */
};
struct adr_findings {
    VEC_OF(struct adr_finding);
};

/* Stable order: rule, subject, tier, text. */
void adr_sort(struct adr_findings *findings);
const char *adr_verdict_name(enum adr_verdict verdict); /* "not applicable" */
bool adr_verdict_parse(struct str name, enum adr_verdict *ret);
const char *adr_tier_name(enum adr_tier tier); /* "static" */

/* ---- static: the API description that the provider serves ---- */
/* Collections of an OpenAPI 3 document: INT-005-CURSOR. Errors: ERR_PARSE no OpenAPI document. */
int adr_check_openapi(const struct json *document, struct arena *arena,
                      struct adr_findings *findings, struct err *err);
/* Connections of an SDL text: INT-005-CONNECTION. Errors: ERR_PARSE with position. */
int adr_check_sdl(struct str sdl, const char *source, struct arena *arena,
                  struct adr_findings *findings, struct err *err);
/* The GET collections of an OpenAPI document, for a live walk. */
struct adr_collection {
    struct str path;         /* "/v1/transactions" */
    struct str cursor_param; /* "cursor"; absent if it has none */
    struct str limit_param;
    struct str items_key; /* member that holds the items; absent: the body is the array */
    struct str next_key;  /* member that holds the next cursor; absent if none; inside a wrapper it
                             is a JSON pointer without its first slash: "pageInfo/endCursor" */
};
struct adr_collections {
    VEC_OF(struct adr_collection);
};
int adr_collections(const struct json *document, struct arena *arena, struct adr_collections *ret,
                    struct err *err);

/* ---- live: what a probe saw ---- */
struct adr_page {
    struct str url;
    int status;
    struct {
        VEC_OF(struct str);
    } ids;             /* in order */
    struct str cursor; /* sent; absent on the first page */
    struct str next;   /* received; absent = last page */
    int64_t limit;
};
struct adr_walk {
    struct str subject;
    struct {
        VEC_OF(struct adr_page);
    } pages;
    bool complete;      /* walked to the end (not stopped by a limit or an error) */
    struct str stopped; /* why not, absent if complete */
};
/*
 * The live tier of `rule` (INT-005-CURSOR): every id once, page sizes within the limit; and of
 * INT-005-CURSOR-OPAQUE. One page alone, or a walk that stopped, is inconclusive.
 */
void adr_check_walk(const struct adr_walk *walk, const char *rule, struct arena *arena,
                    struct adr_findings *findings);
/* INT-005-PUSH on a captured or promised payload (FCM v1 message, APNs payload, or bare). */
void adr_check_push(const struct json *payload, enum adr_tier tier, struct str subject,
                    struct arena *arena, struct adr_findings *findings);

/* ---- contracts ---- */
/*
 * INT-005-ONEOP and the contract tier of INT-005-PUSH over all contracts of one provider. A rule
 * with nothing to look at gives one finding "inconclusive" (ONEOP) or "not applicable" (no message
 * contract: PUSH).
 */
void adr_check_contracts(const struct pact *const *pacts, size_t n, struct arena *arena,
                         struct adr_findings *findings);

/* ---- evidence documents: what probes publish and the gate reads ---- */
/*
 * {"pack": "adr-int-005", "observedAt", "results": [{rule, tier, verdict, subject, text, evidence,
 * observedAt}]}. Reading is milder: `pack` may be left out, a result without observedAt has the
 * document's, one without tier the rule's only one that probes can supply.
 */
struct json *adr_evidence_write(const struct adr_findings *findings, struct str observed_at,
                                struct arena *arena);
/* Errors: ERR_PARSE naming the member. Rules unknown to this build are kept as findings. */
int adr_evidence_read(const struct json *document, struct arena *arena, struct adr_findings *ret,
                      struct err *err);
#define ADR_PACK "adr-int-005"

#endif
