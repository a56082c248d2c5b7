// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_CAN_I_DEPLOY_H
#define TALLY_CI_CAN_I_DEPLOY_H
/*
 * tally can-i-deploy: the stock tool's question with the stock tool's options, answered by the
 * broker's matrix. Unlike there, the order of options never drops a selector, every output has the
 * same exit code, and comparing nothing is not yes.
 */
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/opt.h"
#include "lib/base/str.h"
#include "lib/base/vec.h"

struct arena;
struct err;
struct json;

/* argv[0] is the command's name; returns an exit code: 0 yes, 1 everything else but 2 and 5. */
int can_i_deploy_command(int argc, char **argv);

/* One --pacticipant or --ignore and the selector options after it. */
struct selector {
    const char *name;
    const char *version, *tag, *branch; /* NULL = not given */
    bool latest, main_branch, ignore;
};
struct selectors {
    VEC_OF(struct selector);
};
/*
 * Take the selector options out of argv in their order; what is left, argv[0] first and NULL last,
 * is for opt_parse with `command`, whose rows tell which other options have values.
 * Errors: ERR_USAGE a selector option before any --pacticipant, without its value, twice, or a
 * --pacticipant that selects nothing.
 */
int selectors_take(const struct opt_command *command, int argc, char **argv, struct arena *arena,
                   struct selectors *ret, int *ret_argc, char ***ret_argv, struct err *err);
/* The path and query of GET /matrix as the stock client builds it. */
const char *selectors_matrix_url(const struct selectors *selectors, const char *environment,
                                 const char *to_tag, struct arena *arena);

/* What the broker's matrix means; "nothing compared" is not yes. */
enum deploy_answer { DEPLOY_YES, DEPLOY_NO, DEPLOY_UNKNOWN, DEPLOY_NOTHING };
enum deploy_answer deploy_answer_of(const struct json *matrix);

#endif
