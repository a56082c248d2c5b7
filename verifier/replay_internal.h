// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_REPLAY_INTERNAL_H
#define TALLY_VERIFIER_REPLAY_INTERNAL_H
/* What replaying requests and replaying messages share. */
#include "lib/contract/generate.h"
#include "verifier/replay.h"

struct err;

struct generate_context replay_context(const struct replayer *replayer, const struct json *values);
void replay_warn(struct replayer *replayer, struct verdict *verdict,
                 const struct generate_warnings *warnings);
/* The call gave no answer that could be compared. */
void replay_no_answer(struct replayer *replayer, struct verdict *verdict, enum replay_answer answer,
                      struct str reason);
/* Keep of a reply what a report shows of a failure. */
void replay_keep_reply(struct replayer *replayer, struct verdict *verdict,
                       const struct client_response *response);
/* The outcome of a comparison: rc and err are what the matcher returned. */
void replay_judge(struct replayer *replayer, struct verdict *verdict, int rc,
                  const struct match_result *result, const struct err *err);

#endif
