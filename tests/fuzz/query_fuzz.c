// SPDX-License-Identifier: Apache-2.0
/*
 * Two lines: a query as a contract writes it, and one as it was received. It is read as the string
 * of V1 and V2 and as the map of V3; the verdict on the second must be what both lists of
 * parameters say, worked out here a second time and plainly.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/part.h"
#include "lib/contract/write.h"
#include "lib/wire/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MANY = 64 }; /* parameters; the plain comparison here takes their square */

static void must(bool holds)
{
    if (!holds)
        abort();
}

static struct pact *read_query(struct json *query, enum pact_spec spec, struct arena *arena)
{
    struct json *root = json_new_object(arena);
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    json_set(arena, root, "query", query);
    int rc = part_read(json_to_str(arena, root, JSON_COMPACT), NULL, PART_REQUEST, spec, arena,
                       &pact, &err);
    must(rc == 0 || (err.code == rc && err.text[0]));
    return rc == 0 ? pact : NULL;
}

static const struct pact_request *request_of(const struct pact *pact)
{
    return &pact->interactions.items[0].request;
}

static bool agrees(const struct pact *pact, struct str actual, struct arena *arena)
{
    struct actual_request sent = {.method = STR("GET"), .path = STR("/"), .query = actual};
    struct match_result result = {0};
    struct err err = ERR_INIT;
    must(match_request(pact, request_of(pact), &sent, arena, &result, &err) == 0);
    VEC_EACH(&result, const struct mismatch *, mismatch)
        must(mismatch->part == MATCH_QUERY && mismatch->text.len > 0);
    return result.len == 0;
}

/* The nth value of a name; NULL when there are fewer. */
static const struct url_param *nth_of(const struct url_param *params, size_t len, struct str name,
                                      size_t nth)
{
    for (size_t i = 0; i < len; i++) {
        if (str_eq(params[i].name, name) && nth-- == 0)
            return &params[i];
    }
    return NULL;
}

/* Each parameter of `a` is in `b` with the same value, at the same place among its name. */
static bool within(const struct url_param *a, size_t a_len, const struct url_param *b, size_t b_len)
{
    for (size_t i = 0; i < a_len; i++) {
        size_t nth = 0;
        for (size_t k = 0; k < i; k++)
            nth += str_eq(a[k].name, a[i].name);
        const struct url_param *found = nth_of(b, b_len, a[i].name, nth);
        if (!found || !str_eq(found->value, a[i].value))
            return false;
    }
    return true;
}

/* Names the other way round; the values of one name stay in order. */
static struct str turned(const struct url_params *params, struct arena *arena)
{
    struct url_params out = {0};
    for (size_t i = params->len; i > 0; i--) {
        struct str name = params->items[i - 1].name;
        if (nth_of(out.items, out.len, name, 0))
            continue;
        const struct url_param *param;
        for (size_t n = 0; (param = nth_of(params->items, params->len, name, n)); n++)
            *VEC_PUSH(arena, &out) = *param;
    }
    return url_query_write(arena, &out);
}

static void check_map(const struct pact *pact, const struct url_params *want,
                      const struct url_params *got, struct str actual, struct arena *arena)
{
    const struct pact_query *query = &request_of(pact)->query;
    must(query->params.len == want->len);
    must(within(want->items, want->len, query->params.items, query->params.len));
    must(agrees(pact, url_query_write(arena, want), arena));
    must(agrees(pact, turned(want, arena), arena));
    must(!agrees(pact,
                 str_printf(arena, "%.*s&no-such%%20name", STR_FMT(url_query_write(arena, want))),
                 arena) ||
         nth_of(want->items, want->len, STR("no-such name"), 0));
    bool same = within(want->items, want->len, got->items, got->len) &&
                within(got->items, got->len, want->items, want->len);
    must(agrees(pact, actual, arena) == same);
}

/* Written as the map of V3 and read back, it asks for the same. */
static void check_written(const struct pact *pact, const struct url_params *want,
                          const struct url_params *got, struct str actual, struct arena *arena)
{
    struct json *written = json_get(write_request(request_of(pact), PACT_V3, arena), "query");
    must(written && json_is(written, JSON_OBJECT));
    struct pact *again = read_query(written, PACT_V3, arena);
    must(again != NULL);
    check_map(again, want, got, actual, arena);
}

/* V1 compares decoded strings, which has no direction. */
static void check_strings(const struct pact *pact, struct str expected, struct str actual,
                          struct arena *arena)
{
    struct str a = STR(""), b = STR("");
    must(url_decode(expected, true, arena, &a, NULL) == 0);
    must(url_decode(actual, true, arena, &b, NULL) == 0);
    must(agrees(pact, actual, arena) == str_eq(a, b));
    must(agrees(pact, url_encode(arena, a), arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str actual = str_make((const char *)data, size), expected = str_cut(&actual, '\n');
    struct url_params want = {0}, got = {0};

    if (!str_is_utf8(expected, NULL)) /* a contract is JSON */
        return 0;
    struct json *text = json_new_str(arena, expected);
    struct pact *v1 = read_query(text, PACT_V1, arena), *v2 = read_query(text, PACT_V2, arena);
    must(!v1 == !v2);
    if (!v1)
        return 0;
    must(url_query_parse(expected, arena, &want, NULL) == 0);
    must(agrees(v1, expected, arena) && agrees(v2, expected, arena));
    int rc = url_query_parse(actual, arena, &got, NULL);
    if (want.len > MANY || got.len > MANY || rc == ERR_LIMIT)
        return 0;
    if (rc) {
        must(!agrees(v1, actual, arena) && !agrees(v2, actual, arena));
        return 0;
    }
    check_map(v2, &want, &got, actual, arena);
    check_written(v2, &want, &got, actual, arena);
    check_strings(v1, expected, actual, arena);
    return 0;
}
