// SPDX-License-Identifier: Apache-2.0
/* Walk a list page by page, following its cursor, and let lib/adr judge what was seen. */
#include "verifier/probe_parts.h"

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/base/term.h"

/* Fewer cursors than three prove little about what a cursor is made of. */
enum { PAGES_ENOUGH = 4, URLS_SHOWN = 5, EXCERPT = 400 };

#define FEW_ROWS                                                                                   \
    "seed the list with at least two rows and probe again: a page can only be followed when "      \
    "there "                                                                                       \
    "is a next one"

#define NOT_THE_END "mend what stopped the walk before the end of the list, then probe again"

/* A walk and what its evidence needs beside. */
struct trace {
    struct adr_walk walk;
    struct json *urls; /* the first few */
    struct str excerpt;
    int64_t limit;
    size_t rows, fetched;
    bool broken; /* it stopped for a reason that is the list's own fault */
};

/* ---- one page ---- */

/* A page may be large and only its ids are kept, so the rest lives in an arena of its own. */
static int fetch(struct probe *probe, const struct probe_list *list, struct str cursor,
                 struct probe_page *ret, struct err *err)
{
    struct arena *arena = probe->arena, *scratch ARENA_AUTO = arena_new();
    struct probe_page page = {0};
    probe->arena = scratch;
    int rc = list->page(probe, list, cursor, &page, err);
    probe->arena = arena;
    if (rc < 0)
        return rc;
    *ret = (struct probe_page){
        .seen =
            {
                .url = str_dup(arena, page.seen.url),
                .status = page.seen.status,
                .cursor = cursor,
                .next = str_dup(arena, page.seen.next),
                .limit = list->limit,
            },
        .excerpt = str_dup(arena, page.excerpt),
        .stopped = str_dup(arena, page.stopped),
        .broken = page.broken,
    };
    VEC_EACH(&page.seen.ids, const struct str *, id) {
        *VEC_PUSH(arena, &ret->seen.ids) = str_dup(arena, *id);
    }
    return 0;
}

struct str probe_row_id(struct probe *probe, const struct json *row)
{
    static const char *const names[] = {"id", "uuid", "_id", "key"};
    const struct json *node = json_get(row, "node");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct json *id = json_get(row, names[i]);
        if (!id && node)
            id = json_get(node, names[i]);
        if (json_is(id, JSON_STRING) || json_is(id, JSON_NUMBER))
            return str_dup(probe->arena, json_text(id));
    }
    return STR_NONE;
}

/* ---- a walk ---- */

/* Take a page into the trace. Returns whether there is another one to fetch. */
static bool take(struct probe *probe, struct trace *trace, const struct probe_page *page,
                 struct map *seen)
{
    struct arena *arena = probe->arena;
    struct str next = page->seen.next;
    trace->fetched++;
    if (json_len(trace->urls) < URLS_SHOWN)
        json_append(arena, trace->urls, json_new_str(arena, page->seen.url));
    if (trace->walk.pages.len == 0 || page->stopped.ptr)
        trace->excerpt = page->excerpt;
    if (page->stopped.ptr) {
        trace->walk.stopped = page->stopped;
        trace->broken = page->broken;
        return false;
    }
    *VEC_PUSH(arena, &trace->walk.pages) = page->seen;
    trace->rows += page->seen.ids.len;
    trace->walk.complete = !next.ptr;
    if (trace->walk.complete)
        return false;
    if (map_has(seen, next)) {
        trace->walk.stopped = STR("a cursor came back that had been followed before");
        trace->broken = true;
        return false;
    }
    map_put(seen, next, seen);
    if ((int64_t)trace->walk.pages.len < probe->config.max_pages)
        return true;
    trace->walk.stopped = str_printf(arena, "there are more than %lld (--max-pages)",
                                     (long long)probe->config.max_pages);
    return false;
}

static int walk(struct probe *probe, const struct probe_list *list, struct trace *ret,
                struct err *err)
{
    struct map *seen = map_new(probe->arena);
    struct str cursor = STR_NONE;
    bool more = true;
    *ret = (struct trace){.urls = json_new_array(probe->arena), .limit = list->limit};
    ret->walk.subject = list->subject;
    while (more) {
        struct probe_page page = {0};
        term_progress("walking pages", ret->walk.pages.len, (size_t)probe->config.max_pages);
        int rc = fetch(probe, list, cursor, &page, err);
        if (rc < 0) {
            term_progress_end();
            return rc;
        }
        more = take(probe, ret, &page, seen);
        cursor = page.seen.next;
    }
    term_progress_end();
    return 0;
}

/* ---- the judgement ---- */

static struct str nth_id(const struct trace *trace, size_t n)
{
    VEC_EACH(&trace->walk.pages, const struct adr_page *, page) {
        if (n < page->ids.len)
            return page->ids.items[n];
        n -= page->ids.len;
    }
    return STR_NONE;
}

static bool same_rows(const struct trace *a, const struct trace *b)
{
    if (a->rows != b->rows)
        return false;
    for (size_t i = 0; i < a->rows; i++) {
        if (!str_eq(nth_id(a, i), nth_id(b, i)))
            return false;
    }
    return true;
}

static void say(struct probe *probe, const struct probe_list *list, enum adr_verdict verdict,
                struct str text)
{
    probe_add(probe, list->rule, verdict, ADR_LIVE, list->subject, text, NULL);
}

/* What lib/adr says of the walk; an empty list, and one that breaks its own promise, are plain. */
static void judge(struct probe *probe, const struct probe_list *list, const struct trace *trace)
{
    const struct adr_walk *seen = &trace->walk;
    struct adr_findings findings = {0};
    if (seen->complete && trace->rows == 0) {
        say(probe, list, ADR_INCONCLUSIVE, STR("the list is empty: there is nothing to judge"));
        return;
    }
    adr_check_walk(seen, list->rule, probe->arena, &findings);
    VEC_EACH(&findings, struct adr_finding *, finding) {
        bool own = strcmp(finding->rule, list->rule) == 0;
        if (own && trace->broken && finding->verdict == ADR_INCONCLUSIVE) {
            finding->verdict = ADR_FAIL;
            finding->text = str_printf(probe->arena, "on page %zu %.*s", trace->fetched,
                                       STR_FMT(seen->stopped));
        }
        *VEC_PUSH(probe->arena, &probe->findings) = *finding;
    }
}

static bool breaks_rule(const struct probe *probe, size_t from)
{
    for (size_t i = from; i < probe->findings.len; i++) {
        if (probe->findings.items[i].verdict == ADR_FAIL)
            return true;
    }
    return false;
}

static void add_evidence(struct probe *probe, size_t from, const struct probe_list *list,
                         const struct trace *trace)
{
    struct arena *arena = probe->arena;
    const char *again = list->again;
    if (trace->limit > 0)
        again = arena_printf(arena, "%s%s--page-size %lld", again, *again ? " " : "",
                             (long long)trace->limit);
    for (size_t i = from; i < probe->findings.len; i++) {
        struct adr_finding *finding = &probe->findings.items[i];
        struct json *evidence = probe_evidence(probe, finding);
        json_set(arena, evidence, "urls", json_copy(arena, trace->urls));
        if (trace->limit > 0)
            json_set(arena, evidence, "limit", json_new_int(arena, trace->limit));
        probe_evidence_text(probe, finding, "excerpt", trace->excerpt);
        probe_evidence_text(probe, finding, "reproduce", probe_again(probe, again));
        if (finding->verdict == ADR_INCONCLUSIVE && strcmp(finding->rule, list->rule) == 0)
            probe_evidence_text(probe, finding, "next",
                                trace->walk.complete ? STR(FEW_ROWS) : STR(NOT_THE_END));
    }
}

/* The walk again with smaller pages, when few pages proved little; *ret is the better of both. */
static int walk_again(struct probe *probe, struct probe_list *list, struct trace *ret,
                      struct err *err)
{
    struct trace first = *ret, second;
    int64_t smaller = first.rows / PAGES_ENOUGH > 0 ? (int64_t)first.rows / PAGES_ENOUGH : 1;
    if (!first.walk.complete || first.rows < 2 || smaller >= list->limit ||
        first.walk.pages.len >= PAGES_ENOUGH)
        return 0;
    list->limit = smaller;
    int rc = walk(probe, list, &second, err);
    if (rc < 0)
        return rc;
    if (second.walk.pages.len == 0 && !second.broken) /* so few rows at once are not to be had */
        return 0;
    if (second.walk.complete && !same_rows(&first, &second)) {
        second.walk.complete = false;
        second.walk.stopped = str_printf(
            probe->arena,
            "pages of %lld rows showed %zu rows and pages of %lld showed %zu, not the same ones: "
            "rows are lost between pages, or the data changed meanwhile",
            (long long)first.limit, first.rows, (long long)second.limit, second.rows);
    }
    *ret = second;
    return 0;
}

int probe_walk(struct probe *probe, const struct probe_list *list, struct err *err)
{
    struct probe_list narrow = *list;
    struct trace trace;
    size_t from = probe->findings.len;
    int rc = walk(probe, list, &trace, err);
    if (rc < 0)
        return rc;
    judge(probe, list, &trace);
    if (!breaks_rule(probe, from)) {
        rc = walk_again(probe, &narrow, &trace, err);
        if (rc < 0)
            return rc;
        probe->findings.len = from;
        judge(probe, &narrow, &trace);
    }
    add_evidence(probe, from, list, &trace);
    return 0;
}
