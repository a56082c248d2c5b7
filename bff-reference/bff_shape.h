// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_SHAPE_H
#define TALLY_BFF_REFERENCE_BFF_SHAPE_H
/*
 * The types that the BFF serves, as one table that answers, SDL and OpenAPI are made from. Faults
 * of the shape change the table as it is read, so that all three agree.
 */
#include "bff-reference/fault.h"
#include "bff-reference/seed.h"

struct arena;
struct json;

enum shape {
    SHAPE_USER,
    SHAPE_TRANSACTION,
    SHAPE_PRODUCT,
    SHAPE_NOTIFICATION,
    SHAPE_COUNT,
};

struct shape_field {
    const char *name;    /* as served */
    const char *source;  /* member of the upstream's row */
    const char *sdl;     /* GraphQL type */
    const char *openapi; /* JSON Schema, as text */
    const char *about;
    bool as_text; /* a number told as a string */
    bool nested;  /* a product, joined by the BFF */
};

const char *shape_name(enum shape shape); /* "Transaction" */
enum shape shape_of(enum service service);
size_t shape_len(enum shape shape);
/* The i-th field under these faults; false when they leave it out. */
bool shape_field(enum shape shape, size_t i, struct fault_set faults, struct shape_field *ret);
/* Whether a field is served under that name. */
bool shape_has(enum shape shape, struct fault_set faults, struct str name);
/* An upstream's row as the app sees it; absent members are null. */
struct json *shape_view(enum shape shape, struct fault_set faults, const struct json *row,
                        struct arena *arena);

#endif
