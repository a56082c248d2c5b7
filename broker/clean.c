// SPDX-License-Identifier: Apache-2.0
/* `tally broker clean`: a run of retention at once. */
#include <stdio.h>
#include <string.h>

#include "broker/audit.h"
#include "broker/keeping.h"
#include "broker/retention_options.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "lib/json/json.h"

struct settings {
    const char *database, *output;
    bool dry_run;
    const char *keep;
    struct retention_rules rules;
};

static int parse(struct settings *settings, int argc, char **argv, struct arena *arena,
                 struct err *err)
{
    struct opt options[] = {
        KEEPING_DATABASE,
        {.kind = OPT_FLAG,
         .name = "dry-run",
         .target = &settings->dry_run,
         .help = "say what would go, and remove nothing"},
        {RETENTION_OPT_DAYS(""), .target = &settings->rules.version_days},
        {RETENTION_OPT_BRANCH_DAYS(""), .target = &settings->rules.branch_days},
        {RETENTION_OPT_OVERWRITTEN_DAYS(""), .target = &settings->rules.overwritten_days},
        {RETENTION_OPT_WEBHOOK_DAYS(""), .target = &settings->rules.webhook_days},
        {RETENTION_OPT_LIMIT(""), .target = &settings->rules.limit},
        {RETENTION_OPT_KEEP(""), .target = &settings->keep},
        OPT_OUTPUT(&settings->output, "table|json", "table"),
        OPT_END,
    };
    struct opt_command command = {
        .name = "broker clean",
        .usage = "[--dry-run] [options]",
        .summary = "remove what is old and not needed, now",
        .details = "Never goes: what is deployed, released or on a main branch, and the latest of "
                   "anything.\nWorks while the broker serves the same file; --dry-run lets others "
                   "wait for as long as it counts.",
    };
    struct opt_list args = {0};
    int code = keeping_parse(&command, options, argc, argv, arena, &args, &settings->database, err);
    if (code == 0 && retention_parse_keep(&settings->rules, settings->keep, arena, err) < 0)
        return err_wrap(err, "--keep");
    return code;
}

static void print_table(const struct retention_run *run, const int64_t *kept, bool dry,
                        struct arena *arena)
{
    struct term_table *table = term_table_new(arena, 3);
    term_table_cell(table, TERM_BOLD, "TABLE");
    term_table_cell(table, TERM_BOLD, "%s", dry ? "WOULD GO" : "DELETED");
    term_table_cell(table, TERM_BOLD, "KEPT");
    for (int i = 0; i < RETENTION_TABLES; i++) {
        term_table_cell(table, TERM_PLAIN, "%s", retention_tables[i]);
        term_table_cell(table, TERM_PLAIN, "%lld", (long long)run->removed[i]);
        term_table_cell(table, TERM_PLAIN, "%lld", (long long)kept[i]);
    }
    term_table_print(table, stdout);
}

static void print_json(const struct retention_run *run, const int64_t *kept, struct arena *arena)
{
    struct json *body = json_new_object(arena);
    for (int i = 0; i < RETENTION_TABLES; i++) {
        struct json *row = json_new_object(arena);
        json_set(arena, row, "deleted", json_new_int(arena, run->removed[i]));
        json_set(arena, row, "kept", json_new_int(arena, kept[i]));
        json_set(arena, body, retention_tables[i], row);
    }
    struct str text = json_to_str(arena, body, JSON_PRETTY);
    printf("%.*s\n", STR_FMT(text));
}

/* One transaction that is taken back. */
static int try_all(struct store *store, struct retention_run *run, int64_t *kept, struct err *err)
{
    int code = store_begin(store, err);
    while (code >= 0 && (code = retention_step(store, run, err)) > 0)
        ;
    if (code == 0)
        code = retention_count(store, kept, err);
    store_rollback(store);
    return code;
}

/* One step; the first that removes something says in the audit log who did it. */
static int step(struct store *store, struct retention_run *run, struct arena *arena,
                struct err *err)
{
    bool noted = retention_total(run) > 0;
    int more = retention_step(store, run, err), code = 0;
    if (more >= 0 && !noted && retention_total(run) > 0)
        code = audit_note_local(store, "clean", "what went is in /retention", arena, err);
    return code < 0 ? code : more;
}

static int do_all(struct store *store, struct retention_run *run, int64_t *kept,
                  struct arena *arena, struct err *err)
{
    int more = 1, code = 0;
    while (more > 0) {
        code = store_begin(store, err);
        if (code < 0)
            return code;
        more = step(store, run, arena, err);
        if (more < 0) {
            store_rollback(store);
            return more;
        }
        code = store_commit(store, err);
        if (code < 0)
            return code;
    }
    return retention_count(store, kept, err);
}

static int run(const struct settings *settings, struct arena *arena, struct err *err)
{
    struct store *store = NULL;
    struct retention_run done;
    int64_t kept[RETENTION_TABLES] = {0};
    int code = keeping_must_exist(settings->database, err);
    if (code == 0)
        code = store_open(settings->database, clock_system(), &store, err);
    if (code < 0)
        return code;
    retention_begin(&done, store, &settings->rules, "command");
    code = settings->dry_run ? try_all(store, &done, kept, err)
                             : do_all(store, &done, kept, arena, err);
    store_close(store);
    if (code < 0)
        return code;
    if (opt_is(settings->output, "json"))
        print_json(&done, kept, arena);
    else
        print_table(&done, kept, settings->dry_run, arena);
    return term_close_stdout(err);
}

int clean_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct settings settings = {0};
    struct err err = ERR_INIT;
    int code = parse(&settings, argc, argv, arena, &err);
    if (code > 0)
        return EXIT_YES;
    if (code == 0)
        code = run(&settings, arena, &err);
    return code < 0 ? err_report(&err) : EXIT_YES;
}
