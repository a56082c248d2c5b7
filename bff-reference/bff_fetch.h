// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_FETCH_H
#define TALLY_BFF_REFERENCE_BFF_FETCH_H
/*
 * One thing the app wants, fetched from as many upstreams as it takes and shaped as it is served:
 * a row, or a page of rows. Products of transactions are asked for once, in one batch.
 */
#include "bff-reference/bff_page.h"

struct arena;
struct bff;
struct json;

struct bff_fetch {
    /* asked for */
    struct bff *bff;
    struct arena *arena;
    enum service service;
    struct str id;        /* absent: a page */
    struct bff_page page; /* without an id */
    void (*done)(struct bff_fetch *fetch);
    void *context;

    /* found; only when problem.kind is PROBLEM_NONE */
    struct problem problem;
    struct json *row;       /* with an id: as the upstream has it, product joined */
    struct json *view;      /* the row, or an array of rows, as served */
    bool has_next;          /* rows follow the page */
    struct str next_cursor; /* absent: none */
    struct json *watermark; /* transactions */
    struct json *deleted;   /* with since */

    /* under way */
    struct json *rows; /* array, as the upstream has them */
    size_t waiting;
};

/* done() may run before this returns. The fetch lives at least until then. */
void bff_fetch_start(struct bff_fetch *fetch);
/* Cursor of the i-th row of the page found. */
struct str bff_fetch_cursor(const struct bff_fetch *fetch, size_t i);

#endif
