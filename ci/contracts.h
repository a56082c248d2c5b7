// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_CI_CONTRACTS_H
#define TALLY_CI_CONTRACTS_H
/*
 * Commands about Pact files and their parts that need neither broker nor provider. Each takes
 * argv[0] as its name and returns an exit code.
 */
#include "lib/base/opt.h"
#include "lib/contract/pact.h"

int match_command(int argc, char **argv);
int generate_command(int argc, char **argv);
int lint_command(int argc, char **argv);
int convert_command(int argc, char **argv);
int merge_command(int argc, char **argv);
int show_command(int argc, char **argv);
int diff_command(int argc, char **argv);

/* ---- what they share ---- */

/* Read a Pact file; "-" is standard input. Warnings of the reader go to standard error. */
int contracts_read(const char *path, struct arena *arena, struct pact **ret, struct err *err);
/* Standard input can be read once only. Errors: ERR_USAGE. */
int contracts_one_stdin(const char *const *paths, size_t len, struct err *err);
/* Pretty JSON and a newline to standard output. */
void contracts_print(const struct json *value);
/* A member with text, or null if that is absent; bytes that are not UTF-8 become U+FFFD. */
void contracts_set(struct arena *arena, struct json *object, const char *key, struct str value);
/* "TransactionRepository.page: first page", with its states in brackets if it has any. */
struct str contracts_title(const struct pact_interaction *interaction, struct arena *arena);
/* "description [states] (type 'X')" of an interaction of unknown type. */
struct str contracts_unknown_title(const struct pact_unknown *unknown, struct arena *arena);

#endif
