// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_LIVE_H
#define TALLY_BROKER_LIVE_H
/*
 * What is deployed or released cannot be deleted, nor can its contracts: whoever asks later whether
 * something may be deployed beside it would see nothing in the way. The original broker deletes it.
 */
struct call;
struct err;
struct live_filter;

/* 1 = nothing live would be lost; 0 = answered with 409, naming version, environment and the way
 * out; or a negative err_code. `what` is what was to be deleted: "version 1 of app". */
int live_allows_delete(struct call *call, const struct live_filter *filter, const char *what,
                       struct err *err);

#endif
