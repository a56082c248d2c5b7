// SPDX-License-Identifier: Apache-2.0
/* What the question finds: selectors, integrations, rows. */
#include "broker/matrix_internal.h"

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/map.h"

/* ---- selectors ---- */

bool matrix_name_only(const struct matrix_selector *s)
{
    return !s->version && !s->branch && !s->tag && !s->environment && !s->latest && !s->main_branch;
}

static int resolve(struct matrix_work *work, const struct matrix_selector *asked, int64_t id,
                   bool inferred, struct resolveds *ret, struct err *err)
{
    struct resolved base = {.asked = *asked, .pacticipant_id = id, .inferred = inferred};
    struct found_versions found = {0};
    int code = 0;
    if (matrix_name_only(asked)) {
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
        /* Without "latest" the newest is still what a main branch means now, and what a tag means
         * to the stock command line, which says no "latest" when it asks about several. */
        bool newest = inferred && version == found.items &&
                      (asked->main_branch || work->query->selectors.len > 1);
        row->needs_proof = !row->one_of_many || asked->environment || newest;
    }
    if (found.len == 0) {
        base.version_id = -1;
        *VEC_PUSH(work->arena, ret) = base;
    }
    return 0;
}

static int resolve_all(struct matrix_work *work, const struct matrix_selectors *list,
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

bool matrix_ignores(const struct matrix_work *work, int64_t pacticipant_id, int64_t version_id)
{
    VEC_EACH(&work->ignores, const struct resolved *, row) {
        /* A version that nobody knows (-1) is not ignored by naming another such. */
        bool this_one = row->version_id > 0 && row->version_id == version_id;
        if (row->pacticipant_id == pacticipant_id && row->pacticipant_id > 0 &&
            (row->version_id == 0 || this_one))
            return true;
    }
    return false;
}

static bool specified(const struct matrix_work *work, int64_t pacticipant_id)
{
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (!row->inferred && row->pacticipant_id == pacticipant_id)
            return true;
    }
    return false;
}

/* ---- integrations ---- */

static void add_pair(struct matrix_work *work, int64_t consumer_id, int64_t provider_id,
                     bool required)
{
    VEC_EACH(&work->pairs, struct matrix_pair *, pair) {
        if (pair->consumer_id == consumer_id && pair->provider_id == provider_id) {
            pair->required |= required;
            return;
        }
    }
    *VEC_PUSH(work->arena, &work->pairs) = (struct matrix_pair){consumer_id, provider_id, required};
}

static bool infers(const struct matrix_query *query)
{
    return query->selectors.len == 1 || query->latest || query->tag || query->environment ||
           query->main_branch;
}

static int find_pairs(struct matrix_work *work, struct err *err)
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

static bool has_selector(const struct matrix_work *work, int64_t pacticipant_id)
{
    VEC_EACH(&work->selectors, const struct resolved *, row) {
        if (row->pacticipant_id == pacticipant_id)
            return true;
    }
    return false;
}

static int infer_selector(struct matrix_work *work, int64_t id, struct err *err)
{
    const struct matrix_query *query = work->query;
    struct matrix_selector asked = {.tag = query->tag,
                                    .environment = query->environment,
                                    .latest = query->latest,
                                    .main_branch = query->main_branch};
    if (has_selector(work, id))
        return 0;
    int code = store_pacticipant_name(work->store, id, work->arena, &asked.pacticipant, err);
    return code < 0 ? code : resolve(work, &asked, id, true, &work->selectors, err);
}

static int infer_selectors(struct matrix_work *work, struct err *err)
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

static struct matrix_row *add_unknown(struct matrix_work *work,
                                      const struct matrix_row *publication,
                                      const struct resolved *provider)
{
    struct matrix_row *row = VEC_PUSH(work->arena, &work->rows);
    *row = *publication;
    row->provider_selector = provider;
    return row;
}

static bool has_result(const struct matrix_work *work, size_t from, int64_t version_id)
{
    for (size_t i = from; i < work->rows.len; i++) {
        if (work->rows.items[i].provider_version_id == version_id)
            return true;
    }
    return false;
}

/* Some versions of the provider have results, in the rows from `from` on. Those that need proof of
 * their own (matrix.h) become an unknown row each without one. Where none has a result one unknown
 * row says so, as in the original. */
static void add_unproven(struct matrix_work *work, const struct matrix_row *publication,
                         size_t from)
{
    VEC_EACH(&work->selectors, const struct resolved *, provider) {
        if (provider->pacticipant_id != publication->provider_id || !provider->needs_proof ||
            provider->version_id <= 0 || has_result(work, from, provider->version_id))
            continue;
        struct matrix_row *row = add_unknown(work, publication, provider);
        row->provider_version_id = provider->version_id;
        row->provider_number = provider->number;
    }
}

/* Results of one provider selector for a publication. */
static int results_of(struct matrix_work *work, const struct matrix_row *publication,
                      const struct resolved *provider, struct err *err)
{
    size_t before = work->rows.len;
    if (provider->version_id < 0)
        return 0;
    int code = store_matrix_results(work->store, publication, provider->version_id,
                                    work->latest_by == BY_NOTHING, work->arena, &work->rows, err);
    for (size_t i = before; i < work->rows.len; i++)
        work->rows.items[i].provider_selector = provider;
    return code;
}

static int rows_of_publication(struct matrix_work *work, const struct matrix_row *publication,
                               struct err *err)
{
    size_t n = 0, before = work->rows.len;
    const struct resolved *last = NULL;
    VEC_EACH(&work->selectors, const struct resolved *, provider) {
        if (provider->pacticipant_id != publication->provider_id)
            continue;
        last = provider;
        n++;
        int code = results_of(work, publication, provider, err);
        if (code < 0)
            return code;
    }
    if (work->rows.len > before && n > 1)
        add_unproven(work, publication, before);
    else if (work->rows.len == before)
        add_unknown(work, publication, n == 1 ? last : NULL);
    return 0;
}

static int rows_of_pair(struct matrix_work *work, const struct matrix_pair *pair, struct err *err)
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

static struct str group_key(const struct matrix_work *work, const struct matrix_row *row)
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
 * by nothing drops only rows that two selectors found alike. An ignored row hides no other. */
static void group_rows(struct matrix_work *work)
{
    struct map *groups = map_new(work->arena);
    struct matrix_rows kept = {0};
    VEC_EACH(&work->rows, const struct matrix_row *, row) {
        struct str key = group_key(work, row);
        if (row->ignored)
            key = str_printf(work->arena, "%.*s ignored", STR_FMT(key));
        void **slot = map_slot(groups, key);
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

static void mark_ignored(struct matrix_work *work)
{
    VEC_EACH(&work->rows, struct matrix_row *, row)
        row->ignored = matrix_ignores(work, row->consumer_id, row->consumer_version_id) ||
                       matrix_ignores(work, row->provider_id, row->provider_version_id);
}

/* Whether exactly one version is asked about, and others of the same pacticipant beside it. */
static bool asks_one_beside_others(const struct matrix_work *work)
{
    VEC_EACH(&work->selectors, const struct resolved *, a) {
        if (!a->needs_proof)
            continue;
        VEC_EACH(&work->selectors, const struct resolved *, b) {
            if (a->pacticipant_id == b->pacticipant_id && a->version_id != b->version_id)
                return true;
        }
    }
    return false;
}

/* One good pair must not answer for another one that is live, or asked about, beside it. */
static enum latest_by grouping(const struct matrix_work *work)
{
    bool coarse = work->query->latest_by == BY_CVP || work->query->latest_by == BY_CP;
    return coarse && (work->live || asks_one_beside_others(work)) ? BY_CVPV
                                                                  : work->query->latest_by;
}

int matrix_ask(struct store *store, const struct matrix_query *query, struct arena *arena,
               struct matrix *ret, struct err *err)
{
    struct matrix_work work = {.store = store, .query = query, .arena = arena};
    struct matrix answer = {.has_ignores = query->ignores.len > 0};
    work.live = query->environment != NULL;
    VEC_EACH(&query->selectors, const struct matrix_selector *, selector)
        work.live |= selector->environment != NULL;
    int code = resolve_all(&work, &query->ignores, &work.ignores, err);
    if (code >= 0)
        code = resolve_all(&work, &query->selectors, &work.selectors, err);
    work.latest_by = grouping(&work);
    if (code >= 0)
        code = find_pairs(&work, err);
    if (code >= 0)
        code = infer_selectors(&work, err);
    for (size_t i = 0; i < work.pairs.len && code >= 0; i++)
        code = rows_of_pair(&work, &work.pairs.items[i], err);
    if (code >= 0)
        code = matrix_add_left(&work, err);
    if (code < 0)
        return code;
    if (work.rows.len > 1)
        qsort(work.rows.items, work.rows.len, sizeof *work.rows.items, by_display);
    mark_ignored(&work);
    group_rows(&work);
    matrix_answer(&work, &answer);
    *ret = answer;
    return 0;
}
