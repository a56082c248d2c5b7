// SPDX-License-Identifier: Apache-2.0
/* Which tables go into an archive, and writing it. */
#include "broker/archive.h"

#include <string.h>

#include "broker/archive_internal.h"
#include "broker/packing.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/db/db.h"
#include "lib/json/json.h"

/* Filled by triggers while other tables are: it comes after them, and replaces what they made. */
#define DERIVED "branch_successes"

/* What the next ids are; without it a result's number could be given a second time. */
#define SEQUENCES "sqlite_sequence"

struct columns {
    const char *names, *values; /* of the statement that fills the table */
    const char *read;           /* of the one that reads it */
    const char *order;
    struct json *list;
};

static int columns_of(struct db *db, const char *table, struct arena *arena, struct columns *ret,
                      struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    struct columns columns = {"", "", "", "", json_new_array(arena)};
    const char *comma = "";
    int code =
        db_query(db, err, &q, "SELECT name FROM pragma_table_info($1) ORDER BY cid", "s", table);
    for (int i = 0; code >= 0 && (code = db_step(q, err)) > 0; i++) {
        const char *name = db_text(q, 0, arena);
        columns.names = arena_printf(arena, "%s%s\"%s\"", columns.names, comma, name);
        const char *read = arena_printf(arena, "\"%s\"", name);
        const char *value = arena_printf(arena, "json_extract($1, '$[%d]')", i);
        if (packing_has(table, name)) {
            read = arena_printf(arena, "unpacked(%s, '%s', rowid)", read, table);
            value = arena_printf(arena, "packed(%s)", value);
        }
        columns.read = arena_printf(arena, "%s%s%s", columns.read, comma, read);
        columns.values = arena_printf(arena, "%s%s%s", columns.values, comma, value);
        json_append(arena, columns.list, json_new_text(arena, name));
        comma = ", ";
    }
    if (code == 0)
        *ret = columns;
    return code;
}

static int order_of(struct db *db, const char *table, struct arena *arena, const char *names,
                    const char **ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    const char *order = "";
    int code = db_query(
        db, err, &q, "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk", "s", table);
    while (code >= 0 && (code = db_step(q, err)) > 0)
        order = arena_printf(arena, "%s%s\"%s\"", order, *order ? ", " : "", db_text(q, 0, arena));
    if (code == 0)
        *ret = *order ? order : names; /* no key: by all columns */
    return code;
}

static int describe(struct db *db, const char *name, struct arena *arena, struct archive_table *ret,
                    struct err *err)
{
    struct columns columns = {0};
    int code = columns_of(db, name, arena, &columns, err);
    if (code == 0)
        code = order_of(db, name, arena, columns.names, &columns.order, err);
    if (code < 0)
        return code;
    struct json *header = json_new_object(arena);
    json_set(arena, header, "table", json_new_text(arena, name));
    json_set(arena, header, "columns", columns.list);
    *ret = (struct archive_table){
        .name = name,
        .header = json_to_str(arena, header, JSON_COMPACT),
        .select = arena_printf(arena, "SELECT json_array(%s) FROM \"%s\" ORDER BY %s", columns.read,
                               name, columns.order),
        .insert = arena_printf(arena, "INSERT INTO \"%s\"(%s) SELECT %s", name, columns.names,
                               columns.values),
        .clear = arena_printf(arena, "DELETE FROM \"%s\"", name),
    };
    return 0;
}

int archive_tables(struct db *db, struct arena *arena, struct archive_tables *ret, struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    struct archive_tables tables = {0};
    int code = db_query(db, err, &q,
                        "SELECT name FROM sqlite_schema WHERE type = 'table'"
                        " AND (name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR name = '" SEQUENCES "')"
                        " AND name <> 'schema_version'"
                        " ORDER BY name = '" SEQUENCES "', name = '" DERIVED "', name",
                        "");
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        struct archive_table table = {0};
        code = describe(db, db_text(q, 0, arena), arena, &table, err);
        if (code == 0)
            *VEC_PUSH(arena, &tables) = table;
    }
    if (code == 0)
        *ret = tables;
    return code;
}

/* ---- writing ---- */

struct sink {
    FILE *out;
    struct digest *digest;
    int64_t rows;
};

static int put_line(struct sink *sink, struct str line, struct err *err)
{
    digest_add(sink->digest, line);
    digest_add(sink->digest, STR("\n"));
    if (!sink->out)
        return 0;
    if (fwrite(line.ptr, 1, line.len, sink->out) != line.len || fputc('\n', sink->out) == EOF)
        return err_errno(err, "writing the archive");
    return 0;
}

static int write_table(struct db *db, const struct archive_table *table, struct sink *sink,
                       struct err *err)
{
    struct db_stmt *q DB_STMT_AUTO = NULL;
    int code = put_line(sink, table->header, err);
    if (code == 0)
        code = db_query(db, err, &q, table->select, "");
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        code = put_line(sink, db_str(q, 0), err);
        sink->rows++;
    }
    return code < 0 ? err_wrap(err, "table %s", table->name) : 0;
}

static int write_all(struct db *db, struct sink *sink, struct archive_info *info,
                     struct arena *arena, struct err *err)
{
    struct archive_tables tables = {0};
    int code = db_value(db, err, &info->schema, "SELECT MAX(version) FROM schema_version", "");
    if (code >= 0)
        code = archive_tables(db, arena, &tables, err);
    if (code == 0)
        code = put_line(sink,
                        str_printf(arena,
                                   "{\"archive\":\"tally broker\",\"format\":%d,\"schema\":%lld}",
                                   ARCHIVE_FORMAT, (long long)info->schema),
                        err);
    VEC_EACH(&tables, const struct archive_table *, table) {
        if (code == 0)
            code = write_table(db, table, sink, err);
    }
    if (code < 0)
        return code;
    info->rows = sink->rows;
    digest_hex(sink->digest, info->sha256);
    return put_line(
        sink,
        str_printf(arena, "{\"rows\":%lld,\"sha256\":\"%s\"}", (long long)info->rows, info->sha256),
        err);
}

int archive_write(struct db *db, FILE *out, struct archive_info *ret, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct archive_info info = {0};
    struct sink sink = {.out = out, .digest = digest_new()};
    int code = write_all(db, &sink, &info, arena, err);
    digest_free(sink.digest);
    if (code == 0)
        *ret = info;
    return code;
}

int archive_is_new(struct db *db, struct err *err)
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
