// SPDX-License-Identifier: Apache-2.0
/* Bodies: presence, content type, and the comparison for their kind. pact-semantics, 3, 4, 10. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/body.h"
#include "lib/contract/magic.h"
#include "lib/contract/match_internal.h"
#include "lib/wire/media.h"

static struct media media_of(struct str content_type, struct str bytes, struct arena *arena)
{
    struct media media = {0};
    if (content_type.ptr && media_parse(content_type, arena, &media, NULL) != 0) {
        return (struct media){0};
    }
    return content_type.ptr ? media : media_sniff(bytes);
}

static bool same_params(const struct media *a, const struct media *b)
{
    if (a->params.len != b->params.len) {
        return false;
    }
    VEC_EACH(&a->params, const struct media_param *, param) {
        struct str name = param->name;
        bool found = false;
        VEC_EACH(&b->params, const struct media_param *, other)
            found =
                found || (str_eq(other->name, name) && str_eq_nocase(other->value, param->value));
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool is_xml(const struct media *media)
{
    return (str_is(media->type, "application") || str_is(media->type, "text")) &&
           str_is(media->subtype, "xml");
}

static bool types_agree(const struct media *expected, const struct media *actual)
{
    if (!media_known(expected) || !media_known(actual)) {
        return true;
    }
    if (str_eq(expected->type, actual->type) && str_eq(expected->subtype, actual->subtype)) {
        return expected->params.len == 0 || same_params(expected, actual);
    }
    if (is_xml(expected) && is_xml(actual)) {
        return true;
    }
    return actual->suffix.ptr && expected->params.len == 0 &&
           str_is(expected->type, "application") && str_eq(expected->subtype, actual->suffix);
}

/* A rule on the Content-Type header that accepts what came decides as well. */
static int header_rule_accepts(struct judge *judge, const struct body_pair *pair, bool *ret_yes)
{
    const struct rule *rule = rules_named(pair->rules, RULES_HEADER, STR("Content-Type"));
    *ret_yes = false;
    if (!rule) {
        return 0;
    }
    fired_mark(judge, RULES_HEADER, rule);
    struct match_result counted = {0};
    struct judge quiet = *judge;
    quiet.quiet = true;
    quiet.result = &counted;
    struct difference unused = {.part = MATCH_HEADER};
    int rc = rule_text(&quiet, rule, pair->expected->content_type, pair->actual_type, &unused);
    *ret_yes = counted.dropped == 0;
    return rc;
}

static void report_body(struct judge *judge, struct str expected, struct str actual,
                        struct str text)
{
    struct difference difference = {
        .part = MATCH_BODY, .path = STR("$"), .expected = expected, .actual = actual, .text = text};
    judge_report(judge, &difference);
}

/* What gives the expected type: V4's attribute, else a header or metadata, else the body itself. */
static const struct json *type_at(const struct body_pair *pair)
{
    static const char *const names[] = {"Content-Type", "contentType"};
    const struct json *raw = pair->expected->raw;
    const struct json *own = json_get(raw, "contentType");
    if (json_is(own, JSON_STRING) && str_eq(json_text(own), pair->expected->content_type)) {
        return own;
    }
    for (size_t i = 0; pair->expected->content_type.ptr && i < json_len(pair->types); i++) {
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            if (str_eq_nocase(json_key(pair->types, i), str_of(names[k]))) {
                return json_at(pair->types, i);
            }
        }
    }
    return raw;
}

static void report_types(struct judge *judge, const struct body_pair *pair,
                         const struct media *want, const struct media *got)
{
    struct str expected = pair->expected->content_type, actual = pair->actual_type;
    expected = expected.ptr ? expected : media_base(want, judge->arena);
    actual = actual.ptr ? actual : media_base(got, judge->arena);
    struct difference difference = {.part = MATCH_BODY_TYPE,
                                    .path = STR("$"),
                                    .expected = expected,
                                    .actual = actual,
                                    .at = type_at(pair)};
    difference.text =
        judge_say(judge, "Expected a body of '%.*s' but the actual content type was '%.*s'",
                  STR_FMT(expected), STR_FMT(actual));
    judge_report(judge, &difference);
}

/* Nothing, or the JSON text null where JSON was promised (section 3, both readings). */
static int match_no_body(struct judge *judge, const struct body_pair *pair)
{
    struct media media = media_of(pair->expected->content_type, STR(""), judge->arena);
    if (pair->actual.len == 0 ||
        (pair->expected->state == PACT_BODY_NULL && media_kind(&media) == MEDIA_JSON &&
         str_is(str_trim(pair->actual), "null"))) {
        return 0;
    }
    struct str shown = show_text(judge, pair->actual);
    report_body(judge, STR(""), shown,
                judge_say(judge, "Expected empty body but received '%.*s'", STR_FMT(shown)));
    return 0;
}

static int match_json_body(struct judge *judge, const struct body_pair *pair)
{
    struct json *expected = pair->expected->json, *actual = NULL;
    struct err bad = ERR_INIT;
    bool handled = false;
    if (!expected &&
        json_parse(pair->expected->bytes, "expected body", judge->arena, &expected, &bad) != 0) {
        struct str shown = show_text(judge, pair->expected->bytes);
        report_body(judge, shown, show_text(judge, pair->actual),
                    judge_say(judge, "The expected body is not JSON: %s", bad.text));
        return 0;
    }
    int rc = json_parse(pair->actual, "actual body", judge->arena, &actual, &bad);
    if (rc == ERR_LIMIT) {
        return err_set(judge->err, ERR_LIMIT, "the actual body cannot be read: %s", bad.text);
    }
    if (rc) {
        report_body(judge, show_json(judge, expected), show_text(judge, pair->actual),
                    judge_say(judge, "The actual body is not JSON: line %d, column %d: %s",
                              bad.line, bad.column, bad.text));
        return 0;
    }
    struct str key;
    if (json_first_repeated(actual, &key)) {
        report_body(judge, show_json(judge, expected), show_text(judge, pair->actual),
                    judge_say(judge,
                              "The actual body has the key '%.*s' more than once in one object",
                              STR_FMT(key)));
        return 0;
    }
    /* Offsets of a tree that was read out of a string are not those of the contract. */
    const struct json *raw = pair->expected->raw;
    if (raw && expected != raw && expected != json_get(raw, "content")) {
        judge->stand_in = raw;
    }
    if (judge->depth == 0) {
        judge->example = expected;
    }
    if (judge->request && graphql_resolve(judge, expected, &actual)) {
        return 0;
    }
    if (judge->request) {
        rc = match_graphql(judge, expected, actual, pair->rules, &handled);
    }
    return rc || handled ? rc : match_json_trees(judge, expected, actual, pair->rules);
}

/* A field's difference is told where its rules stand: "$.name". */
static void field_path(struct judge *judge, struct mismatch *mismatch)
{
    struct path_token name = {.kind = PATH_NAME, .name = mismatch->path};
    struct path path = {.items = &name, .len = 1, .cap = 1};
    path_print(&path, judge->arena, &mismatch->path);
}

static int match_form_body(struct judge *judge, const struct body_pair *pair)
{
    static const struct params_words words = {MATCH_BODY, RULES_BODY, "form post parameter"};
    struct url_params expected = {0}, actual = {0};
    struct err bad = ERR_INIT;
    int rc = url_query_parse(pair->expected->bytes, judge->arena, &expected, &bad);
    rc = rc ? rc : url_query_parse(pair->actual, judge->arena, &actual, &bad);
    if (rc == ERR_LIMIT) {
        return err_set(judge->err, ERR_LIMIT, "the form cannot be read: %s", bad.text);
    }
    if (rc) {
        report_body(judge, show_text(judge, pair->expected->bytes), show_text(judge, pair->actual),
                    judge_say(judge, "The form is not well-formed: %s", bad.text));
        return 0;
    }
    size_t before = judge->result->len;
    rc = match_params(judge, expected.items, expected.len, &actual, pair->rules, &words);
    for (size_t i = before; i < judge->result->len; i++) {
        field_path(judge, &judge->result->items[i]);
    }
    return rc;
}

static struct str describe_bytes(struct judge *judge, struct str bytes, const struct media *media)
{
    struct str type = media_base(media, judge->arena);
    struct buf hex BUF_AUTO = BUF_INIT(LIMIT_SHOWN);
    for (size_t i = 0; i < bytes.len && i < 32; i++) {
        buf_printf(&hex, "%02x", (unsigned char)bytes.ptr[i]);
    }
    type = type.ptr ? type : str_of(magic_type(bytes));
    return judge_say(judge, "%.*s, %zu bytes, starting with %.*s", STR_FMT(type), bytes.len,
                     STR_FMT(buf_view(&hex)));
}

/* Rules on text cannot be told true or false of bytes that are none. */
static int check_rule(struct judge *judge, const struct rule *rule, const struct body_pair *pair)
{
    if (str_is_utf8(pair->expected->bytes, NULL) && str_is_utf8(pair->actual, NULL)) {
        return 0;
    }
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        if (matcher->kind == MATCHER_REGEX || matcher->kind == MATCHER_INCLUDE) {
            return err_set(judge->err, ERR_UNDECIDED,
                           "matching rule '%s' cannot be applied to a body that is not text",
                           matcher_name(matcher->kind));
        }
    }
    return 0;
}

/* Text and bytes as a whole: the rule at `$`, else byte for byte. */
static int match_whole_body(struct judge *judge, const struct body_pair *pair,
                            const struct media *want, const struct media *got)
{
    const struct path root = {0};
    struct str expected = pair->expected->bytes;
    bool binary = media_kind(want) == MEDIA_BINARY || !str_is_utf8(expected, NULL) ||
                  !str_is_utf8(pair->actual, NULL);
    struct difference difference = {.part = MATCH_BODY, .path = STR("$")};
    difference.expected =
        binary ? describe_bytes(judge, expected, want) : show_text(judge, expected);
    difference.actual =
        binary ? describe_bytes(judge, pair->actual, got) : show_text(judge, pair->actual);
    const struct rule *rule = rules_select(pair->rules, RULES_BODY, &root, NULL);
    if (rule) {
        fired_mark(judge, RULES_BODY, rule);
        int rc = check_rule(judge, rule, pair);
        return rc ? rc : rule_text(judge, rule, expected, pair->actual, &difference);
    }
    if (str_eq(expected, pair->actual)) {
        return 0;
    }
    difference.text =
        binary ? judge_say(judge, "Actual body [%.*s] is not equal to the expected body [%.*s]",
                           STR_FMT(difference.actual), STR_FMT(difference.expected))
               : judge_say(judge,
                           "Expected body '%.*s' to match '%.*s' using equality but did not match",
                           STR_FMT(difference.expected), STR_FMT(difference.actual));
    judge_report(judge, &difference);
    return 0;
}

int match_body(struct judge *judge, const struct body_pair *pair)
{
    const struct pact_body *expected = pair->expected;
    if (expected->state == PACT_BODY_MISSING) {
        return 0;
    }
    if (expected->state != PACT_BODY_PRESENT) {
        return match_no_body(judge, pair);
    }
    if (pair->actual.len == 0) {
        struct str shown = show_text(judge, expected->bytes);
        report_body(judge, shown, STR_NONE,
                    judge_say(judge, "Expected body '%.*s' but was missing", STR_FMT(shown)));
        return 0;
    }
    struct media want = media_of(expected->content_type, expected->bytes, judge->arena);
    struct media got = media_of(pair->actual_type, pair->actual, judge->arena);
    if (!types_agree(&want, &got)) {
        bool accepted = false;
        int rc = pair->actual_type.ptr ? header_rule_accepts(judge, pair, &accepted) : 0;
        if (rc) {
            return rc;
        }
        if (!accepted) {
            report_types(judge, pair, &want, &got);
            return 0;
        }
    }
    switch (body_kind(expected->content_type, expected->bytes, judge->arena)) {
    case MEDIA_JSON:
        return match_json_body(judge, pair);
    case MEDIA_FORM:
        return match_form_body(judge, pair);
    case MEDIA_XML:
        return match_xml_body(judge, pair);
    case MEDIA_MULTIPART:
        return match_multipart_body(judge, pair);
    default:
        return match_whole_body(judge, pair, &want, &got);
    }
}
