// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_STATE_H
#define TALLY_VERIFIER_STATE_H
/* Provider states: what must be so before an interaction is replayed, arranged by URL. */
#include "verifier/replay.h"

/*
 * Set up the states of an interaction in their order; with none, the state "" once.
 *
 * @ret_values  parameters of all states, then what the calls returned, as one object: the values
 *              for generators. In the scratch arena.
 * @ret_done    how many states were set up, also on failure
 * @ret_reason  why it did not work: state, URL and the answer
 */
enum replay_answer state_setup(struct replayer *replayer,
                               const struct pact_interaction *interaction, struct json **ret_values,
                               size_t *ret_done, struct str *ret_reason);
/* Undo the first `n` states, the last one first; a failure becomes a warning. */
void state_teardown(struct replayer *replayer, const struct pact_interaction *interaction, size_t n,
                    struct texts *warnings);
/* One call with the state "", for a whole batch of interactions without states. */
enum replay_answer state_empty(struct replayer *replayer, const char *action,
                               struct str *ret_reason);
/* Only the parameters, for a run without a state URL. */
struct json *state_params(const struct pact_interaction *interaction, struct arena *arena);

#endif
