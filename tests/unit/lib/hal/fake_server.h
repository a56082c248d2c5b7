// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_UNIT_LIB_HAL_FAKE_SERVER_H
#define TALLY_TESTS_UNIT_LIB_HAL_FAKE_SERVER_H
/* A server on a thread of its own that keeps a log of what it was asked, for tests of clients. */
#include "lib/http/server.h"

struct fake;

struct fake *fake_start(void (*handle)(struct exchange *exchange));
void fake_stop(struct fake *fake);
const char *fake_url(const struct fake *fake);
/* "METHOD target body\n" for every request since the last fake_clear(); valid until then. */
const char *fake_log(struct fake *fake);
void fake_clear(struct fake *fake);
size_t fake_count(struct fake *fake, const char *part); /* lines of the log with it */
/* For handlers: answer with a status and JSON. */
void fake_json(struct exchange *exchange, int status, const char *json);

#endif
