// SPDX-License-Identifier: Apache-2.0
/* Differences as they are shown. */
#include <inttypes.h>
#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/contract/match_internal.h"

static const char *const part_names[] = {
    [MATCH_METHOD] = "method",
    [MATCH_PATH] = "path",
    [MATCH_QUERY] = "query",
    [MATCH_HEADER] = "header",
    [MATCH_STATUS] = "status",
    [MATCH_BODY] = "body",
    [MATCH_BODY_TYPE] = "body-content-type",
    [MATCH_METADATA] = "metadata",
};

const char *match_part_name(enum match_part part)
{
    return part_names[part];
}

enum { SEEN = 1024 };
struct seen {
    const struct json *at;
    int line, column;
};

/*
 * One example stands for all items of a list, so the same places are asked for again and again;
 * going back and forth in the contract each time would cost the example's length per item.
 */
static void place(struct judge *judge, const struct json *at, struct mismatch *mismatch)
{
    if (!judge->seen) {
        judge->seen = ARENA_ARRAY(judge->arena, struct seen, SEEN);
    }
    struct seen *seen = &judge->seen[((uintptr_t)at / sizeof(void *) / 2) % SEEN];
    if (!at || seen->at != at) {
        position_of(&judge->position, at, &seen->line, &seen->column);
        seen->at = at;
    }
    mismatch->line = seen->line;
    mismatch->column = seen->column;
}

static size_t size_of(const struct mismatch *mismatch)
{
    return sizeof *mismatch + mismatch->path.len + mismatch->expected.len + mismatch->actual.len +
           mismatch->rule.len + mismatch->text.len;
}

const struct json *judge_member(const struct json *raw, const char *name)
{
    const struct json *member = json_get(raw, name);
    return member ? member : raw;
}

/* The nearest value that stands in the contract's text. */
static const struct json *nearest(const struct judge *judge, const struct json *at)
{
    at = at && judge->stand_in ? judge->stand_in : at;
    return at && json_offset(at) >= 0 ? at : judge->around;
}

void judge_report(struct judge *judge, const struct difference *difference)
{
    if (judge->quiet) {
        judge->result->dropped++;
        return;
    }
    struct mismatch *mismatch = VEC_PUSH(judge->arena, judge->result);
    *mismatch = (struct mismatch){
        .part = difference->part,
        .path = difference->path.ptr ? difference->path : STR(""),
        .expected = difference->expected,
        .actual = difference->actual,
        .rule = difference->rule.ptr ? difference->rule : STR("equality"),
        .text = difference->text,
    };
    place(judge, nearest(judge, difference->at), mismatch);
    judge->shown += size_of(mismatch);
    judge->quiet = judge->result->len >= LIMIT_MISMATCHES || judge->shown >= LIMIT_SHOWN_ALL;
}

/* Cut to LIMIT_SHOWN before the character that does not fit whole. */
static struct str cut(struct str text)
{
    if (text.len <= LIMIT_SHOWN) {
        return text;
    }
    text.len = LIMIT_SHOWN - 3;
    while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xC0) == 0x80) {
        text.len--;
    }
    return text;
}

/* What is no text is shown as the start of its bytes. */
static struct str show_bytes(const struct judge *judge, struct str bytes)
{
    struct buf hex BUF_AUTO = BUF_INIT(LIMIT_SHOWN);
    for (size_t i = 0; i < bytes.len && i < 32; i++) {
        buf_printf(&hex, "%02x", (unsigned char)bytes.ptr[i]);
    }
    return str_printf(judge->arena, "%zu bytes, starting with %.*s", bytes.len,
                      STR_FMT(buf_view(&hex)));
}

struct str show_text(const struct judge *judge, struct str text)
{
    if (judge->quiet || !text.ptr) {
        return STR_NONE;
    }
    if (!str_is_utf8(text, NULL)) {
        return show_bytes(judge, text);
    }
    struct str shown = cut(text);
    if (shown.len < text.len) {
        return str_printf(judge->arena, "%.*s...", STR_FMT(shown));
    }
    return str_dup(judge->arena, text);
}

struct str show_json(const struct judge *judge, const struct json *value)
{
    struct buf out BUF_AUTO = BUF_INIT(4 * LIMIT_SHOWN);
    if (judge->quiet || !value) {
        return STR_NONE;
    }
    json_write(value, JSON_COMPACT, &out);
    return show_text(judge, buf_view(&out));
}

static const char *type_of(const struct json *value)
{
    switch (json_type(value)) {
    case JSON_NULL:
        return "Null";
    case JSON_BOOL:
        return "Boolean";
    case JSON_NUMBER:
        return json_is_integer(value) ? "Integer" : "Decimal";
    case JSON_STRING:
        return "String";
    case JSON_ARRAY:
        return "Array";
    case JSON_OBJECT:
        return "Object";
    }
    return "Null";
}

struct str show_typed(const struct judge *judge, const struct json *value)
{
    if (judge->quiet) {
        return STR_NONE;
    }
    if (json_is(value, JSON_STRING)) {
        struct str text = show_text(judge, json_text(value));
        return str_printf(judge->arena, "'%.*s' (String)", STR_FMT(text));
    }
    struct str text = show_json(judge, value);
    return str_printf(judge->arena, "%.*s (%s)", STR_FMT(text), type_of(value));
}

struct str show_matcher(const struct judge *judge, const struct matcher *matcher)
{
    struct buf out BUF_AUTO = BUF_INIT(4 * LIMIT_SHOWN);
    if (judge->quiet) {
        return STR_NONE;
    }
    if (matcher->kind == MATCHER_UNKNOWN && matcher->text.len > 0) {
        buf_str(&out, matcher->text);
    } else {
        buf_puts(&out, matcher_name(matcher->kind));
        if (matcher->text.ptr) {
            buf_putc(&out, ' ');
            buf_str(&out, matcher->text);
        }
    }
    if (matcher->has_min) {
        buf_printf(&out, " min %" PRId64, matcher->min);
    }
    if (matcher->has_max) {
        buf_printf(&out, " max %" PRId64, matcher->max);
    }
    return show_text(judge, buf_view(&out));
}

struct str judge_say(const struct judge *judge, const char *fmt, ...)
{
    va_list args;
    if (judge->quiet) {
        return STR_NONE;
    }
    va_start(args, fmt);
    struct str text = str_of(arena_vprintf(judge->arena, fmt, args));
    va_end(args);
    return text;
}

void weigh(struct judge *judge, struct weighing *weighing, const struct matcher *matcher,
           int verdict, struct str why)
{
    weighing->yes += verdict == VERDICT_YES;
    if (verdict == VERDICT_NO) {
        weighing->no++;
        if (!judge->quiet) {
            *VEC_PUSH(judge->arena, &weighing->failures) = (struct failure){matcher, why};
        }
    }
}

bool weighing_passes(const struct weighing *weighing)
{
    return weighing->no == 0 || (weighing->rule->any && weighing->yes > 0);
}

static void report_all_as_one(struct judge *judge, const struct weighing *weighing,
                              struct difference one)
{
    struct buf rule BUF_AUTO = BUF_INIT(4 * LIMIT_SHOWN);
    struct buf text BUF_AUTO = BUF_INIT(4 * LIMIT_SHOWN);
    for (size_t i = 0; i < weighing->failures.len; i++) {
        const struct failure *failure = &weighing->failures.items[i];
        buf_puts(&rule, i ? " or " : "");
        buf_str(&rule, show_matcher(judge, failure->matcher));
        buf_puts(&text, i ? ", or: " : "");
        buf_str(&text, failure->why);
    }
    one.rule = show_text(judge, buf_view(&rule));
    one.text = show_text(judge, buf_view(&text));
    judge_report(judge, &one);
}

void weighing_report(struct judge *judge, const struct weighing *weighing,
                     const struct difference *difference)
{
    struct difference one = *difference;
    if (weighing_passes(weighing)) {
        return;
    }
    if (judge->quiet) {
        judge_report(judge, &one);
        return;
    }
    if (weighing->rule->any) {
        report_all_as_one(judge, weighing, one);
        return;
    }
    VEC_EACH(&weighing->failures, const struct failure *, failure) {
        one.rule = show_matcher(judge, failure->matcher);
        one.text = failure->why;
        judge_report(judge, &one);
    }
}
