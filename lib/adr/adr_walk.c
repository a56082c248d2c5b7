// SPDX-License-Identifier: Apache-2.0
/*
 * What a walk over the pages of a list proves. Source: adr-checks, INT-005-CURSOR and
 * INT-005-CURSOR-OPAQUE.
 */
#include "lib/adr/adr.h"

#include "lib/adr/adr_parts.h"
#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/map.h"

static const char OPAQUE[] = "INT-005-CURSOR-OPAQUE";
/* So many cursors that name their row's position are no coincidence. */
enum { OPAQUE_ENOUGH = 3, SHOWN = 5 };

/* ---- every id once, pages within the limit ---- */

struct walked {
    size_t pages, ids, repeated, oversize, stuck, unlinked;
    struct json *repeats; /* the first few ids that came again */
};

static void count_ids(const struct adr_page *page, struct map *seen, struct arena *arena,
                      struct walked *walked)
{
    VEC_EACH(&page->ids, const struct str *, id) {
        walked->ids++;
        if (map_has(seen, *id)) {
            walked->repeated++;
            if (json_len(walked->repeats) < SHOWN)
                json_append(arena, walked->repeats, json_new_str(arena, *id));
        }
        map_put(seen, *id, (void *)seen);
    }
}

static struct walked walk(const struct adr_walk *walk, struct arena *arena)
{
    struct walked walked = {.repeats = json_new_array(arena)};
    struct map *seen = map_new(arena);
    for (size_t i = 0; i < walk->pages.len; i++) {
        const struct adr_page *page = &walk->pages.items[i];
        walked.pages++;
        count_ids(page, seen, arena, &walked);
        if (page->limit > 0 && (int64_t)page->ids.len > page->limit)
            walked.oversize++;
        if (page->next.ptr && page->cursor.ptr && str_eq(page->next, page->cursor))
            walked.stuck++;
        bool follows = i == 0 ? !page->cursor.ptr
                              : page->cursor.ptr && walk->pages.items[i - 1].next.ptr &&
                                    str_eq(page->cursor, walk->pages.items[i - 1].next);
        if (!follows)
            walked.unlinked++;
    }
    return walked;
}

static struct adr_finding *judge_walk(const struct adr_walk *trace, const struct walked *walked,
                                      const char *rule, struct arena *arena,
                                      struct adr_findings *findings)
{
    struct str subject = trace->subject;
    if (walked->repeated > 0)
        return adr_add(arena, findings, rule, ADR_FAIL, ADR_LIVE, subject,
                       "%zu of %zu rows came more than once in %zu pages", walked->repeated,
                       walked->ids, walked->pages);
    if (walked->oversize > 0)
        return adr_add(arena, findings, rule, ADR_FAIL, ADR_LIVE, subject,
                       "%zu of %zu pages hold more rows than the limit asked for", walked->oversize,
                       walked->pages);
    if (walked->stuck > 0)
        return adr_add(arena, findings, rule, ADR_FAIL, ADR_LIVE, subject,
                       "a page names its own cursor as the next one: the walk never ends");
    if (!trace->complete)
        return adr_add(arena, findings, rule, ADR_INCONCLUSIVE, ADR_LIVE, subject,
                       "the walk stopped after %zu pages: %.*s", walked->pages,
                       STR_FMT(trace->stopped.ptr ? trace->stopped : STR("no reason given")));
    if (walked->unlinked > 0)
        return adr_add(arena, findings, rule, ADR_INCONCLUSIVE, ADR_LIVE, subject,
                       "%zu of %zu pages were not asked for with the cursor of the page before",
                       walked->unlinked, walked->pages);
    if (walked->pages < 2)
        return adr_add(arena, findings, rule, ADR_INCONCLUSIVE, ADR_LIVE, subject,
                       "there is only one page of %zu rows, which proves nothing about the next",
                       walked->ids);
    return adr_add(arena, findings, rule, ADR_PASS, ADR_LIVE, subject,
                   "%zu rows in %zu pages, every row once", walked->ids, walked->pages);
}

/* ---- do the cursors tell where they point? ---- */

static bool all_digits(struct str text)
{
    return text.len > 0 && text.len < 18 && strspn(text.ptr, "0123456789") >= text.len;
}

/* "offset:12", "arrayconnection:12", "page=2" */
static bool labelled_number(struct str text, int64_t *ret)
{
    size_t at = 0;
    while (at < text.len && ((text.ptr[at] >= 'a' && text.ptr[at] <= 'z') ||
                             (text.ptr[at] >= 'A' && text.ptr[at] <= 'Z') || text.ptr[at] == '_'))
        at++;
    if (at == 0 || at >= text.len || (text.ptr[at] != ':' && text.ptr[at] != '='))
        return false;
    return str_to_i64(str_sub(text, at + 1, text.len), 0, INT64_MAX, ret);
}

/* {"offset": 12} and the like. */
static bool json_number(struct str text, struct arena *arena, int64_t *ret)
{
    static const char *const names[] = {"offset", "page", "skip",   "start", "position",
                                        "index",  "pos",  "pageno", NULL};
    struct json *object;
    if (text.len == 0 || text.ptr[0] != '{' || json_parse(text, "cursor", arena, &object, NULL) < 0)
        return false;
    for (size_t i = 0; i < json_len(object); i++) {
        if (adr_name_in(json_key(object, i), names) && json_to_i64(json_at(object, i), ret))
            return true;
    }
    return false;
}

static bool number_in(struct str text, struct arena *arena, int64_t *ret)
{
    return (all_digits(text) && str_to_i64(text, 0, INT64_MAX, ret)) ||
           labelled_number(text, ret) || json_number(text, arena, ret);
}

/* The number a cursor hides, as it is or in base64. */
static bool decode(struct str cursor, struct arena *arena, int64_t *ret)
{
    struct str plain;
    return number_in(cursor, arena, ret) || (hash_unbase64url(arena, cursor, &plain) &&
                                             number_in(str_dup(arena, plain), arena, ret));
}

static bool is_row_id(struct str cursor, struct str id, struct arena *arena)
{
    struct str plain;
    return str_eq(cursor, id) || (hash_unbase64url(arena, cursor, &plain) && str_eq(plain, id));
}

struct guesses {
    size_t cursors, positions, numbers, steps, ids;
    struct json *samples;
};

/* Each cursor sent is compared with what went before it: rows, last row, pages. */
static struct guesses guess(const struct adr_walk *walk, struct arena *arena)
{
    struct guesses guesses = {.samples = json_new_array(arena)};
    int64_t rows = 0, before = 0;
    bool numbered = false;
    for (size_t i = 1; i < walk->pages.len; i++) {
        const struct adr_page *last = &walk->pages.items[i - 1], *page = &walk->pages.items[i];
        int64_t number = 0;
        rows += (int64_t)last->ids.len;
        if (!page->cursor.ptr)
            continue;
        guesses.cursors++;
        if (json_len(guesses.samples) < SHOWN)
            json_append(arena, guesses.samples, json_new_str(arena, page->cursor));
        bool is_number = decode(str_dup(arena, page->cursor), arena, &number);
        if (is_number) {
            guesses.numbers++;
            bool page_number = number == (int64_t)i || number == (int64_t)i + 1;
            if (number == rows || number == rows - 1 || number == rows + 1 || page_number)
                guesses.positions++;
            if (numbered && number - before == (int64_t)last->ids.len)
                guesses.steps++;
        } else if (last->ids.len > 0 &&
                   is_row_id(page->cursor, last->ids.items[last->ids.len - 1], arena)) {
            guesses.ids++;
        }
        numbered = is_number;
        before = number;
    }
    return guesses;
}

static void judge_opaque(const struct adr_walk *walk, struct arena *arena,
                         struct adr_findings *findings)
{
    struct guesses guesses = guess(walk, arena);
    struct str subject = walk->subject;
    struct adr_finding *finding;
    if (guesses.cursors == 0)
        finding = adr_add(arena, findings, OPAQUE, ADR_INCONCLUSIVE, ADR_LIVE, subject,
                          "no cursor was seen");
    else if (guesses.positions >= OPAQUE_ENOUGH)
        finding = adr_add(arena, findings, OPAQUE, ADR_FAIL, ADR_LIVE, subject,
                          "%zu of %zu cursors decode to the position of their row or page",
                          guesses.positions, guesses.cursors);
    else if (guesses.positions == guesses.cursors)
        finding =
            adr_add(arena, findings, OPAQUE, ADR_WARN, ADR_LIVE, subject,
                    "all %zu cursors decode to the position of their row or page", guesses.cursors);
    else if (guesses.steps > 0)
        finding = adr_add(arena, findings, OPAQUE, ADR_WARN, ADR_LIVE, subject,
                          "cursors are numbers that count rows: the next ones can be guessed");
    else if (guesses.ids == guesses.cursors)
        finding = adr_add(arena, findings, OPAQUE, ADR_WARN, ADR_LIVE, subject,
                          "each cursor is the id of the last row: clients can make their own");
    else
        finding = adr_add(arena, findings, OPAQUE, ADR_PASS, ADR_LIVE, subject,
                          "%zu cursors tell nothing about their row's position", guesses.cursors);
    json_set(arena, adr_evidence(arena, finding), "cursors", guesses.samples);
}

void adr_check_walk(const struct adr_walk *trace, const char *rule, struct arena *arena,
                    struct adr_findings *findings)
{
    struct walked walked = walk(trace, arena);
    struct adr_finding *finding = judge_walk(trace, &walked, rule, arena, findings);
    struct json *evidence = adr_evidence(arena, finding);
    json_set(arena, evidence, "pages", json_new_int(arena, (int64_t)walked.pages));
    json_set(arena, evidence, "rows", json_new_int(arena, (int64_t)walked.ids));
    if (walked.repeated > 0)
        json_set(arena, evidence, "repeated", walked.repeats);
    if (trace->pages.len > 0)
        json_set(arena, evidence, "firstUrl", json_new_str(arena, trace->pages.items[0].url));
    judge_opaque(trace, arena, findings);
}
