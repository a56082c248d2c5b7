// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/regex_tree.h"

#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/base/limits.h"
#include "lib/contract/regex_set.h"

struct parser {
    struct str regex;
    size_t at;
    struct arena *arena;
    struct regex_tree *tree;
    struct {
        VEC_OF(struct regex_set *);
    } sets;
    bool nocase, extended; /* (?i), (?x) */
    bool quoted;           /* between \Q and \E */
    unsigned depth;
    const char *unknown; /* why reading ended; NULL = it goes on */
};

static struct regex_node *read_choice(struct parser *parser);

static int peek(const struct parser *parser)
{
    return parser->at < parser->regex.len ? (unsigned char)parser->regex.ptr[parser->at] : -1;
}

static struct str rest(const struct parser *parser)
{
    return str_sub(parser->regex, parser->at, parser->regex.len);
}

static bool take(struct parser *parser, const char *text)
{
    if (!str_starts(rest(parser), str_of(text))) {
        return false;
    }
    parser->at += strlen(text);
    return true;
}

static struct regex_node *new_node(struct parser *parser, enum regex_kind kind)
{
    struct regex_node *node = ARENA_NEW(parser->arena, struct regex_node);
    node->kind = kind;
    return node;
}

/* What takes no room in a text. */
static struct regex_node *nothing(struct parser *parser)
{
    return new_node(parser, REGEX_SEQUENCE);
}

static struct regex_node *stop(struct parser *parser, const char *unknown)
{
    parser->unknown = parser->unknown ? parser->unknown : unknown;
    return nothing(parser);
}

static struct regex_node *new_text(struct parser *parser, struct str text)
{
    struct regex_node *node = new_node(parser, REGEX_TEXT);
    node->text = text;
    return node;
}

static struct regex_node *new_set(struct parser *parser, struct str source)
{
    struct regex_node *node = new_node(parser, REGEX_SET);
    source = str_printf(parser->arena, "%s%.*s", parser->nocase ? "(?i)" : "", STR_FMT(source));
    VEC_EACH(&parser->sets, struct regex_set **, known) {
        if (str_eq((*known)->source, source)) {
            node->set = *known;
            return node;
        }
    }
    struct regex_set *set = ARENA_NEW(parser->arena, struct regex_set);
    set->source = source;
    regex_set_fill(set, parser->arena);
    *VEC_PUSH(parser->arena, &parser->sets) = set;
    node->set = set;
    return set->len > 0 ? node : stop(parser, "a class for which no character was found");
}

static struct regex_node *character(struct parser *parser)
{
    size_t start = parser->at++;
    while (peek(parser) >= 0x80 && peek(parser) < 0xc0) {
        parser->at++;
    }
    return new_text(parser, str_sub(parser->regex, start, parser->at - start));
}

/* ---- classes and escapes ---- */

/* [...] to its end: a ']' that comes first is a letter, and so is one inside of [:name:]. */
static struct regex_node *read_class(struct parser *parser)
{
    size_t start = parser->at++;
    (void)take(parser, "^");
    bool first = true;
    for (; first || peek(parser) != ']'; first = false) {
        if (peek(parser) < 0) {
            return stop(parser, "a class that is not closed");
        }
        if (take(parser, "[:")) {
            long end = str_find(rest(parser), STR(":]"));
            parser->at += end >= 0 ? (size_t)end + 2 : 0;
            continue;
        }
        parser->at += peek(parser) == '\\' ? 2 : 1;
    }
    parser->at++;
    return new_set(parser, str_sub(parser->regex, start, parser->at - start));
}

/* A name up to `end`; absent if there is none. */
static struct str take_name(struct parser *parser, char end)
{
    long len = str_chr(rest(parser), end);
    struct str name = len > 0 ? str_sub(rest(parser), 0, (size_t)len) : STR_NONE;
    parser->at += len > 0 ? (size_t)len + 1 : 0;
    return name;
}

/* By number ("-1": counted from here) or name. */
static struct regex_node *new_back(struct parser *parser, struct str name)
{
    struct regex_node *node = new_node(parser, REGEX_BACK);
    int64_t number = 0;
    if (!name.ptr) {
        return stop(parser, "a reference to a group");
    }
    if (!str_to_i64(name, -(int64_t)parser->tree->groups, UINT16_MAX, &number)) {
        node->text = name;
        return node;
    }
    node->group = number > 0 ? (size_t)number : parser->tree->groups + 1 - (size_t)-number;
    return node;
}

static struct regex_node *read_back(struct parser *parser)
{
    size_t digits = 0;
    if (take(parser, "g{") || take(parser, "k{")) {
        return new_back(parser, take_name(parser, '}'));
    }
    if (take(parser, "k<")) {
        return new_back(parser, take_name(parser, '>'));
    }
    if (take(parser, "k'")) {
        return new_back(parser, take_name(parser, '\''));
    }
    bool letter = take(parser, "g");
    struct str text = rest(parser);
    digits = text.len > 0 && text.ptr[0] == '-';
    while (digits < text.len && isdigit((unsigned char)text.ptr[digits])) {
        digits++;
    }
    if (!letter && digits > 1 && parser->tree->groups < 10) { /* \101: no such group, so octal */
        uint32_t number = 0;
        size_t octal = regex_number(
            str_printf(parser->arena, "o{%.*s}", STR_FMT(str_sub(text, 0, 3))), &number);
        parser->at += digits < 3 ? digits : 3;
        return octal > 0 ? new_text(parser, regex_utf8(parser->arena, number))
                         : stop(parser, "a reference to a group");
    }
    parser->at += digits;
    return new_back(parser, digits > 0 ? str_sub(text, 0, digits) : STR_NONE);
}

static struct regex_node *read_property(struct parser *parser)
{
    size_t start = parser->at - 1; /* the backslash */
    parser->at++;
    if (take(parser, "{")) {
        (void)take_name(parser, '}');
    } else {
        parser->at++;
    }
    return new_set(parser, str_sub(parser->regex, start, parser->at - start));
}

/* After the backslash. */
static struct regex_node *read_escape(struct parser *parser)
{
    static const char letters[] = "tnrfea", bytes[] = "\t\n\r\f\x1b\a";
    int c = peek(parser);
    uint32_t number = 0;
    size_t len = regex_number(rest(parser), &number);
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    if (len > 0) {
        parser->at += len;
        return new_text(parser, regex_utf8(parser->arena, number));
    }
    if (c > 0 && strchr("123456789gk", c)) {
        return read_back(parser);
    }
    if (c == 'p' || c == 'P') {
        return read_property(parser);
    }
    if (c < 0 || c >= 0x80 || !isalnum(c)) {
        return c < 0 ? stop(parser, "a backslash at the end") : character(parser);
    }
    parser->at++;
    if (letter) {
        return new_text(parser, str_sub(str_of(bytes), (size_t)(letter - letters), 1));
    }
    if (strchr("dDwWsShHvVNX", c)) {
        return new_set(parser, str_sub(parser->regex, parser->at - 2, 2));
    }
    switch (c) {
    case 'Q':
        parser->quoted = true;
        return nothing(parser);
    case 'R':
        return new_text(parser, STR("\n"));
    case 'c':
        parser->at++;
        c = toupper((unsigned char)parser->regex.ptr[parser->at - 1]) ^ 0x40;
        return new_text(parser, regex_utf8(parser->arena, (uint32_t)c & 0x7f));
    default: /* assertions */
        return strchr("bBAzZGKE", c) ? nothing(parser) : stop(parser, "an escape");
    }
}

/* ---- groups ---- */

static struct regex_node *inside(struct parser *parser)
{
    bool nocase = parser->nocase, extended = parser->extended;
    if (++parser->depth > LIMIT_JSON_DEPTH) {
        return stop(parser, "groups nested too deeply");
    }
    struct regex_node *made = read_choice(parser);
    parser->depth--;
    parser->nocase = nocase;
    parser->extended = extended;
    return take(parser, ")") ? made : stop(parser, "a group that is not closed");
}

static struct regex_node *read_capture(struct parser *parser, struct str name)
{
    struct regex_node *group = new_node(parser, REGEX_GROUP);
    group->group = ++parser->tree->groups;
    if (name.ptr) {
        *VEC_PUSH(parser->arena, &parser->tree->names) = (struct regex_name){name, group->group};
    }
    *VEC_PUSH(parser->arena, &group->children) = inside(parser);
    return group;
}

/* "i-x)" for the rest of the group around it, "i-x:" for a group of its own. */
static struct regex_node *read_options(struct parser *parser)
{
    bool nocase = parser->nocase, extended = parser->extended, on = true;
    for (int c = peek(parser); c > 0 && strchr("imsxnUJ^-", c); c = peek(parser)) {
        on = c != '-' && on;
        parser->nocase = c == 'i' ? on : c != '^' && parser->nocase;
        parser->extended = c == 'x' ? on : c != '^' && parser->extended;
        parser->at++;
    }
    if (take(parser, ")")) {
        return nothing(parser);
    }
    if (!take(parser, ":")) {
        return stop(parser, "a group that calls another, or a condition");
    }
    struct regex_node *made = inside(parser);
    parser->nocase = nocase;
    parser->extended = extended;
    return made;
}

/* What a lookahead wants is tried as if it stood there; what must not be there is left to chance.
 */
static struct regex_node *read_look(struct parser *parser, bool wanted)
{
    struct regex_node *ahead = new_node(parser, REGEX_AHEAD);
    struct regex_node *child = inside(parser);
    *VEC_PUSH(parser->arena, &ahead->children) = child;
    return wanted ? ahead : nothing(parser);
}

static struct regex_node *read_group(struct parser *parser)
{
    parser->at++;
    if (take(parser, "?#") || peek(parser) == '*') {
        struct str said = take_name(parser, ')');
        bool verb = str_starts(said, STR("*")) && str_chr(said, ':') < 0;
        return verb || !str_starts(said, STR("*")) ? nothing(parser)
                                                   : stop(parser, "a group with a verb");
    }
    if (take(parser, "?=") || take(parser, "?<=")) {
        return read_look(parser, true);
    }
    if (take(parser, "?!") || take(parser, "?<!")) {
        return read_look(parser, false);
    }
    if (take(parser, "?P<") || take(parser, "?<")) {
        return read_capture(parser, take_name(parser, '>'));
    }
    if (take(parser, "?'")) {
        return read_capture(parser, take_name(parser, '\''));
    }
    if (take(parser, "?P=")) {
        return new_back(parser, take_name(parser, ')'));
    }
    if (take(parser, "?:") || take(parser, "?>") || take(parser, "?|")) {
        return inside(parser);
    }
    return take(parser, "?") ? read_options(parser) : read_capture(parser, STR_NONE);
}

/* ---- sequences ---- */

/* White space and comments that (?x) lets stand anywhere. */
static void skip_space(struct parser *parser)
{
    while (parser->extended && !parser->quoted && peek(parser) > 0) {
        if (peek(parser) == '#') {
            long end = str_chr(rest(parser), '\n');
            parser->at = end < 0 ? parser->regex.len : parser->at + (size_t)end + 1;
        } else if (isspace(peek(parser))) {
            parser->at++;
        } else {
            break;
        }
    }
}

static struct regex_node *read_atom(struct parser *parser)
{
    int c = peek(parser);
    if (parser->quoted) {
        return character(parser);
    }
    switch (c) {
    case '(':
        return read_group(parser);
    case '[':
        return read_class(parser);
    case '\\':
        parser->at++;
        return read_escape(parser);
    case '.':
        parser->at++;
        return new_set(parser, STR("."));
    case '^':
    case '$':
        parser->at++;
        return nothing(parser);
    default:
        return character(parser);
    }
}

/* {n}, {n,}, {n,m}, {,m}; false (and nothing taken) if it is no such thing. */
static bool take_braces(struct parser *parser, int64_t *ret_min, int64_t *ret_max)
{
    long end = str_chr(rest(parser), '}');
    if (peek(parser) != '{' || end < 0) {
        return false;
    }
    struct str most = str_sub(rest(parser), 1, (size_t)end - 1);
    struct str least = str_cut(&most, ',');
    int64_t min = 0, max = 0;
    bool open = least.len == 0 && most.len > 0;
    if (!open && !str_to_i64(least, 0, UINT16_MAX, &min)) {
        return false;
    }
    max = most.ptr ? -1 : min;
    if (most.len > 0 && !str_to_i64(most, min, UINT16_MAX, &max)) {
        return false;
    }
    *ret_min = min;
    *ret_max = max;
    parser->at += (size_t)end + 1;
    return true;
}

static struct regex_node *read_repeat(struct parser *parser, struct regex_node *atom)
{
    static const struct sign {
        const char *sign;
        int64_t min, max;
    } signs[] = {{"?", 0, 1}, {"*", 0, -1}, {"+", 1, -1}};
    int64_t min = 1, max = 1;
    bool repeats = false;
    skip_space(parser);
    for (size_t i = 0; !repeats && i < sizeof signs / sizeof *signs; i++) {
        repeats = take(parser, signs[i].sign);
        min = repeats ? signs[i].min : min;
        max = repeats ? signs[i].max : max;
    }
    repeats = repeats || take_braces(parser, &min, &max);
    if (!repeats) {
        return atom;
    }
    (void)(take(parser, "?") || take(parser, "+")); /* lazy or possessive */
    struct regex_node *node = new_node(parser, REGEX_REPEAT);
    node->min = min;
    node->max = max;
    *VEC_PUSH(parser->arena, &node->children) = atom;
    return node;
}

static struct regex_node *read_sequence(struct parser *parser)
{
    struct regex_node *node = nothing(parser);
    while (!parser->unknown) {
        skip_space(parser);
        if (parser->quoted && take(parser, "\\E")) {
            parser->quoted = false;
        } else if (peek(parser) < 0 ||
                   (!parser->quoted && (peek(parser) == '|' || peek(parser) == ')'))) {
            break;
        } else {
            struct regex_node *atom = read_atom(parser);
            bool open = parser->quoted && !take(parser, "\\E");
            parser->quoted = open;
            *VEC_PUSH(parser->arena, &node->children) = open ? atom : read_repeat(parser, atom);
        }
    }
    return node;
}

static struct regex_node *read_choice(struct parser *parser)
{
    struct regex_node *node = new_node(parser, REGEX_CHOICE);
    do {
        *VEC_PUSH(parser->arena, &node->children) = read_sequence(parser);
    } while (!parser->unknown && take(parser, "|"));
    return node;
}

const char *regex_tree(struct str regex, struct arena *arena, struct regex_tree *ret)
{
    struct regex_tree tree = {0};
    struct parser parser = {.regex = regex, .arena = arena, .tree = &tree};
    tree.root = read_choice(&parser);
    if (!parser.unknown && parser.at < regex.len) {
        (void)stop(&parser, "an unexpected ')'");
    }
    if (!parser.unknown) {
        *ret = tree;
    }
    return parser.unknown;
}
