// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MANIFEST_H
#define TALLY_LIB_CONTRACT_MANIFEST_H
/*
 * What the ids of persisted GraphQL operations stand for, from the manifest of an app's build:
 *
 *   {"format": "apollo-persisted-query-manifest", "version": 1,
 *    "operations": [{"id", "body", "name", "type"}]}      Apollo for Kotlin, iOS and JavaScript
 *   {"<id>": {"name", "source", "type"}}                  operationOutput and its iOS sibling
 *   {"<id>": "query Name ..."}                            Relay, graphql-codegen, Hive
 *
 * Source: gate-and-audit, section 2. Nothing changes after reading: threads may share it.
 */
#include "lib/base/str.h"

struct arena;
struct err;
struct json;
struct manifest;

/*
 * Errors: ERR_PARSE with line and column: not JSON, no manifest of these forms, an entry without id
 * or document, one id for two documents. ERR_LIMIT. Borrows the text.
 */
int manifest_read(struct str text, const char *source, struct arena *arena, struct manifest **ret,
                  struct err *err);
size_t manifest_len(const struct manifest *manifest);
struct str manifest_id(const struct manifest *manifest, size_t i); /* in the order of the text */
/* The document of an id; absent if the manifest does not know it. */
struct str manifest_document(const struct manifest *manifest, struct str id);
/*
 * The id a request's body gives instead of a document: extensions.persistedQuery.sha256Hash,
 * documentId or id; absent if it has a document or gives no id.
 */
struct str manifest_id_of(const struct json *body);
/*
 * A copy of such a body that holds the document in place of the id; an id that `expected` has
 * beside its document stays.
 */
struct json *manifest_filled(const struct json *body, const struct json *expected,
                             struct str document, struct arena *arena);

#endif
