// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_METHOD_INDEX_H
#define TALLY_BROKER_METHOD_INDEX_H
struct store;
struct err;

/*
 * Index the contracts that an older Tally stored without doing so, before anything is served: a few
 * hundred per transaction, with progress in the log. Interrupted, it goes on at the next start.
 */
int method_index_catch_up(struct store *store, struct err *err);

#endif
