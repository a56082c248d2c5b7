// SPDX-License-Identifier: Apache-2.0
/*
 * Properties over made-up requests, responses and messages with bodies of every kind: an example
 * agrees with itself under rules that it satisfies; what comes in another order where order says
 * nothing gets the same verdict. Every seed gives the same part on every machine.
 */
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/contract/part.h"
#include "lib/contract/select.h"
#include "lib/wire/url.h"
#include "tests/unit/lib/base/rows.h"

enum { SEEDS = 600, TEXT_SIZE = 4096 };

static struct arena *arena;
static uint64_t at;

/* splitmix64, public domain by S. Vigna. */
static size_t below(size_t n)
{
    uint64_t z = at += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (z ^ (z >> 31)) % n;
}
static bool one_in(size_t n)
{
    return below(n) == 0;
}

#define PICK(list) ((list)[below(sizeof(list) / sizeof *(list))])

static const char *const keys[] = {"a", "b", "id", "a b", "0", "17", "caf\xc3\xa9", "$x", "x.y"};
static const char *const words[] = {"x",
                                    "100",
                                    "true",
                                    "null",
                                    "a/b",
                                    "-7",
                                    "a&b=",
                                    "<i>",
                                    "2020-02-29",
                                    "\"q\"",
                                    "\\d+",
                                    "1.0.0",
                                    "\xf0\x9f\x98\x80"};
static const char *const numbers[] = {"0", "-1", "1.0", "19.90", "1e3", "90071992547409931234"};

static struct json *object(void)
{
    return json_new_object(arena);
}
static void set(struct json *to, const char *key, struct json *value)
{
    json_set(arena, to, key, value);
}
static struct json *words_of(const char *value)
{
    return json_new_text(arena, value);
}
static struct json *parsed(const char *value)
{
    struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(value), "made", arena, &tree, &err) != 0)
        fail_msg("%s in %s", err.text, value);
    return tree;
}

/* ---- rules that a value satisfies ---- */

static void add_rule(struct json *rules, struct str path, const char *rule)
{
    struct json *out = object(), *list = json_new_array(arena);
    json_append(arena, list, parsed(rule));
    if (one_in(3)) /* what holds alone holds beside one that always holds */
        json_append(arena, list, parsed("{\"match\":\"type\"}"));
    if (one_in(4))
        set(out, "combine", words_of("OR"));
    set(out, "matchers", list);
    json_set_str(arena, rules, path, out);
}

static const char *fitting_text(struct str value)
{
    static const char *const any[] = {"{\"match\":\"type\"}", "{\"match\":\"equality\"}",
                                      "{\"match\":\"regex\",\"regex\":\"(?s).*\"}",
                                      "{\"match\":\"include\",\"value\":\"\"}"};
    static const struct {
        const char *value, *rule;
    } own[] = {
        {"2020-02-29", "{\"match\":\"date\",\"format\":\"yyyy-MM-dd\"}"},
        {"1.0.0", "{\"match\":\"semver\"}"},
        {"true", "{\"match\":\"boolean\"}"},
        {"x", "{\"match\":\"notEmpty\"}"},
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (str_is(value, own[i].value) && one_in(2))
            return own[i].rule;
    }
    return PICK(any);
}

static const char *fitting_container(const struct json *value)
{
    bool map = json_is(value, JSON_OBJECT);
    switch (below(6)) {
    case 0:
        return "{\"match\":\"equality\"}";
    case 1:
        return arena_printf(arena, "{\"match\":\"type\",\"min\":%zu,\"max\":%zu}", json_len(value),
                            json_len(value) + 1);
    case 2:
        return map ? "{\"match\":\"values\"}" : "{\"match\":\"type\",\"min\":0}";
    case 3:
        return "{\"match\":\"eachValue\",\"rules\":[{\"match\":\"type\"}]}";
    case 4:
        return map ? "{\"match\":\"eachKey\",\"rules\":[{\"match\":\"regex\",\"regex\":\".*\"}]}"
               : json_len(value) > 0
                   ? "{\"match\":\"arrayContains\",\"variants\":[{\"index\":0,\"rules\":{}}]}"
                   : "{\"match\":\"type\"}";
    default:
        return "{\"match\":\"type\"}";
    }
}

static const char *fitting(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_STRING:
        return fitting_text(json_text(value));
    case JSON_NUMBER:
        return one_in(2) ? "{\"match\":\"number\"}" : "{\"match\":\"type\"}";
    case JSON_BOOL:
        return one_in(2) ? "{\"match\":\"boolean\"}" : "{\"match\":\"equality\"}";
    case JSON_NULL:
        return one_in(2) ? "{\"match\":\"null\"}" : "{\"match\":\"type\"}";
    default:
        return fitting_container(value);
    }
}

static void add_fitting(struct json *rules, struct str path, const struct json *value)
{
    if (one_in(3))
        add_rule(rules, path, fitting(value));
    for (size_t i = 0; i < json_len(value); i++) {
        struct buf child BUF_AUTO = BUF_INIT(TEXT_SIZE);
        struct path_token token = {.kind = PATH_INDEX, .index = (int64_t)i};
        if (json_is(value, JSON_OBJECT))
            token = (struct path_token){.kind = PATH_NAME, .name = json_key(value, i)};
        buf_str(&child, path);
        path_token_write(&token, &child);
        add_fitting(rules, str_dup(arena, buf_view(&child)), json_at(value, i));
    }
}

/* ---- bodies ---- */

static struct json *made_json(int depth)
{
    size_t kind = below(depth > 0 ? 7 : 4);
    if (kind < 4) {
        return kind == 0   ? json_new_null(arena)
               : kind == 1 ? json_new_bool(arena, one_in(2))
               : kind == 2 ? json_new_number(arena, str_of(PICK(numbers)))
                           : words_of(one_in(6) ? "" : PICK(words));
    }
    struct json *out = kind < 6 ? object() : json_new_array(arena);
    for (size_t n = below(4); n > 0; n--) {
        if (kind < 6)
            set(out, PICK(keys), made_json(depth - 1));
        else
            json_append(arena, out, made_json(depth - 1));
    }
    return out;
}

static void xml_text(struct buf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("<&\"", *text))
            buf_printf(out, "&#%d;", *text);
        else
            buf_putc(out, *text);
    }
}

/* Names of siblings differ, or the path of one would be that of the other. */
static void made_xml(struct buf *out, const char *name, const char *path, int depth,
                     struct json *rules)
{
    static const char *const below_it[] = {"b", "c", "d"};
    buf_printf(out, "<%s", name);
    if (one_in(3))
        add_rule(rules, str_of(path), "{\"match\":\"type\"}");
    for (char attribute = 'p'; attribute < 'r'; attribute++) {
        const char *value = PICK(words);
        if (one_in(2))
            continue;
        buf_printf(out, " %c=\"", attribute);
        xml_text(out, value);
        buf_puts(out, "\"");
        if (one_in(2))
            add_rule(rules, str_of(arena_printf(arena, "%s['@%c']", path, attribute)),
                     fitting_text(str_of(value)));
    }
    buf_puts(out, ">");
    for (size_t i = 0; depth > 0 && i < 3; i++) {
        if (one_in(2))
            made_xml(out, below_it[i], arena_printf(arena, "%s.%s", path, below_it[i]), depth - 1,
                     rules);
    }
    const char *value = PICK(words);
    xml_text(out, value);
    if (one_in(2))
        add_rule(rules, str_of(arena_printf(arena, "%s['#text']", path)),
                 fitting_text(str_of(value)));
    buf_printf(out, "</%s>", name);
}

static void made_form(struct buf *out, struct json *rules)
{
    for (size_t n = below(4) + 1, i = 0; i < n; i++) {
        const char *key = keys[i * 2], *value = PICK(words);
        buf_printf(out, "%s%s=%s", i ? "&" : "", url_encode(arena, str_of(key)).ptr,
                   url_encode(arena, str_of(value)).ptr);
        if (one_in(2))
            add_rule(rules, str_of(arena_printf(arena, "$['%s']", key)),
                     fitting_text(str_of(value)));
    }
}

static void made_multipart(struct buf *out, struct json *rules)
{
    for (size_t n = below(4) + 1, i = 0; i < n; i++) {
        const char *value = PICK(words), *name = arena_printf(arena, "n%zu", i);
        bool file = one_in(2), json = one_in(2);
        buf_printf(out, "--b\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n", name,
                   file ? "; filename=\"f\"" : "");
        if (file)
            buf_printf(out, "Content-Type: %s\r\n", json ? "application/json" : "text/plain");
        buf_printf(out, "\r\n%s\r\n", file && json ? "{\"a\":[1,\"x\"]}" : value);
        if (one_in(2))
            add_rule(rules, str_of(arena_printf(arena, "$.%s", name)), "{\"match\":\"type\"}");
    }
    buf_puts(out, "--b--\r\n");
}

static void made_bytes(struct buf *out)
{
    for (size_t n = below(64) + 1; n > 0; n--)
        buf_putc(out, (char)below(256));
}

/* What a kind of body is called, and whether its content is a document in the file. */
static const char *const types[] = {
    "application/json", "application/hal+json",
    "application/xml",  "application/x-www-form-urlencoded",
    "text/plain",       "multipart/form-data; boundary=b",
    "image/png",        "application/graphql",
};

static struct str made_content(size_t kind, struct json *rules)
{
    struct buf out BUF_AUTO = BUF_INIT(1 << 16);
    const char *word = PICK(words);
    switch (kind) {
    case 2:
        made_xml(&out, "a", "$.a", 3, rules);
        break;
    case 3:
        made_form(&out, rules);
        break;
    case 4:
        buf_puts(&out, word);
        if (one_in(2))
            add_rule(rules, STR("$"), fitting_text(str_of(word)));
        break;
    case 5:
        made_multipart(&out, rules);
        break;
    case 6:
        made_bytes(&out);
        if (one_in(2))
            add_rule(rules, STR("$"), "{\"match\":\"type\"}");
        break;
    default:
        buf_puts(&out, "query Q($a: Int) { me(id: $a) { id } }");
        break;
    }
    return str_dup(arena, buf_view(&out));
}

static struct json *made_body(struct json *rules)
{
    struct json *out = object();
    size_t kind = below(sizeof types / sizeof *types);
    if (one_in(12)) {
        set(out, "content", one_in(2) ? json_new_null(arena) : words_of(""));
        return out;
    }
    set(out, "contentType", words_of(types[kind]));
    if (kind < 2) {
        struct json *value = made_json(4);
        set(out, "content", words_of(json_to_str(arena, value, JSON_COMPACT).ptr));
        set(out, "encoded", words_of("json"));
        add_fitting(rules, STR("$"), value);
        return out;
    }
    struct str content = made_content(kind, rules);
    bool encoded = kind == 6 || one_in(3);
    set(out, "content", json_new_str(arena, encoded ? hash_base64(arena, content) : content));
    set(out, "encoded", encoded ? words_of("base64") : json_new_bool(arena, false));
    return out;
}

/* ---- parts ---- */

static struct json *made_named(struct json *rules, const char *const *names, size_t n)
{
    struct json *out = object();
    for (size_t i = 0; i < n; i++) {
        struct json *values = json_new_array(arena);
        const char *word = PICK(words);
        if (one_in(2))
            continue;
        for (size_t many = below(3) + 1; many > 0; many--)
            json_append(arena, values, words_of(word));
        set(out, names[i], values);
        if (one_in(2))
            add_rule(rules, str_of(names[i]), fitting_text(str_of(word)));
    }
    return out;
}

static void add_metadata(struct json *part, struct json *rules)
{
    struct json *out = object(), *own = object();
    for (size_t n = below(4); n > 0; n--) {
        const char *key = PICK(keys);
        struct json *value = made_json(one_in(3) ? 2 : 0);
        set(out, key, value);
        if (one_in(2) && json_len(value) == 0)
            add_rule(own, str_of(key), "{\"match\":\"type\"}");
        else if (one_in(2))
            add_rule(own, str_of(key), "{\"match\":\"equality\"}");
    }
    set(part, "metadata", out);
    set(rules, "metadata", own);
}

static struct json *made_part(enum part_kind kind)
{
    static const char *const headers[] = {"X-A", "Cache-Control", "ETag", "Vary"};
    static const char *const names[] = {"a", "b[]", "c[x]", "caf\xc3\xa9"};
    struct json *out = object(), *rules = object(), *own = object(), *header = object();
    if (!one_in(8))
        set(out, kind == PART_MESSAGE ? "contents" : "body", made_body(own));
    set(rules, "body", own);
    if (kind == PART_MESSAGE) {
        add_metadata(out, rules);
    } else {
        set(out, "headers", made_named(header, headers, 4));
        set(rules, "header", header);
    }
    if (kind == PART_REQUEST) {
        struct json *query = object();
        set(out, "method", words_of(one_in(2) ? "POST" : "put"));
        set(out, "path", words_of(one_in(2) ? "/a/b%20c" : "/"));
        set(out, "query", made_named(query, names, 4));
        set(rules, "query", query);
    } else if (kind == PART_RESPONSE) {
        set(out, "status", json_new_int(arena, 200 + (int64_t)below(300)));
    }
    set(out, "matchingRules", rules);
    return out;
}

static struct match_result verdict(enum part_kind kind, const struct json *expected,
                                   const struct json *actual)
{
    struct match_result result = {0};
    struct pact *want = NULL, *got = NULL;
    struct err err = ERR_INIT;
    struct str text = json_to_str(arena, expected, JSON_PRETTY);
    struct str other = json_to_str(arena, actual, JSON_PRETTY);
    if (part_read(text, "expected", kind, PACT_V4, arena, &want, &err) != 0 ||
        part_read(other, "actual", kind, PACT_V4, arena, &got, &err) != 0 ||
        part_match(kind, want, got, arena, &result, &err) != 0)
        fail_msg("seed %llu: %s\n%.*s", (unsigned long long)at, err.text, STR_FMT(text));
    return result;
}

static void test_example_agrees_with_itself(void **state)
{
    const enum part_kind *kind = *state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        arena = arena_new();
        at = seed * 7919;
        struct json *part = made_part(*kind);
        struct match_result result = verdict(*kind, part, part);
        if (result.len > 0)
            fail_msg("seed %llu: %s %.*s: %.*s in\n%s", (unsigned long long)seed,
                     match_part_name(result.items[0].part), STR_FMT(result.items[0].path),
                     STR_FMT(result.items[0].text), json_to_str(arena, part, JSON_PRETTY).ptr);
        arena_free(arena);
    }
}

/* ---- order ---- */

/* The same document with the members of every map the other way round. */
static struct json *turned(const struct json *value)
{
    bool map = json_is(value, JSON_OBJECT);
    if (!map && !json_is(value, JSON_ARRAY))
        return (struct json *)value;
    struct json *out = map ? object() : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        if (map)
            json_set_str(arena, out, json_key(value, json_len(value) - 1 - i),
                         turned(json_at(value, json_len(value) - 1 - i)));
        else
            json_append(arena, out, turned(json_at(value, i)));
    }
    return out;
}

/* Headers, parameters and metadata turn as members of the part; so does the text of a JSON body. */
static struct json *turned_part(const struct json *part)
{
    struct json *out = turned(part);
    struct json *body = json_get(out, json_get(out, "body") ? "body" : "contents");
    struct str text = json_get_text(body, "content");
    if (str_is(json_get_text(body, "encoded"), "json"))
        set(body, "content",
            json_new_str(arena, json_to_str(arena, turned(parsed(text.ptr)), JSON_COMPACT)));
    return out;
}

static int by_place(const void *a, const void *b)
{
    const struct mismatch *one = a, *other = b;
    return one->part != other->part ? (int)one->part - (int)other->part
                                    : str_cmp(one->path, other->path);
}

static bool same_places(struct match_result *a, struct match_result *b)
{
    if (a->len != b->len)
        return false;
    if (a->len > 0) {
        qsort(a->items, a->len, sizeof *a->items, by_place);
        qsort(b->items, b->len, sizeof *b->items, by_place);
    }
    for (size_t i = 0; i < a->len; i++) {
        if (by_place(&a->items[i], &b->items[i]) != 0 ||
            !str_eq(a->items[i].rule, b->items[i].rule))
            return false;
    }
    return true;
}

/* Half of what is received is the example, half another of the same seed's kind. */
static void test_order_decides_nothing(void **state)
{
    const enum part_kind *kind = *state;
    size_t agreed = 0, differed = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        arena = arena_new();
        at = seed * 7919;
        struct json *expected = made_part(*kind), *actual = expected;
        if (seed % 2) {
            actual = made_part(*kind);
            json_set(arena, actual, "status", json_get(expected, "status"));
        }
        struct match_result one = verdict(*kind, expected, actual);
        struct match_result other = verdict(*kind, expected, turned_part(actual));
        if (!same_places(&one, &other))
            fail_msg("seed %llu: %zu and %zu differences of\n%s\nand\n%s", (unsigned long long)seed,
                     one.len, other.len, json_to_str(arena, expected, JSON_PRETTY).ptr,
                     json_to_str(arena, actual, JSON_PRETTY).ptr);
        agreed += one.len == 0;
        differed += one.len > 0;
        arena_free(arena);
    }
    assert_true(agreed > SEEDS / 4 && differed > SEEDS / 4); /* neither side may be empty */
}

int main(void)
{
    static struct rows tests;
    static enum part_kind kinds[] = {PART_REQUEST, PART_RESPONSE, PART_MESSAGE};
    static const char *const names[][2] = {{"a request agrees with itself", "order in a request"},
                                           {"a response agrees with itself", "order in a response"},
                                           {"a message agrees with itself", "order in a message"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        rows_add_test(&tests, names[i][0], test_example_agrees_with_itself);
        tests.tests[tests.len - 1].initial_state = &kinds[i];
        rows_add_test(&tests, names[i][1], test_order_decides_nothing);
        tests.tests[tests.len - 1].initial_state = &kinds[i];
    }
    return rows_run(&tests, "properties of parts");
}
