// SPDX-License-Identifier: Apache-2.0
/* Texts for the regular expressions that contracts hold. */
#include <ctype.h>

#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/contract/generate_value.h"

enum { MORE = 20 /* repeats beyond the least, where there is no most */, STEPS = 1000000 };

/*
 * The expression is walked rather than parsed: `write` tells whether the walk makes text, or only
 * looks for the end of what it stands on.
 */
struct walk {
    struct str regex;
    size_t at;
    const struct generate_context *context;
    struct buf *out;
    const char *unknown; /* why the walk ended; NULL = it goes on */
    unsigned depth;
    long steps;
    bool write;
};

static void walk_choice(struct walk *walk);

static int peek(const struct walk *walk)
{
    return walk->at < walk->regex.len ? (unsigned char)walk->regex.ptr[walk->at] : -1;
}

static bool take(struct walk *walk, const char *text)
{
    struct str rest = str_sub(walk->regex, walk->at, walk->regex.len);
    if (!str_starts(rest, str_of(text))) {
        return false;
    }
    walk->at += strlen(text);
    return true;
}

static void stop(struct walk *walk, const char *unknown)
{
    walk->unknown = walk->unknown ? walk->unknown : unknown;
}

/* Bytes a class may stand for; printable ASCII is all that is ever chosen. */
struct set {
    bool has[256];
};

static void set_add(struct set *set, int from, int to)
{
    for (int c = from; c <= to; c++) {
        set->has[c] = true;
    }
}

static void set_invert(struct set *set)
{
    for (int c = 0; c < 256; c++) {
        set->has[c] = c >= ' ' && c <= '~' && !set->has[c];
    }
}

/* \d and its like; false if the letter is no class. */
static bool set_escape(struct set *set, int letter)
{
    struct set made = {{false}};
    switch (tolower(letter)) {
    case 'd':
        set_add(&made, '0', '9');
        break;
    case 'w':
        set_add(&made, '0', '9');
        set_add(&made, 'A', 'Z');
        set_add(&made, 'a', 'z');
        set_add(&made, '_', '_');
        break;
    case 's':
        set_add(&made, ' ', ' ');
        break;
    case 'h': /* as re_flavour.h has it */
        set_add(&made, '0', '9');
        set_add(&made, 'A', 'F');
        set_add(&made, 'a', 'f');
        break;
    default:
        return false;
    }
    if (isupper(letter)) {
        set_invert(&made);
    }
    for (int c = 0; c < 256; c++) {
        set->has[c] = set->has[c] || made.has[c];
    }
    return true;
}

/* The byte that an escape stands for, or -1. */
static int escaped(int letter)
{
    static const char letters[] = "tnrfe", bytes[] = "\t\n\r\f\x1b";
    const char *found = letter > 0 ? strchr(letters, letter) : NULL;
    if (found) {
        return bytes[found - letters];
    }
    return letter > 0 && letter < 0x80 && !isalnum(letter) ? letter : -1;
}

static void put_one_of(struct walk *walk, const struct set *set)
{
    unsigned n = 0;
    for (int c = 0; c < 256; c++) {
        n += set->has[c];
    }
    if (n == 0) {
        stop(walk, "a class without a printable character");
    }
    if (n == 0 || !walk->write) {
        return;
    }
    uint64_t chosen = generate_below(walk->context, n);
    for (int c = 0; c < 256; c++) {
        if (set->has[c] && chosen-- == 0) {
            buf_putc(walk->out, (char)c);
            return;
        }
    }
}

static void put_byte(struct walk *walk, int c)
{
    if (walk->write) {
        buf_putc(walk->out, (char)c);
    }
}

/* One end of a range, or a class of its own (-1). */
static int class_member(struct walk *walk, struct set *set)
{
    int c = peek(walk);
    walk->at++;
    if (c == '[' && peek(walk) == ':') {
        stop(walk, "a named class");
    }
    if (c >= 0x80) {
        stop(walk, "a class with letters beyond ASCII");
    }
    if (c != '\\') {
        return c;
    }
    c = peek(walk);
    walk->at++;
    if (set_escape(set, c)) {
        return -1;
    }
    if (escaped(c) < 0) {
        stop(walk, "an escape in a class");
    }
    return escaped(c);
}

static void walk_class(struct walk *walk)
{
    struct set set = {{false}};
    bool inverted = take(walk, "^"), first = true;
    while (!walk->unknown && (first || peek(walk) != ']')) {
        first = false;
        if (peek(walk) < 0) {
            stop(walk, "a class that is not closed");
            return;
        }
        int from = class_member(walk, &set), to = from;
        bool range = from >= 0 && peek(walk) == '-' && walk->at + 1 < walk->regex.len &&
                     walk->regex.ptr[walk->at + 1] != ']';
        if (range) {
            walk->at++;
            to = class_member(walk, &set);
        }
        if (walk->unknown || (range && to < from)) {
            stop(walk, "a range in a class");
        } else if (from >= 0) {
            set_add(&set, from, to);
        }
    }
    walk->at++;
    if (inverted) {
        set_invert(&set);
    }
    if (!walk->unknown) {
        put_one_of(walk, &set);
    }
}

static void walk_escape(struct walk *walk)
{
    struct set set = {{false}};
    int c = peek(walk);
    walk->at++;
    if (set_escape(&set, c)) {
        put_one_of(walk, &set);
    } else if (escaped(c) >= 0) {
        put_byte(walk, escaped(c));
    } else {
        stop(walk, "an escape");
    }
}

/* After the opening parenthesis: names and lookarounds. */
static void walk_group(struct walk *walk)
{
    bool named = take(walk, "?P<") || (take(walk, "?<") && peek(walk) != '=' && peek(walk) != '!');
    if (named) {
        while (peek(walk) >= 0 && peek(walk) != '>') {
            walk->at++;
        }
        walk->at++;
    } else if (!take(walk, "?:") && (peek(walk) == '?' || peek(walk) == '*')) {
        stop(walk, "a group with options");
    }
    if (++walk->depth > LIMIT_JSON_DEPTH) {
        stop(walk, "groups nested too deeply");
    }
    if (!walk->unknown) {
        walk_choice(walk);
    }
    walk->depth--;
    if (!take(walk, ")")) {
        stop(walk, "a group that is not closed");
    }
}

static void walk_atom(struct walk *walk)
{
    struct set any = {{false}};
    int c = peek(walk);
    if (++walk->steps > STEPS || walk->out->overflow) {
        stop(walk, "the text becomes too long");
        return;
    }
    walk->at++;
    switch (c) {
    case '(':
        walk_group(walk);
        break;
    case '[':
        walk_class(walk);
        break;
    case '\\':
        walk_escape(walk);
        break;
    case '.':
        set_invert(&any);
        put_one_of(walk, &any);
        break;
    case '^':
    case '$':
    case '*':
    case '+':
    case '?':
        stop(walk, "an anchor or repeat in the middle");
        break;
    default:
        put_byte(walk, c);
    }
}

/* How often: {n}, {n,}, {n,m}, {,m}; false (and nothing taken) if it is no such thing. */
static bool take_braces(struct walk *walk, int64_t *ret_min, int64_t *ret_max)
{
    struct str rest = str_sub(walk->regex, walk->at, walk->regex.len);
    long end = str_chr(rest, '}');
    if (!str_starts(rest, STR("{")) || end < 0) {
        return false;
    }
    struct str most = str_sub(rest, 1, (size_t)end - 1);
    struct str least = str_cut(&most, ',');
    int64_t min = 0, max = 0;
    bool open = least.len == 0 && most.len > 0;
    if (!open && !str_to_i64(least, 0, UINT16_MAX, &min)) {
        return false;
    }
    max = most.ptr ? min + MORE : min;
    if (most.len > 0 && !str_to_i64(most, min, UINT16_MAX, &max)) {
        return false;
    }
    *ret_min = min;
    *ret_max = max;
    walk->at += (size_t)end + 1;
    return true;
}

static void take_repeat(struct walk *walk, int64_t *ret_min, int64_t *ret_max)
{
    bool repeats = true;
    *ret_min = *ret_max = 1;
    if (take(walk, "?")) {
        *ret_min = 0;
    } else if (take(walk, "*")) {
        *ret_min = 0;
        *ret_max = MORE;
    } else if (take(walk, "+")) {
        *ret_max = 1 + MORE;
    } else {
        repeats = take_braces(walk, ret_min, ret_max);
    }
    if (repeats && !take(walk, "?")) { /* lazy or possessive: the same texts */
        (void)take(walk, "+");
    }
}

static void walk_repeated(struct walk *walk)
{
    size_t start = walk->at;
    bool write = walk->write;
    int64_t min, max;
    walk->write = false;
    walk_atom(walk);
    walk->write = write;
    if (walk->unknown) {
        return;
    }
    /* A letter of several bytes is one atom. */
    while (peek(walk) >= 0x80 && peek(walk) < 0xc0) {
        walk->at++;
    }
    struct str atom = str_sub(walk->regex, start, walk->at - start);
    take_repeat(walk, &min, &max);
    size_t end = walk->at;
    uint64_t times =
        write ? (uint64_t)min + generate_below(walk->context, (uint64_t)(max - min) + 1) : 0;
    for (; times > 0 && !walk->unknown; times--) {
        walk->at = start;
        if ((unsigned char)atom.ptr[0] >= 0x80) {
            buf_str(walk->out, atom);
        } else {
            walk_atom(walk);
        }
    }
    walk->at = end;
}

/* One alternative: up to '|', ')' or the end. Anchors at its ends say what is true anyway. */
static void walk_sequence(struct walk *walk)
{
    (void)take(walk, "^");
    while (!walk->unknown && peek(walk) >= 0 && peek(walk) != '|' && peek(walk) != ')') {
        size_t next = walk->at + 1;
        bool last = next == walk->regex.len || strchr("|)", walk->regex.ptr[next]);
        if (peek(walk) == '$' && last) {
            walk->at++;
        } else {
            walk_repeated(walk);
        }
    }
}

static void walk_choice(struct walk *walk)
{
    size_t start = walk->at;
    uint64_t alternatives = 1;
    bool write = walk->write;
    walk->write = false;
    walk_sequence(walk);
    for (; !walk->unknown && take(walk, "|"); alternatives++) {
        walk_sequence(walk);
    }
    walk->write = write;
    size_t end = walk->at;
    if (walk->unknown || !write) {
        return;
    }
    uint64_t chosen = generate_below(walk->context, alternatives);
    walk->at = start;
    walk->write = false;
    for (; chosen > 0; chosen--) {
        walk_sequence(walk);
        (void)take(walk, "|");
    }
    walk->write = true;
    walk_sequence(walk);
    walk->at = end;
}

const char *generate_regex(struct str regex, const struct generate_context *context,
                           struct buf *out)
{
    struct walk walk = {.regex = regex, .context = context, .out = out, .write = true};
    walk_choice(&walk);
    if (!walk.unknown && walk.at < regex.len) {
        stop(&walk, "an unexpected ')'");
    }
    if (!walk.unknown && out->overflow) {
        stop(&walk, "the text becomes too long");
    }
    return walk.unknown;
}
