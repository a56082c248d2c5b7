// SPDX-License-Identifier: Apache-2.0
/* Matchers against text: headers, parameters, paths, plain bodies. pact-semantics, section 8. */
#include <ctype.h>
#include <inttypes.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/magic.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/semver.h"

static size_t digits(struct str text, size_t *at)
{
    size_t from = *at;
    while (*at < text.len && isdigit((unsigned char)text.ptr[*at])) {
        (*at)++;
    }
    return *at - from;
}

static void sign(struct str text, size_t *at)
{
    *at += *at < text.len && (text.ptr[*at] == '-' || text.ptr[*at] == '+');
}

/* Negative numbers too; the reference refuses them (section 17). */
static bool is_number(struct str text, bool integer)
{
    size_t at = 0, before, after = 0;
    sign(text, &at);
    before = digits(text, &at);
    if (integer) {
        return before > 0 && at == text.len;
    }
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        after = digits(text, &at);
    }
    if (before + after == 0) {
        return false;
    }
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        sign(text, &at);
        if (digits(text, &at) == 0) {
            return false;
        }
    }
    return at == text.len;
}

/* eachValue on a parameter with several values: its rules hold for each of them. */
static int each_value(struct judge *judge, const struct matcher *matcher, struct str expected,
                      struct str actual, struct str *ret_why)
{
    static const struct matcher equality = {.kind = MATCHER_EQUALITY};
    if (matcher->inner->part[RULES_BODY].len == 0) {
        return matcher_text(judge, &equality, expected, actual, ret_why);
    }
    VEC_EACH(&matcher->inner->part[RULES_BODY], const struct rule *, rule) {
        VEC_EACH(&rule->matchers, const struct matcher *, inner) {
            int rc = matcher_text(judge, inner, expected, actual, ret_why);
            if (rc != VERDICT_YES) {
                return rc;
            }
        }
    }
    return VERDICT_YES;
}

static int judge_content(struct judge *judge, const struct matcher *matcher, struct str actual,
                         const char **ret_noun)
{
    (void)judge;
    switch (matcher->kind) {
    case MATCHER_NUMBER:
        *ret_noun = "a number";
        return is_number(actual, false);
    case MATCHER_DECIMAL:
        *ret_noun = "a decimal number";
        return is_number(actual, false);
    case MATCHER_INTEGER:
        *ret_noun = "an integer";
        return is_number(actual, true);
    case MATCHER_BOOLEAN:
        *ret_noun = "a boolean";
        return str_is(actual, "true") || str_is(actual, "false");
    case MATCHER_SEMVER:
        *ret_noun = "a semantic version";
        return semver_ok(actual);
    case MATCHER_NOT_EMPTY:
        *ret_noun = "not empty";
        return actual.len > 0;
    default:
        return VERDICT_NEUTRAL;
    }
}

int matcher_magic(struct judge *judge, const struct matcher *matcher, struct str actual,
                  struct str *ret_why)
{
    if (magic_is(actual, matcher->text)) {
        return VERDICT_YES;
    }
    *ret_why = judge_say(judge,
                         "Expected contents to have content type '%.*s' but detected content type "
                         "was '%s'",
                         STR_FMT(matcher->text), magic_type(actual));
    return VERDICT_NO;
}

int matcher_text(struct judge *judge, const struct matcher *matcher, struct str expected,
                 struct str actual, struct str *ret_why)
{
    const char *verb = "equal", *noun = NULL;
    struct str wanted = expected;
    int rc;
    switch (matcher->kind) {
    case MATCHER_TYPE:
        return VERDICT_YES;
    case MATCHER_EQUALITY:
    case MATCHER_VALUES: /* of a scalar: that value */
        rc = str_eq(expected, actual);
        break;
    case MATCHER_REGEX:
        rc = matcher_regex(judge, matcher, actual.ptr ? actual : STR(""));
        verb = "match";
        wanted = matcher->text;
        break;
    case MATCHER_INCLUDE:
        rc = str_find(actual.ptr ? actual : STR(""), matcher->text) >= 0;
        verb = "include";
        wanted = matcher->text;
        break;
    case MATCHER_DATE:
    case MATCHER_TIME:
    case MATCHER_DATETIME:
        return matcher_date(judge, matcher, actual, ret_why);
    case MATCHER_CONTENT_TYPE:
        return matcher_magic(judge, matcher, actual.ptr ? actual : STR(""), ret_why);
    default:
        rc = judge_content(judge, matcher, actual, &noun);
        if (rc == VERDICT_NEUTRAL) {
            *ret_why = matcher_unsupported(judge, matcher);
            return VERDICT_NO;
        }
        break;
    }
    if (rc == VERDICT_NO) {
        struct str shown = show_text(judge, actual), want = show_text(judge, wanted);
        *ret_why = noun ? judge_say(judge, "Expected '%.*s' to be %s", STR_FMT(shown), noun)
                        : judge_say(judge, "Expected '%.*s' to %s '%.*s'", STR_FMT(shown), verb,
                                    STR_FMT(want));
    }
    return rc;
}

int rule_text(struct judge *judge, const struct rule *rule, struct str expected, struct str actual,
              const struct difference *difference)
{
    struct weighing weighing = {.rule = rule};
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        struct str why = STR_NONE;
        int rc = matcher->kind == MATCHER_EACH_VALUE && difference->listed
                     ? each_value(judge, matcher, expected, actual, &why)
                     : matcher_text(judge, matcher, expected, actual, &why);
        if (rc < 0) {
            return rc;
        }
        weigh(judge, &weighing, matcher, rc, why);
    }
    weighing_report(judge, &weighing, difference);
    return 0;
}

static void report_unequal(struct judge *judge, const struct matcher *matcher, size_t expected,
                           size_t actual, const struct difference *difference)
{
    struct difference one = *difference;
    one.rule = show_matcher(judge, matcher);
    one.text = judge_say(judge, "Expected '%.*s' (size %zu) to be equal to a list of size %zu",
                         STR_FMT(difference->path), actual, expected);
    judge_report(judge, &one);
}

void rule_count(struct judge *judge, const struct rule *rule, size_t expected, size_t count,
                const struct difference *difference)
{
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        bool few = matcher->has_min && (int64_t)count < matcher->min;
        bool many = matcher->has_max && (int64_t)count > matcher->max;
        if (matcher->kind == MATCHER_EQUALITY && expected != count && !rule->any) {
            report_unequal(judge, matcher, expected, count, difference);
        }
        if (few || many) {
            struct difference one = *difference;
            one.rule = show_matcher(judge, matcher);
            one.text = judge_say(judge, "Expected '%.*s' (size %zu) to have %s size of %" PRId64,
                                 STR_FMT(difference->path), count, few ? "minimum" : "maximum",
                                 few ? matcher->min : matcher->max);
            judge_report(judge, &one);
        }
    }
}
