// SPDX-License-Identifier: Apache-2.0
/* `tally broker export` and `tally broker import`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/archive.h"
#include "broker/carry_command.h"
#include "broker/keeping.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/base/term.h"
#include "lib/db/db.h"
#include "lib/hal/hal.h"

struct settings {
    const char *database, *file;
    struct hal_config remote; /* base_url NULL: from the file */
    int64_t retries;
};

/* Only `import` has these. */
#define REMOTE(s)                                                                                  \
    {.kind = OPT_TEXT,                                                                             \
     .name = "from-broker",                                                                        \
     .value = "URL",                                                                               \
     .target = &(s)->remote.base_url,                                                              \
     .help = "copy a running broker over its API, instead of an archive"},                         \
        {.kind = OPT_TEXT,                                                                         \
         .name = "token",                                                                          \
         .env = HAL_ENV_TOKEN,                                                                     \
         .value = "TOKEN",                                                                         \
         .target = &(s)->remote.token,                                                             \
         .secret = true,                                                                           \
         .help = "bearer token for that broker"},                                                  \
        {.kind = OPT_TEXT,                                                                         \
         .name = "username",                                                                       \
         .env = HAL_ENV_USERNAME,                                                                  \
         .value = "NAME",                                                                          \
         .target = &(s)->remote.username,                                                          \
         .help = "user name for that broker"},                                                     \
        {.kind = OPT_TEXT,                                                                         \
         .name = "password",                                                                       \
         .env = HAL_ENV_PASSWORD,                                                                  \
         .value = "PASSWORD",                                                                      \
         .target = &(s)->remote.password,                                                          \
         .secret = true,                                                                           \
         .help = "password for that broker"},                                                      \
    {                                                                                              \
        .kind = OPT_NUMBER, .name = "retries", .env = HAL_ENV_RETRIES, .value = "N",               \
        .target = &(s)->retries, .fallback = "3", .min = 0, .max = 20,                             \
        .help = "further tries when that broker is busy or does not answer"                        \
    }

static int parse_export(struct settings *settings, int argc, char **argv, struct arena *arena,
                        struct err *err)
{
    struct opt options[] = {KEEPING_DATABASE, OPT_END};
    struct opt_command command = {
        .name = "broker export",
        .usage = "FILE [options]",
        .summary = "write everything that the broker keeps into one archive",
        .details = "FILE - is standard output. Works while the broker serves the database.",
        .min_args = 1,
        .max_args = 1,
    };
    struct opt_list args = {0};
    int code = keeping_parse(&command, options, argc, argv, arena, &args, &settings->database, err);
    if (code == 0)
        settings->file = args.items[0];
    return code;
}

/* An archive or a broker; a token counts before a name, and both are a mistake. */
static int check_source(struct settings *settings, const struct opt_list *args, struct err *err)
{
    struct hal_config *remote = &settings->remote;
    if ((args->len > 0) == (remote->base_url != NULL))
        return err_set(err, ERR_USAGE, "import needs either a FILE or --from-broker URL");
    if (!remote->base_url)
        settings->file = args->items[0];
    else if (remote->token && remote->username)
        return err_set(err, ERR_USAGE, "both a token and a user name are given; choose one");
    remote->retries = (int)settings->retries;
    return 0;
}

static int parse_import(struct settings *settings, int argc, char **argv, struct arena *arena,
                        struct err *err)
{
    struct opt options[] = {KEEPING_DATABASE, REMOTE(settings), OPT_END};
    struct opt_command command = {
        .name = "broker import",
        .usage = "FILE|--from-broker URL [options]",
        .summary = "fill an empty broker from an archive or from a running broker",
        .details = "All of it or nothing: a damaged archive changes nothing, nor does a database "
                   "that holds something else already, nor a broker that stops answering. From a "
                   "broker 3 says that something was left out; what and why is printed.",
        .min_args = 0,
        .max_args = 1,
    };
    struct opt_list args = {0};
    int code = keeping_parse(&command, options, argc, argv, arena, &args, &settings->database, err);
    return code == 0 ? check_source(settings, &args, err) : code;
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
    int code = store_connect(settings->database, &(struct db_options){.read_only = true}, &db, err);
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

/* 1 = new, 0 = the same rows are there already. */
static int fits(struct db *db, const struct archive_info *info, const char *database,
                struct err *err)
{
    struct archive_info own = {0};
    int code = archive_is_new(db, err);
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

int export_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct settings settings = {0};
    struct err err = ERR_INIT;
    int code = parse_export(&settings, argc, argv, arena, &err);
    if (code == 0)
        code = export_archive(&settings, arena, &err);
    return code < 0 ? err_report(&err) : EXIT_YES;
}

int import_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct settings settings = {0};
    struct err err = ERR_INIT;
    int code = parse_import(&settings, argc, argv, arena, &err);
    if (code > 0)
        return EXIT_YES;
    if (code == 0 && settings.remote.base_url)
        code = carry_command(&settings.remote, settings.database, arena, &err);
    else if (code == 0)
        code = import_archive(&settings, &err);
    if (code < 0)
        return err_report(&err);
    return code > 0 ? EXIT_UNDECIDED : EXIT_YES;
}
