// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_STORE_METHODS_H
#define TALLY_BROKER_STORE_METHODS_H
/*
 * The index of interactions by repository method and operation, and the documents that an app
 * publishes beside a version. Conventions as in store.h.
 *
 * What a hot answer reads: the versions that count now (the head of the main branch, the latest
 * version, what is live in an environment), one step each to their contents and interactions. It
 * never walks old versions.
 */
#include "broker/interactions.h"
#include "broker/store.h"

/* ---- index (store_methods.c) ---- */

/*
 * What tells one interaction from another, which is all but its description and the pair: each text
 * with its length before it, "-" for one that is absent. An index holds it, so the expression
 * has to stay as it is; store_methods.c writes the same. `of` is "" or a table with its point.
 */
#define INTERACTION_TEXT(column) "||coalesce(length(CAST(" column " AS BLOB))||':'||" column ",'-')"
#define INTERACTION_TEXTS_OF(of)                                                                   \
    "''" INTERACTION_TEXT(of "name") INTERACTION_TEXT(of "kind") INTERACTION_TEXT(of "method")     \
        INTERACTION_TEXT(of "package") INTERACTION_TEXT(of "variant")                              \
            INTERACTION_TEXT(of "source") INTERACTION_TEXT(of "operation")                         \
                INTERACTION_TEXT(of "persisted_id") INTERACTION_TEXT(of "digest")                  \
                    INTERACTION_TEXT(of "problem")

/* Index a content that has just been stored; in the transaction that stored it. */
int store_index_content(struct store *store, int64_t pact_version_id, int64_t consumer_id,
                        int64_t provider_id, const struct pact_content *content,
                        struct arena *arena, struct err *err);
/* How many contents an older schema left behind. */
int store_index_left(struct store *store, int64_t *ret, struct err *err);
/* Index the next of them, at most `most`, in a transaction of its own. *ret_done: how many. */
int store_index_more(struct store *store, int64_t most, int64_t *ret_done, struct err *err);

/* ---- uses (store_uses.c) ---- */

/* An interaction as a version has it: the operation is resolved by the version's own manifest. */
struct use {
    struct interaction row;
    int64_t consumer_id, provider_id, version_id, pact_version_id;
    const char *consumer, *provider, *number;
};
struct uses {
    VEC_OF(struct use);
};

/* What the SQL of uses asks for; tests explain it. */
extern const char *const store_uses_sql[];
enum use_query { USES_CURRENT, USES_VERSION, USES_OF_PROVIDER, USES_VERSIONS, USES_QUERIES };

/* Of the versions of a consumer that count now; `name` NULL = all. By name, then version. */
int store_uses_current(struct store *store, int64_t consumer_id, const char *name,
                       struct arena *arena, struct uses *ret, struct err *err);
/* Of one version, by name. */
int store_uses_of_version(struct store *store, int64_t version_id, struct arena *arena,
                          struct uses *ret, struct err *err);
/* Of all consumers' versions that count now; `operation` NULL = all. By operation, then consumer.
 */
int store_uses_of_provider(struct store *store, int64_t provider_id, const char *operation,
                           struct arena *arena, struct uses *ret, struct err *err);

struct names {
    VEC_OF(const char *);
};
/* Every name that was ever published, in order. */
int store_method_names(struct store *store, int64_t consumer_id, struct arena *arena,
                       struct names *ret, struct err *err);
/* Every operation, likewise, but for ids that a manifest says what they stand for. */
int store_operation_names(struct store *store, int64_t provider_id, struct arena *arena,
                          struct names *ret, struct err *err);
/* The interactions of a name, or of an operation, that were ever published; no versions. */
int store_interactions_named(struct store *store, int64_t consumer_id, const char *name,
                             struct arena *arena, struct uses *ret, struct err *err);
int store_interactions_of_operation(struct store *store, int64_t provider_id, const char *operation,
                                    struct arena *arena, struct uses *ret, struct err *err);
/*
 * Versions that use a name, latest first; *ret_more: there are further ones after the page. Looked
 * at are those of the consumer's newest USES_LOOK_BACK publications, or a method that left long ago
 * would be searched for in all of history; store_uses_older() says whether there are older ones.
 */
enum { USES_LOOK_BACK = 5000 };
int store_versions_using(struct store *store, int64_t consumer_id, const char *name,
                         const struct page *page, struct arena *arena, struct versions *ret,
                         bool *ret_more, struct err *err);
/* 1 = there are publications beyond USES_LOOK_BACK, 0 = none. */
int store_uses_older(struct store *store, int64_t consumer_id, struct err *err);
/* Heads of branches: names of those whose head a version is. */
int store_heads_of(struct store *store, int64_t version_id, struct arena *arena, struct names *ret,
                   struct err *err);
/* What is live of a pacticipant, in all environments; oldest first. */
int store_live(struct store *store, int64_t pacticipant_id, struct arena *arena,
               struct placements *ret, struct err *err);
/* Why contents of a version are indexed only in part: providers and texts. */
struct index_problem {
    const char *provider, *text;
};
struct index_problems {
    VEC_OF(struct index_problem);
};
int store_index_problems(struct store *store, int64_t version_id, struct arena *arena,
                         struct index_problems *ret, struct err *err);

/* ---- documents (store_documents.c) ---- */

#define DOCUMENT_INVENTORY "inventory"
#define DOCUMENT_MANIFEST  "manifest"

struct document {
    int64_t id, version_id, revision;
    const char *number, *created_at;
    struct str body; /* as sent */
};
/* *ret_created is false when the last revision has the same bytes. */
int store_document_put(struct store *store, const struct version *version, const char *kind,
                       struct str body, struct arena *arena, struct document *ret,
                       bool *ret_created, struct err *err);
/* revision 0 = the last one. */
int store_document_find(struct store *store, int64_t version_id, const char *kind, int64_t revision,
                        struct arena *arena, struct document *ret, struct err *err);
/* Of the latest version that has one. */
int store_document_latest(struct store *store, int64_t pacticipant_id, const char *kind,
                          struct arena *arena, struct document *ret, struct err *err);

struct manifest_operation {
    struct str persisted_id, operation, digest;
};
struct manifest_operations {
    VEC_OF(struct manifest_operation);
};
int store_manifest_add(struct store *store, int64_t document_id,
                       const struct manifest_operations *rows, struct err *err);
int store_manifest_operations(struct store *store, int64_t document_id, struct arena *arena,
                              struct manifest_operations *ret, struct err *err);

#endif
