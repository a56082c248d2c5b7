// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_WIRE_MEDIA_H
#define TALLY_LIB_WIRE_MEDIA_H
/* Media types (RFC 9110 §8.3.1), Accept negotiation (§12.5.1), and sniffing by Pact's rules. */
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct err;

struct media_param {
    struct str name;  /* lower case */
    struct str value; /* unquoted */
};
struct media {
    struct str type, subtype; /* lower case; both absent = unknown */
    struct str suffix;        /* after the last '+' of the subtype; absent if none */
    struct {
        VEC_OF(struct media_param);
    } params;
};

enum media_kind {
    MEDIA_UNKNOWN,
    MEDIA_JSON,
    MEDIA_XML,
    MEDIA_FORM,
    MEDIA_MULTIPART,
    MEDIA_TEXT,
    MEDIA_BINARY
};

/* Errors: ERR_PARSE not type/subtype with well-formed parameters. */
int media_parse(struct str text, struct arena *arena, struct media *ret, struct err *err);
enum media_kind media_kind(const struct media *media);
bool media_known(const struct media *media);
struct str media_param(const struct media *media, const char *name);   /* absent if none */
struct str media_base(const struct media *media, struct arena *arena); /* "type/subtype" */
/* Guess from the first 32 bytes (pact-semantics.md §4); unknown media for non-UTF-8. */
struct media media_sniff(struct str body);

/*
 * The best of n offered types for an Accept value ("" or absent accepts all); q-values and
 * wildcards count, ties go to the first offer. Returns its index, or -1 (answer 406).
 */
int media_negotiate(struct str accept, const char *const *offers, size_t n);

#endif
