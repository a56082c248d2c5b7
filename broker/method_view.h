// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_METHOD_VIEW_H
#define TALLY_BROKER_METHOD_VIEW_H
/* Pieces of the answers about repository methods and operations, and the links to them. */
#include "broker/store_methods.h"

struct call;
struct err;
struct json;
struct map;

const char *method_url(struct call *call, const char *pacticipant, const char *name);
const char *operation_url(struct call *call, const char *provider, const char *operation);
/* Curies "pb" and "tally". */
void method_curies(struct call *call, struct json *links);
/* Adds the text unless the array has it; absent texts are left out. */
void method_add_text(struct call *call, struct json *array, struct str text);
void method_set_str(struct call *call, struct json *object, const char *key, struct str text);
/* Adds {operation, provider, _links} unless `seen` has it. */
void method_add_operation(struct call *call, struct json *array, const struct use *use,
                          struct map *seen);
/* description, kind, method, variant, operation, source, inferred, problem. */
struct json *method_interaction(struct call *call, const struct use *use);
/*
 * {provider, verdict, providerVersion, verifiedAt, _links} of the contract that the use stands in.
 * verdict: "verified", "failed", "partial", or "unknown" when it was never verified.
 */
int method_verdict(struct call *call, const struct use *use, struct json **ret, struct err *err);
/*
 * Releases in the field among the versions of the uses: {pacticipant, version, type, environment,
 * applicationInstance, verifications, _links}. Uses of one version stand together.
 */
int method_releases(struct call *call, const struct uses *uses, const struct placements *live,
                    struct json *ret_list, struct err *err);
/* page and size of a list that is always paged: false = answered with 400. */
bool method_page(struct call *call, struct page *page);

/* What an inventory says of a method. */
struct inventory {
    const struct json *methods; /* array; NULL = no inventory */
    const char *number;         /* of the version it was published beside */
};
int method_inventory(struct call *call, const struct document *row, struct inventory *ret,
                     struct err *err);
const struct json *inventory_find(const struct inventory *inventory, const char *name);
/* screens and owner, as far as the inventory has them. */
void inventory_show(struct call *call, const struct inventory *inventory, const char *name,
                    struct json *body);

#endif
