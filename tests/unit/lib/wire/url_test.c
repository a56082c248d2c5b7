// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/url.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "tests/unit/lib/base/rows.h"

static const struct decode_row {
    const char *name, *text;
    bool plus;
    const char *expected; /* NULL = refused */
} decode_rows[] = {
    {"plain", "abc", false, "abc"},
    {"empty", "", false, ""},
    {"escapes", "a%2Fb%2fc%20%C3%A4", false, "a/b/c \xc3\xa4"},
    {"plus stays", "a+b", false, "a+b"},
    {"plus is space", "a+b%2B", true, "a b+"},
    {"escape at the end", "%41", false, "A"},
    {"decoded once", "%2541", false, "%41"},
    {"percent alone", "%", false, NULL},
    {"one digit", "%4", false, NULL},
    {"no digit", "%4x", false, NULL},
    {"sign is no digit", "%+4", false, NULL},
};

static void test_decode(void **state)
{
    const struct decode_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str decoded = STR("untouched");
    struct err err = ERR_INIT;

    int rc = url_decode(str_of(row->text), row->plus, arena, &decoded, &err);
    assert_int_equal(rc, row->expected ? 0 : ERR_PARSE);
    assert_str_is(decoded, row->expected ? row->expected : "untouched");
}

static const struct target_row {
    const char *name, *target, *path, *query; /* path NULL = refused */
} target_rows[] = {
    {"path", "/a/b", "/a/b", NULL},
    {"query", "/a?b=c?d", "/a", "b=c?d"},
    {"empty query", "/a?", "/a", ""},
    {"root", "/", "/", NULL},
    {"escapes stay", "/a%2Fb?%2F", "/a%2Fb", "%2F"},
    {"two slashes", "//a", "//a", NULL},
    {"absolute", "http://h:1/a?b", "/a", "b"},
    {"absolute with user", "https://u:p@h/a", "/a", NULL},
    {"absolute without path", "http://h", "/", NULL},
    {"absolute with query only", "http://h?a", "/", "a"},
    {"absolute without host", "http:///a", NULL, NULL},
    {"other schemes", "x-y+z.1://h/a", "/a", NULL},
    {"scheme with a digit first", "1x://h/a", NULL, NULL},
    {"fragment", "/a#b", NULL, NULL},
    {"asterisk", "*", NULL, NULL},
    {"authority", "h:1", NULL, NULL},
    {"empty", "", NULL, NULL},
    {"URL in a path", "/http://h/a", "/http://h/a", NULL},
};

static void test_target(void **state)
{
    const struct target_row *row = *state;
    struct str path = STR("untouched"), query = STR("untouched");
    struct err err = ERR_INIT;

    int rc = url_split_target(str_of(row->target), &path, &query, &err);
    assert_int_equal(rc, row->path ? 0 : ERR_PARSE);
    assert_str_is(path, row->path ? row->path : "untouched");
    assert_str_is(query, row->path ? row->query : "untouched");
}

static const struct list_row {
    const char *name, *text, *expected; /* "[a] [b]"; NULL = refused */
} segment_rows[] = {
    {"none", "/", ""},
    {"one", "/a", "[a]"},
    {"decoded", "/a%2Fb/c", "[a/b] [c]"},
    {"trailing slash", "/a/", "[a] []"},
    {"empty ones", "//a//", "[] [a] [] []"},
    {"plus stays", "/a+b", "[a+b]"},
    {"dots stay", "/./..", "[.] [..]"},
    {"no slash", "a", NULL},
    {"empty", "", NULL},
    {"bad escape", "/a/%x", NULL},
};

static void test_segments(void **state)
{
    const struct list_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf seen BUF_AUTO = BUF_INIT(1000);
    struct url_segments segments = {0};

    int rc = url_segments(str_of(row->text), arena, &segments, NULL);
    assert_int_equal(rc, row->expected ? 0 : ERR_PARSE);
    VEC_EACH(&segments, struct str *, segment)
        buf_printf(&seen, "%s[%.*s]", seen.len > 0 ? " " : "", STR_FMT(*segment));
    assert_str_is(buf_view(&seen), row->expected ? row->expected : "");
}

static const struct query_row {
    const char *name, *text;
    const char *expected; /* "[a=1] [b]"; NULL = refused */
    const char *written;
} query_rows[] = {
    {"order and duplicates", "a=1&b&a=2", "[a=1] [b] [a=2]", "a=1&b&a=2"},
    {"empty value is not no value", "a=&b", "[a=] [b]", "a=&b"},
    {"empty pairs go", "&a=1&&b=2&", "[a=1] [b=2]", "a=1&b=2"},
    {"plus and escapes", "a+b=c%20d%2B%26", "[a b=c d+&]", "a%20b=c%20d%2B%26"},
    {"equals in the value", "a=b=c", "[a=b=c]", "a=b%3Dc"},
    {"empty name", "=x", "[=x]", "=x"},
    {"brackets", "a[]=1&a[b]=2", "[a[]=1] [a[b]=2]", "a%5B%5D=1&a%5Bb%5D=2"},
    {"empty", "", "", ""},
    {"bad escape in a name", "%z=1", NULL, NULL},
    {"bad escape in a value", "a=%", NULL, NULL},
};

static void test_query(void **state)
{
    const struct query_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf seen BUF_AUTO = BUF_INIT(1000);
    struct url_params params = {0};
    struct err err = ERR_INIT;

    int rc = url_query_parse(str_of(row->text), arena, &params, &err);
    assert_int_equal(rc, row->expected ? 0 : ERR_PARSE);
    if (rc < 0)
        return;
    VEC_EACH(&params, struct url_param *, param) {
        buf_printf(&seen, "%s[%.*s%s%.*s]", seen.len > 0 ? " " : "", STR_FMT(param->name),
                   param->value.ptr ? "=" : "", STR_FMT(param->value));
    }
    assert_str_is(buf_view(&seen), row->expected);
    assert_str_is(url_query_write(arena, &params), row->written);
}

static void test_query_get(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct url_params params = {0};

    (void)state;
    assert_int_equal(url_query_parse(STR("a=1&b&a=2"), arena, &params, NULL), 0);
    assert_str_is(url_query_get(&params, "a"), "1");
    assert_str_is(url_query_get(&params, "b"), NULL);
    assert_str_is(url_query_get(&params, "c"), NULL);
    assert_int_equal(url_query_parse(STR_NONE, arena, &params, NULL), 0);
    assert_int_equal(params.len, 0);
}

static void test_limits(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf path BUF_AUTO = BUF_INIT(100000), query BUF_AUTO = BUF_INIT(100000);
    struct url_segments segments;
    struct url_params params;

    (void)state;
    for (int i = 0; i < LIMIT_URL_SEGMENTS; i++)
        buf_puts(&path, "/a");
    for (int i = 0; i < LIMIT_URL_PARAMS; i++)
        buf_puts(&query, "a&");
    assert_int_equal(url_segments(buf_view(&path), arena, &segments, NULL), 0);
    assert_int_equal(segments.len, LIMIT_URL_SEGMENTS);
    assert_int_equal(url_query_parse(buf_view(&query), arena, &params, NULL), 0);
    assert_int_equal(params.len, LIMIT_URL_PARAMS);
    buf_puts(&path, "/a");
    buf_puts(&query, "a");
    assert_int_equal(url_segments(buf_view(&path), arena, &segments, NULL), ERR_LIMIT);
    assert_int_equal(url_query_parse(buf_view(&query), arena, &params, NULL), ERR_LIMIT);
}

static void test_encode(void **state)
{
    struct arena *arena ARENA_AUTO = arena_new();

    (void)state;
    assert_str_is(url_encode(arena, STR("aZ09-._~")), "aZ09-._~");
    assert_str_is(url_encode(arena, STR("a b/c?&=+%\xc3\xa4")), "a%20b%2Fc%3F%26%3D%2B%25%C3%A4");
    assert_str_is(url_encode(arena, STR("")), "");
}

static void test_join_and_redact(void **state)
{
    static const struct {
        const char *url, *shown;
    } urls[] = {
        {"http://user:pw@host:1/x", "http://host:1/x"},
        {"http://user@host", "http://host"},
        {"http://u:p@ss@host/a@b", "http://host/a@b"},
        {"http://host/a@b?c@d", "http://host/a@b?c@d"},
        {"user:pw@host/x", "host/x"},
        {"nothing", "nothing"},
        {"", ""},
    };
    struct arena *arena ARENA_AUTO = arena_new();

    (void)state;
    assert_str_is(url_join(arena, STR("http://h//"), STR("/a")), "http://h/a");
    assert_str_is(url_join(arena, STR("http://h/b"), STR("/a")), "http://h/b/a");
    assert_str_is(url_join(arena, STR(""), STR("/a")), "/a");
    assert_str_is(url_join(arena, STR("http://h:1"), STR("@other/a")), "http://h:1/@other/a");
    assert_str_is(url_join(arena, STR("http://h:1"), STR("7/a")), "http://h:1/7/a");
    assert_str_is(url_join(arena, STR("http://h:1/"), STR("")), "http://h:1");
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_str_is(url_redact(arena, str_of(urls[i].url)), urls[i].shown);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, decode_rows, test_decode);
    ROWS_ADD(&tests, target_rows, test_target);
    ROWS_ADD(&tests, segment_rows, test_segments);
    ROWS_ADD(&tests, query_rows, test_query);
    rows_add_test(&tests, "value of a parameter", test_query_get);
    rows_add_test(&tests, "limits", test_limits);
    rows_add_test(&tests, "encode", test_encode);
    rows_add_test(&tests, "join and redact", test_join_and_redact);
    return rows_run(&tests, "url");
}
