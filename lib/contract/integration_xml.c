// SPDX-License-Identifier: Apache-2.0
/* Integration JSON that stands for an XML body. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/integration_example.h"
#include "lib/contract/match.h"
#include "lib/contract/xml.h"

#define MATCHER_KEY   "pact:matcher:type"
#define GENERATOR_KEY "pact:generator:type"

static const char XML_NAMESPACE[] = "http://www.w3.org/XML/1998/namespace";

/* A namespace declared by an element, and those around it. */
struct scope {
    struct str prefix, uri; /* prefix "" is the default */
    const struct scope *outer;
};

struct build {
    const struct integration *to;
    struct buf out;
    size_t nodes; /* elements and attributes, copies included */
    struct err *err;
};

/* Where an element stands. */
struct spot {
    const struct scope *scope;
    struct path path;
    size_t depth;
};

static int fail_at(struct build *build, const struct spot *spot, const char *what,
                   struct str detail)
{
    struct str path;
    path_print(&spot->path, build->to->arena, &path);
    return err_set(build->err, ERR_PARSE, "body %.*s: %s%s%.*s%s", STR_FMT(path), what,
                   detail.ptr ? " '" : "", STR_FMT(str_sub(detail, 0, LIMIT_NAME)),
                   detail.ptr ? "'" : "");
}

static int count(struct build *build, size_t nodes)
{
    build->nodes += nodes;
    if (build->nodes > LIMIT_XML_NODES || build->out.overflow) {
        return err_set(build->err, ERR_LIMIT, "body: the XML example becomes too large");
    }
    return 0;
}

/* ---- names ---- */

static bool starts_name(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

/* XML 1.0 §2.3 as far as it keeps markup out; the parser has the last word. */
static bool is_name(struct str name)
{
    bool start = true;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool inside = (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (c == ':' ? start : !starts_name(c) && (start || !inside)) {
            return false;
        }
        start = c == ':';
    }
    return !start;
}

static struct str prefix_of(struct str name, struct str *ret_local)
{
    struct str prefix = str_cut(&name, ':');
    *ret_local = name.ptr ? name : prefix;
    return name.ptr ? prefix : STR("");
}

static const struct scope *find_scope(const struct scope *scope, struct str prefix)
{
    while (scope && !str_eq(scope->prefix, prefix)) {
        scope = scope->outer;
    }
    return scope;
}

/* The name as rule paths have it; attributes without a prefix have no namespace. */
static int expand(struct build *build, const struct spot *spot, struct str name, bool attribute,
                  struct str *ret)
{
    struct str local, prefix = prefix_of(name, &local);
    const char *sign = attribute ? "@" : "";
    if (!is_name(name)) {
        return fail_at(build, spot, "this is no XML name:", name);
    }
    const struct scope *scope =
        attribute && prefix.len == 0 ? NULL : find_scope(spot->scope, prefix);
    if (!scope && prefix.len > 0) {
        return fail_at(build, spot, "no attribute xmlns:… declares the prefix of", name);
    }
    *ret =
        scope && scope->uri.len > 0
            ? str_printf(build->to->arena, "%s%.*s:%.*s", sign, STR_FMT(scope->uri), STR_FMT(local))
            : str_printf(build->to->arena, "%s%.*s", sign, STR_FMT(local));
    return 0;
}

static bool declares(struct str name, struct str *ret_prefix)
{
    *ret_prefix = str_starts(name, STR("xmlns:")) ? str_sub(name, 6, name.len) : STR("");
    return str_is(name, "xmlns") || ret_prefix->len > 0;
}

static int declare(struct build *build, struct spot *spot, const struct json *attributes)
{
    for (size_t i = 0; i < json_len(attributes); i++) {
        struct str prefix;
        const struct json *value = json_at(attributes, i);
        if (!declares(json_key(attributes, i), &prefix)) {
            continue;
        }
        if (!json_is(value, JSON_STRING)) {
            return fail_at(build, spot, "a namespace must be a text:", json_key(attributes, i));
        }
        struct scope *scope = ARENA_NEW(build->to->arena, struct scope);
        *scope = (struct scope){prefix, json_text(value), spot->scope};
        spot->scope = scope;
    }
    return 0;
}

/* ---- text ---- */

static void put_escaped(struct buf *out, struct str text, bool attribute)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *escape = c == '&'     ? "&amp;"
                             : c == '<'   ? "&lt;"
                             : c == '>'   ? "&gt;"
                             : c == '\r'  ? "&#13;"
                             : !attribute ? NULL
                             : c == '"'   ? "&quot;"
                             : c == '\t'  ? "&#9;"
                             : c == '\n'  ? "&#10;"
                                          : NULL;
        if (escape) {
            buf_puts(out, escape);
        } else {
            buf_putc(out, c);
        }
    }
}

static struct spot below(struct build *build, const struct spot *spot, struct str name)
{
    struct arena *arena = build->to->arena;
    struct spot made = *spot;
    size_t len = spot->path.len;
    made.path.items = ARENA_ARRAY(arena, struct path_token, len + 1);
    made.path.cap = made.path.len = len + 1;
    if (len > 0) {
        memcpy(made.path.items, spot->path.items, len * sizeof *made.path.items);
    }
    made.path.items[len] = (struct path_token){.kind = PATH_NAME, .name = name};
    return made;
}

/* The text of a value at its place, its rules and generators handed over. */
static int take_text(struct build *build, const struct spot *spot, const struct json *value,
                     struct str *ret)
{
    struct json *example = NULL;
    int rc = integration_example_at(build->to, &spot->path, value, &example, build->err);
    if (rc) {
        return rc;
    }
    if (json_is(example, JSON_ARRAY) || json_is(example, JSON_OBJECT)) {
        return fail_at(build, spot, "expected a text, a number or a boolean", STR_NONE);
    }
    *ret = json_is(example, JSON_STRING) ? json_text(example)
           : json_is(example, JSON_NULL) ? STR("")
                                         : json_to_str(build->to->arena, example, JSON_COMPACT);
    return 0;
}

/* {"content": …, "matcher": {…}}: as a value, the matcher with the content as its example. */
static int put_content(struct build *build, const struct spot *spot, const struct json *child)
{
    struct arena *arena = build->to->arena;
    const struct json *content = json_get(child, "content"), *matcher = json_get(child, "matcher");
    const struct json *value = content;
    struct spot at = below(build, spot, STR("#text"));
    struct str text = STR("");
    if (matcher && !json_is(matcher, JSON_OBJECT)) {
        return fail_at(build, &at, "'matcher' must be an object", STR_NONE);
    }
    if (matcher || json_get(child, GENERATOR_KEY)) {
        struct json *whole = matcher ? json_copy(arena, matcher) : json_new_object(arena);
        for (size_t i = 0; i < json_len(child); i++) {
            struct str key = json_key(child, i);
            if (!str_is(key, "content") && !str_is(key, "matcher")) {
                json_set_str(arena, whole, key, json_copy(arena, json_at(child, i)));
            }
        }
        json_set(arena, whole, "value", json_copy(arena, content));
        value = whole;
    }
    int rc = take_text(build, &at, value, &text);
    if (rc == 0) {
        put_escaped(&build->out, text, false);
    }
    return rc;
}

/* ---- elements ---- */

static int put_attributes(struct build *build, const struct spot *spot,
                          const struct json *attributes)
{
    int rc = count(build, json_len(attributes));
    for (size_t i = 0; rc == 0 && i < json_len(attributes); i++) {
        const struct json *value = json_at(attributes, i);
        struct str key = json_key(attributes, i), prefix, name, text = json_text(value);
        if (!is_name(key)) {
            return fail_at(build, spot, "this is no XML name:", key);
        }
        if (!declares(key, &prefix)) {
            rc = expand(build, spot, key, true, &name);
            if (rc == 0) {
                struct spot at = below(build, spot, name);
                rc = take_text(build, &at, value, &text);
            }
        }
        if (rc == 0) {
            buf_printf(&build->out, " %.*s=\"", STR_FMT(key));
            put_escaped(&build->out, text, true);
            buf_putc(&build->out, '"');
        }
    }
    return rc;
}

static int put_child(struct build *build, const struct spot *spot, const struct json *child);

static int put_element(struct build *build, const struct spot *parent, const struct json *element,
                       struct spot *ret_at)
{
    const struct json *attributes = json_get(element, "attributes");
    const struct json *children = json_get(element, "children");
    struct str name = json_get_text(element, "name"), expanded;
    struct spot scoped = *parent;
    if (!name.ptr) {
        return fail_at(build, parent, "an element needs a 'name'", STR_NONE);
    }
    if ((attributes && !json_is(attributes, JSON_OBJECT)) ||
        (children && !json_is(children, JSON_ARRAY))) {
        return fail_at(build, parent, "'attributes' must be an object and 'children' an array, of",
                       name);
    }
    if (++scoped.depth > LIMIT_XML_DEPTH || scoped.path.len + 2 > LIMIT_RULE_PATH_TOKENS) {
        return err_set(build->err, ERR_LIMIT, "body: elements nested too deeply");
    }
    int rc = count(build, 1);
    rc = rc ? rc : declare(build, &scoped, attributes);
    rc = rc ? rc : expand(build, &scoped, name, false, &expanded);
    if (rc) {
        return rc;
    }
    struct spot at = below(build, &scoped, expanded);
    buf_printf(&build->out, "<%.*s", STR_FMT(name));
    rc = put_attributes(build, &at, attributes);
    buf_puts(&build->out, json_len(children) > 0 ? ">" : "/>");
    for (size_t i = 0; rc == 0 && i < json_len(children); i++) {
        rc = put_child(build, &at, json_at(children, i));
    }
    if (json_len(children) > 0) {
        buf_printf(&build->out, "</%.*s>", STR_FMT(name));
    }
    *ret_at = at;
    return rc;
}

/* Copies of what was written since `from`; they cost what they would cost written out. */
static int repeat(struct build *build, size_t from, size_t nodes, int64_t copies)
{
    struct arena *arena = build->to->arena;
    struct str text = buf_view(&build->out);
    struct str one = str_dup(arena, str_sub(text, from, text.len - from));
    for (int64_t i = 0; i < copies; i++) {
        int rc = count(build, nodes);
        if (rc) {
            return rc;
        }
        buf_str(&build->out, one);
    }
    return 0;
}

/* {"pact:matcher:type": …, "value": ELEMENT, "examples": n} */
static int put_repeated(struct build *build, const struct spot *spot, const struct json *child)
{
    struct arena *arena = build->to->arena;
    const struct json *value = json_get(child, "value"), *examples = json_get(child, "examples");
    struct json *matcher = json_copy(arena, child), *unused = NULL;
    size_t from = build->out.len, nodes = build->nodes;
    int64_t times = 1;
    struct spot at = *spot;
    if (!json_is(value, JSON_OBJECT)) {
        return fail_at(build, spot, "a matcher of elements needs one as its 'value'", STR_NONE);
    }
    if (examples && (!json_to_i64(examples, &times) || times < 1 || times > LIMIT_XML_NODES)) {
        return fail_at(build, spot, "'examples' must be a number above 0", STR_NONE);
    }
    int rc = put_element(build, spot, value, &at);
    if (rc) {
        return rc;
    }
    json_remove(matcher, "value");
    json_remove(matcher, "examples");
    rc = integration_example_at(build->to, &at.path, matcher, &unused, build->err);
    return rc ? rc : repeat(build, from, build->nodes - nodes, times - 1);
}

static int put_child(struct build *build, const struct spot *spot, const struct json *child)
{
    struct spot unused;
    if (!json_is(child, JSON_OBJECT)) {
        return fail_at(build, spot, "a child must be an object", STR_NONE);
    }
    if (json_get(child, "content")) {
        return put_content(build, spot, child);
    }
    if (json_get(child, MATCHER_KEY)) {
        return put_repeated(build, spot, child);
    }
    return put_element(build, spot, child, &unused);
}

/* Elements of one name share their rules: the example shows whether it can keep them all. */
static int check_example(struct build *build, struct str text)
{
    struct arena *arena = build->to->arena;
    struct pact pact = {.spec = PACT_V4, .text = STR("")};
    struct str type = STR("application/xml");
    struct pact_message expected = {.metadata = json_new_object(arena), .rules = build->to->rules};
    struct actual_message actual = {.body = text, .content_type = type};
    struct match_result result = {0};
    struct xml_element *root = NULL;
    int rc = xml_parse(text, "the example", arena, &root, build->err);
    rc = rc ? rc : pact_body_set(arena, &expected.body, text, type, build->err);
    rc = rc ? rc : match_message(&pact, &expected, &actual, arena, &result, build->err);
    if (rc == 0 && result.len > 0) {
        const struct mismatch *first = &result.items[0];
        rc = err_set(build->err, ERR_PARSE,
                     "body %.*s: the example breaks its own rule (%.*s): %.*s",
                     STR_FMT(first->path), STR_FMT(first->rule), STR_FMT(first->text));
    }
    return rc;
}

int integration_xml(const struct integration *to, const struct json *tree, struct str *ret,
                    struct err *err)
{
    const struct json *root = json_get(tree, "root");
    const struct scope xml = {STR("xml"), str_of(XML_NAMESPACE), NULL};
    struct build build = {.to = to, .out = BUF_INIT(LIMIT_XML_TEXT), .err = err};
    struct spot spot = {.scope = &xml};
    if (!json_is(root, JSON_OBJECT) || json_get(root, "content")) {
        return fail_at(&build, &spot, "an XML body needs an element as its 'root'", STR_NONE);
    }
    buf_puts(&build.out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    int rc = put_child(&build, &spot, root);
    rc = rc ? rc : count(&build, 0);
    struct str text = str_dup(to->arena, buf_view(&build.out));
    buf_release(&build.out);
    rc = rc ? rc : check_example(&build, text);
    if (rc == 0) {
        *ret = text;
    }
    return rc;
}
