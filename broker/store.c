// SPDX-License-Identifier: Apache-2.0
#include "broker/store.h"

#include <stdlib.h>

#include "broker/packing.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/db/db.h"

const struct store_rules store_default_rules = {
    .tag_is_branch = true,
    .tag_is_branch_s = 10,
    .detects_main = true,
    .main_candidates = "develop main master",
    .deploys_by_tag = true,
    .similar_names = true,
};

static struct store *store_of(struct db *db, const struct clock *clock)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        abort();
    *store = (struct store){.db = db, .clock = clock, .rules = &store_default_rules};
    return store;
}

int store_connect(const char *location, const struct db_options *options, struct db **ret,
                  struct err *err)
{
    struct db *db = NULL;
    int code = db_open(location, options, &db, err);
    if (code == 0)
        code = packing_define(db, err);
    if (code < 0) {
        db_close(db);
        return code;
    }
    *ret = db;
    return 0;
}

static int open_migrated(const char *location, const struct db_options *options,
                         const struct clock *clock, struct store **ret, struct err *err)
{
    struct db *db = NULL;
    int code = store_connect(location, options, &db, err);
    if (code < 0)
        return code;
    code = db_migrate(db, store_schema, store_schema_len, err);
    if (code < 0) {
        db_close(db);
        return err_wrap(err, "database '%s'", location);
    }
    *ret = store_of(db, clock);
    return 0;
}

int store_open(const char *location, const struct clock *clock, struct store **ret, struct err *err)
{
    return open_migrated(location, NULL, clock, ret, err);
}

int store_open_sole(const char *location, const struct clock *clock, struct store **ret,
                    struct err *err)
{
    return open_migrated(location, &(struct db_options){.sole = true}, clock, ret, err);
}

int store_open_reader(const char *location, const struct clock *clock, struct store **ret,
                      struct err *err)
{
    struct db *db = NULL;
    int code = store_connect(location, &(struct db_options){.read_only = true}, &db, err);
    if (code == 0)
        *ret = store_of(db, clock);
    return code;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    db_close(store->db);
    free(store);
}

int store_begin_read(struct store *store, struct err *err)
{
    return db_begin_read(store->db, err);
}

void store_end_read(struct store *store)
{
    db_rollback(store->db);
}

void store_next_request(struct store *store)
{
    store->new_pacticipant = store->new_version = 0;
}

int store_begin(struct store *store, struct err *err)
{
    store_next_request(store);
    return db_begin(store->db, err);
}

int store_commit(struct store *store, struct err *err)
{
    return db_commit(store->db, err);
}

void store_rollback(struct store *store)
{
    db_rollback(store->db);
}

const char *store_now(struct store *store, struct arena *arena)
{
    return clock_format_utc(clock_now_us(store->clock), arena_alloc(arena, CLOCK_TEXT_LEN));
}

int64_t page_limit(const struct page *page)
{
    return page->size ? page->size : INT32_MAX;
}

int64_t page_offset(const struct page *page)
{
    return page->size ? (page->number - 1) * page->size : 0;
}
