// SPDX-License-Identifier: Apache-2.0
/* XML bodies, element by element. Source: pact-semantics, section 10. */
#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/map.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/select.h"
#include "lib/contract/xml.h"

struct walk {
    struct judge *judge;
    struct select_rules rules;
    struct buf path;       /* of the value under comparison */
    const struct json *at; /* the body in the contract */
};

/* Children of one name, in document order. */
struct group {
    struct str name;
    VEC_OF(const struct xml_element *);
};
struct groups {
    VEC_OF(struct group *);
    struct map *by_name;
};

static int compare_element(struct walk *walk, const struct select_at *at,
                           const struct xml_element *expected, const struct xml_element *actual);

static struct select_at enter(struct walk *walk, const struct select_at *parent, struct str name)
{
    struct path_token token = {.kind = PATH_NAME, .name = name};
    path_token_write(&token, &walk->path);
    return select_step(&walk->rules, parent, &token);
}

static void leave(struct walk *walk, const struct select_at *at, size_t path_len)
{
    select_leave(&walk->rules, at);
    walk->path.len = path_len;
}

static struct str path_of(struct walk *walk)
{
    return walk->judge->quiet ? STR_NONE : str_dup(walk->judge->arena, buf_view(&walk->path));
}

static void report(struct walk *walk, struct str expected, struct str actual, struct str text)
{
    struct difference difference = {.part = MATCH_BODY,
                                    .path = path_of(walk),
                                    .expected = show_text(walk->judge, expected),
                                    .actual = show_text(walk->judge, actual),
                                    .text = text,
                                    .at = walk->at};
    judge_report(walk->judge, &difference);
}

/* ---- one element ---- */

/* Child elements; the text of an element that has none counts as a child. */
static size_t size_of(const struct xml_element *element)
{
    return element->children.len ? element->children.len : element->text.len > 0;
}

static int judge_limits(struct judge *judge, const struct matcher *matcher,
                        const struct xml_element *actual, struct str *ret_why)
{
    size_t size = size_of(actual);
    bool few = matcher->has_min && (int64_t)size < matcher->min;
    bool many = matcher->has_max && (int64_t)size > matcher->max;
    if (few || many) {
        *ret_why = judge_say(judge, "Expected <%.*s> (size %zu) to have %s size of %" PRId64,
                             STR_FMT(actual->name), size, few ? "minimum" : "maximum",
                             few ? matcher->min : matcher->max);
    }
    return !few && !many;
}

static int judge_name(struct judge *judge, const struct xml_element *expected,
                      const struct xml_element *actual, struct str *ret_why)
{
    bool same = str_eq(expected->name, actual->name);
    if (!same) {
        *ret_why = judge_say(judge, "Expected element <%.*s> but received <%.*s>",
                             STR_FMT(expected->name), STR_FMT(actual->name));
    }
    return same;
}

/* What matchers say of an element itself; most speak of its attributes and text only. */
static int judge_element(struct judge *judge, const struct matcher *matcher, bool cascaded,
                         const struct xml_element *expected, const struct xml_element *actual,
                         struct str *ret_why)
{
    int rc = judge_name(judge, expected, actual, ret_why);
    switch (matcher->kind) {
    case MATCHER_EQUALITY:
        return rc;
    case MATCHER_TYPE:
        return rc && !cascaded ? judge_limits(judge, matcher, actual, ret_why) : rc;
    case MATCHER_REGEX:
        rc = matcher_regex(judge, matcher, actual->local);
        if (rc == VERDICT_NO) {
            *ret_why = judge_say(judge, "Expected element name '%.*s' to match '%.*s'",
                                 STR_FMT(actual->local), STR_FMT(matcher->text));
        }
        return rc;
    case MATCHER_NOT_EMPTY:
        if (rc && !cascaded && size_of(actual) == 0) {
            *ret_why = judge_say(judge, "Expected <%.*s> to be not empty", STR_FMT(actual->name));
            rc = VERDICT_NO;
        }
        return rc;
    default:
        if (!cascaded) {
            *ret_why = matcher_unsupported(judge, matcher);
            rc = VERDICT_NO;
        }
        return rc;
    }
}

/* Whether the two are the same kind of element; what is inside is compared only if so. */
static int compare_itself(struct walk *walk, const struct select_at *at,
                          const struct xml_element *expected, const struct xml_element *actual,
                          bool *ret_same)
{
    struct judge *judge = walk->judge;
    struct weighing weighing = {.rule = at->best};
    struct difference difference = {.part = MATCH_BODY,
                                    .path = path_of(walk),
                                    .expected = show_text(judge, expected->name),
                                    .actual = show_text(judge, actual->name),
                                    .at = walk->at};
    if (!at->best) {
        *ret_same = judge_name(judge, expected, actual, &difference.text);
        if (!*ret_same) {
            judge_report(judge, &difference);
        }
        return 0;
    }
    VEC_EACH(&at->best->matchers, const struct matcher *, matcher) {
        struct str why = STR_NONE;
        int rc = judge_element(judge, matcher, at->cascaded, expected, actual, &why);
        if (rc < 0) {
            return rc;
        }
        weigh(judge, &weighing, matcher, rc, why);
    }
    *ret_same = weighing_passes(&weighing);
    weighing_report(judge, &weighing, &difference);
    return 0;
}

/* ---- text and attributes ---- */

static int compare_value(struct walk *walk, const struct select_at *at, const char *noun,
                         struct str expected, struct str actual)
{
    struct judge *judge = walk->judge;
    fired_mark(judge, RULES_BODY, at->best);
    if (at->best) {
        struct difference difference = {.part = MATCH_BODY,
                                        .path = path_of(walk),
                                        .expected = show_text(judge, expected),
                                        .actual = show_text(judge, actual),
                                        .at = walk->at};
        return rule_text(judge, at->best, expected, actual, &difference);
    }
    if (!str_eq(expected, actual)) {
        struct str want = show_text(judge, expected), got = show_text(judge, actual);
        report(walk, expected, actual,
               judge_say(judge, "Expected %s '%.*s' but received '%.*s'", noun, STR_FMT(want),
                         STR_FMT(got)));
    }
    return 0;
}

/* An element without text has none that a rule on the element could speak of. */
static int compare_text(struct walk *walk, const struct select_at *parent,
                        const struct xml_element *expected, const struct xml_element *actual)
{
    size_t path_len = walk->path.len;
    struct select_at at = enter(walk, parent, STR("#text"));
    bool nothing = expected->text.len == 0 && actual->text.len == 0 && at.cascaded;
    int rc = nothing ? 0 : compare_value(walk, &at, "text", expected->text, actual->text);
    leave(walk, &at, path_len);
    return rc;
}

static const struct xml_attribute *find_attribute(const struct xml_element *element,
                                                  struct str name)
{
    VEC_EACH(&element->attributes, const struct xml_attribute *, attribute) {
        if (str_eq(attribute->name, name)) {
            return attribute;
        }
    }
    return NULL;
}

static int compare_attribute(struct walk *walk, const struct select_at *parent,
                             const struct xml_attribute *expected,
                             const struct xml_element *element)
{
    struct judge *judge = walk->judge;
    const struct xml_attribute *actual = find_attribute(element, expected->name);
    size_t path_len = walk->path.len;
    struct select_at at =
        enter(walk, parent, str_printf(judge->arena, "@%.*s", STR_FMT(expected->name)));
    int rc = 0;
    if (actual) {
        rc = compare_value(walk, &at, "attribute value", expected->value, actual->value);
    } else {
        struct str shown = show_text(judge, expected->value);
        report(walk, expected->value, STR_NONE,
               judge_say(judge, "Expected attribute '%.*s'='%.*s' but was missing",
                         STR_FMT(expected->name), STR_FMT(shown)));
    }
    leave(walk, &at, path_len);
    return rc;
}

static int compare_attributes(struct walk *walk, const struct select_at *at,
                              const struct xml_element *expected, const struct xml_element *actual)
{
    VEC_EACH(&expected->attributes, const struct xml_attribute *, attribute) {
        int rc = compare_attribute(walk, at, attribute, actual);
        if (rc) {
            return rc;
        }
    }
    if (!walk->judge->request) {
        return 0;
    }
    VEC_EACH(&actual->attributes, const struct xml_attribute *, attribute) {
        if (!find_attribute(expected, attribute->name)) {
            report(walk, STR_NONE, attribute->value,
                   judge_say(walk->judge, "Unexpected attribute '%.*s' received",
                             STR_FMT(attribute->name)));
        }
    }
    return 0;
}

/* ---- children ---- */

static struct groups group_children(struct judge *judge, const struct xml_element *element)
{
    struct groups groups = {.by_name = map_new(judge->arena)};
    VEC_EACH(&element->children, struct xml_element **, child) {
        void **slot = map_slot(groups.by_name, (*child)->name);
        if (!*slot) {
            struct group *made = ARENA_NEW(judge->arena, struct group);
            made->name = (*child)->name;
            *VEC_PUSH(judge->arena, &groups) = made;
            *slot = made;
        }
        struct group *group = *slot;
        *VEC_PUSH(judge->arena, group) = *child;
    }
    return groups;
}

static bool by_type(const struct select_at *at)
{
    bool found = false;
    if (at->best) {
        VEC_EACH(&at->best->matchers, const struct matcher *, matcher)
            found = found || matcher->kind == MATCHER_TYPE;
    }
    return found;
}

static void report_children(struct walk *walk, const struct group *group, size_t from, bool missing)
{
    struct str shown = str_printf(walk->judge->arena, "<%.*s/>", STR_FMT(group->name));
    for (size_t i = from; i < group->len; i++) {
        report(walk, missing ? shown : STR_NONE, missing ? STR_NONE : shown,
               judge_say(walk->judge,
                         missing ? "Expected child %.*s but was missing" : "Unexpected child %.*s",
                         STR_FMT(shown)));
    }
}

/* Children of one name: in order, or each against the first example when a type rule covers them.
 */
static int compare_group(struct walk *walk, const struct select_at *at,
                         const struct group *expected, const struct group *actual)
{
    bool all = by_type(at) && actual;
    size_t got = actual ? actual->len : 0;
    for (size_t i = 0; i < got && (all || i < expected->len); i++) {
        int rc = compare_element(walk, at, expected->items[all ? 0 : i], actual->items[i]);
        if (rc) {
            return rc;
        }
    }
    if (!all && got < expected->len) {
        report_children(walk, expected, got, true);
    }
    if (!all && got > expected->len && walk->judge->request) {
        report_children(walk, actual, expected->len, false);
    }
    return 0;
}

static int compare_children(struct walk *walk, const struct select_at *parent,
                            const struct xml_element *expected, const struct xml_element *actual)
{
    struct groups want = group_children(walk->judge, expected);
    struct groups got = group_children(walk->judge, actual);
    size_t path_len = walk->path.len;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < want.len; i++) {
        struct select_at at = enter(walk, parent, want.items[i]->name);
        rc = compare_group(walk, &at, want.items[i], map_get(got.by_name, want.items[i]->name));
        leave(walk, &at, path_len);
    }
    for (size_t i = 0; rc == 0 && i < got.len; i++) {
        if (map_has(want.by_name, got.items[i]->name)) {
            continue;
        }
        struct select_at at = enter(walk, parent, got.items[i]->name);
        if (walk->judge->request || by_type(&at)) {
            report_children(walk, got.items[i], 0, false);
        }
        leave(walk, &at, path_len);
    }
    return rc;
}

static int compare_element(struct walk *walk, const struct select_at *at,
                           const struct xml_element *expected, const struct xml_element *actual)
{
    bool same = false;
    fired_mark(walk->judge, RULES_BODY, at->best);
    int rc = compare_itself(walk, at, expected, actual, &same);
    if (rc || !same) {
        return rc;
    }
    rc = compare_attributes(walk, at, expected, actual);
    rc = rc ? rc : compare_children(walk, at, expected, actual);
    return rc ? rc : compare_text(walk, at, expected, actual);
}

/* 1 = *ret is its root, 0 = reported as no XML, negative = could not tell. */
static int read_side(struct walk *walk, const struct body_pair *pair, bool expected,
                     struct xml_element **ret)
{
    struct judge *judge = walk->judge;
    const char *what = expected ? "expected" : "actual";
    struct err bad = ERR_INIT;
    int rc =
        xml_parse(expected ? pair->expected->bytes : pair->actual, what, judge->arena, ret, &bad);
    if (rc == ERR_PARSE) {
        report(walk, pair->expected->bytes, pair->actual,
               judge_say(judge, "The %s body is not XML: line %d, column %d: %s", what, bad.line,
                         bad.column, bad.text));
        return 0;
    }
    return rc ? err_set(judge->err, rc, "the %s body cannot be compared: %s", what, bad.text) : 1;
}

int match_xml_body(struct judge *judge, const struct body_pair *pair)
{
    struct walk walk = {
        .judge = judge, .path = BUF_INIT(LIMIT_XML_TEXT), .at = pair->expected->raw};
    struct xml_element *expected = NULL, *actual = NULL;
    buf_putc(&walk.path, '$');
    int rc = read_side(&walk, pair, true, &expected);
    rc = rc > 0 ? read_side(&walk, pair, false, &actual) : rc;
    if (rc > 0) {
        select_init(&walk.rules, pair->rules, RULES_BODY, judge->arena);
        struct select_at root = select_root(&walk.rules);
        struct select_at at = enter(&walk, &root, expected->name);
        rc = compare_element(&walk, &at, expected, actual);
    }
    buf_release(&walk.path);
    return rc;
}
