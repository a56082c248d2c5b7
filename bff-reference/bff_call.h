// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BFF_REFERENCE_BFF_CALL_H
#define TALLY_BFF_REFERENCE_BFF_CALL_H
/* One call to an upstream, on the loop, through its bounded queue. */
#include "bff-reference/problem.h"
#include "bff-reference/seed.h"

struct bff;
struct err;
struct json;

/*
 * Ask `path` of a service: GET, or POST of `body` when there is one. done() may run before this
 * returns. Its `value` is the upstream's answer, in the arena, or NULL; then `problem` says why:
 * PROBLEM_NOT_FOUND for a 404, else that the upstream failed, was too slow, or has too much to do.
 */
struct bff_call {
    struct bff *bff;
    enum service service;
    struct str path;
    struct str body; /* absent = GET */
    struct arena *arena;
    void (*done)(void *arg, struct json *value, const struct problem *problem);
    void *arg;
};
void bff_call(const struct bff_call *call); /* copied */
/* The problem of a call that got no answer: from the client's error. */
struct problem bff_call_problem(const char *peer, const struct err *err, struct arena *arena);

#endif
