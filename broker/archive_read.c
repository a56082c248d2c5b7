// SPDX-License-Identifier: Apache-2.0
/* Checking an archive, and filling a database from it. */
#include "broker/archive.h"

#include <string.h>

#include "broker/archive_internal.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/db/db.h"
#include "lib/json/json.h"

struct reader {
    FILE *in;
    const char *source;
    struct buf line;
    struct digest *digest; /* of the lines before */
    int number;
    int64_t rows;
};

static struct reader reader_of(FILE *in, const char *source)
{
    return (struct reader){
        .in = in, .source = source, .line = BUF_INIT(LIMIT_JSON_TEXT), .digest = digest_new()};
}

static void reader_release(struct reader *reader)
{
    buf_release(&reader->line);
    digest_free(reader->digest);
}

static int bad(const struct reader *reader, struct err *err, const char *what)
{
    return err_at(err, ERR_PARSE, reader->source, reader->number, 1, "%s", what);
}

/* The next line without its end: 1, 0 at the end of the file, or a negative err_code. */
static int next_line(struct reader *reader, struct str *ret, struct err *err)
{
    buf_clear(&reader->line);
    reader->number++;
    int c = 0;
    while ((c = getc_unlocked(reader->in)) != EOF && c != '\n') {
        buf_putc(&reader->line, (char)c);
        if (reader->line.overflow)
            return err_at(err, ERR_LIMIT, reader->source, reader->number, 1,
                          "the line is longer than %u bytes", LIMIT_JSON_TEXT);
    }
    if (ferror(reader->in))
        return err_errno(err, "reading '%s'", reader->source);
    if (c == EOF)
        return reader->line.len == 0 ? 0 : bad(reader, err, "the archive is cut off here");
    *ret = buf_view(&reader->line);
    return 1;
}

static void take(struct reader *reader, struct str line)
{
    digest_add(reader->digest, line);
    digest_add(reader->digest, STR("\n"));
    reader->rows += str_starts(line, STR("["));
}

static int read_head(struct reader *reader, struct archive_info *info, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *head = NULL;
    struct str line = STR_NONE;
    int64_t format = 0;
    int code = next_line(reader, &line, err);
    if (code < 0)
        return code;
    if (code == 0 || json_parse(line, reader->source, arena, &head, NULL) < 0 ||
        !str_is(json_get_text(head, "archive"), "tally broker"))
        return bad(reader, err, "this is no archive of a broker");
    if (!json_to_i64(json_get(head, "format"), &format) || format != ARCHIVE_FORMAT)
        return bad(reader, err, "the archive has a format that this program does not know");
    if (!json_to_i64(json_get(head, "schema"), &info->schema))
        return bad(reader, err, "the archive does not say its schema");
    take(reader, line);
    return 0;
}

/* The last line against what was read before it. */
static int read_end(struct reader *reader, struct str line, struct archive_info *info,
                    struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *end = NULL;
    int code = json_parse(line, reader->source, arena, &end, NULL);
    digest_hex(reader->digest, info->sha256);
    if (code < 0 || !json_to_i64(json_get(end, "rows"), &info->rows) ||
        info->rows != reader->rows || !str_is(json_get_text(end, "sha256"), info->sha256))
        return bad(reader, err,
                   "the checksum is not that of the lines before: the archive is "
                   "damaged");
    code = next_line(reader, &line, err);
    return code < 0 ? code : code > 0 ? bad(reader, err, "more lines after the last one") : 0;
}

static bool is_end(struct str line)
{
    return str_starts(line, STR("{\"rows\":"));
}

static int check(struct reader *reader, struct archive_info *info, struct err *err)
{
    struct str line = STR_NONE;
    int code = read_head(reader, info, err);
    while (code >= 0 && (code = next_line(reader, &line, err)) > 0) {
        if (is_end(line))
            return read_end(reader, line, info, err);
        take(reader, line);
    }
    return code < 0 ? code : bad(reader, err, "the archive ends without its checksum");
}

int archive_check(FILE *in, const char *source, struct archive_info *ret, struct err *err)
{
    struct reader reader = reader_of(in, source);
    struct archive_info info = {0};
    int code = check(&reader, &info, err);
    reader_release(&reader);
    if (code == 0)
        *ret = info;
    return code;
}

/* ---- filling ---- */

/* Each table of the schema once, in the order in which they are written. */
static int next_table(struct db *db, struct reader *reader, struct str line,
                      const struct archive_tables *tables, size_t *at, struct err *err)
{
    if (*at == tables->len || !str_eq(line, tables->items[*at].header))
        return bad(reader, err, "the table is not the one that this program's schema has here");
    int code = db_run(db, err, tables->items[(*at)++].clear, "");
    return code < 0 ? code : 0;
}

static int fill(struct db *db, struct reader *reader, const struct archive_tables *tables,
                const struct archive_info *info, struct err *err)
{
    struct str line = STR_NONE;
    struct archive_info seen = {0};
    size_t at = 0;
    int code = read_head(reader, &seen, err);
    while (code >= 0 && (code = next_line(reader, &line, err)) > 0 && !is_end(line)) {
        if (str_starts(line, STR("{")))
            code = next_table(db, reader, line, tables, &at, err);
        else if (at == 0)
            code = bad(reader, err, "a row before the first table");
        else
            code = db_run(db, err, tables->items[at - 1].insert, "t", line);
        if (code < 0)
            return err_wrap(err, "line %d of '%s'", reader->number, reader->source);
        take(reader, line);
    }
    if (code < 0)
        return code;
    digest_hex(reader->digest, seen.sha256);
    if (code == 0 || strcmp(seen.sha256, info->sha256) != 0 || at != tables->len)
        return bad(reader, err, "the archive changed while it was read, or lacks a table");
    return 0;
}

int archive_read(struct db *db, FILE *in, const char *source, const struct archive_info *info,
                 struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct archive_tables tables = {0};
    struct reader reader = reader_of(in, source);
    /* Tables come by name: references are checked at the commit. */
    int code = db_script(db, "PRAGMA defer_foreign_keys = ON", err);
    if (code >= 0)
        code = archive_tables(db, arena, &tables, err);
    if (code == 0)
        code = fill(db, &reader, &tables, info, err);
    reader_release(&reader);
    return code;
}
