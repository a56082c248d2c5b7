// SPDX-License-Identifier: Apache-2.0
/* One matcher against one JSON value. Source: pact-semantics, section 8. */
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/re.h"
#include "lib/contract/datetime.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/semver.h"

static bool is_container(const struct json *value)
{
    return json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT);
}

/* The string, or the JSON text of anything else; that of a container is written to `out`. */
static struct str string_form(const struct json *value, struct buf *out)
{
    if (json_is(value, JSON_BOOL)) {
        return str_of(json_bool(value) ? "true" : "false");
    }
    if (is_container(value)) {
        json_write(value, JSON_COMPACT, out);
        return buf_view(out);
    }
    return json_text(value);
}

int matcher_regex(struct judge *judge, const struct matcher *matcher, struct str actual)
{
    const struct re *re = NULL;
    int rc = re_get(matcher->text, RE_WHOLE, &re, judge->err);
    rc = rc ? rc : re_test(re, actual, judge->err);
    return rc < 0 ? err_wrap(judge->err, "regex '%.*s'", STR_FMT(matcher->text)) : rc;
}

int matcher_date(struct judge *judge, const struct matcher *matcher, struct str actual,
                 struct str *ret_why)
{
    static const struct {
        enum matcher_kind kind;
        const char *fallback;
    } defaults[] = {{MATCHER_DATE, "yyyy-MM-dd"},
                    {MATCHER_TIME, "HH:mm:ss"},
                    {MATCHER_DATETIME, "yyyy-MM-dd'T'HH:mm:ssXXX"}};
    struct str pattern = matcher->text;
    for (size_t i = 0; !pattern.ptr && i < sizeof defaults / sizeof *defaults; i++) {
        pattern = defaults[i].kind == matcher->kind ? str_of(defaults[i].fallback) : pattern;
    }
    struct err bad = ERR_INIT;
    int rc = datetime_match(pattern, actual, &bad);
    if (rc == VERDICT_YES) {
        return rc;
    }
    struct str shown = show_text(judge, actual);
    *ret_why = rc == 0 ? judge_say(judge, "Expected '%.*s' to match a %s pattern of '%.*s'",
                                   STR_FMT(shown), matcher_name(matcher->kind), STR_FMT(pattern))
                       : judge_say(judge, "Expected '%.*s' to match a %s pattern, but %s",
                                   STR_FMT(shown), matcher_name(matcher->kind), bad.text);
    return VERDICT_NO;
}

struct str matcher_unsupported(struct judge *judge, const struct matcher *matcher)
{
    if (matcher->kind == MATCHER_UNKNOWN && matcher->text.len == 0) {
        struct str shown = show_json(judge, matcher->raw);
        return judge_say(judge, "Matching rule %.*s does not say what it is", STR_FMT(shown));
    }
    if (matcher->kind == MATCHER_UNKNOWN) {
        return judge_say(judge, "Matching rule '%.*s' is not known and no plugin provides it",
                         STR_FMT(matcher->text));
    }
    return judge_say(judge, "Matching rule '%s' cannot be applied to this value",
                     matcher_name(matcher->kind));
}

static bool same_kind(const struct json *a, const struct json *b)
{
    return json_type(a) == json_type(b);
}

static bool is_empty(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_NULL:
        return true;
    case JSON_STRING:
        return json_text(value).len == 0;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return json_len(value) == 0;
    default:
        return false;
    }
}

static bool is_boolean(const struct json *value)
{
    struct str text = json_is(value, JSON_STRING) ? json_text(value) : STR_NONE;
    return json_is(value, JSON_BOOL) || str_is(text, "true") || str_is(text, "false");
}

/* Matchers that look at nothing but the actual value; the noun ends "Expected X to be …". */
static int judge_kind(const struct matcher *matcher, const struct json *actual, const char **noun)
{
    bool number = json_is(actual, JSON_NUMBER);
    switch (matcher->kind) {
    case MATCHER_NUMBER:
        *noun = "a number";
        return number;
    case MATCHER_INTEGER:
        *noun = "an integer";
        return number && json_is_integer(actual);
    case MATCHER_DECIMAL:
        *noun = "a decimal number";
        return number && !json_is_integer(actual);
    case MATCHER_BOOLEAN:
        *noun = "a boolean";
        return is_boolean(actual);
    case MATCHER_NULL:
        *noun = "null";
        return json_is(actual, JSON_NULL);
    case MATCHER_NOT_EMPTY:
        *noun = "not empty";
        return !is_empty(actual);
    case MATCHER_SEMVER:
        *noun = "a semantic version";
        return json_is(actual, JSON_STRING) && semver_ok(json_text(actual));
    default:
        return VERDICT_NEUTRAL;
    }
}

static int judge_string_form(struct judge *judge, const struct matcher *matcher,
                             const struct json *actual, struct str *ret_why)
{
    /* Several matchers may ask for the form of a large value, so none of them is kept. */
    struct buf written BUF_AUTO = BUF_INIT(SIZE_MAX);
    struct str form = string_form(actual, &written);
    bool null = json_is(actual, JSON_NULL);
    int rc;
    if (matcher->kind == MATCHER_REGEX) {
        rc = null ? VERDICT_NO : matcher_regex(judge, matcher, form);
    } else if (matcher->kind == MATCHER_INCLUDE) {
        rc = !null && str_find(form, matcher->text) >= 0;
    } else {
        return matcher_date(judge, matcher, null ? STR("null") : form, ret_why);
    }
    if (rc == VERDICT_NO) {
        struct str shown = null ? STR("null") : show_text(judge, form);
        *ret_why =
            judge_say(judge, "Expected '%.*s' to %s '%.*s'", STR_FMT(shown),
                      matcher->kind == MATCHER_REGEX ? "match" : "include", STR_FMT(matcher->text));
    }
    return rc;
}

/* A string that holds bytes as base64 is judged by them, or as the text that it is. */
static int judge_magic(struct judge *judge, const struct matcher *matcher,
                       const struct json *actual, struct str *ret_why)
{
    struct str decoded = STR_NONE;
    if (!json_is(actual, JSON_STRING)) {
        struct str shown = show_typed(judge, actual);
        *ret_why = judge_say(judge, "Expected %.*s to have content type '%.*s'", STR_FMT(shown),
                             STR_FMT(matcher->text));
        return VERDICT_NO;
    }
    if (!hash_unbase64(judge->arena, json_text(actual), &decoded)) {
        return matcher_magic(judge, matcher, json_text(actual), ret_why);
    }
    int rc = matcher_magic(judge, matcher, json_text(actual), ret_why);
    return rc == VERDICT_NO ? matcher_magic(judge, matcher, decoded, ret_why) : rc;
}

static int equal_or_same_kind(struct judge *judge, bool yes, const char *what,
                              const struct json *expected, const struct json *actual,
                              struct str *ret_why)
{
    if (!yes && !judge->quiet) {
        struct str a = show_typed(judge, actual), e = show_typed(judge, expected);
        *ret_why = judge_say(judge, "Expected %.*s to be %s %.*s", STR_FMT(a), what, STR_FMT(e));
    }
    return yes;
}

int matcher_json(struct judge *judge, const struct matcher *matcher, bool cascaded,
                 const struct json *expected, const struct json *actual, struct str *ret_why)
{
    const char *noun = NULL;
    switch (matcher->kind) {
    case MATCHER_EQUALITY:
    case MATCHER_VALUES:
        return equal_or_same_kind(judge, json_equal(expected, actual), "equal to", expected, actual,
                                  ret_why);
    case MATCHER_TYPE:
        return equal_or_same_kind(judge, same_kind(expected, actual), "the same type as", expected,
                                  actual, ret_why);
    case MATCHER_REGEX:
    case MATCHER_INCLUDE:
    case MATCHER_DATE:
    case MATCHER_TIME:
    case MATCHER_DATETIME:
        return judge_string_form(judge, matcher, actual, ret_why);
    case MATCHER_CONTENT_TYPE:
        return judge_magic(judge, matcher, actual, ret_why);
    case MATCHER_EACH_KEY:
    case MATCHER_EACH_VALUE:
    case MATCHER_ARRAY_CONTAINS:
        if (cascaded) {
            return VERDICT_YES; /* as the reference and jvm do, section 7, Cascading */
        }
        break;
    default:
        break;
    }
    int rc = judge_kind(matcher, actual, &noun);
    if (rc == VERDICT_NEUTRAL) {
        *ret_why = matcher_unsupported(judge, matcher);
        return VERDICT_NO;
    }
    if (rc == VERDICT_NO) {
        struct str shown = show_typed(judge, actual);
        *ret_why = judge_say(judge, "Expected %.*s to be %s", STR_FMT(shown), noun);
    }
    return rc;
}
