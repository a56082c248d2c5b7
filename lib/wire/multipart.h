// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_WIRE_MULTIPART_H
#define TALLY_LIB_WIRE_MULTIPART_H
/* Multipart bodies (RFC 2046 §5.1) and the names of form fields (RFC 7578). Pure. */
#include "lib/wire/headers.h"

struct arena;
struct err;

struct multipart_part {
    struct headers headers;
    struct str disposition; /* "form-data"; absent without a Content-Disposition */
    struct str name;        /* its parameters; absent if there are none */
    struct str filename;
    struct str body; /* within the text that was parsed, still as it was encoded */
};
struct multipart {
    VEC_OF(struct multipart_part);
};

/*
 * Split at the boundary; preamble and epilogue are dropped. Lines may end in LF alone, as they do
 * in contracts written by hand. Errors: ERR_PARSE (no such boundary, no closing one, a part without
 * the empty line after its headers, a header that is none), ERR_LIMIT (LIMIT_MULTIPART_PARTS,
 * LIMIT_HTTP_HEADERS for one part).
 */
int multipart_parse(struct str text, struct str boundary, struct arena *arena,
                    struct multipart *ret, struct err *err);
/* The boundary that a body itself starts with; absent if it starts otherwise. */
struct str multipart_boundary(struct str text);
/* A parameter of a value like `form-data; name="a"`: unquoted; absent if there is none. */
struct str multipart_param(struct str value, const char *name, struct arena *arena);

#endif
