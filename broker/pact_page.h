// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_PACT_PAGE_H
#define TALLY_BROKER_PACT_PAGE_H
/* A contract as a page for people. */
#include "lib/base/str.h"

struct call;
struct err;
struct publication;

/* `content` is the stored text. What cannot be read as a contract is shown as it is stored. */
int pact_page(struct call *call, const struct publication *pact, struct str content,
              struct err *err);

#endif
