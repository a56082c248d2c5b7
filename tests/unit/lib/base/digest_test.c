// SPDX-License-Identifier: Apache-2.0
#include "lib/base/digest.h"

#include "tests/unit/lib/base/rows.h"

/* FIPS 180-2, appendix B, each in pieces of several lengths. */
static const struct row {
    const char *name, *text, *hex;
} rows[] = {
    {"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    for (size_t piece = 1; piece < 60; piece++) {
        struct digest *digest = digest_new();
        struct str rest = str_of(row->text);
        char hex[HASH_SHA256_HEX], whole[HASH_SHA256_HEX];
        for (size_t at = 0; at < rest.len; at += piece) {
            digest_hex(digest, hex); /* asking on the way changes nothing */
            digest_add(digest, str_sub(rest, at, piece));
        }
        digest_hex(digest, hex);
        assert_string_equal(hex, row->hex);
        hash_sha256_hex(rest, whole);
        assert_string_equal(hex, whole);
        digest_free(digest);
    }
}

int main(void)
{
    static struct rows tests;
    ROWS_ADD(&tests, rows, test_row);
    return rows_run(&tests, "digest");
}
