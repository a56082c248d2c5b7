// SPDX-License-Identifier: Apache-2.0
/*
 * Three lines or more: a header's name, its value as a contract writes it, and the bytes that came
 * in its place. Those go through the codec first, so that a verdict is only ever asked for what a
 * server would hand on: never a folded field, never one that became two.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/match_internal.h"
#include "lib/wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool agrees(const struct pact_header *expected, const struct headers *actual,
                   struct arena *arena)
{
    struct pact *pact = pact_new(arena, STR("a"), STR("b"));
    struct pact_response response = {.status = 200, .rules = rules_new(arena)};
    struct actual_response got = {.status = 200, .headers = *actual};
    struct match_result result = {0}, again = {0};
    struct err err = ERR_INIT;
    *VEC_PUSH(arena, &response.headers) = *expected;
    must(match_response(pact, &response, &got, arena, &result, &err) == 0);
    must(match_response(pact, &response, &got, arena, &again, &err) == 0);
    must(result.len == again.len && result.len <= 1);
    must(result.len == 0 || (result.items[0].part == MATCH_HEADER && result.items[0].text.len));
    return result.len == 0;
}

static bool agrees_with(const struct pact_header *expected, struct str name, struct str value,
                        struct arena *arena)
{
    struct headers actual = {0};
    headers_add(arena, &actual, STR("x-other"), value);
    headers_add(arena, &actual, name, value);
    return agrees(expected, &actual, arena);
}

/* The pieces of a list, each a field of its own. */
static struct headers fields_of(struct str name, struct str list, struct arena *arena)
{
    struct headers fields = {0};
    while (list.ptr) {
        struct str one = str_cut(&list, ',');
        headers_add(arena, &fields, name, str_trim(one));
    }
    return fields;
}

static void check_list(const struct pact_header *expected, struct str value, struct arena *arena)
{
    struct headers fields = fields_of(expected->name, value, arena);
    char *name = str_cstr(arena, expected->name);
    struct str joined = headers_joined(&fields, name, arena);
    must(headers_count(&fields, name) == fields.len && joined.ptr);
    VEC_EACH(&fields, const struct header *, field)
        must(headers_has_token(&fields, name, str_cstr(arena, field->value)));
    /* However often the field is repeated, it says the same (RFC 9110 §5.3). */
    if (!header_is_list(expected->name) && fields.len > 1)
        return;
    must(agrees(expected, &fields, arena));
    must(agrees_with(expected, expected->name, joined, arena));
    headers_add(arena, &fields, expected->name, STR("no-such token"));
    must(!agrees(expected, &fields, arena));
}

/* `a; b=1; c=2` with its parameters the other way round. */
static struct str turned(struct str value, struct arena *arena)
{
    struct str rest = value, head = str_cut(&rest, ';'), out = STR("");
    while (rest.ptr) {
        struct str one = str_cut(&rest, ';');
        out = str_printf(arena, "; %.*s%.*s", STR_FMT(one), STR_FMT(out));
    }
    return str_printf(arena, "%.*s%.*s", STR_FMT(head), STR_FMT(out));
}

static void check_parameterised(const struct pact_header *expected, struct str value,
                                struct arena *arena)
{
    bool plain = str_chr(value, ',') < 0;
    must(match_parameterised(value, value));
    must(match_parameterised(value, turned(value, arena)));
    must(match_parameterised(value, str_printf(arena, "%.*s; no-such=1", STR_FMT(value))));
    if (plain && str_eq_nocase(expected->name, STR("Accept"))) {
        must(agrees_with(expected, STR("aCCEPT"), turned(value, arena), arena));
        must(agrees_with(expected, STR("accept"),
                         str_printf(arena, "%.*s;no-such=1", STR_FMT(value)), arena));
    }
}

/* What a contract's value became after it was sent: one field, and the same text. */
static void check_sent(struct str name, struct str value, struct arena *arena)
{
    struct headers fields = {0};
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_HTTP_HEAD);
    headers_add(arena, &fields, name, value);
    bool ok = http1_write_response(&out, 200, &fields) == 0;
    must(ok == (headers_name_ok(name) && headers_value_ok(value)));
    must(ok || out.len == 0);
    /* Bytes that a writer refuses could become a field of their own; all others stay one. */
    size_t lines = 0;
    for (size_t i = 0; i < out.len; i++)
        lines += out.ptr[i] == '\n';
    must(!ok || lines == 3);
}

/* The bytes as the value of a field of a response; false when the codec refuses them. */
static bool received(struct str name, struct str bytes, bool lenient, struct arena *arena,
                     struct headers *ret)
{
    struct http1 *parser = http1_new(HTTP1_RESPONSE, NULL, lenient);
    struct str data = STR_NONE;
    size_t used = 0;
    http1_restart(parser, arena);
    struct str text = str_printf(arena, "HTTP/1.1 200 OK\r\n%.*s:%.*s\r\nx-last: 1\r\n\r\n",
                                 STR_FMT(name), STR_FMT(bytes));
    bool ok = http1_next(parser, text, &used, &data) == HTTP1_HEAD;
    if (ok)
        *ret = http1_head(parser)->headers;
    http1_free(parser);
    return ok;
}

static void check_received(const struct pact_header *expected, struct str bytes,
                           struct arena *arena)
{
    struct headers fields = {0};
    if (!headers_name_ok(expected->name) || !received(expected->name, bytes, false, arena, &fields))
        return;
    VEC_EACH(&fields, const struct header *, field) {
        must(headers_name_ok(field->name) && headers_value_ok(field->value));
        must(str_eq(str_trim(field->value), field->value));
    }
    if (str_chr(bytes, '\n') < 0) {
        must(fields.len == 2 && str_eq(fields.items[0].value, str_trim(bytes)));
        /* what came is its own contract */
        struct pact_headers own = {0};
        pact_header_add(arena, &own, expected->name, fields.items[0].value);
        must(agrees(&own.items[0], &fields, arena));
    }
    struct headers other = {0};
    must(received(str_lower(arena, expected->name), bytes, false, arena, &other));
    must(agrees(expected, &fields, arena) == agrees(expected, &other, arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct str bytes = str_make((const char *)data, size), name = str_cut(&bytes, '\n');
    struct str value = bytes.ptr ? str_cut(&bytes, '\n') : STR("");
    struct pact_headers expected = {0};

    if (!str_is_utf8(name, NULL) || !str_is_utf8(value, NULL)) /* a contract is JSON */
        return 0;
    check_sent(name, value, arena);
    if (memchr(data, 0, size) || str_eq_nocase(name, STR("x-other")))
        return 0;
    pact_header_add(arena, &expected, name, value);
    const struct pact_header *header = &expected.items[0];
    must(agrees_with(header, name, value, arena));
    must(agrees_with(header, str_lower(arena, name), str_trim(value), arena));
    check_list(header, value, arena);
    check_parameterised(header, value, arena);
    if (bytes.ptr)
        check_received(header, bytes, arena);
    return 0;
}
