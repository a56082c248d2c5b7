// SPDX-License-Identifier: Apache-2.0
/* A contract's past: the version before it, what changed, and deleting lists of publications. */
#include "broker/routes.h"

#include <time.h>

#include "broker/links.h"
#include "broker/live.h"
#include "broker/pact_diff.h"
#include "broker/pact_view.h"
#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

/* The named version's contract and the last one before it with another content. */
static int find_previous(struct call *call, struct publication *pact, struct publication *ret,
                         struct err *err)
{
    int code = pact_find_by_version(call, pact, err);
    if (code <= 0)
        return code;
    code = store_pact_previous_distinct(call->store, pact, call->arena, ret, err);
    if (code == 0)
        call_not_found(call);
    return code;
}

int pact_previous_get(struct call *call, struct err *err)
{
    struct publication pact = {0}, previous = {0};
    int code = find_previous(call, &pact, &previous, err);
    return code <= 0 ? code : pact_view(call, 200, &previous, NULL, err);
}

/* ---- differences ---- */

static int content_of(struct call *call, const struct publication *pact, struct str *ret,
                      struct err *err)
{
    bool plain = false;
    int code =
        store_pact_content(call->store, pact->pact_version_id, call->arena, ret, &plain, err);
    return code < 0 ? code : 0;
}

/* "about 3 hours": as Rails rounds distances of time, from which the original took it. */
static const char *distance(struct arena *arena, int64_t seconds)
{
    enum { YEAR = 525600 };
    static const struct {
        long long below, unit; /* minutes */
        const char *before, *word;
    } words[] = {{1, YEAR, "less than ", "minute"}, {45, 1, "", "minute"},
                 {1440, 60, "about ", "hour"},      {2520, 2520, "", "day"},
                 {43200, 1440, "", "day"},          {86400, 43200, "about ", "month"},
                 {YEAR, 43200, "", "month"}};
    long long minutes = seconds > 0 ? (seconds + 30) / 60 : 0, n = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (minutes >= words[i].below)
            continue;
        n = (minutes + words[i].unit / 2) / words[i].unit;
        if (n == 0)
            return arena_printf(arena, "%sa %s", words[i].before, words[i].word);
        return arena_printf(arena, "%s%lld %s%s", words[i].before, n, words[i].word,
                            n == 1 ? "" : "s");
    }
    long long rest = minutes % YEAR;
    n = minutes / YEAR + (rest >= YEAR / 4 * 3);
    return arena_printf(arena, "%s %lld year%s",
                        rest < YEAR / 4       ? "about"
                        : rest < YEAR / 4 * 3 ? "over"
                                              : "almost",
                        n, n == 1 ? "" : "s");
}

/* "3 days ago (Fri 20 Nov 2026, 5:59pm +00:00)" */
static const char *when(struct call *call, const char *stored)
{
    int64_t at = 0, now = clock_now_us(call->store->clock);
    char text[64] = "";
    if (!clock_parse(str_of(stored), &at))
        return stored;
    time_t seconds = (time_t)(at / 1000000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%a %d %b %Y, %-I:%M%P +00:00", &tm);
    return arena_printf(call->arena, "%s ago (%s)", distance(call->arena, (now - at) / 1000000),
                        text);
}

static void put_link(struct call *call, struct buf *out, const char *key,
                     const struct publication *pact)
{
    buf_printf(out, "%s:\n  title: Pact\n  name: %s\n  href: %s\n", key, link_pact_name(call, pact),
               link_pact(call, pact));
}

static int answer_diff(struct call *call, const struct publication *pact,
                       const struct publication *other, struct err *err)
{
    struct str old_content = STR_NONE, new_content = STR_NONE, diff = STR_NONE;
    int code = content_of(call, other, &old_content, err);
    if (code == 0)
        code = content_of(call, pact, &new_content, err);
    if (code == 0)
        code = pact_diff(call->arena, old_content, new_content, &diff, err);
    if (code < 0)
        return code;
    BUF_AUTO struct buf out = BUF_INIT(SIZE_MAX);
    buf_printf(&out, "# Diff between versions %s and %s of the pact between %s and %s\n\n",
               other->number, pact->number, pact->consumer, pact->provider);
    buf_printf(&out, "The following changes were made %s\n\n", when(call, pact->created_at));
    buf_str(&out, diff.len > 0 ? diff : STR("No differences\n"));
    buf_puts(&out, "\n## Links\n\n");
    put_link(call, &out, "pact-version", pact);
    put_link(call, &out, "comparison-pact-version", other);
    return call_text(call, 200, "text/plain;charset=utf-8", str_dup(call->arena, buf_view(&out)));
}

int pact_diff_previous_get(struct call *call, struct err *err)
{
    struct publication pact = {0}, previous = {0};
    int code = find_previous(call, &pact, &previous, err);
    return code <= 0 ? code : answer_diff(call, &pact, &previous, err);
}

int pact_diff_version_get(struct call *call, struct err *err)
{
    struct publication pact = {0}, other = {0};
    struct version version = {0};
    int code = pact_find_by_version(call, &pact, err);
    if (code <= 0)
        return code;
    code = store_version_find(call->store, pact.consumer_id, call_param(call, "other"), call->arena,
                              &version, err);
    if (code > 0)
        code = store_pact_find(call->store, version.id, pact.provider_id, call->arena, &other, err);
    if (code == 0)
        return call_not_found(call);
    return code < 0 ? code : answer_diff(call, &pact, &other, err);
}

int pact_diff_sha_get(struct call *call, struct err *err)
{
    struct publication pact = {0}, other = {0};
    int code = pact_find_by_sha(call, &pact, err);
    if (code <= 0)
        return code;
    code = store_pact_by_sha(call->store, pact.consumer, pact.provider, call_param(call, "other"),
                             call->arena, &other, err);
    if (code == 0)
        return call_not_found(call);
    return code < 0 ? code : answer_diff(call, &pact, &other, err);
}

/* ---- deleting lists ---- */

static int delete_one(struct call *call, const struct publication *row, struct err *err)
{
    struct live_filter filter = {.version_id = row->consumer_version_id};
    int code = live_allows_delete(call, &filter,
                                  arena_printf(call->arena, "the contract between %s (%s) and %s",
                                               row->consumer, row->number, row->provider),
                                  err);
    if (code <= 0)
        return code;
    code = store_pact_delete(call->store, row->consumer_version_id, row->provider_id, err);
    return code < 0 ? code : 1;
}

int pact_versions_delete(struct call *call, struct err *err)
{
    struct pacticipant consumer = {0}, provider = {0};
    struct publications rows = {0};
    int code = pact_find_list(call, &consumer, &provider, &rows, err);
    if (code <= 0)
        return code;
    VEC_EACH(&rows, const struct publication *, row) {
        code = delete_one(call, row, err);
        if (code <= 0)
            return code;
    }
    return call->route->tag == WHICH_LATEST ? call_empty(call, 204)
                                            : pact_deleted(call, &consumer, &provider, err);
}
