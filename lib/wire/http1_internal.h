// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_WIRE_HTTP1_INTERNAL_H
#define TALLY_LIB_WIRE_HTTP1_INTERNAL_H
/* What http1.c (lines and bodies) and http1_head.c (what a head means) share. */
#include "lib/base/buf.h"
#include "lib/wire/http1.h"

enum http1_state {
    HTTP1_IN_START, /* before or in the first line */
    HTTP1_IN_FIELDS,
    HTTP1_IN_HEAD_DONE, /* response: body rules not known yet */
    HTTP1_IN_LENGTH,
    HTTP1_IN_UNTIL_CLOSE,
    HTTP1_IN_CHUNK_SIZE,
    HTTP1_IN_CHUNK_DATA,
    HTTP1_IN_CHUNK_END,
    HTTP1_IN_TRAILERS,
    HTTP1_IN_END,
    HTTP1_IN_BAD,
};

struct http1 {
    enum http1_kind kind;
    enum http1_state state;
    bool lenient;
    bool seen_cr; /* the line read last ended in CR so far */
    int empty_lines;
    struct http1_limits limits;
    struct arena *arena;
    struct buf line; /* a line of which only a part has come */
    size_t head_used, trailers_used;
    uint64_t left; /* of the body, or of the chunk */
    uint64_t body_seen;
    struct http1_head head;
    int bad_status;
    char bad_text[160];
};

/* Enter the bad state; returns false so that callers can `return http1_bad(...)`. */
bool http1_bad(struct http1 *parser, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * A breach that can still be framed safely: lenient mode notes it and returns true, strict mode
 * answers 400.
 */
bool http1_breach(struct http1 *parser, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Each takes one line that lives in the arena; false after http1_bad(). */
bool http1_start_line(struct http1 *parser, struct str line);
bool http1_field_line(struct http1 *parser, struct headers *fields, struct str line);
/* All fields are there: checks them together and decides how the body is framed. */
bool http1_finish_head(struct http1 *parser);
/* "1a;name=value": fills *ret_size. */
bool http1_chunk_line(struct http1 *parser, struct str line, uint64_t *ret_size);

#endif
