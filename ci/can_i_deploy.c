// SPDX-License-Identifier: Apache-2.0
#include "ci/can_i_deploy.h"

#include <stdio.h>
#include <string.h>

#include "ci/ask_options.h"
#include "ci/broker_options.h"
#include "ci/option_check.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/term.h"

struct deploy_options {
    const char *environment, *to_tag, *output;
    struct ask_options ask;
    struct selectors selectors;
    struct broker_options broker;
};

enum deploy_answer deploy_answer_of(const struct json *matrix)
{
    const struct json *rows = json_get(matrix, "matrix");
    const struct json *deployable = json_pointer(matrix, "/summary/deployable");
    size_t considered = 0;
    for (size_t i = 0; i < json_len(rows); i++)
        considered += !json_bool(json_get(json_at(rows, i), "ignored"));
    if (!json_is(deployable, JSON_BOOL))
        return DEPLOY_UNKNOWN;
    if (!json_bool(deployable))
        return DEPLOY_NO;
    return considered > 0 ? DEPLOY_YES : DEPLOY_NOTHING;
}

/* ---- output ---- */

static void put(struct term_table *table, const struct json *row, const char *pointer)
{
    term_table_cell(table, TERM_PLAIN, "%.*s", STR_FMT(json_text(json_pointer(row, pointer))));
}

static void put_success(struct term_table *table, const struct json *row)
{
    const struct json *success = json_pointer(row, "/verificationResult/success");
    const char *ignored = json_bool(json_get(row, "ignored")) ? " [ignored]" : "";
    if (!json_is(success, JSON_BOOL))
        term_table_cell(table, TERM_YELLOW, "???%s", ignored);
    else
        term_table_cell(table, json_bool(success) ? TERM_GREEN : TERM_RED, "%s%s",
                        json_bool(success) ? "true" : "false", ignored);
}

static void print_rows(const struct json *matrix, struct arena *arena)
{
    static const char *const head[] = {"CONSUMER",  "C.VERSION", "PROVIDER",
                                       "P.VERSION", "SUCCESS?",  "RESULT"};
    static const char *const cells[] = {"/consumer/name", "/consumer/version/number",
                                        "/provider/name", "/provider/version/number"};
    const struct json *rows = json_get(matrix, "matrix");
    struct term_table *table = term_table_new(arena, 6);
    for (size_t i = 0; i < 6; i++)
        term_table_cell(table, TERM_BOLD, "%s", head[i]);
    for (size_t i = 0; i < json_len(rows); i++) {
        const struct json *row = json_at(rows, i);
        for (size_t c = 0; c < 4; c++)
            put(table, row, cells[c]);
        put_success(table, row);
        put(table, row, "/verificationResult/_links/self/href");
    }
    if (json_len(rows) > 0) {
        term_table_print(table, stdout);
        putchar('\n');
    }
}

static void print_text(const struct json *matrix, enum deploy_answer answer, bool dry_run,
                       struct arena *arena)
{
    bool yes = answer == DEPLOY_YES;
    term_print(stdout, yes ? TERM_GREEN : TERM_RED, "Computer says %s\n",
               yes ? "yes \\o/" : "no ¯\\_(ツ)_/¯");
    if (dry_run)
        printf("Dry run: the exit code is 0 whatever the answer.\n");
    putchar('\n');
    print_rows(matrix, arena);
    const struct json *notices = json_get(matrix, "notices");
    struct str before = STR_NONE;
    for (size_t i = 0; i < json_len(notices); i++) {
        struct str text = json_get_text(json_at(notices, i), "text");
        if (!before.ptr || !str_eq(text, before)) /* one per row, and rows can read alike */
            printf("%.*s\n", STR_FMT(text));
        before = text;
    }
    if (json_len(notices) == 0)
        printf("%.*s\n", STR_FMT(json_text(json_pointer(matrix, "/summary/reason"))));
}

/* ---- asking ---- */

static int ask(const struct deploy_options *o, struct hal *hal, struct err *err)
{
    for (int64_t attempt = 0;; attempt++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct json *matrix;
        const char *url = selectors_matrix_url(&o->selectors, o->environment, o->to_tag, arena);
        if (hal_get(hal, url, arena, &matrix, err) < 0)
            return err_exit(err);
        enum deploy_answer answer = deploy_answer_of(matrix);
        int64_t unknown = 0;
        json_to_i64(json_pointer(matrix, "/summary/unknown"), &unknown);
        if ((answer == DEPLOY_UNKNOWN || unknown > 0) && ask_again(&o->ask, attempt, "unknown"))
            continue;
        if (opt_is(o->output, "json"))
            printf("%.*s\n", STR_FMT(json_to_str(arena, matrix, JSON_PRETTY)));
        else
            print_text(matrix, answer, o->ask.dry_run, arena);
        if (answer == DEPLOY_NOTHING)
            fprintf(stderr, "nothing was compared, so this is no yes: is there a contract, and is "
                            "the other side in the environment?\n");
        return answer == DEPLOY_YES || o->ask.dry_run ? EXIT_YES : EXIT_NO;
    }
}

/* As the stock tool: everything that is not yes is 1, but for wrong usage and our own faults. */
static int stock_exit(int code)
{
    return code == EXIT_UNDECIDED || code == EXIT_SURROUNDINGS ? EXIT_NO : code;
}

static int check(const struct deploy_options *o, struct err *err)
{
    const struct option_check filled[] = {
        {"to-environment", o->environment}, {"to", o->to_tag}, {NULL, NULL}};
    size_t asked = 0;
    int code = option_check_filled(filled, err);
    if (code < 0)
        return code;
    VEC_EACH(&o->selectors, const struct selector *, selector) {
        asked += !selector->ignore;
    }
    if (asked == 0)
        return err_set(err, ERR_USAGE,
                       "which application? give --pacticipant NAME --version VERSION");
    if (o->environment && o->to_tag)
        return err_set(err, ERR_USAGE, "--to-environment and --to exclude each other; choose one");
    return 0;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

static struct deploy_options given;
/* Selectors are taken before the others are parsed; their rows are for --help. */
static struct opt_list shown;
static bool flag;
static const struct opt rows[] = {
    {.kind = OPT_GROUP, .help = "Selectors, in this order for each application"},
    {.kind = OPT_LIST,
     .letter = 'a',
     .name = "pacticipant",
     .value = "NAME",
     .target = &shown,
     .help = "an application; the options below are about the one before"},
    {.kind = OPT_LIST,
     .letter = 'e',
     .name = "version",
     .value = "VERSION",
     .target = &shown,
     .help = "exactly this version"},
    {.kind = OPT_LIST,
     .letter = 'l',
     .name = "latest",
     .value = "[TAG]",
     .target = &shown,
     .help = "its latest version, with the tag if one is given"},
    {.kind = OPT_LIST,
     .name = "tag",
     .value = "TAG",
     .target = &shown,
     .help = "any version with that tag"},
    {.kind = OPT_LIST,
     .name = "branch",
     .value = "BRANCH",
     .target = &shown,
     .help = "the latest version from that branch"},
    {.kind = OPT_FLAG,
     .name = "main-branch",
     .target = &flag,
     .help = "the latest version from its main branch"},
    {.kind = OPT_LIST,
     .name = "ignore",
     .value = "NAME",
     .target = &shown,
     .help = "leave this application out, or one --version of it"},
    {.kind = OPT_GROUP, .help = "Where to"},
    {.kind = OPT_TEXT,
     .name = "to-environment",
     .value = "NAME",
     .target = &given.environment,
     .help = "compare with what is deployed or released there"},
    {.kind = OPT_TEXT,
     .name = "to",
     .value = "TAG",
     .target = &given.to_tag,
     .help = "compare with the latest versions that have this tag"},
    {.kind = OPT_GROUP, .help = "How"},
    ASK_OPTION_ROWS(given.ask, "TALLY_DRY_RUN PACT_BROKER_CAN_I_DEPLOY_DRY_RUN"),
    OPT_OUTPUT(&given.output, "table|json|text", "table"),
    BROKER_OPTION_ROWS(given.broker),
    OPT_END,
};
static const struct opt_command command = {
    .name = "can-i-deploy",
    .usage = "--pacticipant NAME --version VERSION --to-environment NAME [options]",
    .summary = "Ask the broker whether versions go together; a drop-in for the stock command.",
    .details = "Exit codes: 0 yes; 1 no, unknown, nothing to compare, or broker out of reach; 2 "
               "usage. `tally gate` tells these apart and judges the architecture rules too."
               "\n\nExample:\n"
               "  tally can-i-deploy -a mobile-bff -e 1.0.0 --to-environment production",
    .options = rows,
};

int can_i_deploy_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct hal *hal BROKER_HAL_AUTO = NULL;
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    int rest = argc, code = 0;
    char **rest_argv = argv;
    if (!wants_help(argc, argv))
        code =
            selectors_take(&command, argc, argv, arena, &given.selectors, &rest, &rest_argv, &err);
    if (code == 0)
        code = opt_parse(&command, rest, rest_argv, arena, &args, &err);
    if (code > 0)
        return EXIT_YES;
    if (code < 0 || check(&given, &err) < 0 || broker_connect(&given.broker, &hal, &err) < 0)
        return stock_exit(err_report(&err));
    code = ask(&given, hal, &err);
    return stock_exit(err.code != ERR_NONE ? err_report(&err) : code);
}
