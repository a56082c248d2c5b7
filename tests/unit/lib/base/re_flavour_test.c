// SPDX-License-Identifier: Apache-2.0
/* Patterns as other libraries write them: what they accept, and what is refused. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/re.h"
#include "tests/unit/lib/base/rows.h"

static const struct row {
    const char *name, *pattern, *yes, *no; /* whole texts; NULL = none */
} rows[] = {
    {"hexadecimal digits", "\\h{8}-\\h{4}", "00aF9c1b-beef", "00aG9c1b-beef"},
    {"white space is no hexadecimal digit", "\\h", "f", " "},
    {"all but hexadecimal digits", "\\H+", "xyz", "xaz"},
    {"hexadecimal digits in a class", "[\\h:]+", "00:1b", "00:1g"},
    {"character by four digits", "caf\\u00e9", "caf\xc3\xa9", "cafe"},
    {"character by digits in braces", "\\u{1F600}", "\xf0\x9f\x98\x80", "u"},
    {"character by surrogates", "\\uD83D\\uDE00", "\xf0\x9f\x98\x80", "x"},
    {"characters in a class", "[\\u0041-\\u0043]+", "ABC", "ABD"},
    {"a bracket by number is a character", "\\u005Ba", "[a", "a"},
    {"backslash before a u", "\\\\u0041", "\\u0041", "A"},
    {"two surrogates are one to repeat", "\\ud83d\\ude00?x", "x", "\xf0\x9f\x98\x80"},
    {"character by x", "\\x{e9}\\x41",
     "\xc3\xa9"
     "A",
     "eA"},
    {"POSIX class", "[[:alpha:]_]+", "a_b", "a1"},
    {"POSIX class, negated", "[[:^digit:]]+", "ab", "a1"},
    {"POSIX name as property", "\\p{Alnum}+", "a1", "a-"},
    {"POSIX name as property, negated", "\\P{Alnum}+", "--", "-a"},
    {"POSIX name as property, negated by a circumflex", "\\p{^Punct}+", "ab", "a."},
    {"POSIX name as property in a class", "[\\p{XDigit}\\p{Blank}]+", "a 1", "g"},
    {"POSIX name as property in a negated class", "[^\\p{Punct}]+", "ab", "a!"},
    {"prefix of Java", "\\p{IsAlphabetic}\\p{IsLu}\\p{IsLatin}", "aBc", "abc"},
    {"long name of a category", "\\p{Uppercase_Letter}\\p{Decimal Number}", "A1", "a1"},
    {"category by name", "\\p{gc=Lu}\\p{general_category=Ll}", "Aa", "aa"},
    {"script by name", "\\p{script=Greek}+", "\xce\xb1", "a"},
    {"letters of any language", "\\p{L}+", "\xce\xb1z", "1"},
    {"hyphen after a class", "[\\w-.]+@", "a.b-c@", "a,b@"},
    {"hyphen before a class", "[+-\\d]+", "+1-2", ",1"},
    {"hyphen between classes", "[\\w-\\s]+", "a - b", "a+b"},
    {"hyphen after a POSIX class", "[[:alpha:]-_]+", "a-_", "a^"},
    {"hyphen in front and at the end", "[-a-c-]+", "a-c-", "a_"},
    {"hyphen after a range", "[a-c-e]+", "a-e", "d"},
    {"intersection", "[a-z&&[^aeiou]]+", "bcd", "bad"},
    {"intersection without brackets", "[a-z&&def]+", "fed", "fedc"},
    {"intersection of three", "[a-z&&[^d-f]&&[^x]]+", "abc", "abx"},
    {"intersection, negated", "[^a-z&&[^d]]+", "dD1", "a"},
    {"intersection that is repeated", "[\\w&&[^\\d_]]{2,3}", "abc", "ab1"},
    {"union", "[a-d[m-p]]+", "am", "ae"},
    {"union, negated", "[^a-d[m-p]]+", "ex]", "m"},
    {"union of a union", "[a[b[c]]]+", "cab", "d"},
    {"union with a class", "[[0-9]\\s-]+", "1 -2", "a"},
    {"circumflex after a class within", "[[a]^b]+", "a^b", "c"},
    {"bracket that opens nothing", "[^[]+", "ab]", "a["},
    {"brackets that do not balance", "\\[[^[\\]]+\\]", "[ab]", "[a[b]"},
    {"bracket in a class, escaped", "[\\[\\]]+", "[]", "a"},
    {"bracket first in a class", "[]a]+", "a]", "b"},
    {"bracket first in a negated class", "[^]a]+", "bc", "]"},
    {"intersection that does not balance", "[a&&[b]+", "a&[b", "c"},
    {"ampersands that intersect nothing", "[&&]+", "&&", "a"},
    {"one ampersand", "[a&b]+", "a&b", "c"},
    {"quoted text", "\\Q[a-z&&[b\\h\\E+", "[a-z&&[b\\h", "a"},
    {"quoted text in a class", "[\\Q-]\\E]+", "-]", "a"},
    {"none to some", "a{,3}b", "aab", "aaaab"},
    {"some", "a{2}b{1,}c{1,2}", "aabbc", "abc"},
    {"braces that repeat nothing", "a{,}b", "a{,}b", "ab"},
    {"flag for Unicode", "(?u)\\w+", "\xc3\xa9", "-"},
    {"flags for a group", "(?iu:abc)d", "aBCd", "abcD"},
    {"flag that is taken back", "(?i)a(?-i)b", "Ab", "AB"},
    {"flag for lines and their ends", "(?m)a.b$\\n^c", "a\nb\nc", "a\nb c"},
    {"flag for lines in a group", "(?m:a.)b.c", "a\nbxc", "a\nb\nc"},
    {"comment", "a(?# [ \\h )b", "ab", "a"},
    {"comments of the extended form", "(?x) a # [ \\h\n b", "ab", "a b"},
    {"look-ahead", "(?=.*\\d)(?!.*x)[a-z\\d]+", "a1", "x1"},
    {"look-behind", "\\w+(?<=a|bc)", "xbc", "xb"},
    {"possessive repeats", "a++b?+c*+", "aabcc", "abx"},
    {"atomic group", "(?>a+)b", "aab", "aa"},
    {"named group and back reference", "(?<n>a|b)-\\k<n>", "a-a", "a-b"},
    {"group that is called", "(?<n>a|b)-\\g<n>", "a-b", "a-c"},
    {"ends of the text", "\\Aab\\z", "ab", "ab\n"},
    {"end before a line end", "\\Aab\\Z", "ab", "ab\n"},
    {"slash that is escaped", "a\\/b", "a/b", "a\\/b"},
    {"digits of any script", "\\d+", "\xd9\xa3", "x"},
    {"backslash at the end of a class", "[a\\\\]+", "a\\", "b"},
};

static void test_flavour(void **state)
{
    const struct row *row = *state;
    struct err err = ERR_INIT;
    const struct re *re = NULL;
    if (re_get(str_of(row->pattern), RE_WHOLE, &re, &err) != 0) {
        fail_msg("%s", err.text);
        return;
    }
    if (re_test(re, str_of(row->yes), &err) != 1)
        fail_msg("'%s' should match %s", row->yes, err.text);
    if (row->no && re_test(re, str_of(row->no), &err) != 0)
        fail_msg("'%s' should not match %s", row->no, err.text);
}

/* What no reading is sure of is an error with a reason, whenever it is asked for. */
static const struct refused_row {
    const char *name, *pattern, *says;
} refused_rows[] = {
    {"unknown property", "\\p{InGreek}", "unknown property"},
    {"property of Java's own", "\\p{javaLowerCase}", "unknown property"},
    {"lone surrogate", "\\uD83D", "0xd800"},
    {"number of three digits", "\\u00e", "does not support"},
    {"number beyond Unicode", "\\u{110000}", "too large"},
    {"look-behind of any length", "(?<=a+)b", "not fixed length"},
    {"absence operator", "(?~ab)", "unrecognized character after (?"},
    {"unknown escape", "\\y", "unrecognized character follows"},
    {"a translation is shown", "\\h(", "read as '\\p{AHex}('"},
    {"boundary of a kind", "a\\b{g}", "boundaries like"},
    {"class that is not closed", "[a&&", "missing terminating ]"},
    {"flag that takes Unicode away", "(?-u)a", "unrecognized character after (?"},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    for (int i = 0; i < 2; i++) {
        struct err err = ERR_INIT;
        const struct re *re = NULL;
        assert_int_equal(re_get(str_of(row->pattern), RE_WHOLE, &re, &err), ERR_PARSE);
        assert_null(re);
        if (!strstr(err.text, row->says))
            fail_msg("saw '%s', expected '%s' in it", err.text, row->says);
    }
}

static void test_nesting(void **state)
{
    (void)state;
    struct buf deep BUF_AUTO = BUF_INIT(LIMIT_RE_PATTERN);
    for (int closes = 0; closes < 2; closes++) {
        struct err err = ERR_INIT;
        const struct re *re = NULL;
        for (int i = 0; i < 20000; i++)
            buf_puts(&deep, closes ? "]" : "[a");
        assert_int_equal(re_get(buf_view(&deep), 0, &re, &err), ERR_LIMIT);
        assert_non_null(strstr(err.text, "nested too deeply"));
    }
}

int main(void)
{
    struct rows tests = {0};
    ROWS_ADD(&tests, rows, test_flavour);
    ROWS_ADD(&tests, refused_rows, test_refused);
    rows_add_test(&tests, "classes nested without end", test_nesting);
    int failed = rows_run(&tests, "re_flavour");
    re_cache_clear();
    return failed;
}
