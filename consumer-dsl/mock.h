// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CONSUMER_DSL_MOCK_H
#define TALLY_CONSUMER_DSL_MOCK_H
/*
 * The mock server: answers a request with the response of the interaction it matches, and with 500
 * and a JSON explanation when it matches none. A loop on a thread of its own.
 */
struct err;
struct mock;
struct tally_pact;

/* Errors: ERR_IO no port. */
int mock_start(struct tally_pact *pact, struct mock **ret, struct err *err);
/* Waits until requests in flight are answered. NULL is fine. */
void mock_stop(struct mock *mock);
const char *mock_url(const struct mock *mock);

#endif
