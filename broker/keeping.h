// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_KEEPING_H
#define TALLY_BROKER_KEEPING_H
/* Commands on a broker's database beside serving it; each takes argv[0] as its own name. */
struct arena;
struct err;
struct opt;
struct opt_command;
struct opt_list;

int clean_command(int argc, char **argv);
int doctor_command(int argc, char **argv);
int export_command(int argc, char **argv);
int import_command(int argc, char **argv);

/* ERR_NOT_FOUND unless the database is there already: a wrong name makes no new one. */
int keeping_must_exist(const char *database, struct err *err);

/*
 * The first rows of a command's options, and what finds the database by them: as the broker itself
 * does, in options, variables and its file. Returns as opt_parse().
 */
#define KEEPING_DATABASE                                                                           \
    {.kind = OPT_FLAG}, {.kind = OPT_FLAG},                                                        \
    {                                                                                              \
        .kind = OPT_FLAG                                                                           \
    }
int keeping_parse(struct opt_command *command, struct opt *options, int argc, char **argv,
                  struct arena *arena, struct opt_list *ret_args, const char **ret_database,
                  struct err *err);

#endif
