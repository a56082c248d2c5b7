// SPDX-License-Identifier: Apache-2.0
#include "lib/wire/zstd.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "tests/unit/lib/base/rows.h"

enum { MOST = 100000 };

/* A contract-like text: repeats itself, as all of them do. */
static struct str sample(struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(MOST);
    for (int i = 0; i < 20; i++)
        buf_printf(&out, "{\"description\":\"order %d\",\"request\":{\"path\":\"/orders/%d\"}},", i,
                   i * 7);
    return str_dup(arena, buf_view(&out));
}

static struct str frame_of(struct arena *arena)
{
    struct buf out BUF_AUTO = BUF_INIT(MOST);
    struct zstd *zstd = zstd_new();
    assert_true(zstd_pack(zstd, sample(arena), &out));
    zstd_free(zstd);
    return str_dup(arena, buf_view(&out));
}

/* One working memory for texts of all sizes, each appended to what is there. */
static void test_round_trip(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct zstd *zstd = zstd_new();
    struct str text = sample(arena);
    for (size_t len = text.len; len > 100; len = len * 2 / 3) {
        struct err err = ERR_INIT;
        struct buf frame BUF_AUTO = BUF_INIT(MOST), out BUF_AUTO = BUF_INIT(MOST);
        buf_puts(&out, "before");
        assert_true(zstd_pack(zstd, str_make(text.ptr, len), &frame));
        assert_true(frame.len < len);
        assert_int_equal(zstd_unpack(zstd, buf_view(&frame), len, &out, &err), 0);
        assert_int_equal(out.len, 6 + len);
        assert_memory_equal(out.ptr, "before", 6);
        assert_memory_equal(out.ptr + 6, text.ptr, len);
    }
    zstd_free(zstd);
}

/* What does not get shorter is left to the caller, and nothing is written. */
static const struct kept_row {
    const char *name, *text;
} kept_rows[] = {
    {"empty", ""},
    {"one byte", "x"},
    {"short", "[]"},
    {"digits of a digest", "e3064e8615e3b6338c2ffbd7c04ca60d55c29501"},
};

static void test_kept(void **state)
{
    const struct kept_row *row = *state;
    struct zstd *zstd = zstd_new();
    struct buf out BUF_AUTO = BUF_INIT(MOST);
    buf_puts(&out, "before");
    assert_false(zstd_pack(zstd, str_of(row->text), &out));
    assert_str_is(buf_view(&out), "before");
    assert_false(out.overflow);
    zstd_free(zstd);
}

static void test_no_room(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct zstd *zstd = zstd_new();
    struct buf out BUF_AUTO = BUF_INIT(10);
    assert_false(zstd_pack(zstd, sample(arena), &out));
    assert_int_equal(out.len, 0);
    assert_false(out.overflow);
    zstd_free(zstd);
}

/* Frames as bytes: RFC 8878 section 3.1.1. */
#define MAGIC "\x28\xb5\x2f\xfd"
static const struct refused_row {
    const char *name;
    struct str bytes;
    enum err_code code;
    const char *why;
} refused_rows[] = {
    {"nothing", STR(""), ERR_PARSE, "no zstd frame"},
    {"text", STR("{\"interactions\":[]}"), ERR_PARSE, "no zstd frame"},
    {"magic number alone", STR(MAGIC), ERR_PARSE, "no zstd frame"},
    {"empty frame", STR(MAGIC "\x20\x00\x01\x00\x00"), ERR_PARSE, "has no text"},
    {"skippable frame",
     STR("\x50\x2a\x4d\x18\x03\x00\x00\x00"
         "abc"),
     ERR_PARSE, "has no text"},
    {"no length", STR(MAGIC "\x00\x58\x11\x00\x00hi"), ERR_PARSE, "does not say how long"},
    {"dictionary 7", STR(MAGIC "\x21\x07\x02\x11\x00\x00hi"), ERR_PARSE, "needs dictionary 7"},
    {"a block that is not there", STR(MAGIC "\x20\x02"), ERR_PARSE, "does not end where"},
    {"another length than it says", STR(MAGIC "\x20\x03\x11\x00\x00hi"), ERR_PARSE, "damaged"},
    /* A run of 100,001 letters in one block of 4 bytes. */
    {"longer than allowed", STR(MAGIC "\xa0\xa1\x86\x01\x00\x0b\x35\x0c\x00x"), ERR_LIMIT,
     "100001 bytes of text, at most 100000"},
    {"a length beyond memory", STR(MAGIC "\xe0\xff\xff\xff\xff\xff\xff\xff\x7f\x03\x00\x00x"),
     ERR_LIMIT, "at most 100000"},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    struct err err = ERR_INIT;
    struct zstd *zstd = zstd_new();
    struct buf out BUF_AUTO = BUF_INIT(MOST);
    int code = zstd_unpack(zstd, row->bytes, MOST, &out, &err);
    if (code != (int)row->code || !strstr(err.text, row->why))
        fail_msg("saw %d \"%s\", expected %d \"%s\"", code, err.text, (int)row->code, row->why);
    assert_int_equal(out.len, 0);
    zstd_free(zstd);
}

/* However a frame is cut, lengthened or changed, it is refused: the checksum sees to the last. */
static void test_damaged(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct zstd *zstd = zstd_new();
    struct str frame = frame_of(arena), text = sample(arena);
    struct buf out BUF_AUTO = BUF_INIT(MOST);
    for (size_t len = 0; len < frame.len; len++)
        assert_true(zstd_unpack(zstd, str_make(frame.ptr, len), MOST, &out, NULL) < 0);
    for (size_t bit = 0; bit < frame.len * 8; bit++) {
        char *bytes = arena_copy(arena, frame.ptr, frame.len);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        if (zstd_unpack(zstd, str_make(bytes, frame.len), MOST, &out, NULL) == 0 &&
            !str_eq(buf_view(&out), text))
            fail_msg("bit %zu may change unnoticed", bit);
        buf_clear(&out);
    }
    struct buf twice BUF_AUTO = BUF_INIT(MOST);
    buf_str(&twice, frame);
    buf_str(&twice, frame);
    assert_int_equal(zstd_unpack(zstd, buf_view(&twice), MOST, &out, NULL), ERR_PARSE);
    /* And none of it is remembered. */
    assert_int_equal(zstd_unpack(zstd, frame, text.len, &out, NULL), 0);
    assert_true(str_eq(buf_view(&out), text));
    zstd_free(zstd);
}

int main(void)
{
    struct rows tests = {0};
    rows_add_test(&tests, "round trip", test_round_trip);
    ROWS_ADD(&tests, kept_rows, test_kept);
    rows_add_test(&tests, "no room", test_no_room);
    ROWS_ADD(&tests, refused_rows, test_refused);
    rows_add_test(&tests, "damaged", test_damaged);
    return rows_run(&tests, "zstd");
}
