// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_STORE_H
#define TALLY_BROKER_STORE_H
/*
 * What the broker keeps, as rows in and out; no HTTP and no JSON shapes of the API in here.
 *
 * A struct store is one database connection with a clock; it belongs to one thread. Functions that
 * write must run inside a transaction (store_begin); all the writes of one request are in one
 * transaction. Everything returned lives in the arena that was passed.
 *
 * Versions are ordered by creation: a greater id is a later version. "Latest" always means that.
 * Return values: finders give 1 found, 0 not found, negative err_code; the rest 0 or negative.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct clock;
struct db;
struct db_options;
struct err;

/* What follows by itself from what is written, and what is refused; as the original's defaults. */
struct store_rules {
    bool tag_is_branch;      /* the first tag of a new version without branch is its branch too */
    int64_t tag_is_branch_s; /* new: made so many seconds ago at most */
    bool detects_main;       /* the first branch or tag of such a name is the main branch */
    const char *main_candidates; /* names, separated by spaces */
    bool deploys_by_tag;         /* a tag named like an environment is a deployment there */
    bool similar_names;          /* a new name must not look like one that is there */
};
extern const struct store_rules store_default_rules;

struct store {
    struct db *db;
    const struct clock *clock;
    const struct store_rules *rules;
    /* Made by the request that is being served: what follows in it is part of the making, and moves
     * no updated_at. 0 = none. */
    int64_t new_pacticipant, new_version;
};

/* A connection that knows the functions of packing.h, to a schema of whatever version. */
int store_connect(const char *location, const struct db_options *options, struct db **ret,
                  struct err *err);
/* Open, migrate. Errors as db_open and db_migrate. */
int store_open(const char *location, const struct clock *clock, struct store **ret,
               struct err *err);
/* The same for the process that serves the database: ERR_BUSY when another one does. */
int store_open_sole(const char *location, const struct clock *clock, struct store **ret,
                    struct err *err);
void store_close(struct store *store);
/* A second connection to a database that is open already, for reading. Errors as db_open. */
int store_open_reader(const char *location, const struct clock *clock, struct store **ret,
                      struct err *err);
/* One state of the data for all the questions of a request, until store_end_read(). */
int store_begin_read(struct store *store, struct err *err);
void store_end_read(struct store *store);
int store_begin(struct store *store, struct err *err);
/* Another request begins, within the same transaction. */
void store_next_request(struct store *store);
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);
/* "2026-11-20T17:59:49.123456Z": sorts as text. */
const char *store_now(struct store *store, struct arena *arena);
/* The scripts of store_schema.c. */
extern const char *const store_schema[];
extern const int store_schema_len;

/* ---- pacticipants (store_pacticipant.c) ---- */

struct pacticipant {
    int64_t id;
    const char *name, *display_name, *repository_url, *repository_name, *repository_namespace,
        *main_branch, *created_at, *updated_at;
};
struct pacticipants {
    VEC_OF(struct pacticipant);
};
/* A slice of a list. size 0 = everything. */
struct page {
    int64_t number, size;
    int64_t total; /* filled */
};
/* What SQL's LIMIT and OFFSET take. */
int64_t page_limit(const struct page *page);
int64_t page_offset(const struct page *page);

int store_pacticipant_find(struct store *store, const char *name, struct arena *arena,
                           struct pacticipant *ret, struct err *err);
/* Find or create; *ret_created says which. */
int store_pacticipant_need(struct store *store, const char *name, struct arena *arena,
                           struct pacticipant *ret, bool *ret_created, struct err *err);
int store_pacticipant_save(struct store *store, const struct pacticipant *row, struct arena *arena,
                           struct err *err);
int store_pacticipant_delete(struct store *store, int64_t id, struct err *err);
/* `like` NULL, or a part of the name, case ignored; `label` NULL or an exact label. */
int store_pacticipant_list(struct store *store, const char *like, const char *label,
                           struct page *page, struct arena *arena, struct pacticipants *ret,
                           struct err *err);
/* Other pacticipants whose words are the same ("Mobile BFF", "mobile-bff-service"), one per line:
 * 1 or 0. */
int store_pacticipant_similar(struct store *store, const char *name, struct arena *arena,
                              const char **ret_names, struct err *err);

struct label {
    const char *name, *created_at, *updated_at;
};
struct labels {
    VEC_OF(struct label);
};
int store_labels(struct store *store, int64_t pacticipant_id, struct arena *arena,
                 struct labels *ret, struct err *err);
/* The distinct names, by name; times are not filled. */
int store_label_names(struct store *store, struct page *page, struct arena *arena,
                      struct labels *ret, struct err *err);
int store_label_find(struct store *store, int64_t pacticipant_id, const char *name,
                     struct arena *arena, struct label *ret, struct err *err);
int store_label_add(struct store *store, int64_t pacticipant_id, const char *name,
                    struct arena *arena, bool *ret_created, struct err *err);
int store_label_delete(struct store *store, int64_t pacticipant_id, const char *name,
                       struct err *err);

/* ---- versions (store_version.c) ---- */

struct version {
    int64_t id, pacticipant_id;
    const char *pacticipant, *number, *build_url, *created_at, *updated_at;
};
struct versions {
    VEC_OF(struct version);
};

int store_version_find(struct store *store, int64_t pacticipant_id, const char *number,
                       struct arena *arena, struct version *ret, struct err *err);
int store_version_by_id(struct store *store, int64_t id, struct arena *arena, struct version *ret,
                        struct err *err);
int store_version_need(struct store *store, const struct pacticipant *pacticipant,
                       const char *number, struct arena *arena, struct version *ret,
                       bool *ret_created, struct err *err);
int store_version_set_build_url(struct store *store, int64_t id, const char *url,
                                struct arena *arena, struct err *err);
/* The same for a version that is put whole: it is updated even if nothing differs. */
int store_version_replace(struct store *store, int64_t id, const char *url, struct arena *arena,
                          struct err *err);
int store_version_delete(struct store *store, int64_t id, struct err *err);
/* Newest first; branch and tag restrict when not NULL (by name). */
int store_version_list(struct store *store, int64_t pacticipant_id, const char *branch,
                       const char *tag, struct page *page, struct arena *arena,
                       struct versions *ret, struct err *err);
/* Those that were ever deployed or released there, newest first. */
int store_version_placed(struct store *store, int64_t pacticipant_id, int64_t environment_id,
                         struct page *page, struct arena *arena, struct versions *ret,
                         struct err *err);
/* Latest of all, of a tag, or the head of a branch. */
int store_version_latest(struct store *store, int64_t pacticipant_id, const char *branch,
                         const char *tag, struct arena *arena, struct version *ret,
                         struct err *err);

/* ---- branches and tags (store_branch.c) ---- */

struct branch {
    int64_t id, pacticipant_id, head_version_id;
    const char *name, *created_at, *updated_at;
};
struct branches {
    VEC_OF(struct branch);
};
/* A version on a branch. */
struct branch_version {
    const char *branch, *created_at, *updated_at;
    bool latest; /* the branch's head */
};
struct branch_versions {
    VEC_OF(struct branch_version);
};
struct tag {
    const char *name, *created_at, *updated_at;
    bool latest; /* no later version of the pacticipant carries it */
};
struct tags {
    VEC_OF(struct tag);
};

int store_branch_find(struct store *store, int64_t pacticipant_id, const char *name,
                      struct arena *arena, struct branch *ret, struct err *err);
int store_branch_list(struct store *store, int64_t pacticipant_id, const char *like,
                      struct page *page, struct arena *arena, struct branches *ret,
                      struct err *err);
/* When it was made and changed, as another broker tells; no such branch is fine. */
int store_branch_date(struct store *store, int64_t pacticipant_id, const char *name,
                      const char *created_at, const char *updated_at, struct err *err);
int store_branch_delete(struct store *store, int64_t id, struct err *err);
/* Puts the version on the branch and makes it the head if it is new there; creates the branch;
 * becomes the main branch when its name is a candidate and none is set. */
int store_branch_add(struct store *store, const struct version *version, const char *branch,
                     struct arena *arena, bool *ret_created, struct err *err);
int store_branch_version_find(struct store *store, int64_t version_id, const char *branch,
                              struct arena *arena, struct branch_version *ret, struct err *err);
int store_branch_version_delete(struct store *store, int64_t version_id, const char *branch,
                                struct err *err);
/* Of one version, in the order they were added. */
int store_branch_versions(struct store *store, int64_t version_id, struct arena *arena,
                          struct branch_versions *ret, struct err *err);

/* Tags the version; a version without tag and branch made seconds ago gets the tag as its branch. A
 * tag named like an environment records a deployment. */
int store_tag_add(struct store *store, const struct version *version, const char *name,
                  struct arena *arena, bool *ret_created, struct err *err);
int store_tag_find(struct store *store, int64_t version_id, const char *name, struct arena *arena,
                   struct tag *ret, struct err *err);
int store_tag_delete(struct store *store, int64_t version_id, const char *name, struct err *err);
/* With `latest` filled; by name. */
int store_tags(struct store *store, int64_t version_id, struct arena *arena, struct tags *ret,
               struct err *err);

/* ---- contracts (store_pact.c, store_pact_list.c) ---- */

/* A publication: this consumer version says this to that provider. Latest revision only. */
struct publication {
    int64_t publication_id, revision, pact_version_id;
    int64_t consumer_id, provider_id, consumer_version_id;
    const char *consumer, *provider, *number, *sha, *created_at;
};
struct publications {
    VEC_OF(struct publication);
};

enum pact_saved { PACT_CREATED, PACT_SAME, PACT_CHANGED };

/* The content stored for a pact version; *ret_plain says that it has neither `_links` nor
 * `createdAt` of its own, so that these can be appended to the text. */
int store_pact_content(struct store *store, int64_t pact_version_id, struct arena *arena,
                       struct str *ret, bool *ret_plain, struct err *err);
int store_pact_find(struct store *store, int64_t consumer_version_id, int64_t provider_id,
                    struct arena *arena, struct publication *ret, struct err *err);
/* The same by names. */
int store_pact_named(struct store *store, const char *consumer, const char *number,
                     const char *provider, struct arena *arena, struct publication *ret,
                     struct err *err);
/* The ids alone: 1 with what the version has for the provider, 0 nothing. */
int store_pact_ids(struct store *store, const struct version *version, int64_t provider_id,
                   struct publication *ret, struct err *err);
/* By content; the newest publication of it. */
int store_pact_by_sha(struct store *store, const char *consumer, const char *provider,
                      const char *sha, struct arena *arena, struct publication *ret,
                      struct err *err);
/* Newest publication between two; branch ("latest having the branch"), tag, or untagged only. */
int store_pact_latest(struct store *store, int64_t consumer_id, int64_t provider_id,
                      const char *branch, const char *tag, bool untagged, struct arena *arena,
                      struct publication *ret, struct err *err);
/* What is saved; see broker/identity.h. `plain` as above. */
struct pact_content {
    const char *sha;
    struct str text;
    bool plain;
    const struct json *tree; /* the same, for who has it; or NULL */
};
/* Save content for (version, provider). */
int store_pact_save(struct store *store, const struct version *version, int64_t provider_id,
                    const struct pact_content *content, struct arena *arena, enum pact_saved *ret,
                    struct err *err);
/* The sha of the publication before this version: of the versions with that tag, or without any tag
 * when it is NULL. */
int store_pact_before(struct store *store, const struct version *version, int64_t provider_id,
                      const char *tag, struct arena *arena, struct str *ret_sha, struct err *err);
/* The last publication between the two before this version whose content differs. */
int store_pact_previous_distinct(struct store *store, const struct publication *pact,
                                 struct arena *arena, struct publication *ret, struct err *err);
int store_pact_delete(struct store *store, int64_t consumer_version_id, int64_t provider_id,
                      struct err *err);
/* Publications between two, newest first, optionally of one tag or branch. */
int store_pact_versions(struct store *store, int64_t consumer_id, int64_t provider_id,
                        const char *branch, const char *tag, struct arena *arena,
                        struct publications *ret, struct err *err);
/* What a version publishes, by provider name. */
int store_pacts_of_version(struct store *store, int64_t version_id, struct arena *arena,
                           struct publications *ret, struct err *err);
/* The latest publication of every integration. */
int store_pacts_latest(struct store *store, struct arena *arena, struct publications *ret,
                       struct err *err);

enum pact_list {
    PACT_LIST_ALL,
    PACT_LIST_TAG,
    PACT_LIST_LATEST,
    PACT_LIST_LATEST_TAG,
    PACT_LIST_MAIN,
    PACT_LIST_LATEST_MAIN,
    PACT_LIST_BRANCH,
    PACT_LIST_LATEST_BRANCH
};
/* A provider's contracts; name is the tag or branch, or NULL. By consumer name, then version. */
int store_pacts_of_provider(struct store *store, int64_t provider_id, enum pact_list list,
                            const char *name, struct arena *arena, struct publications *ret,
                            struct err *err);

struct integration {
    int64_t consumer_id, provider_id;
    const char *consumer, *provider;
};
struct integrations {
    VEC_OF(struct integration);
};
int store_integrations(struct store *store, const char *like, struct page *page,
                       struct arena *arena, struct integrations *ret, struct err *err);
/* Versions of the two that neither publish nor verify any longer, are not live and have no
 * documents or evidence; then the two themselves if nothing is left of them. */
int store_orphans_delete(struct store *store, int64_t consumer_id, int64_t provider_id,
                         struct err *err);
/* Remove the contracts and results between two. */
int store_integration_delete(struct store *store, int64_t consumer_id, int64_t provider_id,
                             struct err *err);

/* ---- verification results (store_verification.c) ---- */

/* Result numbers are global and begin where the original broker begins. */
enum { VERIFICATION_FIRST_NUMBER = 101 };

/* What a result says about the whole contract. */
enum verdict { VERDICT_FAILED = 0, VERDICT_VERIFIED = 1, VERDICT_PARTIAL = 2 };

struct verification {
    int64_t id, number, pact_version_id, provider_version_id;
    enum verdict verdict;
    bool detailed; /* it says what was run */
    const char *provider_number, *build_url, *created_at;
    struct str test_results, verified_by; /* JSON texts, absent if none */
    bool wip, pending;
};
struct verifications {
    VEC_OF(struct verification);
};

int store_verification_add(struct store *store, const struct verification *row, struct arena *arena,
                           struct verification *ret, struct err *err);
int store_verification_find(struct store *store, int64_t pact_version_id, int64_t number,
                            struct arena *arena, struct verification *ret, struct err *err);
/* The last one for a content. */
int store_verification_latest(struct store *store, int64_t pact_version_id, struct arena *arena,
                              struct verification *ret, struct err *err);
int store_verification_delete(struct store *store, const struct verification *row, struct err *err);
/* Whether anything between the two was ever verified. */
int store_verification_any(struct store *store, int64_t consumer_id, int64_t provider_id,
                           struct err *err);

/* ---- environments, deployments, releases (store_environment.c, store_deployment.c) ---- */

struct environment {
    int64_t id;
    const char *uuid, *name, *display_name, *created_at, *updated_at;
    bool production;
    struct str contacts; /* JSON array text, absent if none */
};
struct environments {
    VEC_OF(struct environment);
};
int store_environment_find(struct store *store, const char *uuid, struct arena *arena,
                           struct environment *ret, struct err *err);
int store_environment_by_name(struct store *store, const char *name, struct arena *arena,
                              struct environment *ret, struct err *err);
int store_environment_list(struct store *store, const char *name, struct arena *arena,
                           struct environments *ret, struct err *err);
/* id 0 creates, with a uuid of its own unless the row has one. */
int store_environment_save(struct store *store, struct environment *row, struct arena *arena,
                           struct err *err);
/* What is live there is written down as ended. */
int store_environment_delete(struct store *store, int64_t id, struct arena *arena, struct err *err);

/* A version recorded in an environment: deployed (an instance runs it) or released (supported). */
struct placement {
    bool released, current;
    int64_t id, version_id, environment_id;
    const char *uuid, *instance, *ended_at, *created_at, *updated_at;
    const char *pacticipant, *number, *environment_uuid, *environment, *environment_display;
    bool production;
};
struct placements {
    VEC_OF(struct placement);
};
struct placement_filter {
    int64_t environment_id, version_id; /* 0 = any */
    int64_t pacticipant_id;
    bool any_instance; /* else exactly `instance`, NULL = no instance */
    const char *instance;
    bool current;
};
int store_deploy(struct store *store, const struct version *version,
                 const struct environment *environment, const char *instance, struct arena *arena,
                 struct placement *ret, struct err *err);
int store_undeploy(struct store *store, const struct placement *row, struct arena *arena,
                   struct err *err);
int store_release(struct store *store, const struct version *version,
                  const struct environment *environment, struct arena *arena, struct placement *ret,
                  bool *ret_created, struct err *err);
int store_end_support(struct store *store, const struct placement *row, struct arena *arena,
                      struct err *err);
int store_placement_find(struct store *store, bool released, const char *uuid, struct arena *arena,
                         struct placement *ret, struct err *err);
/* What a deletion would take away; 0 = not that way. */
struct live_filter {
    int64_t version_id;     /* this version */
    int64_t pacticipant_id; /* its versions, and consumer versions with a contract with it */
    int64_t consumer_id, provider_id; /* consumer versions with a contract between the two */
};
/* One current placement of such a version: 1 or 0. */
int store_live_find(struct store *store, const struct live_filter *filter, struct arena *arena,
                    struct placement *ret, struct err *err);
/* Oldest first. */
int store_placements(struct store *store, bool released, const struct placement_filter *filter,
                     struct arena *arena, struct placements *ret, struct err *err);

/* ---- evidence (store_environment.c) ---- */

struct evidence {
    const char *pack, *created_at;
    struct str body; /* JSON object text */
};
struct evidences {
    VEC_OF(struct evidence);
};
int store_evidence_put(struct store *store, int64_t version_id, const char *pack, struct str body,
                       struct arena *arena, bool *ret_created, struct err *err);
int store_evidence_find(struct store *store, int64_t version_id, const char *pack,
                        struct arena *arena, struct evidence *ret, struct err *err);
int store_evidence_list(struct store *store, int64_t version_id, struct arena *arena,
                        struct evidences *ret, struct err *err);

#endif
