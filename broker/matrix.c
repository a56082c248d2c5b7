// SPDX-License-Identifier: Apache-2.0
#include "broker/matrix.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"

struct pair {
    int64_t consumer_id, provider_id;
    bool required;
};

struct work {
    struct store *store;
    const struct matrix_query *query;
    struct arena *arena;
    struct resolveds selectors; /* specified first, then inferred */
    struct resolveds ignores;
    struct {
        VEC_OF(struct pair);
    } pairs;
    struct matrix_rows rows;
    enum latest_by latest_by;
    bool live; /* an environment is asked about: every live version counts */
};

enum matrix_state matrix_row_state(const struct matrix_row *row)
{
    if (!row->verification_id || row->verdict == VERDICT_PARTIAL)
        return MATRIX_UNKNOWN;
    return row->verdict == VERDICT_VERIFIED ? MATRIX_VERIFIED : MATRIX_FAILED;
}

/* ---- selectors ---- */

static bool name_only(const struct matrix_selector *s)
{
    return !s->version && !s->branch && !s->tag && !s->environment && !s->latest && !s->main_branch;
}

static int resolve(struct work *work, const struct matrix_selector *asked, int64_t id,
                   bool inferred, struct resolveds *ret, struct err *err)
{
    struct resolved base = {.asked = *asked, .pacticipant_id = id, .inferred = inferred};
    struct found_versions found = {0};
    int code = 0;
    if (name_only(asked)) {
        *VEC_PUSH(work->arena, ret) = base;
        return 0;
    }
    if (id > 0)
        code = store_matrix_versions(work->store, id, asked, work->arena, &found, err);
    if (code < 0)
        return code;
    VEC_EACH(&found, const struct found_version *, version) {
        struct resolved *row = VEC_PUSH(work->arena, ret);
        *row = base;
        row->version_id = version->id;
        row->number = version->number;
        row->one_of_many = found.len > 1;
    }
    if (found.len == 0) {
        base.version_id = -1;
        *VEC_PUSH(work->arena, ret) = base;
    }
    return 0;
}

static int resolve_all(struct work *work, const struct matrix_selectors *list,
                       struct resolveds *ret, struct err *err)
{
    int code = 0;
    VEC_EACH(list, const struct matrix_selector *, asked) {
        struct pacticipant row = {.id = -1};
        code = store_pacticipant_find(work->store, asked->pacticipant, work->arena, &row, err);
        if (code >= 0)
            code = resolve(work, asked, row.id, false, ret, err);
        if (code < 0)
            return code;
    }
    return code;
}

/* Whether an ignore selector names the pacticipant, or exactly that version of it. */
static bool ignores(const struct work *work, int64_t pacticipant_id, int64_t version_id)
{
    VEC_EACH(&work->ignores, const struct resolved *, row) {
        if (row->pacticipant_id == pacticipant_id && row->pacticipant_id > 0 &&
            (row->version_id == 0 || row->version_id == version_id))
            return true;
    }
    return false;
}

static bool specified(const struct work *work, int64_t pacticipant_id)
{
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (!row->inferred && row->pacticipant_id == pacticipant_id)
            return true;
    }
    return false;
}

/* ---- integrations ---- */

static void add_pair(struct work *work, int64_t consumer_id, int64_t provider_id, bool required)
{
    VEC_EACH(&work->pairs, struct pair *, pair) {
        if (pair->consumer_id == consumer_id && pair->provider_id == provider_id) {
            pair->required |= required;
            return;
        }
    }
    *VEC_PUSH(work->arena, &work->pairs) = (struct pair){consumer_id, provider_id, required};
}

static bool infers(const struct matrix_query *query)
{
    return query->selectors.len == 1 || query->latest || query->tag || query->environment ||
           query->main_branch;
}

static int find_pairs(struct work *work, struct err *err)
{
    bool infer = infers(work->query);
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        struct provider_ids providers = {0}, consumers = {0};
        int code = 0;
        if (row->version_id >= 0)
            code = store_matrix_providers(work->store, row->pacticipant_id, row->version_id,
                                          work->arena, &providers, err);
        if (code >= 0 && infer)
            code = store_matrix_consumers(work->store, row->pacticipant_id, work->arena, &consumers,
                                          err);
        if (code < 0)
            return code;
        VEC_EACH(&providers, const int64_t *, id) {
            if (infer || specified(work, *id))
                add_pair(work, row->pacticipant_id, *id, true);
        }
        VEC_EACH(&consumers, const int64_t *, id)
            add_pair(work, *id, row->pacticipant_id, false);
    }
    return 0;
}

static bool has_selector(const struct work *work, int64_t pacticipant_id)
{
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (row->pacticipant_id == pacticipant_id)
            return true;
    }
    return false;
}

static int infer_selector(struct work *work, int64_t id, struct err *err)
{
    const struct matrix_query *query = work->query;
    struct matrix_selector asked = {.tag = query->tag,
                                    .environment = query->environment,
                                    .latest = query->latest,
                                    .main_branch = query->main_branch};
    if (has_selector(work, id))
        return 0;
    /* The head of the main branch is meant, never all that was ever on it. */
    asked.latest |= asked.main_branch;
    int code = store_pacticipant_name(work->store, id, work->arena, &asked.pacticipant, err);
    return code < 0 ? code : resolve(work, &asked, id, true, &work->selectors, err);
}

static int infer_selectors(struct work *work, struct err *err)
{
    int code = 0;
    for (size_t i = 0; i < work->pairs.len && code == 0 && infers(work->query); i++) {
        code = infer_selector(work, work->pairs.items[i].consumer_id, err);
        if (code == 0)
            code = infer_selector(work, work->pairs.items[i].provider_id, err);
    }
    return code;
}

/* ---- rows ---- */

static size_t count_selectors(const struct work *work, int64_t pacticipant_id)
{
    size_t n = 0;
    VEC_EACH(&work->selectors, const struct resolved *, row)
        n += row->pacticipant_id == pacticipant_id;
    return n;
}

/* Results of one provider selector for a publication. Where several versions are live, one without
 * a result of its own becomes an unknown row of its own. */
static int results_of(struct work *work, const struct matrix_row *publication,
                      const struct resolved *provider, bool several, size_t *ret_found,
                      struct err *err)
{
    size_t before = work->rows.len;
    if (provider->version_id < 0)
        return 0;
    int code = store_matrix_results(work->store, publication, provider->version_id,
                                    work->latest_by == BY_NOTHING, work->arena, &work->rows, err);
    if (code < 0)
        return code;
    if (work->rows.len == before && several && provider->asked.environment) {
        struct matrix_row *row = VEC_PUSH(work->arena, &work->rows);
        *row = *publication;
        row->provider_version_id = provider->version_id;
        row->provider_number = provider->number;
    }
    for (size_t i = before; i < work->rows.len; i++)
        work->rows.items[i].provider_selector = provider;
    *ret_found += work->rows.len - before;
    return 0;
}

static int rows_of_publication(struct work *work, const struct matrix_row *publication,
                               struct err *err)
{
    size_t n = count_selectors(work, publication->provider_id), found = 0;
    const struct resolved *only = NULL;
    int code = 0;
    VEC_EACH(&work->selectors, const struct resolved *, provider) {
        if (provider->pacticipant_id != publication->provider_id)
            continue;
        only = provider;
        if (code == 0)
            code = results_of(work, publication, provider, n > 1, &found, err);
    }
    if (code == 0 && found == 0) {
        struct matrix_row *row = VEC_PUSH(work->arena, &work->rows);
        *row = *publication;
        row->provider_selector = n == 1 ? only : NULL;
    }
    return code;
}

static int rows_of_pair(struct work *work, const struct pair *pair, struct err *err)
{
    if (!specified(work, pair->consumer_id) && !specified(work, pair->provider_id))
        return 0;
    VEC_EACH(&work->selectors, const struct resolved *, consumer) {
        struct matrix_rows publications = {0};
        if (consumer->pacticipant_id != pair->consumer_id || consumer->version_id < 0)
            continue;
        int code = store_matrix_publications(
            work->store, consumer->pacticipant_id, consumer->version_id, pair->provider_id,
            work->latest_by == BY_NOTHING, work->arena, &publications, err);
        VEC_EACH(&publications, struct matrix_row *, publication) {
            publication->consumer_selector = consumer;
            if (code == 0)
                code = rows_of_publication(work, publication, err);
        }
        if (code < 0)
            return code;
    }
    return 0;
}

static int order_of(int64_t a, int64_t b)
{
    return a > b ? -1 : a < b; /* later first */
}

static int by_display(const void *x, const void *y)
{
    const struct matrix_row *a = x, *b = y;
    int order = strcmp(a->consumer, b->consumer);
    order = order ? order : order_of(a->consumer_version_id, b->consumer_version_id);
    order = order ? order : order_of(a->revision, b->revision);
    order = order ? order : strcmp(a->provider, b->provider);
    order = order ? order : order_of(a->provider_version_id, b->provider_version_id);
    return order ? order : order_of(a->verification_id, b->verification_id);
}

static struct str group_key(const struct work *work, const struct matrix_row *row)
{
    long long c = row->consumer_id, cv = row->consumer_version_id, p = row->provider_id,
              pv = row->provider_version_id;
    switch (work->latest_by) {
    case BY_CP:
        return str_printf(work->arena, "%lld %lld", c, p);
    case BY_CVP:
        return str_printf(work->arena, "%lld %lld %lld", c, cv, p);
    case BY_CVPV:
        return str_printf(work->arena, "%lld %lld %lld %lld", c, cv, p, pv);
    case BY_NOTHING:
        break;
    }
    return str_printf(work->arena, "%lld %lld %lld", (long long)row->publication_id, pv,
                      (long long)row->verification_id);
}

/* One row per group: that of the latest provider version; an unverified first row stays. Grouping
 * by nothing drops only rows that two selectors found alike. */
static void group_rows(struct work *work)
{
    struct map *groups = map_new(work->arena);
    struct matrix_rows kept = {0};
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        void **slot = map_slot(groups, group_key(work, row));
        if (!*slot) {
            *VEC_PUSH(work->arena, &kept) = *row;
            *slot = (void *)(uintptr_t)kept.len;
            continue;
        }
        struct matrix_row *old = &kept.items[(uintptr_t)*slot - 1];
        bool newer_contract =
            work->latest_by == BY_CP && row->consumer_version_id > old->consumer_version_id;
        bool same_contract = row->consumer_version_id == old->consumer_version_id;
        if (newer_contract ||
            ((same_contract || work->latest_by != BY_CP) && old->provider_version_id &&
             row->provider_version_id > old->provider_version_id))
            *old = *row;
    }
    work->rows = kept;
}

/* ---- the answer ---- */

static void notice(struct work *work, struct matrix *ret, const char *type, const char *text)
{
    VEC_EACH(&ret->notices, const struct matrix_notice *, old) {
        if (strcmp(old->text, text) == 0)
            return;
    }
    *VEC_PUSH(work->arena, &ret->notices) = (struct matrix_notice){type, text};
}

static void warn(struct work *work, struct matrix *ret)
{
    const struct matrix_query *query = work->query;
    bool more = false, version = false;
    VEC_EACH(&query->selectors, const struct matrix_selector *, s) {
        more |= !name_only(s);
        version |= s->version != NULL;
    }
    VEC_EACH(&work->ignores, const struct resolved *, row) {
        if (row->pacticipant_id < 0)
            notice(work, ret, "warning",
                   arena_printf(work->arena,
                                "WARN: Cannot ignore any version of %s (no such pacticipant "
                                "exists)",
                                row->asked.pacticipant));
    }
    if (query->selectors.len == 1 && !query->tag && !query->environment && !query->main_branch)
        notice(work, ret, "warning",
               "WARN: It is recommended to specify the environment into which you are deploying. "
               "Without the environment, this result will not be reliable.");
    if (more && !version)
        notice(work, ret, "warning",
               "WARN: It is recommended to specify the version number (rather than the tag or "
               "branch) of the pacticipant you wish to deploy to avoid race conditions. Without a "
               "version number, this result will not be reliable.");
}

static const char *describe_side(struct work *work, const struct resolved *selector,
                                 const char *name, const char *number)
{
    if (!selector)
        return arena_printf(work->arena, "any version of %s", name);
    if (selector->version_id == 0 && number)
        return arena_printf(work->arena, "version %s of %s", number, name);
    return matrix_describe(work->arena, selector);
}

static const char *sentence(struct work *work, const struct matrix_row *row)
{
    const char *one =
        describe_side(work, row->consumer_selector, row->consumer, row->consumer_number);
    const char *two =
        describe_side(work, row->provider_selector, row->provider, row->provider_number);
    if (matrix_row_state(row) == MATRIX_FAILED)
        return arena_printf(work->arena, "The verification for the pact between %s and %s failed",
                            one, two);
    return arena_printf(work->arena, "There is no verified pact between %s and %s", one, two);
}

static void say_rows(struct work *work, struct matrix *ret, enum matrix_state state, bool ignored)
{
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        if (row->ignored != ignored || matrix_row_state(row) != state)
            continue;
        const char *text = sentence(work, row);
        if (ignored)
            notice(work, ret, "warning", arena_printf(work->arena, "Ignoring: %s", text));
        else
            notice(work, ret, "error", text);
    }
}

static bool pair_has_row(const struct work *work, const struct pair *pair)
{
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        if (row->consumer_id == pair->consumer_id && row->provider_id == pair->provider_id)
            return true;
    }
    return false;
}

static const struct resolved *any_selector(const struct work *work, int64_t pacticipant_id)
{
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (row->pacticipant_id == pacticipant_id)
            return row;
    }
    return NULL;
}

/* Required integrations without any row: nothing is known. */
static bool say_missing_pairs(struct work *work, struct matrix *ret)
{
    bool missing = false;
    VEC_EACH(&work->pairs, const struct pair *, pair) {
        const struct resolved *consumer = any_selector(work, pair->consumer_id),
                              *provider = any_selector(work, pair->provider_id);
        if (!pair->required || pair_has_row(work, pair) || !consumer || !provider ||
            ignores(work, pair->consumer_id, 0) || ignores(work, pair->provider_id, 0))
            continue;
        missing = true;
        notice(work, ret, "error",
               arena_printf(work->arena, "There is no verified pact between %s and %s",
                            matrix_describe(work->arena, consumer),
                            matrix_describe(work->arena, provider)));
    }
    return missing;
}

static bool say_missing_selectors(struct work *work, struct matrix *ret)
{
    bool missing = false;
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (row->inferred || row->version_id >= 0 || row->ignored)
            continue;
        missing = true;
        notice(work, ret, "error", matrix_missing(work->arena, row));
    }
    return missing;
}

static void judge(struct work *work, struct matrix *ret)
{
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        enum matrix_state state = matrix_row_state(row);
        if (row->ignored)
            ret->ignored++;
        else if (state == MATRIX_VERIFIED)
            ret->verified++;
        else if (state == MATRIX_FAILED)
            ret->failed++;
        else
            ret->unknown++;
    }
    warn(work, ret);
    say_rows(work, ret, MATRIX_FAILED, true);
    say_rows(work, ret, MATRIX_UNKNOWN, true);
    bool no_version = say_missing_selectors(work, ret);
    bool no_row = say_missing_pairs(work, ret);
    say_rows(work, ret, MATRIX_FAILED, false);
    say_rows(work, ret, MATRIX_UNKNOWN, false);
    if (no_version)
        ret->deployable = MATRIX_FAILED;
    else if (no_row || ret->unknown > 0)
        ret->deployable = MATRIX_UNKNOWN;
    else
        ret->deployable = ret->failed > 0 ? MATRIX_FAILED : MATRIX_VERIFIED;
    if (ret->deployable == MATRIX_VERIFIED)
        notice(work, ret, "success",
               work->rows.len > 0 ? "All required verification results are published and successful"
                                  : "There are no missing dependencies");
}

static bool shown(const struct matrix_query *query, const struct matrix_row *row)
{
    static const unsigned bit[] = {[MATRIX_FAILED] = SUCCESS_FALSE,
                                   [MATRIX_VERIFIED] = SUCCESS_TRUE,
                                   [MATRIX_UNKNOWN] = SUCCESS_NULL};
    return query->success == 0 || (query->success & bit[matrix_row_state(row)]);
}

static void show(struct work *work, struct matrix *ret)
{
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        bool full = work->query->limit > 0 && (int64_t)ret->rows.len >= work->query->limit;
        if (!full && shown(work->query, row))
            *VEC_PUSH(work->arena, &ret->rows) = *row;
    }
}

static void mark_ignored(struct work *work)
{
    VEC_EACH(&work->selectors, struct resolved *, row)
        row->ignored = ignores(work, row->pacticipant_id, row->version_id);
    VEC_EACH(&work->rows, struct matrix_row *, row)
        row->ignored = ignores(work, row->consumer_id, row->consumer_version_id) ||
                       ignores(work, row->provider_id, row->provider_version_id);
}

/* One good pair must not answer for another one that is live beside it. */
static enum latest_by grouping(const struct work *work)
{
    bool coarse = work->query->latest_by == BY_CVP || work->query->latest_by == BY_CP;
    return work->live && coarse ? BY_CVPV : work->query->latest_by;
}

int matrix_ask(struct store *store, const struct matrix_query *query, struct arena *arena,
               struct matrix *ret, struct err *err)
{
    struct work work = {.store = store, .query = query, .arena = arena};
    struct matrix answer = {.has_ignores = query->ignores.len > 0};
    work.live = query->environment != NULL;
    VEC_EACH(&query->selectors, const struct matrix_selector *, selector)
        work.live |= selector->environment != NULL;
    work.latest_by = grouping(&work);
    int code = resolve_all(&work, &query->ignores, &work.ignores, err);
    if (code >= 0)
        code = resolve_all(&work, &query->selectors, &work.selectors, err);
    if (code >= 0)
        code = find_pairs(&work, err);
    if (code >= 0)
        code = infer_selectors(&work, err);
    for (size_t i = 0; i < work.pairs.len && code >= 0; i++)
        code = rows_of_pair(&work, &work.pairs.items[i], err);
    if (code < 0)
        return code;
    if (work.rows.len > 1)
        qsort(work.rows.items, work.rows.len, sizeof *work.rows.items, by_display);
    group_rows(&work);
    mark_ignored(&work);
    judge(&work, &answer);
    show(&work, &answer);
    *ret = answer;
    return 0;
}
