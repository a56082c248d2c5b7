// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_AUDIT_H
#define TALLY_BROKER_AUDIT_H
/*
 * The audit log: who tried to change what, when, from where, and how it ended. A change and its
 * line are one transaction. Paths are kept without their query, bodies and credentials never.
 */
struct arena;
struct call;
struct err;
struct store;

/*
 * Write down what became of a call: in the transaction of the change, or, when it was refused, in
 * one of its own.
 */
int audit_note(struct store *store, const struct call *call, struct err *err);
/* The same for the command line, which works on the database file itself. */
int audit_note_local(struct store *store, const char *command, const char *subject,
                     struct arena *arena, struct err *err);

#endif
