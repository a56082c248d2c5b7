// SPDX-License-Identifier: Apache-2.0
/* `tally broker export` and `tally broker import`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/archive.h"
#include "broker/keeping.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "lib/db/db.h"

struct settings {
    const char *database, *file;
};

static int parse(struct settings *settings, bool export, int argc, char **argv, struct arena *arena,
                 struct err *err)
{
    struct opt options[] = {KEEPING_DATABASE, OPT_END};
    struct opt_command command = {
        .name = export ? "broker export" : "broker import",
        .usage = "FILE [options]",
        .summary = export ? "write everything that the broker keeps into one archive"
                          : "fill an empty broker from an archive",
        .details = export ? "FILE - is standard output. Works while the broker serves the database."
                          : "All of it or nothing: a damaged archive changes nothing, nor does a "
                            "database that holds something else already.",
        .min_args = 1,
        .max_args = 1,
    };
    struct opt_list args = {0};
    int code = keeping_parse(&command, options, argc, argv, arena, &args, &settings->database, err);
    if (code != 0)
        return code;
    settings->file = args.items[0];
    return 0;
}

static void say(const char *what, const struct archive_info *info)
{
    fprintf(stderr, "%s %lld rows, sha256 %s\n", what, (long long)info->rows, info->sha256);
}

/* ---- export ---- */

static int export_snapshot(const struct settings *settings, FILE *out, struct archive_info *ret,
                           struct err *err)
{
    struct db *db = NULL;
    int code = db_open(settings->database, &(struct db_options){.read_only = true}, &db, err);
    if (code == 0)
        code = db_begin_read(db, err);
    if (code == 0)
        code = archive_write(db, out, ret, err);
    db_close(db);
    return code;
}

/* Beside the file first, so that one under this name is always whole. */
static int export_file(const struct settings *settings, struct archive_info *ret,
                       struct arena *arena, struct err *err)
{
    const char *part = arena_printf(arena, "%s.part", settings->file);
    FILE *out = fopen(part, "wx");
    if (!out)
        return err_errno(err, "writing '%s'", part);
    int code = export_snapshot(settings, out, ret, err);
    if (code == 0 && (fflush(out) != 0 || fsync(fileno(out)) != 0))
        code = err_errno(err, "writing '%s'", part);
    if (fclose(out) != 0 && code == 0)
        code = err_errno(err, "writing '%s'", part);
    if (code == 0 && rename(part, settings->file) != 0)
        code = err_errno(err, "renaming '%s' to '%s'", part, settings->file);
    if (code < 0)
        unlink(part);
    return code;
}

static int export_archive(const struct settings *settings, struct arena *arena, struct err *err)
{
    struct archive_info info = {0};
    int code = keeping_must_exist(settings->database, err);
    if (code < 0)
        return code;
    if (strcmp(settings->file, "-") == 0) {
        code = export_snapshot(settings, stdout, &info, err);
        if (code == 0)
            code = term_close_stdout(err);
    } else {
        code = export_file(settings, &info, arena, err);
    }
    if (code == 0)
        say("exported", &info);
    return code;
}

/* ---- import ---- */

static int knows_schema(const struct archive_info *info, struct err *err)
{
    if (info->schema != store_schema_len)
        return err_set(err, ERR_USAGE,
                       "the archive has schema version %lld, this program's is %d: import it with "
                       "the tally that wrote it, then start this one on the database",
                       (long long)info->schema, store_schema_len);
    return 0;
}

/* 1 = it holds what a new database holds, 0 = more than that. */
static int is_new(struct db *db, struct err *err)
{
    struct archive_info own = {0}, fresh = {0};
    struct store *store = NULL;
    int code = archive_write(db, NULL, &own, err);
    if (code == 0)
        code = store_open(":memory:", clock_system(), &store, err);
    if (code < 0 || !store)
        return code;
    code = archive_write(store->db, NULL, &fresh, err);
    store_close(store);
    return code < 0 ? code : strcmp(own.sha256, fresh.sha256) == 0;
}

/* 1 = new, 0 = the same rows are there already. */
static int fits(struct db *db, const struct archive_info *info, const char *database,
                struct err *err)
{
    struct archive_info own = {0};
    int code = is_new(db, err);
    if (code != 0)
        return code;
    code = archive_write(db, NULL, &own, err);
    if (code < 0)
        return code;
    if (strcmp(own.sha256, info->sha256) == 0)
        return 0;
    return err_set(err, ERR_CONFLICT,
                   "database '%s' holds something else already; nothing was changed: import into a "
                   "new one",
                   database);
}

static int fill(struct db *db, FILE *in, const struct settings *settings,
                const struct archive_info *info, struct err *err)
{
    int code = db_begin(db, err);
    if (code < 0)
        return code;
    code = fits(db, info, settings->database, err);
    if (code == 0) {
        db_rollback(db);
        say("already there:", info);
        return 0;
    }
    if (code > 0)
        code = archive_read(db, in, settings->file, info, err);
    if (code < 0) {
        db_rollback(db);
        return code;
    }
    code = db_commit(db, err);
    if (code == 0)
        say("imported", info);
    return code;
}

static int import_archive(const struct settings *settings, struct err *err)
{
    struct archive_info info = {0};
    struct store *store = NULL;
    FILE *in = fopen(settings->file, "r");
    if (!in)
        return err_errno(err, "reading '%s'", settings->file);
    int code = archive_check(in, settings->file, &info, err);
    if (code == 0)
        code = knows_schema(&info, err);
    if (code == 0 && fseek(in, 0, SEEK_SET) != 0)
        code = err_errno(err, "reading '%s' a second time", settings->file);
    if (code == 0)
        code = store_open_sole(settings->database, clock_system(), &store, err);
    if (code == 0)
        code = fill(store->db, in, settings, &info, err);
    store_close(store);
    fclose(in);
    return code;
}

static int command(bool export, int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct settings settings = {0};
    struct err err = ERR_INIT;
    int code = parse(&settings, export, argc, argv, arena, &err);
    if (code > 0)
        return EXIT_YES;
    if (code == 0)
        code = export ? export_archive(&settings, arena, &err) : import_archive(&settings, &err);
    return code < 0 ? err_report(&err) : EXIT_YES;
}

int export_command(int argc, char **argv)
{
    return command(true, argc, argv);
}

int import_command(int argc, char **argv)
{
    return command(false, argc, argv);
}
