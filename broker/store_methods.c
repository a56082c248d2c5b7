// SPDX-License-Identifier: Apache-2.0
/* Filling the index of interactions. */
#include "broker/store_methods.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/db/db.h"
#include "lib/json/json.h"

/* Which content of whom is being indexed. */
struct indexing {
    struct store *store;
    int64_t pact_version_id, consumer_id, provider_id;
    struct arena *arena;
};

/* Interactions of a content that differ in nothing but their descriptions. */
struct described {
    struct str texts; /* INTERACTION_TEXTS_OF */
    const struct interaction *row;
    struct json *descriptions;
    int64_t id; /* 0 = not known yet */
};
struct all_described {
    VEC_OF(struct described);
};

static void put_text(struct buf *out, struct str text)
{
    char digits[24];
    size_t at = sizeof digits;
    if (!text.ptr) {
        buf_putc(out, '-');
        return;
    }
    digits[--at] = ':';
    for (size_t n = text.len; n > 0 || digits[at] == ':'; n /= 10)
        digits[--at] = (char)('0' + n % 10);
    buf_append(out, digits + at, sizeof digits - at);
    buf_str(out, text);
}

static struct str texts_of(const struct interaction *row, struct buf *out, struct arena *arena)
{
    const struct str texts[] = {row->name,    row->kind,   row->method,    row->package,
                                row->variant, row->source, row->operation, row->persisted_id,
                                row->digest,  row->problem};
    buf_clear(out);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_text(out, texts[i]);
    return str_dup(arena, buf_view(out));
}

/* A description that the contract gives twice to the same is kept once. */
static void collect(const struct interactions *rows, struct arena *arena, struct all_described *ret)
{
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    struct map *by_texts = map_new(arena), *said = map_new(arena);
    VEC_EACH(rows, const struct interaction *, row) {
        struct str texts = texts_of(row, &text, arena);
        buf_str(&text, row->description);
        if (map_has(said, buf_view(&text)))
            continue;
        map_put(said, str_dup(arena, buf_view(&text)), said);
        void **number = map_slot(by_texts, texts);
        if (!*number) {
            *VEC_PUSH(arena, ret) = (struct described){
                .texts = texts, .row = row, .descriptions = json_new_array(arena)};
            *number = (void *)(uintptr_t)ret->len;
        }
        struct described *one = &ret->items[(uintptr_t)*number - 1];
        json_append(arena, one->descriptions, json_new_str(arena, row->description));
    }
}

/* As many as one statement finds; absent ones match nothing. */
enum { FOUND_AT_ONCE = 16 };

static int find_known(const struct indexing *of, struct described *rows, size_t n, struct err *err)
{
    struct str t[FOUND_AT_ONCE] = {0};
    struct db_stmt *q DB_STMT_AUTO = NULL;
    for (size_t i = 0; i < n; i++)
        t[i] = rows[i].texts;
    int code =
        db_query(of->store->db, err, &q,
                 "SELECT id, " INTERACTION_TEXTS_OF(
                     "") " FROM index_interactions"
                         " WHERE consumer_id = $1 AND provider_id = $2 AND " INTERACTION_TEXTS_OF(
                             "") " IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
                                 "$16, $17, $18)",
                 "iitttttttttttttttt", of->consumer_id, of->provider_id, t[0], t[1], t[2], t[3],
                 t[4], t[5], t[6], t[7], t[8], t[9], t[10], t[11], t[12], t[13], t[14], t[15]);
    while (code >= 0 && (code = db_step(q, err)) > 0) {
        for (size_t i = 0; i < n; i++) {
            if (str_eq(rows[i].texts, db_str(q, 1)))
                rows[i].id = db_int(q, 0);
        }
    }
    return code;
}

static int add_new(const struct indexing *of, struct described *one, struct err *err)
{
    const struct interaction *row = one->row;
    int code = db_value(of->store->db, err, &one->id,
                        "INSERT INTO index_interactions(consumer_id, provider_id, name, kind,"
                        " description, method, package, variant, source, inferred, operation,"
                        " persisted_id, digest, problem) VALUES($1, $2, $3, $4, $5, $6, $7, $8,"
                        " $9, $10, $11, $12, $13, $14) RETURNING id",
                        "iitttttttitttt", of->consumer_id, of->provider_id, row->name, row->kind,
                        row->description, row->method, row->package, row->variant, row->source,
                        (int64_t)row->inferred, row->operation, row->persisted_id, row->digest,
                        row->problem);
    return code < 0 ? code : 0;
}

/* Nearly always the interactions are known from an earlier content, and one statement does it. */
static int need_interactions(const struct indexing *of, struct all_described *all, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < all->len && code >= 0; i += FOUND_AT_ONCE) {
        size_t left = all->len - i, n = left < FOUND_AT_ONCE ? left : FOUND_AT_ONCE;
        code = find_known(of, &all->items[i], n, err);
        for (size_t k = i; k < i + n && code >= 0; k++)
            code = all->items[k].id ? 0 : add_new(of, &all->items[k], err);
    }
    return code;
}

static int add_uses(const struct indexing *of, const struct interactions *rows, struct err *err)
{
    struct all_described all = {0};
    struct json *uses = json_new_object(of->arena);
    collect(rows, of->arena, &all);
    int code = need_interactions(of, &all, err);
    if (code < 0 || all.len == 0)
        return code;
    VEC_EACH(&all, const struct described *, one)
        json_set(of->arena, uses, arena_printf(of->arena, "%lld", (long long)one->id),
                 one->descriptions);
    return db_run(of->store->db, err,
                  "INSERT INTO index_uses(pact_version_id, uses) VALUES($1, $2)"
                  " ON CONFLICT DO NOTHING",
                  "it", of->pact_version_id, json_to_str(of->arena, uses, JSON_COMPACT));
}

int store_index_content(struct store *store, int64_t pact_version_id, int64_t consumer_id,
                        int64_t provider_id, const struct pact_content *content,
                        struct arena *arena, struct err *err)
{
    struct interactions rows = {0};
    struct str problem = STR_NONE;
    const struct indexing of = {store, pact_version_id, consumer_id, provider_id, arena};
    interactions_of(content->tree, content->text, arena, &rows, &problem);
    int code = add_uses(&of, &rows, err);
    if (code >= 0 && problem.ptr)
        code = db_run(store->db, err,
                      "INSERT INTO index_problems(pact_version_id, problem) VALUES($1, $2)"
                      " ON CONFLICT DO NOTHING",
                      "it", pact_version_id, problem);
    return code < 0 ? err_wrap(err, "indexing the contract") : 0;
}

/* ---- what an older schema left behind ---- */

int store_index_left(struct store *store, int64_t *ret, struct err *err)
{
    int code = db_value(store->db, err, ret,
                        "SELECT COUNT(*) FROM index_backlog b JOIN pact_versions pv"
                        " ON pv.id > b.done_id AND pv.id <= b.last_id",
                        "");
    return code < 0 ? code : 0;
}

static int index_next(struct store *store, int64_t most, int64_t *ret_done, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    int64_t n = 0;
    int code = 1;
    while (n < most && code > 0) {
        struct db_stmt *q DB_STMT_AUTO = NULL;
        arena_reset(arena);
        code = db_query(store->db, err, &q,
                        "SELECT pv.id, pv.consumer_id, pv.provider_id,"
                        " unpacked(pv.content, 'pact_versions', pv.id)"
                        " FROM index_backlog b JOIN pact_versions pv"
                        " ON pv.id > b.done_id AND pv.id <= b.last_id ORDER BY pv.id LIMIT 1",
                        "");
        if (code < 0 || (code = db_step(q, err)) <= 0)
            break;
        int64_t id = db_int(q, 0), consumer_id = db_int(q, 1), provider_id = db_int(q, 2);
        struct pact_content content = {.text = str_dup(arena, db_str(q, 3))};
        db_done(q);
        q = NULL;
        code = store_index_content(store, id, consumer_id, provider_id, &content, arena, err);
        if (code >= 0)
            code = db_run(store->db, err, "UPDATE index_backlog SET done_id = $1", "i", id);
        n += code > 0;
    }
    if (code >= 0)
        *ret_done = n;
    return code < 0 ? code : 0;
}

int store_index_more(struct store *store, int64_t most, int64_t *ret_done, struct err *err)
{
    int code = store_begin(store, err);
    if (code < 0)
        return code;
    code = index_next(store, most, ret_done, err);
    if (code < 0) {
        store_rollback(store);
        return code;
    }
    return store_commit(store, err);
}
