// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/lib/base/rows.h"
#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/uuid.h"

/* FIPS 180-4 examples (NIST), and the digest of nothing. */
static const struct digest_row {
    const char *name, *text, *sha1, *sha256;
} digest_rows[] = {
    {"digest of nothing", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"digest of abc", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"digest of two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void test_digest(void **state)
{
    const struct digest_row *row = *state;
    char sha1[HASH_SHA1_HEX], sha256[HASH_SHA256_HEX];
    hash_sha1_hex(str_of(row->text), sha1);
    hash_sha256_hex(str_of(row->text), sha256);
    assert_string_equal(sha1, row->sha1);
    assert_string_equal(sha256, row->sha256);
}

/* RFC 4648 §10, and bytes whose digits differ between the alphabets. */
static const struct base64_row {
    const char *name, *data, *text, *url;
} base64_rows[] = {
    {"base64 of nothing", "", "", ""},
    {"base64 of f", "f", "Zg==", "Zg"},
    {"base64 of fo", "fo", "Zm8=", "Zm8"},
    {"base64 of foo", "foo", "Zm9v", "Zm9v"},
    {"base64 of foob", "foob", "Zm9vYg==", "Zm9vYg"},
    {"base64 of fooba", "fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"base64 of foobar", "foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"base64 of high bytes", "\xfb\xff\xbf\xfe", "+/+//g==", "-_-__g"},
};

static void test_base64(void **state)
{
    const struct base64_row *row = *state;
    ARENA_AUTO struct arena *arena = arena_new();
    assert_str_is(hash_base64(arena, str_of(row->data)), row->text);
    assert_str_is(hash_base64url(arena, str_of(row->data)), row->url);
    struct str data = STR_NONE;
    assert_true(hash_unbase64(arena, str_of(row->text), &data));
    assert_str_is(data, row->data);
    assert_true(hash_unbase64url(arena, str_of(row->url), &data));
    assert_str_is(data, row->data);
    assert_true(hash_unbase64url(arena, str_of(row->text), &data));
    assert_str_is(data, row->data);
}

static const struct refused_row {
    const char *name, *text;
    bool url_ok;
} refused_rows[] = {
    {"refuse missing padding", "Zg", true},
    {"refuse short padding", "Zg=", false},
    {"refuse too much padding", "Zg===", false},
    {"refuse only padding", "====", false},
    {"refuse padding in the middle", "Zg==Zg==", false},
    {"refuse a lone digit", "Zm9vY", false},
    {"refuse bits left over in one byte", "Zh==", false},
    {"refuse bits left over in two bytes", "Zm9=", false},
    {"refuse url alphabet", "-_-_", true},
    {"refuse space", "Zm9v ", false},
    {"refuse line end", "Zm9v\n", false},
    {"refuse foreign byte", "Zm\xc3v", false},
    {"refuse star", "Zm9*", false},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    ARENA_AUTO struct arena *arena = arena_new();
    struct str data = STR("untouched");
    assert_false(hash_unbase64(arena, str_of(row->text), &data));
    assert_str_is(data, "untouched");
    assert_int_equal(hash_unbase64url(arena, str_of(row->text), &data), row->url_ok);
}

static void test_all_bytes(void **state)
{
    (void)state;
    ARENA_AUTO struct arena *arena = arena_new();
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    for (size_t len = 0; len <= 256; len++) {
        struct str data = str_make(bytes, len), back;
        assert_true(hash_unbase64(arena, hash_base64(arena, data), &back));
        assert_true(str_eq(data, back));
        assert_true(hash_unbase64url(arena, hash_base64url(arena, data), &back));
        assert_true(str_eq(data, back));
    }
}

static void test_table(void **state)
{
    (void)state;
    static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaa";
    for (size_t a = 0; a < sizeof text; a++)
        for (size_t b = 0; b < sizeof text; b++)
            assert_int_equal(hash_table(str_make(text, a)) == hash_table(str_make(text, b)),
                             a == b);
    assert_true(hash_table(STR("a\0")) != hash_table(STR("a")));
    assert_true(hash_table(STR_NONE) == hash_table(STR("")));
}

static void test_random(void **state)
{
    (void)state;
    unsigned char a[100] = {0}, b[100] = {0};
    hash_random(a, sizeof a);
    hash_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    hash_random(a, 0);
    char uuid[UUID_TEXT_LEN], other[UUID_TEXT_LEN];
    assert_ptr_equal(uuid_random(uuid), uuid);
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(strspn(uuid, "0123456789abcdef-"), 36);
    assert_int_equal(uuid[14], '4');           /* version */
    assert_non_null(strchr("89ab", uuid[19])); /* variant */
    assert_string_not_equal(uuid, uuid_random(other));
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, digest_rows, test_digest);
    ROWS_ADD(&tests, base64_rows, test_base64);
    ROWS_ADD(&tests, refused_rows, test_refused);
    rows_add_test(&tests, "base64 of all bytes comes back", test_all_bytes);
    rows_add_test(&tests, "table hash sees length and content", test_table);
    rows_add_test(&tests, "random bytes and uuids differ", test_random);
    return rows_run(&tests, "hash");
}
