// SPDX-License-Identifier: Apache-2.0
#include "broker/packing.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/db/db.h"
#include "lib/wire/zstd.h"

const struct packing_column packing_columns[] = {
    {"pact_versions", "content"}, {"verifications", "test_results"}, {"webhook_executions", "logs"},
    {"evidence", "body"},         {"version_documents", "body"},     {NULL, NULL},
};

bool packing_has(const char *table, const char *column)
{
    for (const struct packing_column *row = packing_columns; row->table; row++) {
        if (strcmp(row->table, table) == 0 && strcmp(row->column, column) == 0)
            return true;
    }
    return false;
}

static int call_packed(void *self, const struct db_cell *args, struct db_cell *ret, struct err *err)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_STORED_TEXT);
    (void)err;
    /* What could not be read again is not packed either. */
    if (args[0].kind != DB_TEXT || args[0].bytes.len > LIMIT_STORED_TEXT ||
        !zstd_pack(self, args[0].bytes, &out))
        return 1;
    size_t len = out.len;
    *ret = (struct db_cell){.kind = DB_BYTES, .bytes = str_make(buf_steal(&out), len)};
    return 0;
}

static int call_unpacked(void *self, const struct db_cell *args, struct db_cell *ret,
                         struct err *err)
{
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_STORED_TEXT);
    if (args[0].kind != DB_BYTES)
        return 1;
    int code = zstd_unpack(self, args[0].bytes, LIMIT_STORED_TEXT, &out, err);
    if (code < 0)
        return err_wrap(err, "%.*s %lld", STR_FMT(args[1].bytes), (long long)args[2].number);
    size_t len = out.len;
    *ret = (struct db_cell){.kind = DB_TEXT, .bytes = str_make(buf_steal(&out), len)};
    return 0;
}

static void release(void *self)
{
    zstd_free(self);
}

int packing_define(struct db *db, struct err *err)
{
    int code = db_define(db, "packed", 1, call_packed, zstd_new(), release, err);
    if (code == 0)
        code = db_define(db, "unpacked", 3, call_unpacked, zstd_new(), release, err);
    return code;
}
