// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MATCH_H
#define TALLY_LIB_CONTRACT_MATCH_H
/*
 * Compare what came over the wire with what an interaction promises. A difference is a result; an
 * error means that the comparison could not be made. Pure and thread-safe.
 */
#include "lib/contract/pact.h"

enum match_part {
    MATCH_METHOD,
    MATCH_PATH,
    MATCH_QUERY,
    MATCH_HEADER,
    MATCH_STATUS,
    MATCH_BODY,
    MATCH_BODY_TYPE,
    MATCH_METADATA
};

struct mismatch {
    enum match_part part;
    struct str path;     /* "$.a[0]", header, parameter or metadata name; "" for whole parts */
    struct str expected; /* as shown: JSON text or plain text, at most LIMIT_SHOWN */
    struct str actual;
    struct str rule;  /* what judged: "equality", "regex \\d+", "type min 1" */
    struct str text;  /* one sentence in the stock phrases of pact-semantics */
    int line, column; /* of the expectation in the contract; 0 if unknown */
};

/* A rule that governed no value: a typing error in its path, or nothing came that it speaks of. */
struct match_warning {
    const char *part; /* of the rules: "body", "header" */
    struct str path;  /* path or name of the rule as written, "" for path, method and status */
    struct str text;  /* one sentence */
    int line, column; /* of the rule in the contract; 0 if it was built */
};

struct match_result {
    VEC_OF(struct mismatch); /* in document order; empty = agreement */
    size_t dropped;          /* beyond LIMIT_MISMATCHES */
    struct {
        VEC_OF(struct match_warning);
    } warnings; /* in the order of the parts and their rules; never a difference */
};

/* A message as received. Headers with list values are one entry each, in order. */
struct actual_request {
    struct str method, path, query; /* path raw; query raw, absent if none */
    struct headers headers;
    struct str body; /* absent or empty = no body */
};
struct actual_response {
    int status;
    struct headers headers;
    struct str body;
};
struct actual_message {
    struct str body;
    struct str content_type;
    const struct json *metadata; /* object or NULL */
};

/*
 * Each returns 0 when the comparison was made, whatever it found. Errors: ERR_LIMIT (nesting, a
 * regular expression that explodes), ERR_PARSE (a rule's pattern is invalid), ERR_UNDECIDED (rules
 * on text for bytes that are none, XML with entities of its own). `pact` gives the
 * specification version and the text for positions.
 * Source: pact-semantics, sections 3 to 11.
 */
int match_request(const struct pact *pact, const struct pact_request *expected,
                  const struct actual_request *actual, struct arena *arena,
                  struct match_result *ret, struct err *err);
int match_response(const struct pact *pact, const struct pact_response *expected,
                   const struct actual_response *actual, struct arena *arena,
                   struct match_result *ret, struct err *err);
int match_message(const struct pact *pact, const struct pact_message *expected,
                  const struct actual_message *actual, struct arena *arena,
                  struct match_result *ret, struct err *err);
const char *match_part_name(enum match_part part); /* "body-content-type" */

#endif
