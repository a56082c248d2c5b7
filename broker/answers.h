// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_ANSWERS_H
#define TALLY_BROKER_ANSWERS_H
/*
 * Answers that were given and would be the same again: pipelines and verifiers fetch the same few
 * contracts all day, and writing one out costs more than all else that such a request does.
 *
 * Kept are answers of routes that say so (call_route.kept), for as long as nobody has committed
 * anything: the first question after a commit, by whomever, forgets them all. Who may see an answer
 * is not decided here; access.h comes first. For one thread, LIMIT_ANSWERS_KEPT bytes at most.
 */
struct answers;
struct call;
struct err;

struct answers *answers_new(void);
void answers_free(struct answers *answers);
/*
 * 1 = the call is answered, from a body that is valid until the next call of these;
 * 0 = it has to be worked on. Errors: the database could not be asked.
 */
int answers_find(struct answers *answers, struct call *call, struct err *err);
/* Keep this call's answer, if it is one to keep; inside of the read that it came from. */
void answers_keep(struct answers *answers, const struct call *call);

#endif
