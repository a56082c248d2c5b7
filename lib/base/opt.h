// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_OPT_H
#define TALLY_LIB_BASE_OPT_H
/*
 * Command-line options as one table per command, read by the parser, --help and shell completion.
 *
 * A value comes from the command line, else from the first environment variable of `env` that is
 * set and not empty, else from the command's configuration file under `key`, else from `fallback`.
 * "--name value", "--name=value", "-n value", "-nvalue", bundled flags, "--" and options after
 * arguments are understood. A wrong option gets one line that names the nearest right one. What
 * follows an option that needs a value is its value unless it names an option itself
 * ("--name=--other" says so explicitly).
 *
 * --help is there always, -h means the same unless an option claims the letter.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

enum opt_kind {
    OPT_FLAG,     /* bool *, no value; --no-NAME turns it off; env: 1/true/yes/on, 0/false/no/off */
    OPT_TEXT,     /* const char ** */
    OPT_NUMBER,   /* int64_t *, decimal, within min..max */
    OPT_LIST,     /* struct opt_list *, given repeatedly; with `split`, "a,b" are two */
    OPT_CHOICE,   /* const char **, one of the "|"-separated words of `choices`, case ignored */
    OPT_GROUP,    /* heading in --help; only `help` is used */
    OPT_OPTIONAL, /* const char **, value may be left out: "--latest" or "--latest TAG";
                     without a value it becomes "" */
};

struct opt_list {
    const char **items;
    size_t len, cap;
};

struct opt {
    enum opt_kind kind;
    char letter;       /* short name, 0 = none */
    const char *name;  /* long name; aliases after "|": "consumer-app-version|version" */
    const char *env;   /* "TALLY_X PACT_BROKER_X", or NULL */
    const char *value; /* what the value is called in --help: "URL" */
    void *target;
    const char *fallback; /* shown in --help as default */
    int64_t min, max;     /* OPT_NUMBER */
    const char *choices;  /* OPT_CHOICE */
    char split;           /* OPT_LIST separator, 0 = none; joins a list of the file for OPT_TEXT */
    bool required;        /* and not empty */
    bool secret;          /* value is never printed */
    const char *key;      /* name in the configuration file, or NULL */
    /* What is wrong with a value, "needs ..."; NULL = nothing. Asked before it is stored. */
    const char *(*check)(const char *value);
    const char *help;
};

#define OPT_END                                                                                    \
    {                                                                                              \
        .name = NULL, .kind = OPT_FLAG                                                             \
    }

/* The row of --output, the same in every command: `words` as for OPT_CHOICE, `first` if not given.
 */
#define OPT_OUTPUT(text, words, first)                                                             \
    {                                                                                              \
        .kind = OPT_CHOICE, .letter = 'o', .name = "output", .value = "FORM", .target = (text),    \
        .fallback = (first), .choices = (words), .help = "form of the result"                      \
    }

struct opt_command {
    const char *name;    /* "publish"; shown as "tally publish" unless it starts with "tally" */
    const char *usage;   /* "FILE|DIR... --consumer-app-version V [options]" */
    const char *summary; /* one line */
    const char *details; /* paragraphs and examples of --help, or NULL */
    const struct opt *options;
    int min_args, max_args; /* positional; max -1 = any number */
    /*
     * The configuration file, or NULL: asked for every option with a key that neither the command
     * line nor the environment sets, in the order of the table, so that the option that names the
     * file comes first. 1 = *ret_value, and *ret_where for messages ("'port' in broker.yml"); 0 =
     * not set there; or a negative err_code.
     */
    int (*lookup)(void *context, const struct opt *opt, struct arena *arena, const char **ret_value,
                  const char **ret_where, struct err *err);
    void *lookup_context;
};

/*
 * Parse argv[1..argc-1]. *ret_args gets the positional arguments.
 * Returns 0; 1 when --help was given and printed to stdout (the caller exits 0);
 * or ERR_USAGE. Strings are borrowed from argv, the environment or the arena.
 */
int opt_parse(const struct opt_command *command, int argc, char **argv, struct arena *arena,
              struct opt_list *ret_args, struct err *err);
void opt_help(const struct opt_command *command, void *stream /* FILE * */);
/* Whether an OPT_CHOICE holds this word of its choices; false while nothing was parsed (NULL). */
bool opt_is(const char *choice, const char *word);
/* Nearest of n names to `name` by edit distance, or NULL if none is near. */
const char *opt_nearest(const char *name, const char *const *names, size_t n);

#endif
