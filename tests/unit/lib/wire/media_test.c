// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/media.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "tests/unit/lib/base/rows.h"

static const struct parse_row {
    const char *name, *text;
    const char *expected; /* "type/subtype+suffix name=value"; NULL = refused */
    enum media_kind kind;
} parse_rows[] = {
    {"plain", "application/json", "application/json", MEDIA_JSON},
    {"case", "Application/JSON", "application/json", MEDIA_JSON},
    {"space around", " text/plain ", "text/plain", MEDIA_TEXT},
    {"suffix", "application/vnd.x+json", "application/vnd.x+json +json", MEDIA_JSON},
    {"last suffix", "application/a+xml+json", "application/a+xml+json +json", MEDIA_JSON},
    {"parameters", "text/html; Charset=UTF-8;a=b", "text/html charset=UTF-8 a=b", MEDIA_TEXT},
    {"quoted", "text/html; a=\"x;\\\"y\"; b=\"\"", "text/html a=x;\"y b=", MEDIA_TEXT},
    {"empty parameters", "text/html;; a=b ;", "text/html a=b", MEDIA_TEXT},
    {"patch is JSON too", "application/json-patch+json", "application/json-patch+json +json",
     MEDIA_JSON},
    {"json of another tree", "text/x+json", "text/x+json +json", MEDIA_JSON},
    {"GraphQL is text", "application/graphql", "application/graphql", MEDIA_TEXT},
    {"XML", "application/xml", "application/xml", MEDIA_XML},
    {"text XML", "text/xml;charset=x", "text/xml charset=x", MEDIA_XML},
    {"XML suffix", "application/atom+xml", "application/atom+xml +xml", MEDIA_XML},
    {"SVG is XML", "image/svg+xml", "image/svg+xml +xml", MEDIA_XML},
    {"form", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded", MEDIA_FORM},
    {"multipart", "multipart/form-data; boundary=b", "multipart/form-data boundary=b",
     MEDIA_MULTIPART},
    {"image", "image/png", "image/png", MEDIA_BINARY},
    {"audio", "audio/x", "audio/x", MEDIA_BINARY},
    {"other application", "application/octet-stream", "application/octet-stream", MEDIA_BINARY},
    {"script", "application/javascript", "application/javascript", MEDIA_TEXT},
    {"no subtype", "text", NULL, 0},
    {"empty subtype", "text/", NULL, 0},
    {"empty type", "/plain", NULL, 0},
    {"empty", "", NULL, 0},
    {"three parts", "a/b/c", NULL, 0},
    {"space inside", "a /b", NULL, 0},
    {"parameter without value", "a/b; c", NULL, 0},
    {"parameter with empty value", "a/b; c=", NULL, 0},
    {"open quote", "a/b; c=\"d", NULL, 0},
    {"text behind a quote", "a/b; c=\"d\"e", NULL, 0},
};

static void test_parse(void **state)
{
    const struct parse_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf seen BUF_AUTO = BUF_INIT(1000);
    struct media media = {0};
    struct err err = ERR_INIT;

    int rc = media_parse(str_of(row->text), arena, &media, &err);
    assert_int_equal(rc, row->expected ? 0 : ERR_PARSE);
    assert_int_equal(media_known(&media), row->expected != NULL);
    if (rc < 0)
        return;
    buf_str(&seen, media_base(&media, arena));
    if (media.suffix.ptr)
        buf_printf(&seen, " +%.*s", STR_FMT(media.suffix));
    VEC_EACH(&media.params, struct media_param *, param) {
        buf_printf(&seen, " %.*s=%.*s", STR_FMT(param->name), STR_FMT(param->value));
        const char *name = str_cstr(arena, param->name);
        assert_str_is(media_param(&media, name), str_cstr(arena, param->value));
    }
    assert_str_is(buf_view(&seen), row->expected);
    assert_int_equal(media_kind(&media), row->kind);
    assert_str_is(media_param(&media, "none"), NULL);
}

static const struct sniff_row {
    const char *name, *body, *expected; /* NULL = unknown */
} sniff_rows[] = {
    {"XML declaration", "<?xml version=\"1.0\"?><a/>", "application/xml"},
    {"after white space", " \r\n<?xml version", "application/xml"},
    {"other instruction", "<?php echo", "text/plain"},
    {"doctype", "<!doctype html><p>", "text/html"},
    {"html", "<HTML>", "text/html"},
    {"element", "<note>", "application/xml"},
    {"html with attributes is an element", "<html lang=x>", "application/xml"},
    {"less-than", "< 3", "text/plain"},
    {"object", "{ \"a\": 1}", "application/json"},
    {"empty object", "{ }", "application/json"},
    {"broken object", "{a: 1}", "text/plain"},
    {"array", "[1]", "application/json"},
    {"string", "\"a\"", "application/json"},
    {"number", "12", "application/json"},
    {"negative number", "-12", "text/plain"},
    {"true", "true", "application/json"},
    {"null", "\tnull", "application/json"},
    {"text", "hello", "text/plain"},
    {"empty", "", "text/plain"},
    {"binary", "\x89PNG\r\n", NULL},
    {"lone continuation", "abc\x80", NULL},
    {"umlaut", "gr\xc3\xbc\xc3\x9f", "text/plain"},
    {"character cut at 32 bytes", "0123456789012345678901234567890\xc3\xa4", "application/json"},
    {"long character cut", "x123456789012345678901234567890\xf0\x9f\x98\x80", "text/plain"},
    {"bad byte at the cut", "x123456789012345678901234567890\xff\x80", NULL},
    {"cut character at the end", "abc\xc3", NULL},
    {"only the first 32 bytes count", "x1234567890123456789012345678901\xff", "text/plain"},
};

static void test_sniff(void **state)
{
    const struct sniff_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct media media = media_sniff(str_of(row->body));

    assert_str_is(media_base(&media, arena), row->expected);
}

static const char *const offers[] = {"application/hal+json", "application/json",
                                     "text/html;charset=utf-8"};

static const struct accept_row {
    const char *name, *accept;
    int expected;
} accept_rows[] = {
    {"absent", NULL, 0},
    {"empty", "", 0},
    {"anything", "*/*", 0},
    {"exact", "application/json", 1},
    {"case", "Application/JSON", 1},
    {"type", "text/*", 2},
    {"none", "image/png", -1},
    {"weights", "application/hal+json;q=0.5, application/json;q=0.9", 1},
    {"ties go to what the client names first", "application/json, application/hal+json", 1},
    {"or else to the first offer", "image/png, application/*", 0},
    {"a range before a name", "*/*, application/json", 0},
    {"closer range decides", "*/*;q=1, application/*;q=0.1, application/json;q=0", 2},
    {"browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 2},
    {"excluded", "application/hal+json;q=0, application/json;q=0.000, text/html;q=0", -1},
    {"parameter that is offered", "text/html; charset=UTF-8", 2},
    {"parameter that is not", "text/html;level=1", -1},
    {"unknown first", "application/vnd.x+json, */*;q=0.1", 0},
    {"malformed weight counts for nothing", "application/json;q=2", -1},
    {"three decimals", "application/json;q=0.001, text/html;q=0.002", 2},
    {"quoted comma", "x/y;a=\"b,application/json\", text/html", 2},
    {"junk", ",;/,*", -1},
};

static void test_accept(void **state)
{
    const struct accept_row *row = *state;

    assert_int_equal(media_negotiate(str_of(row->accept), offers, 3), row->expected);
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, parse_rows, test_parse);
    ROWS_ADD(&tests, sniff_rows, test_sniff);
    ROWS_ADD(&tests, accept_rows, test_accept);
    return rows_run(&tests, "media");
}
