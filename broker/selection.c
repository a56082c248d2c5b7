// SPDX-License-Identifier: Apache-2.0
#include "broker/selection.h"

#include <stdlib.h>

#include "broker/store_selection.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/map.h"

#define DAY_US (INT64_C(86400) * 1000000)

const struct selection_rules selection_defaults = {
    .window_min_days = 7, .window_max_days = 14, .window_default_days = 7, .other_branch_days = 30};

struct work {
    struct store *store;
    const struct pacticipant *provider;
    const struct selection *selection;
    const struct selection_rules *rules;
    struct arena *arena;
};

/* ---- candidates ---- */

static int choose(struct work *work, const struct selector *selector, struct selected_pacts *ret,
                  struct err *err)
{
    size_t before = ret->len;
    int code = store_select(work->store, work->provider->id, selector, work->arena, ret, err);
    if (code < 0 || ret->len > before || !selector->fallback)
        return code;
    struct selector other = *selector;
    other.name = selector->fallback;
    other.fallback = NULL;
    other.instead_of = selector->name;
    return store_select(work->store, work->provider->id, &other, work->arena, ret, err);
}

/* A consumer without a version on its main branch: the latest with the tag of that name, else the
 * latest. A main branch whose head has no contract for the provider selects nothing. */
static int choose_default_of(struct work *work, const struct selected *latest,
                             struct selected_pacts *ret, struct err *err)
{
    struct pacticipant consumer = {0};
    struct version head = {0};
    int code =
        store_pacticipant_find(work->store, latest->pact.consumer, work->arena, &consumer, err);
    if (code > 0 && consumer.main_branch)
        code = store_version_latest(work->store, consumer.id, consumer.main_branch, NULL,
                                    work->arena, &head, err);
    if (code < 0 || head.id)
        return code < 0 ? code : 0;
    struct selector tag = {
        .kind = SELECT_LATEST_TAG, .name = consumer.main_branch, .consumer = latest->pact.consumer};
    size_t before = ret->len;
    code = consumer.main_branch ? choose(work, &tag, ret, err) : 0;
    if (code == 0 && ret->len == before)
        *VEC_PUSH(work->arena, ret) = *latest;
    return code;
}

/* Without selectors: per consumer the main branch, else the tag of that name, else the latest; and
 * all that is deployed or released. */
static int choose_defaults(struct work *work, struct selected_pacts *ret, struct err *err)
{
    static const enum selector_kind placed[] = {SELECT_DEPLOYED, SELECT_RELEASED};
    struct selector main_branch = {.kind = SELECT_MAIN_BRANCH}, latest = {.kind = SELECT_LATEST};
    struct selected_pacts each = {0};
    int code = choose(work, &main_branch, ret, err);
    if (code == 0)
        code = choose(work, &latest, &each, err);
    for (size_t i = 0; i < each.len && code == 0; i++)
        code = choose_default_of(work, &each.items[i], ret, err);
    for (size_t i = 0; i < 2 && code == 0; i++) {
        struct selector selector = {.kind = placed[i]};
        code = choose(work, &selector, ret, err);
    }
    return code;
}

/* ---- one row per consumer and content ---- */

static bool same_reason(const struct reason *a, const struct reason *b)
{
    return a->selector.kind == b->selector.kind &&
           a->consumer_version_id == b->consumer_version_id &&
           str_eq(str_of(a->branch), str_of(b->branch)) &&
           str_eq(str_of(a->environment), str_of(b->environment)) &&
           str_eq(str_of(a->selector.name), str_of(b->selector.name)) &&
           str_eq(str_of(a->selector.consumer), str_of(b->selector.consumer));
}

static int by_reason(const void *x, const void *y)
{
    const struct reason *a = x, *b = y;
    if (a->selector.kind != b->selector.kind)
        return a->selector.kind < b->selector.kind ? -1 : 1;
    int order = strcmp(a->branch ? a->branch : "", b->branch ? b->branch : "");
    if (order == 0)
        order = strcmp(a->environment ? a->environment : "", b->environment ? b->environment : "");
    if (order == 0 && !a->selector.consumer != !b->selector.consumer)
        order = a->selector.consumer ? -1 : 1;
    if (order == 0 && a->consumer_version_id != b->consumer_version_id)
        order = a->consumer_version_id < b->consumer_version_id ? -1 : 1;
    return order;
}

static void add_reason(struct arena *arena, struct selected *row, const struct reason *reason)
{
    VEC_EACH(&row->reasons, const struct reason *, old) {
        if (same_reason(old, reason))
            return;
    }
    *VEC_PUSH(arena, &row->reasons) = *reason;
}

static int by_consumer(const void *x, const void *y)
{
    const struct selected *a = x, *b = y;
    int order = strcmp(a->pact.consumer, b->pact.consumer);
    if (order)
        return order;
    if (a->pact.consumer_version_id != b->pact.consumer_version_id)
        return a->pact.consumer_version_id < b->pact.consumer_version_id ? -1 : 1;
    return strcmp(a->pact.sha, b->pact.sha);
}

static struct str content_key(struct work *work, const struct selected *row)
{
    return str_printf(work->arena, "%lld", (long long)row->pact.pact_version_id);
}

static void merge(struct work *work, const struct selected_pacts *rows, struct selected_pacts *ret)
{
    struct map *seen = map_new(work->arena);
    struct selected **order = ARENA_ARRAY(work->arena, struct selected *, rows->len);
    size_t n = 0;
    VEC_EACH(rows, struct selected *, row) {
        void **slot = map_slot(seen, content_key(work, row));
        if (!*slot) {
            *slot = order[n++] = row;
            continue;
        }
        struct selected *first = *slot;
        VEC_EACH(&row->reasons, const struct reason *, reason)
            add_reason(work->arena, first, reason);
        if (row->pact.consumer_version_id > first->pact.consumer_version_id)
            first->pact = row->pact;
    }
    for (size_t i = 0; i < n; i++) {
        order[i]->pact.provider = work->provider->name;
        qsort(order[i]->reasons.items, order[i]->reasons.len, sizeof(struct reason), by_reason);
        *VEC_PUSH(work->arena, ret) = *order[i];
    }
    if (ret->len > 1)
        qsort(ret->items, ret->len, sizeof *ret->items, by_consumer);
}

/* ---- pending ---- */

/* The time form of the store; later than any time when the branch is not there yet. */
static int branch_begin(struct work *work, const char **ret, struct err *err)
{
    int code = store_branch_began(work->store, work->provider->id, work->selection->branch,
                                  work->arena, ret, err);
    if (code == 0)
        *ret = NULL;
    return code < 0 ? code : 0;
}

static int pending_for_branch(struct work *work, int64_t content, bool *ret, struct err *err)
{
    struct branch_question question = {.provider_id = work->provider->id,
                                       .branch = work->selection->branch};
    int code = store_verified_on_branch(work->store, content, &question, err);
    if (code == 0) {
        question.other = true;
        code = branch_begin(work, &question.before, err);
        if (code == 0)
            code = store_verified_on_branch(work->store, content, &question, err);
    }
    if (code >= 0)
        *ret = code == 0;
    return code < 0 ? code : 0;
}

static int pending_for_tag(struct work *work, int64_t content, const char *tag, bool *ret,
                           struct err *err)
{
    int64_t provider = work->provider->id;
    int code = store_verified_with_tag(work->store, content, provider, tag, false, false, err);
    if (code == 0)
        code = store_verified_with_tag(work->store, content, provider, tag, true, false, err);
    if (code >= 0)
        *ret = code == 0;
    return code < 0 ? code : 0;
}

static int is_pending(struct work *work, struct selected *row, struct err *err)
{
    int64_t content = row->pact.pact_version_id;
    int code = 0;
    if (work->selection->branch)
        return pending_for_branch(work, content, &row->pending, err);
    VEC_EACH(&work->selection->tags, const char **, tag) {
        bool pending = false;
        if (code == 0)
            code = pending_for_tag(work, content, *tag, &pending, err);
        if (pending)
            *VEC_PUSH(work->arena, &row->pending_tags) = *tag;
    }
    row->pending = row->pending_tags.len > 0;
    if (work->selection->tags.len == 0) {
        code = store_verified_at_all(work->store, content, err);
        row->pending = code == 0;
    }
    return code < 0 ? code : 0;
}

/* Marks those whose content belongs to a version that is deployed or released anywhere. */
static int mark_live(struct work *work, struct selected_pacts *rows, struct err *err)
{
    static const enum selector_kind placed[] = {SELECT_DEPLOYED, SELECT_RELEASED};
    struct selected_pacts live = {0};
    struct map *contents = map_new(work->arena);
    int code = 0;
    for (size_t i = 0; i < 2 && code == 0; i++) {
        struct selector selector = {.kind = placed[i]};
        code = choose(work, &selector, &live, err);
    }
    VEC_EACH(&live, struct selected *, row)
        *map_slot(contents, content_key(work, row)) = row;
    VEC_EACH(rows, struct selected *, row)
        row->live = map_get(contents, content_key(work, row)) != NULL;
    return code;
}

/* ---- work in progress ---- */

static int by_age(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return *a < *b ? -1 : *a > *b;
}

/* The ages, at most those of the longest window, of the contents that nobody verified yet. */
static int ages_of(struct work *work, const struct selected_pacts *heads, int64_t now_us,
                   int64_t *ages, size_t *ret_n, struct err *err)
{
    struct map *seen = map_new(work->arena);
    size_t n = 0;
    VEC_EACH(heads, struct selected *, row) {
        void **slot = map_slot(seen, content_key(work, row));
        int64_t made_us = 0;
        if (*slot || !clock_parse(str_of(row->pact.created_at), &made_us) ||
            now_us - made_us > work->rules->window_max_days * DAY_US)
            continue;
        *slot = row;
        int code = store_verified_at_all(work->store, row->pact.pact_version_id, err);
        if (code < 0)
            return code;
        if (code == 0)
            ages[n++] = now_us - made_us;
    }
    *ret_n = n;
    return 0;
}

/* Since when work in progress counts: four of five of what is unverified is younger than that. */
static int window_begin(struct work *work, const struct selected_pacts *heads, const char **ret,
                        struct err *err)
{
    const struct selection_rules *rules = work->rules;
    int64_t now_us = clock_now_us(work->store->clock), window_us = 0;
    int64_t *ages = ARENA_ARRAY(work->arena, int64_t, heads->len + 1);
    size_t n = 0;
    int code = ages_of(work, heads, now_us, ages, &n, err);
    if (code < 0)
        return code;
    if (n > 0) {
        qsort(ages, n, sizeof *ages, by_age);
        window_us = ages[(n * 4 + 4) / 5 - 1];
        if (window_us < rules->window_min_days * DAY_US)
            window_us = rules->window_min_days * DAY_US;
    } else {
        window_us = rules->window_default_days * DAY_US;
    }
    *ret = clock_format_utc(now_us - window_us - 1, arena_alloc(work->arena, CLOCK_TEXT_LEN));
    return 0;
}

static int done_for_branch(struct work *work, int64_t content, bool *ret, struct err *err)
{
    char text[CLOCK_TEXT_LEN];
    int64_t from = clock_now_us(work->store->clock) - work->rules->other_branch_days * DAY_US;
    struct branch_question question = {.provider_id = work->provider->id,
                                       .branch = work->selection->branch,
                                       .since = clock_format_utc(from, text),
                                       .not_wip = true};
    int code = store_verified_on_branch(work->store, content, &question, err);
    if (code == 0) {
        question.other = true;
        code = branch_begin(work, &question.before, err);
        if (!question.before)
            question.since = NULL;
        if (code == 0)
            code = store_verified_on_branch(work->store, content, &question, err);
    }
    if (code >= 0)
        *ret = code > 0;
    return code < 0 ? code : 0;
}

/* Work in progress for any of the tags: not yet verified with it, nor with another before it. */
static int done_for_tags(struct work *work, struct selected *row, bool *ret, struct err *err)
{
    int64_t provider = work->provider->id, content = row->pact.pact_version_id;
    VEC_EACH(&work->selection->tags, const char **, tag) {
        int code = store_verified_with_tag(work->store, content, provider, *tag, false, true, err);
        if (code == 0)
            code = store_verified_with_tag(work->store, content, provider, *tag, true, true, err);
        if (code < 0)
            return code;
        if (code == 0)
            *VEC_PUSH(work->arena, &row->pending_tags) = *tag;
    }
    *ret = row->pending_tags.len == 0;
    return 0;
}

static bool chosen(const struct selected_pacts *list, int64_t content)
{
    VEC_EACH(list, const struct selected *, row) {
        if (row->pact.pact_version_id == content)
            return true;
    }
    return false;
}

static int add_wip(struct work *work, struct selected_pacts *ret, struct err *err)
{
    static const enum selector_kind heads[] = {SELECT_BRANCH_HEADS, SELECT_TAG_HEADS};
    struct selected_pacts found = {0}, wip = {0}, kept = {0};
    const char *since = work->selection->wip_since;
    int code = 0;
    for (size_t i = 0; i < 2 && code == 0; i++) {
        struct selector selector = {.kind = heads[i]};
        code = store_select(work->store, work->provider->id, &selector, work->arena, &found, err);
    }
    if (code == 0 && work->rules->dynamic_window)
        code = window_begin(work, &found, &since, err);
    VEC_EACH(&found, const struct selected *, row) {
        if (strcmp(row->pact.created_at, since) > 0)
            *VEC_PUSH(work->arena, &kept) = *row;
    }
    merge(work, &kept, &wip);
    VEC_EACH(&wip, struct selected *, row) {
        bool done = chosen(ret, row->pact.pact_version_id);
        if (code == 0 && !done)
            code = work->selection->branch
                       ? done_for_branch(work, row->pact.pact_version_id, &done, err)
                       : done_for_tags(work, row, &done, err);
        row->wip = row->pending = true;
        if (code == 0 && !done)
            *VEC_PUSH(work->arena, ret) = *row;
    }
    return code;
}

int selection_run(struct store *store, const struct pacticipant *provider,
                  const struct selection *selection, struct arena *arena,
                  struct selected_pacts *ret, struct err *err)
{
    const struct selection_rules *rules = selection->rules ? selection->rules : &selection_defaults;
    struct work work = {store, provider, selection, rules, arena};
    struct selected_pacts rows = {0}, out = {0};
    int code = 0;
    if (selection->selectors.len == 0)
        code = choose_defaults(&work, &rows, err);
    for (size_t i = 0; i < selection->selectors.len && code == 0; i++)
        code = choose(&work, &selection->selectors.items[i], &rows, err);
    merge(&work, &rows, &out);
    if (code == 0 && rules->live_never_pending)
        code = mark_live(&work, &out, err);
    VEC_EACH(&out, struct selected *, row) {
        if (code == 0 && selection->with_pending && !row->live)
            code = is_pending(&work, row, err);
    }
    if (code == 0 && selection->wip_since && (selection->branch || selection->tags.len > 0))
        code = add_wip(&work, &out, err);
    if (code == 0)
        *ret = out;
    return code;
}
