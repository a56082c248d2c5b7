// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/generate_value.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/base/re.h"
#include "lib/contract/datetime.h"
#include "lib/contract/datetime_expression.h"
#include "lib/contract/rules_table.h"

struct kind;
/* What the function of a kind gets: 1 and a value, 0 after a warning, or a negative err_code. */
struct task {
    struct generating *generating;
    const struct generator *generator;
    const struct kind *kind;
    const struct json *example;
    struct json **ret;
};
struct kind {
    const char *name;
    int (*make)(const struct task *task);
    const char *format; /* of dates and times without one */
    bool consumer, provider;
    enum datetime_expression_kind dated; /* what a date's expression may say */
};

int generate_warn(struct generating *generating, const struct generator *generator, const char *fmt,
                  ...)
{
    va_list args;
    if (generating->warned == generator) {
        return 0; /* many values, one reason */
    }
    generating->warned = generator;
    va_start(args, fmt);
    char *why = arena_vprintf(generating->arena, fmt, args);
    va_end(args);
    struct str type = json_get_text(generator->raw, "type");
    *VEC_PUSH(generating->arena, generating->warnings) = str_printf(
        generating->arena, "generator %.*s of %s%s%.*s: %s; the example is used as it is",
        STR_FMT(type), rules_part_name(generator->part), generator->where.len ? " " : "",
        STR_FMT(generator->where), why);
    return 0;
}

#define FAIL(task, ...) generate_warn((task)->generating, (task)->generator, __VA_ARGS__)

int generate_spend(struct generating *generating, size_t work)
{
    if (work > LIMIT_HTTP_BODY - generating->work) {
        return err_set(generating->err, ERR_LIMIT, "generated values beyond %u bytes",
                       LIMIT_HTTP_BODY);
    }
    generating->work += work;
    return 0;
}

uint64_t generate_below(const struct generate_context *context, uint64_t n)
{
    return context->random(context->random_context) % n;
}

static uint64_t below(const struct task *task, uint64_t n)
{
    return generate_below(task->generating->context, n);
}

static int give_text(const struct task *task, struct str text)
{
    *task->ret = json_new_str(task->generating->arena, text);
    return 1;
}

/* A number, or a string where the example is one. */
static int give_number(const struct task *task, struct str text)
{
    if (json_is(task->example, JSON_STRING)) {
        return give_text(task, text);
    }
    *task->ret = json_new_number(task->generating->arena, text);
    return 1;
}

/* An integer attribute: 1, or 0 after a warning. */
static int attribute(const struct task *task, const char *name, int64_t fallback, int64_t *ret)
{
    const struct json *value = json_get(task->generator->raw, name);
    *ret = fallback;
    if (!value || json_is(value, JSON_NULL) || json_to_i64(value, ret)) {
        return 1;
    }
    return FAIL(task, "'%s' must be an integer", name);
}

/* The same for a length, counted as work. */
static int length(const struct task *task, const char *name, int64_t least, size_t *ret)
{
    int64_t value = 0;
    int rc = attribute(task, name, 10, &value);
    if (rc != 1) {
        return rc;
    }
    if (value < least) {
        return FAIL(task, "'%s' must be at least %" PRId64, name, least);
    }
    rc = generate_spend(task->generating,
                        (uint64_t)value > LIMIT_HTTP_BODY ? SIZE_MAX : (size_t)value);
    *ret = (size_t)value;
    return rc ? rc : 1;
}

static int make_int(const struct task *task)
{
    int64_t min = 0, max = 0;
    if (!attribute(task, "min", 0, &min) || !attribute(task, "max", 10, &max)) {
        return 0;
    }
    if (min > max) {
        return FAIL(task, "'min' is greater than 'max'");
    }
    uint64_t span = (uint64_t)max - (uint64_t)min + 1; /* 0 = all of them */
    struct arena *arena = task->generating->arena;
    uint64_t above = span ? below(task, span) : below(task, UINT64_MAX);
    return give_number(task, str_printf(arena, "%" PRId64, (int64_t)((uint64_t)min + above)));
}

static int make_decimal(const struct task *task)
{
    size_t digits = 0;
    int rc = length(task, "digits", 2, &digits);
    if (rc != 1) {
        return rc;
    }
    if (digits > LIMIT_JSON_NUMBER - 1) {
        return FAIL(task, "'digits' must be below %d", LIMIT_JSON_NUMBER);
    }
    char *text = ARENA_ARRAY(task->generating->arena, char, digits + 2);
    size_t point = 1 + (size_t)below(task, digits - 1);
    for (size_t i = 0, at = 0; i < digits; i++) {
        bool lead = i == 0 && point > 1; /* JSON has no leading zeros */
        if (i == point) {
            text[at++] = '.';
        }
        text[at++] = (char)(lead ? '1' + (int)below(task, 9) : '0' + (int)below(task, 10));
    }
    return give_number(task, str_make(text, digits + 1));
}

static int make_characters(const struct task *task, const char *attribute_name, struct str alphabet)
{
    size_t len = 0;
    int rc = length(task, attribute_name, 0, &len);
    if (rc != 1) {
        return rc;
    }
    char *text = ARENA_ARRAY(task->generating->arena, char, len + 1);
    for (size_t i = 0; i < len; i++) {
        text[i] = alphabet.ptr[below(task, alphabet.len)];
    }
    return give_text(task, str_make(text, len));
}

static int make_hexadecimal(const struct task *task)
{
    return make_characters(task, "digits", STR("0123456789ABCDEF"));
}

static int make_string(const struct task *task)
{
    return make_characters(task, "size",
                           STR("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"));
}

static int make_boolean(const struct task *task)
{
    *task->ret = json_new_bool(task->generating->arena, below(task, 2) == 1);
    return 1;
}

/* RFC 9562 version 4, in the spellings of Pact. */
static int make_uuid(const struct task *task)
{
    static const struct {
        const char *name, *prefix;
        bool upper, hyphens;
    } formats[] = {{"lower-case-hyphenated", "", false, true},
                   {"simple", "", false, false},
                   {"upper-case-hyphenated", "", true, true},
                   {"URN", "urn:uuid:", false, true}};
    const struct generate_context *context = task->generating->context;
    struct str format = json_get_text(task->generator->raw, "format");
    size_t n = 0;
    while (format.ptr && n < sizeof formats / sizeof *formats && !str_is(format, formats[n].name)) {
        n++;
    }
    if (n == sizeof formats / sizeof *formats) {
        return FAIL(task, "the format '%.*s' is not known", STR_FMT(format));
    }
    uint64_t high = context->random(context->random_context);
    uint64_t low = context->random(context->random_context);
    high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
    const char *hyphen = formats[n].hyphens ? "-" : "";
    struct str text = str_printf(
        task->generating->arena,
        formats[n].upper
            ? "%s%08" PRIX64 "%s%04" PRIX64 "%s%04" PRIX64 "%s%04" PRIX64 "%s%012" PRIX64
            : "%s%08" PRIx64 "%s%04" PRIx64 "%s%04" PRIx64 "%s%04" PRIx64 "%s%012" PRIx64,
        formats[n].prefix, high >> 32, hyphen, high >> 16 & 0xffff, hyphen, high & 0xffff, hyphen,
        low >> 48, hyphen, low & UINT64_C(0xffffffffffff));
    return give_text(task, text);
}

static int make_date(const struct task *task)
{
    struct generating *generating = task->generating;
    const struct generate_context *context = generating->context;
    const struct str bases[] = {[DATETIME_DATE] = context->base_date,
                                [DATETIME_TIME] = context->base_time,
                                [DATETIME_BOTH] = context->base_datetime};
    struct str base = bases[task->kind->dated];
    struct str expression = json_get_text(task->generator->raw, "expression");
    struct str format = json_get_text(task->generator->raw, "format");
    struct str text = STR_NONE;
    struct err bad = ERR_INIT;
    int64_t us = clock_now_us(context->clock);
    if (base.ptr && !datetime_base(base, &us)) {
        return FAIL(task, "the base '%.*s' is no ISO 8601 date or time", STR_FMT(base));
    }
    if (expression.len > 0 &&
        datetime_expression(expression, task->kind->dated, us, &us, &bad) != 0) {
        return FAIL(task, "%s", bad.text);
    }
    if (datetime_format(format.len > 0 ? format : str_of(task->kind->format), us, generating->arena,
                        &text, &bad) != 0) {
        return FAIL(task, "%s", bad.text);
    }
    int rc = generate_spend(generating, text.len);
    return rc ? rc : give_text(task, text);
}

static int make_regex(const struct task *task)
{
    struct generating *generating = task->generating;
    struct str regex = json_get_text(task->generator->raw, "regex");
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_RE_PATTERN);
    const struct re *re = NULL;
    struct err bad = ERR_INIT;
    if (!regex.ptr) {
        return FAIL(task, "'regex' is missing");
    }
    if (re_get(regex, RE_WHOLE, &re, &bad) != 0) {
        return FAIL(task, "%s", bad.text);
    }
    const char *unknown = generate_regex(regex, generating->context, &out);
    if (unknown) {
        return FAIL(task, "cannot make a text for '%.*s': %s", STR_FMT(regex), unknown);
    }
    int rc = generate_spend(generating, out.len);
    return rc ? rc : give_text(task, str_dup(generating->arena, buf_view(&out)));
}

/* ---- provider states ---- */

static struct str text_of(struct arena *arena, const struct json *value)
{
    switch (json_type(value)) {
    case JSON_STRING:
    case JSON_NUMBER:
        return json_text(value);
    case JSON_BOOL:
        return json_bool(value) ? STR("true") : STR("false");
    default:
        return json_to_str(arena, value, JSON_COMPACT);
    }
}

/* "${a}/${b}" with values put in: 1, or 0 after a warning. `ret_only`: a lone "${a}". */
static int substitute(const struct task *task, struct str text, struct buf *out,
                      const struct json **ret_only)
{
    struct str rest = text;
    for (long at = str_find(rest, STR("${")); at >= 0; at = str_find(rest, STR("${"))) {
        struct str name = str_sub(rest, (size_t)at + 2, rest.len);
        long end = str_chr(name, '}');
        if (end < 0) {
            return FAIL(task, "'%.*s' lacks a '}'", STR_FMT(text));
        }
        name.len = (size_t)end;
        const struct json *value = json_find(task->generating->context->values, name);
        if (!value && name.len > 0) {
            return FAIL(task, "the provider state gave no value '%.*s'", STR_FMT(name));
        }
        if (value && name.len + 3 == text.len) {
            *ret_only = value;
        }
        buf_str(out, str_sub(rest, 0, (size_t)at));
        if (value) {
            buf_str(out, text_of(task->generating->arena, value));
        }
        rest = str_sub(rest, (size_t)at + (size_t)end + 3, rest.len);
    }
    buf_str(out, rest);
    return out->overflow ? FAIL(task, "the text becomes too long") : 1;
}

enum data_type { DATA_RAW, DATA_STRING, DATA_INTEGER, DATA_DECIMAL, DATA_BOOLEAN };
static const struct {
    const char *name;
    enum data_type type;
} data_types[] = {{"RAW", DATA_RAW},         {"STRING", DATA_STRING}, {"INTEGER", DATA_INTEGER},
                  {"DECIMAL", DATA_DECIMAL}, {"FLOAT", DATA_DECIMAL}, {"BOOLEAN", DATA_BOOLEAN}};

/* A text that is a JSON value of the type wanted; NULL if it is none. */
static struct json *parse_as(const struct task *task, struct str text, enum json_type type)
{
    struct json *value = NULL;
    int rc = json_parse(text, NULL, task->generating->arena, &value, NULL);
    return rc == 0 && json_is(value, type) ? value : NULL;
}

/* "007" and "+7" are 7 and ".5" is 0.5 where a number is asked for; JSON knows no such forms. */
static struct json *number_of(const struct task *task, struct str text)
{
    bool minus = str_starts(text, STR("-"));
    size_t at = minus || str_starts(text, STR("+")) ? 1 : 0;
    while (at + 1 < text.len && text.ptr[at] == '0' && text.ptr[at + 1] >= '0' &&
           text.ptr[at + 1] <= '9') {
        at++;
    }
    struct str rest = str_sub(text, at, text.len - at);
    if (rest.len == 0 || rest.ptr[0] == '-' || rest.ptr[0] == '+') {
        return NULL;
    }
    return parse_as(task,
                    str_printf(task->generating->arena, "%s%s%.*s", minus ? "-" : "",
                               rest.ptr[0] == '.' ? "0" : "", STR_FMT(rest)),
                    JSON_NUMBER);
}

static int convert(const struct task *task, const struct json *value, enum data_type type)
{
    struct arena *arena = task->generating->arena;
    struct str text = text_of(arena, value);
    struct json *made = NULL;
    switch (type) {
    case DATA_RAW:
        made = json_copy(arena, value);
        break;
    case DATA_STRING:
        made = json_new_str(arena, text);
        break;
    case DATA_INTEGER:
        made = number_of(task, text);
        made = json_is_integer(made) ? made : NULL;
        break;
    case DATA_DECIMAL:
        made = number_of(task, text);
        if (json_is_integer(made)) { /* an integer would not be a decimal any more */
            made = json_new_number(arena, str_printf(arena, "%.*s.0", STR_FMT(json_text(made))));
        }
        break;
    case DATA_BOOLEAN:
        made = parse_as(task, text, JSON_BOOL);
        break;
    }
    if (!made) {
        return FAIL(task, "the value '%.*s' is no %.*s", STR_FMT(str_sub(text, 0, LIMIT_NAME)),
                    STR_FMT(json_get_text(task->generator->raw, "dataType")));
    }
    *task->ret = made;
    return 1;
}

static int make_state(const struct task *task)
{
    struct generating *generating = task->generating;
    struct str expression = json_get_text(task->generator->raw, "expression");
    struct str type = json_get_text(task->generator->raw, "dataType");
    struct buf out BUF_AUTO = BUF_INIT(LIMIT_HTTP_BODY);
    const struct json *value = NULL;
    size_t n = 0;
    if (!expression.ptr) {
        return FAIL(task, "'expression' is missing");
    }
    while (type.ptr && n < sizeof data_types / sizeof *data_types &&
           !str_eq_nocase(type, str_of(data_types[n].name))) {
        n++;
    }
    if (n == sizeof data_types / sizeof *data_types) {
        return FAIL(task, "the dataType '%.*s' is not known", STR_FMT(type));
    }
    if (str_find(expression, STR("${")) < 0) {
        value = json_find(generating->context->values, expression);
        if (!value) {
            return FAIL(task, "the provider state gave no value '%.*s'", STR_FMT(expression));
        }
    } else if (!substitute(task, expression, &out, &value)) {
        return 0;
    }
    if (!value) {
        value = json_new_str(generating->arena, str_dup(generating->arena, buf_view(&out)));
    }
    int rc = generate_spend(generating, text_of(generating->arena, value).len);
    return rc ? rc : convert(task, value, data_types[n].type);
}

/* The part of the example that the expression matches becomes the server's URL and group 1. */
static int make_server_url(const struct task *task)
{
    struct generating *generating = task->generating;
    struct str url = generating->context->mock_server_url;
    struct str example = json_get_text(task->generator->raw, "example");
    struct str regex = json_get_text(task->generator->raw, "regex");
    struct str groups[2] = {STR_NONE, STR_NONE};
    const struct re *re = NULL;
    struct err bad = ERR_INIT;
    if (!url.ptr) {
        return FAIL(task, "there is no mock server");
    }
    if (!example.ptr || !regex.ptr) {
        return FAIL(task, "'%s' is missing", example.ptr ? "regex" : "example");
    }
    int rc = re_get(regex, 0, &re, &bad);
    rc = rc ? rc : re_match(re, example, groups, 2, &bad);
    if (rc != 1) {
        return rc ? FAIL(task, "%s", bad.text)
                  : FAIL(task, "'%.*s' does not match the example", STR_FMT(regex));
    }
    while (str_ends(url, STR("/"))) {
        url.len--;
    }
    size_t before = (size_t)(groups[0].ptr - example.ptr);
    bool slash = groups[1].len > 0 && groups[1].ptr[0] != '/';
    struct str after = str_sub(example, before + groups[0].len, example.len);
    struct str made =
        str_printf(generating->arena, "%.*s%.*s%s%.*s%.*s", (int)before, example.ptr, STR_FMT(url),
                   slash ? "/" : "", STR_FMT(groups[1]), STR_FMT(after));
    rc = generate_spend(generating, made.len);
    return rc ? rc : give_text(task, made);
}

static const struct kind kinds[] = {
    {"RandomInt", make_int, NULL, true, true, DATETIME_DATE},
    {"RandomDecimal", make_decimal, NULL, true, true, DATETIME_DATE},
    {"RandomHexadecimal", make_hexadecimal, NULL, true, true, DATETIME_DATE},
    {"RandomString", make_string, NULL, true, true, DATETIME_DATE},
    {"RandomBoolean", make_boolean, NULL, true, true, DATETIME_DATE},
    {"Regex", make_regex, NULL, true, true, DATETIME_DATE},
    {"Uuid", make_uuid, NULL, true, true, DATETIME_DATE},
    {"Date", make_date, "yyyy-MM-dd", true, true, DATETIME_DATE},
    {"Time", make_date, "HH:mm:ss", true, true, DATETIME_TIME},
    {"DateTime", make_date, "yyyy-MM-dd'T'HH:mm:ss.SSSZ", true, true, DATETIME_BOTH},
    {"ProviderState", make_state, NULL, false, true, DATETIME_DATE},
    {"MockServerURL", make_server_url, NULL, true, false, DATETIME_DATE},
};

static const struct kind *kind_of(const struct generator *generator)
{
    struct str type = json_get_text(generator->raw, "type");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(type, kinds[i].name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool generator_applies(const struct generator *generator, enum generate_mode mode)
{
    const struct kind *kind = kind_of(generator);
    return !kind || (mode == GENERATE_CONSUMER ? kind->consumer : kind->provider);
}

int generate_value(struct generating *generating, const struct generator *generator,
                   const struct json *example, struct json **ret)
{
    const struct kind *kind = kind_of(generator);
    struct task task = {generating, generator, kind, example, ret};
    return kind ? kind->make(&task)
                : generate_warn(generating, generator, "a generator of this type is not known");
}

int generate_text(struct generating *generating, const struct generator *generator,
                  struct str example, bool any, struct str *ret)
{
    struct json *value = NULL;
    const struct json *old = json_new_str(generating->arena, example.ptr ? example : STR(""));
    int rc = generate_value(generating, generator, old, &value);
    if (rc != 1) {
        return rc;
    }
    struct str text = json_is(value, JSON_STRING)
                          ? json_text(value)
                          : json_to_str(generating->arena, value, JSON_COMPACT);
    for (size_t i = 0; !any && i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f) {
            return generate_warn(generating, generator, "the value has control characters");
        }
    }
    *ret = text;
    return 1;
}
