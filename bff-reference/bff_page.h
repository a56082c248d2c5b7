// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_PAGE_H
#define TALLY_BFF_REFERENCE_BFF_PAGE_H
/*
 * What a client asks of a list, the same for REST and GraphQL, and the cursors it gets back. The
 * faults of paging live here.
 */
#include "bff-reference/problem.h"
#include "bff-reference/seed.h"

struct arena;
struct bff;

enum { BFF_PAGE_DEFAULT = 20, BFF_PAGE_MAX = 100 };

/* As it came in; absent = not given. */
struct bff_page_input {
    struct str limit, cursor, since;
    struct str page, size; /* instead of limit and cursor under offset-paging */
};

struct bff_page {
    enum service service;
    int64_t limit;
    struct str after;     /* id of the row read last; absent = from the start */
    struct str since;     /* date-time, checked */
    bool by_position;     /* `skip` counts rows, `after` is not used */
    int64_t skip, number; /* number: the page asked for under offset-paging */
    bool continued;       /* a cursor was given */
};

/* False with *ret_problem set when the input is not what it should be. */
bool bff_page_read(const struct bff *bff, enum service service, const struct bff_page_input *input,
                   struct arena *arena, struct bff_page *ret, struct problem *ret_problem);
/* The cursor after the i-th row of a page, which has this id. */
struct str bff_page_cursor(const struct bff *bff, const struct bff_page *page, size_t i,
                           struct str row_id, struct arena *arena);

#endif
