// SPDX-License-Identifier: Apache-2.0
/* Multipart bodies, part by part. Source: pact-semantics, section 10. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/limits.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/select.h"
#include "lib/wire/media.h"
#include "lib/wire/multipart.h"

struct part_pair {
    const struct multipart_part *expected, *actual;
    struct str name; /* as rules and messages call it: the name, or the index of one without */
    const struct body_pair *whole;
};

static bool is_file(const struct multipart_part *part)
{
    return !part->disposition.ptr || part->filename.ptr;
}

static struct path_token token_of(struct str name)
{
    return (struct path_token){.kind = PATH_NAME, .name = name};
}

static struct str path_below(struct judge *judge, struct str part, struct str header)
{
    struct path_token items[] = {token_of(part), token_of(header)};
    struct path path = {.items = items, .len = header.ptr ? 2 : 1};
    struct str text = STR_NONE;
    if (!judge->quiet) {
        path_print(&path, judge->arena, &text);
    }
    return text;
}

static void report_part(struct judge *judge, const struct part_pair *pair, struct str expected,
                        struct str actual, struct str text)
{
    struct difference difference = {.part = MATCH_BODY,
                                    .path = path_below(judge, pair->name, STR_NONE),
                                    .expected = expected,
                                    .actual = actual,
                                    .text = text,
                                    .at = pair->whole->expected->raw};
    judge_report(judge, &difference);
}

/* ---- headers of a part ---- */

/* Only a rule on the header itself: one on the part speaks of what the part holds. */
static const struct rule *header_rule(struct judge *judge, const struct part_pair *pair,
                                      struct str header)
{
    struct str names[] = {header, str_lower(judge->arena, header)};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct path_token items[] = {token_of(pair->name), token_of(names[i])};
        struct path path = {.items = items, .len = 2};
        const struct rule *rule = rules_select(pair->whole->rules, RULES_BODY, &path, NULL);
        if (rule && rule->path.len == 2) {
            fired_mark(judge, RULES_BODY, rule);
            return rule;
        }
    }
    return NULL;
}

static int match_part_header(struct judge *judge, const struct part_pair *pair,
                             const struct header *expected)
{
    const struct rule *rule = header_rule(judge, pair, expected->name);
    struct str name = expected->name, want = expected->value;
    struct str got =
        headers_joined(&pair->actual->headers, str_cstr(judge->arena, name), judge->arena);
    struct str prefix = str_lower(judge->arena, str_sub(name, 0, 8));
    if (!rule && str_eq_nocase(name, STR("content-disposition"))) {
        return 0; /* what it says has been compared: name, and file or field */
    }
    struct difference difference = {.part = MATCH_BODY,
                                    .path = path_below(judge, pair->name, name),
                                    .expected = show_text(judge, want),
                                    .actual = show_text(judge, got),
                                    .at = pair->whole->expected->raw};
    if (!got.ptr) {
        if (!str_is(prefix, "content-")) {
            difference.text = judge_say(judge,
                                        "Expected part '%.*s' to have a header '%.*s' but "
                                        "was missing",
                                        STR_FMT(pair->name), STR_FMT(name));
            judge_report(judge, &difference);
        }
        return 0;
    }
    if (rule) {
        return rule_text(judge, rule, want, got, &difference);
    }
    bool same = str_eq_nocase(name, STR("content-type")) ? match_parameterised(want, got)
                                                         : str_eq(str_trim(want), str_trim(got));
    if (!same) {
        difference.text = judge_say(
            judge, "Expected part '%.*s' to have header '%.*s' with value '%.*s' but was '%.*s'",
            STR_FMT(pair->name), STR_FMT(name), STR_FMT(difference.expected),
            STR_FMT(difference.actual));
        judge_report(judge, &difference);
    }
    return 0;
}

/* ---- what a part holds ---- */

/* The bytes that were meant (RFC 2045 §6.8); lines of base64 are broken anywhere. */
static struct str content_of(struct judge *judge, const struct multipart_part *part)
{
    struct str encoding = headers_get(&part->headers, "Content-Transfer-Encoding"), decoded;
    if (!encoding.ptr || !str_eq_nocase(str_trim(encoding), STR("base64"))) {
        return part->body;
    }
    char *compact = arena_alloc(judge->arena, part->body.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < part->body.len; i++) {
        compact[len] = part->body.ptr[i];
        len += strchr(" \t\r\n", part->body.ptr[i]) == NULL;
    }
    return hash_unbase64(judge->arena, str_make(compact, len), &decoded) ? decoded : part->body;
}

static int match_field(struct judge *judge, const struct part_pair *pair)
{
    struct path_token items[] = {token_of(pair->name)};
    struct path path = {.items = items, .len = 1};
    const struct rule *rule = rules_select(pair->whole->rules, RULES_BODY, &path, NULL);
    struct str want = content_of(judge, pair->expected), got = content_of(judge, pair->actual);
    struct str shown = show_text(judge, want), seen = show_text(judge, got);
    if (rule && rule->path.len == 1) {
        fired_mark(judge, RULES_BODY, rule);
        struct difference difference = {.part = MATCH_BODY,
                                        .path = path_below(judge, pair->name, STR_NONE),
                                        .expected = shown,
                                        .actual = seen,
                                        .at = pair->whole->expected->raw};
        return rule_text(judge, rule, want, got, &difference);
    }
    if (!str_eq(want, got)) {
        report_part(judge, pair, shown, seen,
                    judge_say(judge, "Expected part '%.*s' to have value '%.*s' but was '%.*s'",
                              STR_FMT(pair->name), STR_FMT(shown), STR_FMT(seen)));
    }
    return 0;
}

/* Rules below `$.part`, as rules of a document of their own. */
static struct rules *rules_below(struct judge *judge, const struct part_pair *pair)
{
    struct rules *below = rules_new(judge->arena);
    struct path_token name = token_of(pair->name);
    VEC_EACH(&pair->whole->rules->part[RULES_BODY], const struct rule *, rule) {
        if (rule->path.len > 0 && path_token_score(&rule->path.items[0], &name) > 0) {
            struct rule *copy = VEC_PUSH(judge->arena, &below->part[RULES_BODY]);
            *copy = *rule;
            copy->path.items++;
            copy->path.len--;
            copy->path.cap = copy->path.len;
        }
    }
    return below;
}

static struct pact_body body_of(struct judge *judge, const struct part_pair *pair)
{
    struct str bytes = content_of(judge, pair->expected);
    return (struct pact_body){.state = bytes.len ? PACT_BODY_PRESENT : PACT_BODY_EMPTY,
                              .bytes = bytes,
                              .content_type = headers_get(&pair->expected->headers, "Content-Type"),
                              .raw = pair->whole->expected->raw};
}

static bool is_multipart(struct judge *judge, struct str type)
{
    struct media media = {0};
    return type.ptr && media_parse(type, judge->arena, &media, NULL) == 0 &&
           media_kind(&media) == MEDIA_MULTIPART;
}

/*
 * The type that the contract gives decides how the contents are compared; whether the types agree
 * is a matter of the part's headers.
 */
static int match_file(struct judge *judge, const struct part_pair *pair)
{
    struct match_result found = {0};
    struct judge inner = *judge;
    struct pact_body expected = body_of(judge, pair);
    struct body_pair contents = {.expected = &expected,
                                 .actual = content_of(judge, pair->actual),
                                 .actual_type = expected.content_type,
                                 .rules = rules_below(judge, pair)};
    if (judge->depth == LIMIT_MULTIPART_DEPTH) {
        return err_set(judge->err, ERR_LIMIT, "multipart bodies nested more than %d deep",
                       LIMIT_MULTIPART_DEPTH);
    }
    inner.depth++;
    inner.rules = contents.rules; /* copies, which keep their order */
    inner.result = &found;
    int rc;
    if (is_multipart(judge, expected.content_type) && expected.bytes.len && contents.actual.len) {
        contents.actual_type = headers_get(&pair->actual->headers, "Content-Type");
        rc = match_multipart_body(&inner, &contents); /* with a boundary of its own */
    } else {
        rc = match_body(&inner, &contents);
    }
    if (rc) {
        return rc;
    }
    struct str prefix = path_below(judge, pair->name, STR_NONE);
    judge->position = inner.position;
    judge->result->dropped += found.dropped;
    VEC_EACH(&found, struct mismatch *, mismatch) {
        struct str rest = str_sub(mismatch->path, 1, mismatch->path.len);
        mismatch->path = str_printf(judge->arena, "%.*s%.*s", STR_FMT(prefix), STR_FMT(rest));
        if (judge->result->len < LIMIT_MISMATCHES) {
            *VEC_PUSH(judge->arena, judge->result) = *mismatch;
        } else {
            judge->result->dropped++;
        }
    }
    return 0;
}

static int match_part(struct judge *judge, const struct part_pair *pair)
{
    bool file = is_file(pair->expected);
    if (!pair->actual) {
        report_part(
            judge, pair, show_text(judge, pair->expected->body), STR_NONE,
            judge_say(judge, "Expected a MIME part '%.*s' but was missing", STR_FMT(pair->name)));
        return 0;
    }
    if (file != is_file(pair->actual)) {
        report_part(judge, pair, STR_NONE, STR_NONE,
                    judge_say(judge, "Expected MIME part '%.*s' to be a %s but was a %s",
                              STR_FMT(pair->name), file ? "file" : "field",
                              file ? "field" : "file"));
        return 0;
    }
    VEC_EACH(&pair->expected->headers, const struct header *, header) {
        int rc = match_part_header(judge, pair, header);
        if (rc) {
            return rc;
        }
    }
    return file ? match_file(judge, pair) : match_field(judge, pair);
}

/* The n-th part of a name answers to the n-th; those without one go by their place. */
static const struct multipart_part *counterpart(const struct multipart *expected, size_t index,
                                                const struct multipart *actual)
{
    struct str name = expected->items[index].name;
    size_t nth = 0;
    if (!name.ptr) {
        bool fits = index < actual->len && !actual->items[index].name.ptr;
        return fits ? &actual->items[index] : NULL;
    }
    for (size_t i = 0; i < index; i++) {
        nth += expected->items[i].name.ptr && str_eq(expected->items[i].name, name);
    }
    VEC_EACH(actual, const struct multipart_part *, part) {
        if (part->name.ptr && str_eq(part->name, name) && nth-- == 0) {
            return part;
        }
    }
    return NULL;
}

/* 1 = *ret holds the parts, 0 = reported as no multipart body, negative = could not tell. */
static int read_parts(struct judge *judge, struct str type, struct str text, bool expected,
                      struct multipart *ret)
{
    struct media media = {0};
    struct err bad = ERR_INIT;
    const char *what = expected ? "expected" : "actual";
    int rc = type.ptr ? media_parse(type, judge->arena, &media, &bad) : 0;
    struct str boundary = rc ? STR_NONE : media_param(&media, "boundary");
    if (expected && !boundary.ptr) { /* contracts may name the type alone */
        boundary = multipart_boundary(text);
    }
    bad = ERR_INIT;
    rc = boundary.ptr
             ? multipart_parse(text, boundary, judge->arena, ret, &bad)
             : err_set(&bad, ERR_PARSE, "the content type '%.*s' names no boundary", STR_FMT(type));
    if (rc == ERR_PARSE) {
        struct difference difference = {.part = MATCH_BODY, .path = STR("$")};
        struct str shown = show_text(judge, text);
        difference.expected = expected ? shown : STR_NONE;
        difference.actual = expected ? STR_NONE : shown;
        difference.text =
            judge_say(judge, "The %s body is not a multipart body: %s", what, bad.text);
        judge_report(judge, &difference);
        return 0;
    }
    return rc ? err_set(judge->err, rc, "the %s body cannot be read: %s", what, bad.text) : 1;
}

int match_multipart_body(struct judge *judge, const struct body_pair *pair)
{
    struct multipart expected = {0}, actual = {0};
    int rc =
        read_parts(judge, pair->expected->content_type, pair->expected->bytes, true, &expected);
    rc = rc > 0 ? read_parts(judge, pair->actual_type, pair->actual, false, &actual) : rc;
    if (rc <= 0) {
        return rc;
    }
    for (size_t i = 0; i < expected.len; i++) {
        struct str name = expected.items[i].name;
        struct part_pair parts = {.expected = &expected.items[i],
                                  .actual = counterpart(&expected, i, &actual),
                                  .name = name.ptr ? name : str_printf(judge->arena, "%zu", i),
                                  .whole = pair};
        rc = match_part(judge, &parts);
        if (rc) {
            return rc;
        }
    }
    return 0;
}
