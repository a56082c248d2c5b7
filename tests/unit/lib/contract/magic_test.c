// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/magic.h"

#include "tests/unit/lib/base/rows.h"

static const struct type_row {
    const char *name;
    struct str bytes;
    const char *type;
} type_rows[] = {
    {"jpeg", STR("\xff\xd8\xff\xe0\0\x10JFIF"), "image/jpeg"},
    {"png", STR("\x89PNG\r\n\x1a\n\0"), "image/png"},
    {"png cut short", STR("\x89PNG\r\n"), "application/octet-stream"},
    {"gif 87", STR("GIF87a.."), "image/gif"},
    {"gif 89", STR("GIF89a.."), "image/gif"},
    {"webp", STR("RIFF\1\2\3\4WEBPVP8 "), "image/webp"},
    {"wav", STR("RIFF\1\2\3\4WAVEfmt "), "audio/wav"},
    {"riff of another kind", STR("RIFF\1\2\3\4abcd"), "application/octet-stream"},
    {"pdf", STR("%PDF-1.7\n%\xe2\xe3"), "application/pdf"},
    {"zip", STR("PK\3\4\x14\0"), "application/zip"},
    {"empty zip", STR("PK\5\6\0\0"), "application/zip"},
    {"epub", STR("PK\3\4abcdefghijklmnopqrstuvwxyzmimetypeapplication/epub+zip"),
     "application/epub+zip"},
    {"gzip", STR("\x1f\x8b\x08\0"), "application/gzip"},
    {"xml declaration", STR("\xef\xbb\xbf<?xml version='1.0'?><a/>"), "application/xml"},
    {"xml element", STR("\n <a>x</a>\n"), "application/xml"},
    {"svg", STR("<svg xmlns='http://www.w3.org/2000/svg'/>"), "image/svg+xml"},
    {"html", STR("<HTML><body>"), "text/html"},
    {"html document type", STR("<!doctype HTML>x"), "text/html"},
    {"json object", STR(" {\"a\": 1}\n"), "application/json"},
    {"json array", STR("[]"), "application/json"},
    {"braces that are no json", STR("{a: 1}"), "text/plain"},
    {"number", STR("1.5"), "text/plain"},
    {"text", STR("hello\tw\xc3\xb6rld\r\n"), "text/plain"},
    {"less than", STR("<3 you"), "text/plain"},
    {"control characters", STR("a\1b"), "application/octet-stream"},
    {"not UTF-8", STR("a\xff"), "application/octet-stream"},
    {"nothing", STR(""), "application/octet-stream"},
};

static void test_type(void **state)
{
    const struct type_row *row = *state;
    assert_string_equal(magic_type(row->bytes), row->type);
    assert_true(magic_is(row->bytes, str_of(row->type)));
}

static const struct is_row {
    const char *name;
    struct str bytes;
    const char *type;
    bool yes;
} is_rows[] = {
    {"case", STR("GIF89a"), "Image/GIF", true},
    {"parameters", STR("hello"), "text/plain; charset=utf-8", true},
    {"other name", STR("\xff\xd8\xff"), "image/jpg", true},
    {"either xml", STR("<a/>"), "text/xml", true},
    {"json text that is a value", STR("1.5"), "application/json", true},
    {"text is no json", STR("hello"), "application/json", false},
    {"json is no plain text", STR("{}"), "text/plain", false},
    {"png is no jpeg", STR("\x89PNG\r\n\x1a\n"), "image/jpeg", false},
    {"no type", STR("hello"), "", false},
};

static void test_is(void **state)
{
    const struct is_row *row = *state;
    assert_int_equal(magic_is(row->bytes, str_of(row->type)), row->yes);
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, type_rows, test_type);
    ROWS_ADD(&tests, is_rows, test_is);
    return rows_run(&tests, "magic");
}
