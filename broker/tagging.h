// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_TAGGING_H
#define TALLY_BROKER_TAGGING_H
/*
 * A tag that is called like an environment records a deployment there (broker-api.md §9), and ends
 * the one before. Who may not deploy must not do it by a tag: that would change what every later
 * question about the environment is answered with.
 */
#include <stdbool.h>

struct call;
struct err;
struct version;

/* 1 = the version has the tag; 0 = answered with 403; or a negative err_code. */
int tagging_add(struct call *call, const struct version *version, const char *name,
                bool *ret_created, struct err *err);

#endif
