// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/json/json.h"
#include "tests/unit/lib/base/rows.h"

/* Text and how it is written again. */
static const struct accepted_row {
    const char *name, *text, *want;
} accepted_rows[] = {
    {"null", "null", NULL},
    {"booleans", "[true,false]", NULL},
    {"empty containers", "[{},[]]", NULL},
    {"numbers as written", "[0,-0,1.0,1.50,1e3,1E+03,-0.0e-0,123456789012345678901234567890]",
     NULL},
    {"key order", "{\"b\":1,\"a\":2}", NULL},
    {"empty key and string", "{\"\":\"\"}", NULL},
    {"white space", " \t\r\n[ 1 ,\n2 ] \n", "[1,2]"},
    {"deep indentation", "[\n                    1]", "[1]"},
    {"byte order mark", "\xef\xbb\xbf[1]", "[1]"},
    {"escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00\\u0000\"",
     "\"\\\"\\\\/\\b\\f\\n\\r\\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\u0000\""},
    {"plain UTF-8", "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf\"", NULL},
    {"delete is no control character", "\"\x7f\"", NULL},
    {"long string", "\"0123456789abcdef0123456789abcdef\\n0123456789abcdef\"", NULL},
    {"repeated key: last value, first place", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
    {"repeated key by escape", "{\"a\":1,\"\\u0061\":2}", "{\"a\":2}"},
};

static void test_accepted(void **state)
{
    const struct accepted_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(row->text), "test", arena, &value, &err))
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    assert_str_is(json_to_str(arena, value, JSON_COMPACT), row->want ? row->want : row->text);
}

static const struct refused_row {
    const char *name, *text, *want;
} refused_rows[] = {
    {"nothing", "", "1:1 expected a value, found end of text"},
    {"only white space", " \n ", "2:2 expected a value, found end of text"},
    {"two values", "1 2", "1:3 expected nothing after the end of the document, found '2'"},
    {"open array", "[", "1:2 expected a value or ']', found end of text"},
    {"open array after an item", "[1", "1:3 expected ',' or ']' after an item, found end of text"},
    {"comma before the end of an array", "[1,]", "1:4 expected a value after ',', found ']'"},
    {"comma before the end of an object", "{\"a\":1,}",
     "1:8 expected a key in double quotes after ',', found '}'"},
    {"no comma", "[1 2]", "1:4 expected ',' or ']' after an item, found '2'"},
    {"wrong bracket", "{\"a\":1]", "1:7 expected ',' or '}' after a member, found ']'"},
    {"no colon", "{\"a\" 1}", "1:6 expected ':' after the key, found '1'"},
    {"no value", "{\"a\":}", "1:6 expected a value after ':', found '}'"},
    {"key without quotes", "{a:1}", "1:2 expected a key in double quotes or '}', found 'a'"},
    {"single quotes", "['a']", "1:2 expected a value or ']', found a single quote"},
    {"comment", "[1, // one\n2]", "1:5 expected a value after ',', found '/'"},
    {"word", "[nul]", "1:2 expected a value or ']', found 'nul'"},
    {"word too long", "[truely]", "1:6 expected ',' or ']' after an item, found 'ly'"},
    {"not a number", "NaN", "1:1 expected a value, found 'NaN'"},
    {"leading plus", "+1", "1:1 expected a value, found '+'"},
    {"leading point", ".5", "1:1 expected a value, found '.'"},
    {"leading zero", "-01", "1:3 expected no digit after a leading 0, found '1'"},
    {"only a minus", "-", "1:2 expected a digit after '-', found end of text"},
    {"no fraction", "1.e5", "1:3 expected a digit after the decimal point, found 'e5'"},
    {"no exponent", "1e+", "1:4 expected a digit in the exponent, found end of text"},
    {"open string", "\n [\"abc",
     "2:7 expected '\"' to end the string that starts at line 2 column 3, found end of text"},
    {"line break in a string", "\"a\nb\"",
     "1:3 expected control characters in a string to be escaped, found a line break"},
    {"NUL in a string", "\"a\\u0000\x01\"",
     "1:9 expected control characters in a string to be escaped, found control character 0x01"},
    {"unknown escape", "\"\\x41\"",
     "1:3 expected one of \"\\/bfnrtu after a backslash, found 'x41'"},
    {"escape at the end", "\"\\",
     "1:3 expected one of \"\\/bfnrtu after a backslash, found end of "
     "text"},
    {"short unicode escape", "\"\\u12g4\"", "1:6 expected four hex digits after '\\u', found 'g4'"},
    {"lone high surrogate", "\"\\ud83d!\"",
     "1:8 expected a low surrogate (\\udc00 to \\udfff) after a high one, found '!'"},
    {"two high surrogates", "\"\\ud83d\\ud83d\"",
     "1:8 expected a low surrogate (\\udc00 to \\udfff) after a high one, found '\\'"},
    {"lone low surrogate", "\"\\ude00\"",
     "1:2 expected a high surrogate before a low one, found '\\'"},
    {"no UTF-8", "[\"\xff\"]",
     "1:3 expected UTF-8 in a string, found byte 0xff, which is not UTF-8"},
    {"overlong UTF-8", "\"\xc0\xaf\"",
     "1:2 expected UTF-8 in a string, found byte 0xc0, which is not UTF-8"},
    {"surrogate in UTF-8", "\"\xed\xa0\x80\"",
     "1:2 expected UTF-8 in a string, found byte 0xed, which is not UTF-8"},
    {"beyond Unicode", "\"\xf4\x90\x80\x80\"",
     "1:2 expected UTF-8 in a string, found byte 0xf4, which is not UTF-8"},
    {"cut UTF-8", "\"\xe2\x82",
     "1:2 expected UTF-8 in a string, found byte 0xe2, which is not UTF-8"},
    {"letter outside of a string", "[\xc3\xa9]", "1:2 expected a value or ']', found '\xc3\xa9'"},
    {"vertical tab",
     "[\x0b"
     "1]",
     "1:2 expected a value or ']', found control character 0x0b"},
    {"column behind a byte order mark", "\xef\xbb\xbf[x]",
     "1:2 expected a value or ']', found 'x'"},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(str_of(row->text), "a.json", arena, &value, &err), ERR_PARSE);
    assert_null(value);
    assert_string_equal(err.source, "a.json");
    assert_str_is(str_printf(arena, "%d:%d %s", err.line, err.column, err.text), row->want);
}

static void test_nul_bytes(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    assert_int_equal(json_parse(str_make("1\0", 2), "test", arena, &value, NULL), ERR_PARSE);
    assert_int_equal(json_parse(str_make("\"\0\"", 3), "test", arena, &value, NULL), ERR_PARSE);
    assert_int_equal(json_parse(STR_NONE, "test", arena, &value, NULL), ERR_PARSE);
}

/* `open` n times, `middle`, `close` n times. */
static int parse_repeated(const char *open, const char *middle, const char *close, int n,
                          struct err *err)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    struct json *value = NULL;
    for (int i = 0; i < n; i++)
        buf_puts(&text, open);
    buf_puts(&text, middle);
    for (int i = 0; i < n; i++)
        buf_puts(&text, close);
    return json_parse(buf_view(&text), "test", arena, &value, err);
}

static void test_limits(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(parse_repeated("[", "", "]", LIMIT_JSON_DEPTH, NULL), 0);
    assert_int_equal(parse_repeated("[", "", "]", LIMIT_JSON_DEPTH + 1, &err), ERR_LIMIT);
    assert_int_equal(err.column, LIMIT_JSON_DEPTH + 1);
    assert_int_equal(parse_repeated("{\"a\":", "1", "}", LIMIT_JSON_DEPTH + 1, NULL), ERR_LIMIT);
    assert_int_equal(parse_repeated("[", "", "", 1000000, NULL), ERR_LIMIT);
    assert_int_equal(parse_repeated("7", "", "", LIMIT_JSON_NUMBER, NULL), 0);
    assert_int_equal(parse_repeated("7", "", "", LIMIT_JSON_NUMBER + 1, NULL), ERR_LIMIT);
}

static void test_many_keys(void **state)
{
    (void)state;
    enum { KEYS = 100000 };
    struct arena *arena ARENA_AUTO = arena_new();
    struct buf text BUF_AUTO = BUF_INIT(LIMIT_JSON_TEXT);
    struct json *value = NULL;
    buf_putc(&text, '{');
    for (int i = 0; i < KEYS; i++)
        buf_printf(&text, "%s\"k%d\":%d", i ? "," : "", i, i);
    buf_puts(&text, ",\"k7\":\"again\"}");
    assert_int_equal(json_parse(buf_view(&text), "test", arena, &value, NULL), 0);
    assert_int_equal(json_len(value), KEYS);
    assert_int_equal(json_repeated_keys(value), 1);
    struct str key = STR_NONE;
    assert_ptr_equal(json_first_repeated(value, &key), value);
    assert_str_is(key, "k7");
    assert_str_is(json_get_text(value, "k7"), "again");
    for (int i = 0; i < KEYS; i++) {
        if (i != 7)
            assert_ptr_equal(json_get(value, arena_printf(arena, "k%d", i)),
                             json_at(value, (size_t)i));
    }
    assert_null(json_get(value, "k100000"));
}

static void test_repeated_keys(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct json *value = NULL;
    struct str text = STR("{\"a\":{\"x\":1,\"x\":2,\"x\":3},\"b\":1,\"b\":2}");
    assert_int_equal(json_parse(text, "test", arena, &value, NULL), 0);
    assert_int_equal(json_repeated_keys(value), 1);
    assert_int_equal(json_repeated_keys(json_get(value, "a")), 2);
    assert_int_equal(json_repeated_keys(json_get(value, "b")), 0);
}

static const struct position_row {
    const char *name, *pointer;
    int line, column;
    long offset;
} position_rows[] = {
    {"position of the root", "", 1, 1, 3},
    {"position of a string", "/a", 2, 8, 12},
    {"position of an array", "/b", 3, 8, 26},
    {"position of an item", "/b/1", 4, 3, 32},
    {"position of an object in an array", "/b/2", 4, 9, 38},
};

static void test_position(void **state)
{
    const struct position_row *row = *state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct str text =
        STR("\xef\xbb\xbf{\n  \"a\": \"\xc3\xa9\",\r\n  \"b\": [1,\n  \"two\",{}\n]}");
    struct json *value = NULL;
    int line = -1, column = -1;
    assert_int_equal(json_parse(text, "test", arena, &value, NULL), 0);
    const struct json *found = json_pointer(value, row->pointer);
    assert_non_null(found);
    json_position(found, text, &line, &column);
    if (line != row->line || column != row->column || json_offset(found) != row->offset)
        fail_msg("saw %d:%d at %ld, expected %d:%d at %ld", line, column, json_offset(found),
                 row->line, row->column, row->offset);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, accepted_rows, test_accepted);
    ROWS_ADD(&tests, refused_rows, test_refused);
    rows_add_test(&tests, "NUL bytes", test_nul_bytes);
    rows_add_test(&tests, "limits", test_limits);
    rows_add_test(&tests, "many keys", test_many_keys);
    rows_add_test(&tests, "repeated keys", test_repeated_keys);
    ROWS_ADD(&tests, position_rows, test_position);
    return rows_run(&tests, "json_parse");
}
