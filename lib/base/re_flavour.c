// SPDX-License-Identifier: Apache-2.0
#include "lib/base/re_flavour.h"

#include <ctype.h>
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"

struct reader {
    struct str text;
    size_t at;
    struct buf *out;
    bool extended; /* (?x): comments up to the end of a line */
    bool too_deep;
    bool boundary_of_kind; /* \b{g}, which PCRE2 takes for \b and text in braces */
};

static int ahead(const struct reader *reader, size_t by)
{
    size_t at = reader->at + by;
    return at < reader->text.len ? (unsigned char)reader->text.ptr[at] : -1;
}

static bool sees(const struct reader *reader, const char *text)
{
    return str_starts(str_sub(reader->text, reader->at, reader->text.len), str_of(text));
}

static void copy(struct reader *reader, size_t len)
{
    struct str some = str_sub(reader->text, reader->at, len);
    buf_str(reader->out, some);
    reader->at += some.len;
}

/* Copy up to and with an end mark, or all of the rest. */
static void copy_through(struct reader *reader, const char *end)
{
    long found = str_find(str_sub(reader->text, reader->at, reader->text.len), str_of(end));
    copy(reader, found < 0 ? reader->text.len : (size_t)found + strlen(end));
}

/* ---- characters by number ---- */

static bool hex(struct str digits, size_t most, unsigned long *ret)
{
    char text[9] = "";
    if (digits.len == 0 || digits.len > most)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (!isxdigit((unsigned char)digits.ptr[i]))
            return false;
        text[i] = digits.ptr[i];
    }
    *ret = strtoul(text, NULL, 16);
    return true;
}

/* \uXXXX at an offset from here. */
static bool unit_at(const struct reader *reader, size_t by, unsigned long *ret)
{
    struct str digits = str_sub(reader->text, reader->at + by + 2, 4);
    return ahead(reader, by) == '\\' && ahead(reader, by + 1) == 'u' && digits.len == 4 &&
           hex(digits, 4, ret);
}

static bool read_number(struct reader *reader)
{
    unsigned long code = 0, low = 0;
    struct str rest = str_sub(reader->text, reader->at, reader->text.len);
    long close = sees(reader, "\\u{") ? str_chr(rest, '}') : -1;
    size_t len = 6;
    if (close > 0 && hex(str_sub(rest, 3, (size_t)close - 3), 8, &code)) {
        len = (size_t)close + 1;
    } else if (!unit_at(reader, 0, &code)) {
        return false;
    } else if (code >= 0xD800 && code < 0xDC00 && unit_at(reader, 6, &low) && low >= 0xDC00 &&
               low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        len = 12;
    }
    buf_printf(reader->out, "\\x{%lx}", code);
    reader->at += len;
    return true;
}

/* ---- properties ---- */

/* Names that PCRE2 knows otherwise: as a POSIX class, or by their short form. */
static const struct property {
    const char *name, *posix, *property;
} properties[] = {
    {"alnum", "alnum", NULL},
    {"blank", "blank", NULL},
    {"cntrl", "cntrl", NULL},
    {"digit", "digit", NULL},
    {"graph", "graph", NULL},
    {"print", "print", NULL},
    {"punct", "punct", NULL},
    {"word", "word", NULL},
    {"xdigit", "xdigit", NULL},
    {"letter", NULL, "L"},
    {"casedletter", NULL, "L&"},
    {"uppercaseletter", NULL, "Lu"},
    {"lowercaseletter", NULL, "Ll"},
    {"titlecaseletter", NULL, "Lt"},
    {"modifierletter", NULL, "Lm"},
    {"otherletter", NULL, "Lo"},
    {"mark", NULL, "M"},
    {"nonspacingmark", NULL, "Mn"},
    {"spacingmark", NULL, "Mc"},
    {"enclosingmark", NULL, "Me"},
    {"number", NULL, "N"},
    {"decimalnumber", NULL, "Nd"},
    {"letternumber", NULL, "Nl"},
    {"othernumber", NULL, "No"},
    {"punctuation", NULL, "P"},
    {"connectorpunctuation", NULL, "Pc"},
    {"dashpunctuation", NULL, "Pd"},
    {"openpunctuation", NULL, "Ps"},
    {"closepunctuation", NULL, "Pe"},
    {"initialpunctuation", NULL, "Pi"},
    {"finalpunctuation", NULL, "Pf"},
    {"otherpunctuation", NULL, "Po"},
    {"symbol", NULL, "S"},
    {"mathsymbol", NULL, "Sm"},
    {"currencysymbol", NULL, "Sc"},
    {"modifiersymbol", NULL, "Sk"},
    {"othersymbol", NULL, "So"},
    {"separator", NULL, "Z"},
    {"spaceseparator", NULL, "Zs"},
    {"lineseparator", NULL, "Zl"},
    {"paragraphseparator", NULL, "Zp"},
    {"other", NULL, "C"},
    {"control", NULL, "Cc"},
    {"format", NULL, "Cf"},
    {"privateuse", NULL, "Co"},
    {"unassigned", NULL, "Cn"},
};

static struct str without_prefix(struct str name)
{
    static const char *const prefixes[] = {"general_category=", "gc=", "is"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t len = strlen(prefixes[i]);
        if (name.len > len && str_eq_nocase(str_sub(name, 0, len), str_of(prefixes[i])))
            return str_sub(name, len, name.len - len);
    }
    return name;
}

static const struct property *property_of(struct str name)
{
    char plain[32] = "";
    size_t len = 0;
    for (size_t i = 0; i < name.len && len + 1 < sizeof plain; i++) {
        if (!strchr(" _-", name.ptr[i]))
            plain[len++] = (char)tolower((unsigned char)name.ptr[i]);
    }
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        if (strcmp(plain, properties[i].name) == 0)
            return &properties[i];
    }
    return NULL;
}

/* \p{Name}, \P{Name}, \p{^Name}. */
static bool read_property(struct reader *reader, bool in_class)
{
    bool negative = ahead(reader, 1) == 'P';
    struct str rest = str_sub(reader->text, reader->at, reader->text.len);
    long close = str_chr(rest, '}');
    if (ahead(reader, 2) != '{' || close < 4)
        return false;
    struct str name = str_sub(rest, 3, (size_t)close - 3);
    if (str_starts(name, STR("^"))) {
        negative = !negative;
        name = str_sub(name, 1, name.len - 1);
    }
    name = without_prefix(name);
    const struct property *known = property_of(name);
    const char *mark = negative ? "^" : "";
    if (known && known->posix)
        buf_printf(reader->out, in_class ? "[:%s%s:]" : "[[:%s%s:]]", mark, known->posix);
    else if (known)
        buf_printf(reader->out, "\\p{%s%s}", mark, known->property);
    else
        buf_printf(reader->out, "\\p{%s%.*s}", mark, STR_FMT(name));
    reader->at += (size_t)close + 1;
    return true;
}

/* ---- escapes ---- */

static bool is_class_letter(int letter)
{
    return letter > 0 && strchr("dDwWsShHvVpPR", letter) != NULL;
}

/* A backslash and what belongs to it. */
static void read_escape(struct reader *reader, bool in_class)
{
    int letter = ahead(reader, 1);
    if (letter == 'Q') {
        copy_through(reader, "\\E");
    } else if (letter == 'h' || letter == 'H') {
        buf_puts(reader->out, letter == 'h' ? "\\p{AHex}" : "\\P{AHex}");
        reader->at += 2;
    } else if (letter == 'b' && !in_class && ahead(reader, 2) == '{' && isalpha(ahead(reader, 3))) {
        reader->boundary_of_kind = true;
        reader->at = reader->text.len;
    } else if (!(letter == 'u' && read_number(reader)) &&
               !((letter == 'p' || letter == 'P') && read_property(reader, in_class))) {
        copy(reader, 2);
    }
}

/* ---- classes ---- */

/* [:alpha:], [=a=] or [.a.] inside of a class: its length, or 0. */
static size_t posix_len(const struct reader *reader)
{
    int kind = ahead(reader, 1);
    if (ahead(reader, 0) != '[' || (kind != ':' && kind != '=' && kind != '.'))
        return 0;
    const char end[] = {(char)kind, ']', 0};
    long found = str_find(str_sub(reader->text, reader->at + 2, reader->text.len), str_of(end));
    return found < 0 ? 0 : (size_t)found + 4;
}

/* Whether what comes is a class of its own, so that a hyphen beside it makes no range. */
static bool sees_class(const struct reader *reader)
{
    return (ahead(reader, 0) == '\\' && is_class_letter(ahead(reader, 1))) || posix_len(reader) > 0;
}

/*
 * One member of a class. *after_class: the member before was a class of its own; updated. `first`:
 * nothing stands before it.
 */
static void read_member(struct reader *reader, bool first, bool *after_class)
{
    bool was_class = *after_class;
    size_t posix = posix_len(reader);
    *after_class = sees_class(reader);
    if (ahead(reader, 0) == '\\') {
        read_escape(reader, true);
    } else if (posix > 0) {
        copy(reader, posix);
    } else if (ahead(reader, 0) == '-' && !first && ahead(reader, 1) != ']') {
        struct reader next = *reader;
        next.at++;
        bool plain = was_class || sees_class(&next);
        buf_puts(reader->out, plain ? "\\-" : "-");
        reader->at++;
    } else {
        copy(reader, 1);
    }
}

/* A class as PCRE2 has them: an opening bracket inside is a character. */
static void read_plain_class(struct reader *reader)
{
    bool first = true, after_class = false;
    copy(reader, ahead(reader, 1) == '^' ? 2 : 1);
    while (ahead(reader, 0) >= 0 && (first || ahead(reader, 0) != ']')) {
        read_member(reader, first, &after_class);
        first = false;
    }
    copy(reader, 1);
}

/* One operand of an intersection: members, and classes within. */
struct operand {
    struct buf members, classes;
};

static void put_operand(struct buf *out, const struct operand *operand)
{
    bool members = operand->members.len > 0, classes = operand->classes.len > 0;
    buf_puts(out, members && classes ? "(?:" : "");
    buf_puts(out, members ? "[" : "");
    buf_str(out, buf_view(&operand->members));
    buf_puts(out, members ? "]" : "");
    buf_puts(out, members && classes ? "|" : "");
    buf_str(out, buf_view(&operand->classes));
    buf_puts(out, members && classes ? ")" : "");
}

static bool read_nested_class(struct reader *reader, int depth, bool *ret_nested);

/* Up to the closing bracket or "&&"; false if the text ends before, or nothing is there. */
static bool read_operand(struct reader *reader, int depth, bool first, struct operand *operand,
                         bool *ret_nested)
{
    bool after_class = false;
    struct reader members = *reader;
    members.out = &operand->members;
    while (ahead(&members, 0) >= 0 && !sees(&members, "&&")) {
        bool empty = operand->members.len + operand->classes.len == 0;
        if (ahead(&members, 0) == ']' && !(first && empty))
            break;
        if (ahead(&members, 0) == '[' && posix_len(&members) == 0) {
            struct reader inner = members;
            inner.out = &operand->classes;
            buf_puts(inner.out, operand->classes.len ? "|" : "");
            if (!read_nested_class(&inner, depth + 1, ret_nested)) {
                reader->too_deep = inner.too_deep;
                return false;
            }
            *ret_nested = true;
            after_class = true;
            members.at = inner.at;
            continue;
        }
        int c = ahead(&members, 0);
        bool special = operand->members.len == 0 && (c == ']' || c == '^');
        buf_puts(members.out, special ? "\\" : "");
        read_member(&members, empty, &after_class);
    }
    reader->at = members.at;
    return ahead(reader, 0) >= 0 && operand->members.len + operand->classes.len > 0;
}

/*
 * A class as Oniguruma, Java and Rust have them: unions and intersections of classes, written as
 * alternatives and lookaheads of one character. False if it does not read as one, which leaves `at`
 * where it was. *ret_nested: it holds what only they have.
 */
static bool read_nested_class(struct reader *reader, int depth, bool *ret_nested)
{
    struct buf all BUF_AUTO = BUF_INIT(reader->out->max);
    struct reader inner = *reader;
    bool negative = ahead(reader, 1) == '^', first = true, good = true;
    reader->too_deep = depth > LIMIT_RE_NESTING;
    inner.at += negative ? 2 : 1;
    size_t operands = 0;
    while (good && !reader->too_deep && (first || ahead(&inner, 0) == '&')) {
        struct operand operand = {BUF_INIT(all.max), BUF_INIT(all.max)};
        inner.at += first ? 0 : 2;
        good = read_operand(&inner, depth, first, &operand, ret_nested);
        reader->too_deep = inner.too_deep;
        bool last = ahead(&inner, 0) == ']';
        buf_puts(&all, last ? "" : "(?=");
        put_operand(&all, &operand);
        buf_puts(&all, last ? "" : ")");
        operands++;
        first = false;
        buf_release(&operand.members);
        buf_release(&operand.classes);
    }
    if (!good || reader->too_deep)
        return false;
    *ret_nested = *ret_nested || operands > 1;
    buf_puts(reader->out, negative ? "(?:(?!" : "(?:");
    buf_str(reader->out, buf_view(&all));
    buf_puts(reader->out, negative ? ")(?s:.))" : ")");
    reader->out->overflow = reader->out->overflow || all.overflow;
    reader->at = inner.at + 1;
    return true;
}

/* Brackets that do not balance are characters, as JavaScript and PCRE2 have it. */
static void read_class(struct reader *reader)
{
    struct buf nested BUF_AUTO = BUF_INIT(reader->out->max);
    struct reader other = *reader;
    bool is_nested = false;
    other.out = &nested;
    if (read_nested_class(&other, 0, &is_nested) && is_nested) {
        buf_str(reader->out, buf_view(&nested));
        reader->at = other.at;
    } else if (other.too_deep) {
        reader->too_deep = true;
        reader->at = reader->text.len;
    } else {
        read_plain_class(reader);
    }
}

/* ---- groups and repeats ---- */

/* "(?flags)" or "(?flags:": those that say what holds anyway are left out. */
static bool read_flags(struct reader *reader)
{
    size_t end = 2;
    while (isalpha(ahead(reader, end))) {
        end++;
    }
    int after = ahead(reader, end);
    if (!sees(reader, "(?") || end == 2 || (after != ')' && after != ':' && after != '-') ||
        ahead(reader, 2) == 'P' || ahead(reader, 2) == 'R')
        return false;
    buf_puts(reader->out, "(?");
    for (size_t i = 2; i < end; i++) {
        char flag = (char)ahead(reader, i);
        reader->extended = reader->extended || flag == 'x';
        if (flag != 'u' && flag != 'd')
            buf_putc(reader->out, flag);
        if (flag == 'm')
            buf_putc(reader->out, 's');
    }
    reader->at += end;
    return true;
}

static bool read_open_repeat(struct reader *reader)
{
    size_t end = 2;
    while (isdigit(ahead(reader, end))) {
        end++;
    }
    if (!sees(reader, "{,") || end == 2 || ahead(reader, end) != '}')
        return false;
    buf_puts(reader->out, "{0");
    reader->at++;
    return true;
}

static void read_any(struct reader *reader)
{
    int c = ahead(reader, 0);
    if (c == '\\') {
        read_escape(reader, false);
    } else if (c == '[') {
        read_class(reader);
    } else if (sees(reader, "(?#")) {
        copy_through(reader, ")");
    } else if (c == '#' && reader->extended) {
        copy_through(reader, "\n");
    } else if (!(c == '(' && read_flags(reader)) && !(c == '{' && read_open_repeat(reader))) {
        copy(reader, 1);
    }
}

int re_flavour(struct str pattern, struct buf *out, struct str *ret, struct err *err)
{
    struct reader reader = {.text = pattern, .out = out};
    int shown = (int)(pattern.len < 200 ? pattern.len : 200);
    while (reader.at < pattern.len && !out->overflow) {
        read_any(&reader);
    }
    if (out->overflow || reader.too_deep)
        return err_set(err, ERR_LIMIT, "regular expression '%.*s' is too long or nested too deeply",
                       shown, pattern.ptr);
    if (reader.boundary_of_kind)
        return err_set(err, ERR_PARSE,
                       "regular expression '%.*s': boundaries like '\\b{g}' are not supported",
                       shown, pattern.ptr);
    *ret = str_eq(buf_view(out), pattern) ? pattern : buf_view(out);
    return 0;
}
