// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_PACT_H
#define TALLY_LIB_CONTRACT_PACT_H
/*
 * A Pact file as a model that holds V1 to V4 alike: what a consumer expects of a provider. Reading
 * accepts all versions and old spellings; what is not understood is kept (`extra`, `raw`).
 *
 * What a broker adds to a file that it serves: `_id` of an interaction is its `id`, `_links` are
 * `links`, `createdAt` is among `extra`; all of them are written again where they stood.
 *
 * Everything lives in the arena given to pact_read and borrows the text given to it.
 */
#include "lib/base/str.h"
#include "lib/base/vec.h"
#include "lib/json/json.h"
#include "lib/wire/headers.h"
#include "lib/wire/url.h"

struct arena;
struct buf;
struct err;
struct rules;
struct generators;
struct manifest;
struct mapping_rules;

enum pact_spec { PACT_V1 = 10, PACT_V1_1 = 11, PACT_V2 = 20, PACT_V3 = 30, PACT_V4 = 40 };

enum pact_body_state { PACT_BODY_MISSING, PACT_BODY_NULL, PACT_BODY_EMPTY, PACT_BODY_PRESENT };
struct pact_body {
    enum pact_body_state state;
    struct str bytes;        /* PRESENT: what would be on the wire */
    struct json *json;       /* PRESENT and JSON: the same as a tree, else NULL */
    struct str content_type; /* attribute, else header or metadata; absent if neither */
    const struct json *raw;  /* the value in the file, NULL if built */
    bool raw_v4;             /* `raw` stands in a V4 file, where bodies are objects of their own */
};

struct pact_header { /* a header or metadata-like list of values, name as written */
    struct str name;
    struct {
        VEC_OF(struct str);
    } values;
    bool apart; /* a file older than V4 had them as an array, and keeps it */
};
struct pact_headers {
    VEC_OF(struct pact_header);
};

/* A query: names to values in order; `missing` = the file says nothing (no parameter allowed). */
struct pact_query {
    bool missing;
    struct str text; /* as written where the file has one string (V1, V2); else absent */
    struct {
        VEC_OF(struct url_param);
    } params;            /* value absent = parameter without '=' */
    struct json *unsaid; /* names with an empty list of values, kept for writing; or NULL */
};

struct pact_request {
    struct str method, path; /* upper case; path in wire form (percent-encoded) */
    struct pact_query query;
    struct pact_headers headers;
    struct pact_body body;
    struct rules *rules;           /* never NULL */
    struct generators *generators; /* never NULL */
    const struct json *raw;        /* where it stands in the file, for positions; NULL if built */
    struct json *extra;            /* here and below: members not understood, kept; or NULL */
};
struct pact_response {
    int status;
    struct pact_headers headers;
    struct pact_body body;
    struct rules *rules;
    struct generators *generators;
    const struct json *raw;
    struct json *extra;
};
struct pact_message { /* contents of an asynchronous message, or one side of a synchronous one */
    struct pact_body body;
    struct json *metadata; /* object, never NULL */
    struct rules *rules;
    struct generators *generators;
    struct json *extra; /* of one side of a synchronous message */
};

struct pact_state {
    struct str name;
    struct json *params; /* object or NULL */
    struct json *extra;
};

enum pact_kind { PACT_HTTP, PACT_MESSAGE, PACT_SYNC_MESSAGE };

struct pact_interaction {
    enum pact_kind kind;
    struct str id;  /* "_id" given by a broker; absent if none */
    struct str key; /* V4 key; absent if none */
    struct str description;
    struct {
        VEC_OF(struct pact_state);
    } states;
    bool pending;
    struct json *comments;         /* V4, or NULL */
    struct str transport;          /* V4, absent if none */
    struct pact_request request;   /* PACT_HTTP */
    struct pact_response response; /* PACT_HTTP */
    struct pact_message message;   /* PACT_MESSAGE; request side of PACT_SYNC_MESSAGE */
    struct {
        VEC_OF(struct pact_message);
    } replies;          /* PACT_SYNC_MESSAGE */
    int line, column;   /* where it stands in the file; 0 if built */
    struct json *extra; /* attributes not understood, kept for writing; object or NULL */
    const struct mapping_rules *house; /* see mapping_rules_apply(); or NULL */
};

/* An interaction of a type that is not known: kept as it is. */
struct pact_unknown {
    struct str type;              /* absent if the file says none */
    const struct json *raw;       /* all of it */
    struct pact_interaction said; /* description (may be absent), key, states, place; no parts */
};

struct pact_warning {
    int line, column;
    struct str text;
};

struct pact {
    enum pact_spec spec;
    struct str source; /* file name or URL, for messages */
    struct str consumer, provider;
    struct json *consumer_extra, *provider_extra; /* members beside their names; or NULL */
    struct {
        VEC_OF(struct pact_interaction);
    } interactions; /* file order */
    size_t skipped; /* how many `unknown` there are: what is read is not the whole */
    struct {
        VEC_OF(struct pact_unknown);
    } unknown;             /* file order */
    struct json *metadata; /* object as read, or NULL */
    struct json *extra;    /* other top-level members, kept for writing; object or NULL */
    struct json *links;    /* "_links" of a broker, or NULL */
    struct {
        VEC_OF(struct pact_warning);
    } warnings;
    struct str text;                 /* what was read */
    const struct manifest *manifest; /* what operation ids stand for, set by callers; or NULL */
};

/*
 * Read a file's text. Errors: ERR_PARSE with line, column, what was expected and found: not JSON,
 * not an object, neither `interactions` nor `messages`, one of them no array, a member of the wrong
 * type, a specification version above 4, an invalid rule path. ERR_LIMIT. A file without a single
 * interaction is read; callers decide that it is no evidence. Source: pact-semantics, sections 1-3.
 */
int pact_read(struct str text, const char *source, struct arena *arena, struct pact **ret,
              struct err *err);
/*
 * The same of a file's tree, without what no question about its requests needs: bodies of responses
 * and replies, and what is only kept for writing. `text` is what the tree was parsed from, for
 * positions; absent = there are none. For who goes through many contracts. Errors as above.
 */
int pact_read_asked(const struct json *root, struct str text, const char *source,
                    struct arena *arena, struct pact **ret, struct err *err);
/*
 * A file's text as V2, V3 or V4: interactions sorted by description, then kind (unknown types
 * last), then states; pretty, ends in a newline; same model, same bytes. In the version that was
 * read all of the file comes back as it was, but for what docs/CONTRACTS.md lists under "Kept as it
 * is": old spellings become those of the version, defaults are said, members that say nothing are
 * left out. What an older version has no room for is left out: pact_losses() says what that would
 * be. Errors: ERR_CONFLICT when it cannot hold the kinds of interactions, ERR_USAGE for V1.
 */
int pact_write(const struct pact *pact, enum pact_spec spec, struct arena *arena, struct str *ret,
               struct err *err);

struct pact *pact_new(struct arena *arena, struct str consumer, struct str provider);
/* An interaction with empty rules and generators and the defaults GET, "/", 200. */
struct pact_interaction *pact_add(struct arena *arena, struct pact *pact, enum pact_kind kind,
                                  struct str description);
/*
 * Body from bytes by content type (JSON parsed), or from a tree (application/json).
 * Errors: ERR_PARSE when the content type says JSON and the bytes are not.
 */
int pact_body_set(struct arena *arena, struct pact_body *body, struct str bytes,
                  struct str content_type, struct err *err);
void pact_body_set_json(struct arena *arena, struct pact_body *body, struct json *value,
                        struct str content_type);
/* First value of a header, absent if none. */
struct str pact_header_get(const struct pact_headers *headers, const char *name);
void pact_header_add(struct arena *arena, struct pact_headers *headers, struct str name,
                     struct str value);
const char *pact_spec_name(enum pact_spec spec); /* "V3" */

#endif
