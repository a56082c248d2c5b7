// SPDX-License-Identifier: Apache-2.0
/* `tally broker doctor`: what is wrong with a database. */
#include <stdio.h>
#include <string.h>

#include "broker/audit.h"
#include "broker/doctor.h"
#include "broker/keeping.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "lib/db/db.h"
#include "lib/json/json.h"

struct settings {
    const char *database, *output;
    bool repair;
};

static int parse(struct settings *settings, int argc, char **argv, struct arena *arena,
                 struct err *err)
{
    struct opt options[] = {
        KEEPING_DATABASE,
        {.kind = OPT_FLAG,
         .name = "repair",
         .target = &settings->repair,
         .help = "make the pointer tables again from what they point into"},
        OPT_OUTPUT(&settings->output, "table|json", "table"),
        OPT_END,
    };
    struct opt_command command = {
        .name = "broker doctor",
        .usage = "[--repair] [options]",
        .summary = "check the database: file, references, contracts, pointers",
        .details = "Exit status 0: all is well; 1: something is wrong. Works while the broker "
                   "serves the same file.",
    };
    struct opt_list args = {0};
    int code = keeping_parse(&command, options, argc, argv, arena, &args, &settings->database, err);
    return code;
}

static bool all_well(const struct doctor_report *report)
{
    bool well = true;
    VEC_EACH(report, const struct doctor_finding *, finding)
        well = well && finding->wrong == 0;
    return well;
}

static void print_table(const struct doctor_report *report, struct arena *arena)
{
    struct term_table *table = term_table_new(arena, 3);
    term_table_cell(table, TERM_BOLD, "CHECK");
    term_table_cell(table, TERM_BOLD, "STATE");
    term_table_cell(table, TERM_BOLD, "DETAIL");
    VEC_EACH(report, const struct doctor_finding *, finding) {
        struct str detail = term_one_line(arena, str_of(finding->detail), 400);
        term_table_cell(table, TERM_PLAIN, "%s", finding->name);
        if (finding->wrong == 0)
            term_table_cell(table, TERM_GREEN, "ok");
        else if (finding->wrong < 0)
            term_table_cell(table, TERM_RED, "not checked");
        else
            term_table_cell(table, TERM_RED, "%lld wrong", (long long)finding->wrong);
        term_table_cell(table, TERM_PLAIN, "%.*s", STR_FMT(detail));
    }
    term_table_print(table, stdout);
}

static void print_json(const struct doctor_report *report, int64_t repaired, struct arena *arena)
{
    struct json *body = json_new_object(arena), *checks = json_new_array(arena);
    VEC_EACH(report, const struct doctor_finding *, finding) {
        struct json *row = json_new_object(arena);
        json_set(arena, row, "name", json_new_text(arena, finding->name));
        json_set(arena, row, "checked", json_new_bool(arena, finding->wrong >= 0));
        json_set(arena, row, "wrong", json_new_int(arena, finding->wrong < 0 ? 0 : finding->wrong));
        json_set(arena, row, "detail", json_new_text(arena, finding->detail));
        json_append(arena, checks, row);
    }
    json_set(arena, body, "ok", json_new_bool(arena, all_well(report)));
    json_set(arena, body, "repaired", json_new_int(arena, repaired));
    json_set(arena, body, "checks", checks);
    struct str text = json_to_str(arena, body, JSON_PRETTY);
    printf("%.*s\n", STR_FMT(text));
}

/* A damaged file is not written to: the pointers would be made from what cannot be trusted. */
static int repair(struct db *db, const struct doctor_report *report, struct arena *arena,
                  int64_t *ret, struct err *err)
{
    struct store store = {.db = db, .clock = clock_system()};
    VEC_EACH(report, const struct doctor_finding *, finding) {
        if (!finding->pointer && finding->wrong != 0)
            return err_set(err, ERR_CONFLICT,
                           "nothing was repaired: %s is damaged, and what is read from it would go "
                           "into the pointers; restore a backup or an archive",
                           finding->name);
    }
    int code = db_begin(db, err);
    if (code == 0)
        code = doctor_repair(db, ret, err);
    if (code == 0)
        code = audit_note_local(&store, "doctor --repair",
                                arena_printf(arena, "%lld rows", (long long)*ret), arena, err);
    if (code < 0) {
        db_rollback(db);
        return code;
    }
    return db_commit(db, err);
}

static int examine(const struct settings *settings, struct db *db, struct arena *arena, bool *ret,
                   struct err *err)
{
    struct doctor_report report = {0}, after = {0};
    int64_t repaired = 0;
    int code = doctor_check(db, arena, &report, err), failed = 0;
    if (code < 0)
        return code;
    if (settings->repair && !all_well(&report)) {
        failed = repair(db, &report, arena, &repaired, err);
        if (failed == 0) {
            code = doctor_check(db, arena, &after, err);
            report = after;
        }
    }
    if (code < 0)
        return code;
    if (opt_is(settings->output, "json"))
        print_json(&report, repaired, arena);
    else
        print_table(&report, arena);
    if (settings->repair)
        fprintf(stderr, "%lld rows of pointer tables made again\n", (long long)repaired);
    *ret = all_well(&report);
    return failed < 0 ? failed : term_close_stdout(err);
}

int doctor_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct settings settings = {0};
    struct err err = ERR_INIT;
    struct db *db = NULL;
    bool well = false;
    int code = parse(&settings, argc, argv, arena, &err);
    if (code > 0)
        return EXIT_YES;
    if (code == 0)
        code = keeping_must_exist(settings.database, &err);
    if (code == 0)
        code = store_connect(settings.database, &(struct db_options){.read_only = !settings.repair},
                             &db, &err);
    if (code == 0)
        code = examine(&settings, db, arena, &well, &err);
    db_close(db);
    return code < 0 ? err_report(&err) : well ? EXIT_YES : EXIT_NO;
}
