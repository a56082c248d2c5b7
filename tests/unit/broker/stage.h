// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_UNIT_BROKER_STAGE_H
#define TALLY_TESTS_UNIT_BROKER_STAGE_H
/*
 * A broker's store in memory that a test fills with a script, one step per ';':
 *
 *     publish APP VERSION PROVIDER CONTENT [BRANCH]   contents are the same when their names are
 *     verify CONTENT PROVIDER VERSION ok|failed|partial|wip
 *     branch APP VERSION BRANCH · tag APP VERSION TAG · untag APP VERSION TAG · version APP VERSION
 *     environment NAME · deploy ENV APP VERSION [INSTANCE] · undeploy ENV APP VERSION
 *     release ENV APP VERSION · unrelease ENV APP VERSION · main APP BRANCH
 *     days N                                          time passes; each step takes a second
 */
#include <stdint.h>

#include "broker/store.h"
#include "lib/base/clock.h"

struct stage {
    struct arena *arena;
    struct store *store;
    struct clock clock;
    int64_t now_us;
};

/* A step that fails fails the test. */
void stage_start(struct stage *stage);
void stage_play(struct stage *stage, const char *script);
void stage_end(struct stage *stage);

#endif
