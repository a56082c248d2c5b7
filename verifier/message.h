// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_MESSAGE_H
#define TALLY_VERIFIER_MESSAGE_H
/*
 * Messages are verified over HTTP: the provider is asked by POST {description, providerStates} for
 * the message it would send; the body of its answer is the contents, and the header
 * Pact-Message-Metadata holds the metadata as base64 of JSON. Source: pact-semantics, section 11.
 */
#include "verifier/replay.h"

/* As replay_interaction() after its states are set up; `values` are for generators. */
void message_replay(struct replayer *replayer, const struct pact *pact, const char *url,
                    const struct json *values, struct verdict *verdict);

#endif
