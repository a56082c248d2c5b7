// SPDX-License-Identifier: Apache-2.0
#include "lib/json/yaml.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

/* YAML and the same as JSON. */
static const struct read_row {
    const char *name, *text, *want;
} read_rows[] = {
    {"nothing", "", "null"},
    {"only a comment", "# nothing here\n", "null"},
    {"JSON is YAML", "{\"a\": [1, 2.50, \"x\", null, true]}", "{\"a\":[1,2.50,\"x\",null,true]}"},
    {"a mapping of lists", "a:\n  - 1\n  - b: 2\n    c: 3\nd: {e: f}\n",
     "{\"a\":[1,{\"b\":2,\"c\":3}],\"d\":{\"e\":\"f\"}}"},
    {"key order", "b: 1\na: 2\n", "{\"b\":1,\"a\":2}"},
    {"byte order mark",
     "\xef\xbb\xbf"
     "a: 1\n",
     "{\"a\":1}"},
    {"one marked document", "---\na: 1\n...\n", "{\"a\":1}"},
    {"what 1.1 took for a boolean is text", "[yes, no, on, off, y, n, Yes, NO]",
     "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\",\"Yes\",\"NO\"]"},
    {"booleans", "[true, True, TRUE, false, False, FALSE, tRUE]",
     "[true,true,true,false,false,false,\"tRUE\"]"},
    {"nulls", "a:\nb: ~\nc: null\nd: Null\ne: NULL\nf: nULL\n",
     "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null,\"f\":\"nULL\"}"},
    {"quoted is text", "['1', \"true\", 'null', '', \"~\"]",
     "[\"1\",\"true\",\"null\",\"\",\"~\"]"},
    {"integers", "[0, -0, +7, 007, -12, 123456789012345678901234567890]",
     "[0,-0,7,7,-12,123456789012345678901234567890]"},
    {"octal and hexadecimal", "[0o17, 0x1F, 0o8, 0xg, 0x, 0o, -0x1, 0X1f]",
     "[15,31,\"0o8\",\"0xg\",\"0x\",\"0o\",\"-0x1\",\"0X1f\"]"},
    {"decimals as written", "[1.50, .5, 1., -1.e3, +.5E-2, 1e3, 00.5]",
     "[1.50,0.5,1.0,-1e3,0.5e-2,1e3,0.5]"},
    {"no numbers", "[1_000, '.', '-', 1e, 1.2.3, 12:30, 2024-01-01, 1.0.0, .e5, '+']",
     "[\"1_000\",\".\",\"-\",\"1e\",\"1.2.3\",\"12:30\",\"2024-01-01\",\"1.0.0\",\".e5\",\"+\"]"},
    {"keys are their text", "on: 1\n1.0: 2\ntrue: 3\n~: 4\n'': 5\n\"<<\": 6\n",
     "{\"on\":1,\"1.0\":2,\"true\":3,\"~\":4,\"\":5,\"<<\":6}"},
    {"block texts", "a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}"},
    {"escapes", "\"\\x41\\u00e9\\0\\n\"", "\"A\xc3\xa9\\u0000\\n\""},
    {"tags of the core schema",
     "[!!str 1, ! 2, !!int 3, !!float 4, !!bool true, !!null ~, !!seq [], !!map {}, !!int \"5\"]",
     "[\"1\",\"2\",3,4,true,null,[],{},5]"},
    {"alias of a text", "a: &x hello\nb: *x\n", "{\"a\":\"hello\",\"b\":\"hello\"}"},
    {"alias of a mapping", "a: &x {k: [1]}\nb: *x\n", "{\"a\":{\"k\":[1]},\"b\":{\"k\":[1]}}"},
    {"the last anchor of a name", "- &x 1\n- &x 2\n- *x\n", "[1,2,2]"},
    {"alias as a key", "- &x k\n- {*x : 1}\n", "[\"k\",{\"k\":1}]"},
};

static void test_read(void **state)
{
    const struct read_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (yaml_parse(str_of(row->text), "a.yaml", arena, &value, &err)) {
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    }
    assert_str_is(json_to_str(arena, value, JSON_COMPACT), row->want);
}

static const struct refused_row {
    const char *name, *text, *want;
} refused_rows[] = {
    {"repeated key", "a: 1\nb:\n  c: 1\n  c: 2\n",
     "4:3 key stands twice (also with the value at 3:6): 'c'"},
    {"repeated key by quotes", "{\"a\": 1, a: 2}",
     "1:10 key stands twice (also with the value at 1:7): 'a'"},
    {"merge key", "a: &x {b: 1}\nc:\n  <<: *x\n",
     "3:3 merge keys are no part of YAML 1.2: write out '<<'"},
    {"list as a key", "? [1]\n: 2\n", "1:3 a key must be a text, a number, true or false"},
    {"mapping as a key", "{{a: 1}: 2}", "1:2 a key must be a text, a number, true or false"},
    {"no key", "? \n: 1\n", "1:2 a key must be a text, a number, true or false"},
    {"two documents", "a: 1\n---\nb: 2\n", "2:1 a second document: one file holds one"},
    {"unknown tag", "a: !!binary aGk=\n",
     "1:4 there is no tag for a scalar 'tag:yaml.org,2002:binary'"},
    {"own tag of a list", "a: !list [1]\n", "1:4 there is no tag for a list or mapping '!list'"},
    {"tag and look differ", "a: !!int x\n", "1:4 this is not what its tag says: 'x'"},
    {"infinity", "a: -.inf\n", "1:4 this is no number that JSON can hold: '-.inf'"},
    {"not a number", "[.NaN]\n", "1:2 this is no number that JSON can hold: '.NaN'"},
    {"large hexadecimal", "0x8000000000000000",
     "1:1 this is too large for an integer of 64 bits: '0x8000000000000000'"},
    {"alias without anchor", "a: *x\n", "1:4 there is no anchor before this alias named 'x'"},
    {"alias inside of its anchor", "a: &x [1, *x]\n", "1:11 an alias inside of its own anchor 'x'"},
    {"open list", "a: [1, 2\nb: 3\n",
     "2:2 while parsing a flow sequence: did not find expected ',' or ']'"},
    {"tab as indentation", "a:\n\tb: 1\n",
     "2:1 while scanning for the next token: found character that cannot start any token"},
    {"control character",
     "\xef\xbb\xbf"
     "a: b\x01\n",
     "1:5 control characters are not allowed"},
    {"no UTF-8", "a: \xff\n", "1:4 bytes that are not UTF-8"},
    {"column in bytes", "\xc3\xa9: 1\n\xc3\xa9\xc3\xa9: *x\n",
     "2:7 there is no anchor before this alias named 'x'"},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(yaml_parse(str_of(row->text), "a.yaml", arena, &value, &err), ERR_PARSE);
    assert_null(value);
    assert_string_equal(err.source, "a.yaml");
    assert_str_is(str_printf(arena, "%d:%d %s", err.line, err.column, err.text), row->want);
}

static const struct position_row {
    const char *name, *pointer;
    int line, column;
} position_rows[] = {
    {"position of the root", "", 1, 1},
    {"position of a text", "/a", 1, 4},
    {"position of an item", "/b/1", 4, 5},
    {"position behind letters of two bytes", "/\xc3\xa9/0", 5, 8},
    {"position of an alias is its anchor's", "/d", 1, 4},
};

static void test_position(void **state)
{
    const struct position_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str text =
        STR("a: &x \xc3\xa9\r\nb:\n  - 1\n  - \"two\"\n\"\xc3\xa9\": [\xc3\xa9]\nd: *x\n");
    struct json *value = NULL;
    int line = -1, column = -1;
    assert_int_equal(yaml_parse(text, "a.yaml", arena, &value, NULL), 0);
    const struct json *found = json_pointer(value, row->pointer);
    assert_non_null(found);
    json_position(found, text, &line, &column);
    if (line != row->line || column != row->column) {
        fail_msg("saw %d:%d, expected %d:%d", line, column, row->line, row->column);
    }
}

static int parse(struct buf *text, struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    return yaml_parse(buf_view(text), "a.yaml", arena, &value, err);
}

static int parse_nested(int depth, const char *start, struct err *err)
{
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_YAML_TEXT + 2);
    buf_puts(&text, start);
    for (int i = 0; i < depth; i++) {
        buf_puts(&text, "[");
    }
    for (int i = 0; i < depth; i++) {
        buf_puts(&text, "]");
    }
    return parse(&text, err);
}

static void test_depth(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(parse_nested(LIMIT_JSON_DEPTH, "", NULL), 0);
    assert_int_equal(parse_nested(LIMIT_JSON_DEPTH + 1, "", &err), ERR_LIMIT);
    assert_string_equal(err.text, "nested too deeply");
}

/* An alias brings the depth of its anchor along. */
static void test_depth_of_aliases(void **state)
{
    (void)state;
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_YAML_TEXT);
    struct err err = ERR_INIT;
    for (int list = 0; list < 3; list++) {
        buf_printf(&text, "- &x%d ", list);
        for (int i = 0; i < 90; i++) {
            buf_puts(&text, "[");
        }
        if (list > 0) {
            buf_printf(&text, "*x%d", list - 1);
        }
        for (int i = 0; i < 90; i++) {
            buf_puts(&text, "]");
        }
        buf_puts(&text, "\n");
    }
    assert_int_equal(parse(&text, &err), ERR_LIMIT);
    assert_int_equal(err.line, 3);
}

/* Nine lists of nine aliases each would be 9^9 values. */
static void test_bomb(void **state)
{
    (void)state;
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_YAML_TEXT);
    struct err err = ERR_INIT;
    buf_puts(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        buf_printf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++) {
            buf_printf(&text, "%s*a%d", k ? ", " : "", i - 1);
        }
        buf_puts(&text, "]\n");
    }
    assert_int_equal(parse(&text, &err), ERR_LIMIT);
    assert_non_null(strstr(err.text, "aliases written out"));
}

static void test_sizes(void **state)
{
    (void)state;
    struct buf text BUF_AUTO = BUF_INIT(2 * LIMIT_YAML_TEXT);
    struct err err = ERR_INIT;
    for (int i = 0; i <= LIMIT_YAML_ANCHORS; i++) {
        buf_printf(&text, "- &a%d x\n", i);
    }
    assert_int_equal(parse(&text, &err), ERR_LIMIT);
    assert_string_equal(err.text, "too many anchors");
    buf_clear(&text);
    for (int i = 0; i <= LIMIT_YAML_TEXT; i++) {
        buf_puts(&text, " ");
    }
    err = ERR_INIT;
    assert_int_equal(parse(&text, &err), ERR_LIMIT);
    buf_clear(&text);
    for (int i = 0; i <= LIMIT_JSON_NUMBER; i++) {
        buf_puts(&text, "1");
    }
    assert_int_equal(parse(&text, NULL), ERR_PARSE);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, read_rows, test_read);
    ROWS_ADD(&tests, refused_rows, test_refused);
    ROWS_ADD(&tests, position_rows, test_position);
    rows_add_test(&tests, "depth", test_depth);
    rows_add_test(&tests, "depth of aliases", test_depth_of_aliases);
    rows_add_test(&tests, "alias bomb", test_bomb);
    rows_add_test(&tests, "sizes", test_sizes);
    return rows_run(&tests, "yaml");
}
