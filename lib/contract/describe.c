// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/describe.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/limits.h"
#include "lib/contract/match_internal.h"
#include "lib/contract/rules_table.h"

static struct str place(enum rules_part part, struct str name, struct arena *arena)
{
    return str_printf(arena, "%s%s%.*s", rules_part_name(part), name.len ? " " : "", STR_FMT(name));
}

/* What the matcher itself does not say: the rules that it holds for others. */
static void describe_inner(const struct matcher *matcher, struct arena *arena, struct buf *out)
{
    const struct judge judge = {.arena = arena};
    const char *between = ": ";
    if (matcher->kind == MATCHER_STATUS_CODE && json_get(matcher->raw, "status")) {
        struct str wanted = show_json(&judge, json_get(matcher->raw, "status"));
        buf_printf(out, " %.*s", STR_FMT(wanted));
    }
    if (matcher->inner) {
        VEC_EACH(&matcher->inner->part[RULES_BODY], const struct rule *, rule) {
            VEC_EACH(&rule->matchers, const struct matcher *, one) {
                struct str text = show_matcher(&judge, one);
                buf_printf(out, "%s%.*s", between, STR_FMT(text));
                between = " and ";
            }
        }
    }
    if (matcher->variants.len > 0) {
        buf_printf(out, " with %zu variants", matcher->variants.len);
    }
}

void describe_rules(const struct rules *rules, struct arena *arena, struct descriptions *ret)
{
    const struct judge judge = {.arena = arena};
    for (int i = 0; i < RULES_PARTS; i++) {
        VEC_EACH(&rules->part[i], const struct rule *, rule) {
            struct buf out BUF_AUTO = BUF_INIT(8 * LIMIT_SHOWN);
            VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
                struct str text = show_matcher(&judge, matcher);
                buf_puts(&out, out.len == 0 ? "" : rule->any ? " or " : " and ");
                buf_str(&out, text);
                describe_inner(matcher, arena, &out);
            }
            if (out.len > 0) {
                *VEC_PUSH(arena, ret) = (struct described){
                    place((enum rules_part)i, rule->text, arena), str_dup(arena, buf_view(&out))};
            }
        }
    }
}

void describe_generators(const struct generators *generators, struct arena *arena,
                         struct descriptions *ret)
{
    const struct judge judge = {.arena = arena};
    VEC_EACH(generators, const struct generator *, generator) {
        struct json *rest = json_copy(arena, generator->raw);
        struct str type = json_get_text(generator->raw, "type");
        json_remove(rest, "type");
        struct str shown = json_len(rest) > 0 ? show_json(&judge, rest) : STR("");
        *VEC_PUSH(arena, ret) = (struct described){
            place(generator->part, generator->where, arena),
            str_printf(arena, "%.*s%s%.*s", STR_FMT(type), shown.len ? " " : "", STR_FMT(shown))};
    }
}
