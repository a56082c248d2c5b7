// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/change.h"

#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/base/map.h"
#include "lib/contract/change_internal.h"
#include "lib/contract/merge.h"
#include "lib/contract/part.h"
#include "lib/contract/rules_table.h"
#include "lib/contract/write.h"

static const struct {
    const char *name;
    bool asks_more;
} kinds[] = {
    [CHANGE_ADDED] = {"added", true},         [CHANGE_REMOVED] = {"removed", false},
    [CHANGE_TIGHTENED] = {"tightened", true}, [CHANGE_LOOSENED] = {"loosened", false},
    [CHANGE_REQUEST] = {"request", true},     [CHANGE_OTHER] = {"changed", true},
};

const char *change_kind_name(enum change_kind kind)
{
    return kinds[kind].name;
}

bool change_asks_more(enum change_kind kind)
{
    return kinds[kind].asks_more;
}

void change_say(struct comparing *comparing, enum change_kind kind, struct str where,
                const char *fmt, ...)
{
    struct change change = {
        .kind = kind, .older = comparing->older, .newer = comparing->newer, .where = where};
    va_list args;
    va_start(args, fmt);
    change.text = str_of(arena_vprintf(comparing->arena, fmt, args));
    va_end(args);
    comparing->found++;
    VEC_EACH(comparing->changes, const struct change *, said) {
        if (said->older == change.older && said->kind == kind && str_eq(said->where, where) &&
            said->newer == change.newer && where.ptr) {
            return; /* the other example says the same of that place */
        }
    }
    *VEC_PUSH(comparing->arena, comparing->changes) = change;
}

const struct pact_body *promise_body(const struct promise *promise)
{
    return promise->message ? &promise->message->body : &promise->response->body;
}

int promise_judge(struct comparing *comparing, const struct promise *promise,
                  const struct promise *like, struct str body, struct match_result *ret)
{
    struct arena *arena = comparing->scratch ? comparing->scratch : comparing->arena;
    comparing->spent += body.len + 64;
    if (promise->message) {
        struct actual_message sent = part_sent_message(like->message);
        sent.body = body;
        return match_message(promise->pact, promise->message, &sent, arena, ret, NULL);
    }
    struct actual_response sent = part_sent_response(like->response, arena);
    sent.body = body;
    return match_response(promise->pact, promise->response, &sent, arena, ret, NULL);
}

/* ---- status, headers, metadata ---- */

static bool refuses(struct comparing *comparing, const struct promise *promise,
                    const struct actual_response *sent, enum match_part part, struct str name)
{
    struct match_result result = {0};
    if (match_response(promise->pact, promise->response, sent, comparing->arena, &result, NULL)) {
        comparing->untold = true;
    }
    VEC_EACH(&result, const struct mismatch *, mismatch) {
        if (mismatch->part == part && (!name.ptr || str_eq_nocase(mismatch->path, name))) {
            return true;
        }
    }
    return false;
}

/* Both judge one value of a status or header; `what` calls it in the sentence. */
static void weigh_value(struct comparing *comparing, const struct actual_response *sent,
                        enum match_part part, struct str name, struct str what)
{
    bool old = refuses(comparing, &comparing->promise[0], sent, part, name);
    bool new = refuses(comparing, &comparing->promise[1], sent, part, name);
    struct str where = str_printf(comparing->arena, "%s %s%s%.*s", comparing->part,
                                  match_part_name(part), name.len ? " " : "", STR_FMT(name));
    if (!old && new) {
        change_say(comparing, CHANGE_TIGHTENED, where, "%.*s was accepted and is refused now",
                   STR_FMT(what));
    } else if (old && !new) {
        change_say(comparing, CHANGE_LOOSENED, where, "%.*s was refused and is accepted now",
                   STR_FMT(what));
    }
}

static void change_status(struct comparing *comparing)
{
    const struct pact_response *older = comparing->promise[0].response;
    const struct pact_response *newer = comparing->promise[1].response;
    if (!older || !newer) {
        return; /* messages have none */
    }
    const int codes[] = {older->status, newer->status, 100, 200, 201, 202, 204, 206, 301,
                         304,           400,           401, 404, 409, 429, 500, 503};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct actual_response sent = {.status = codes[i]};
        weigh_value(comparing, &sent, MATCH_STATUS, STR_NONE,
                    str_printf(comparing->arena, "%d", codes[i]));
    }
}

static struct str header_text(const struct pact_header *header, struct arena *arena)
{
    struct str text = STR("");
    VEC_EACH(&header->values, const struct str *, value) {
        text =
            str_printf(arena, "%.*s%s%.*s", STR_FMT(text), text.len ? ", " : "", STR_FMT(*value));
    }
    return text;
}

static void weigh_header(struct comparing *comparing, struct str name, const struct str *values,
                         size_t len)
{
    struct actual_response none = {0};
    weigh_value(comparing, &none, MATCH_HEADER, name, STR("a missing header"));
    for (size_t i = 0; i < len; i++) {
        struct actual_response sent = {0};
        headers_add(comparing->arena, &sent.headers, name, values[i]);
        weigh_value(comparing, &sent, MATCH_HEADER, name,
                    str_printf(comparing->arena, "'%.*s'", STR_FMT(values[i])));
    }
}

static void change_headers(struct comparing *comparing)
{
    for (int i = 0; i < 2; i++) {
        VEC_EACH(&comparing->promise[i].response->headers, const struct pact_header *, header) {
            struct str other = pact_header_get(&comparing->promise[!i].response->headers,
                                               str_cstr(comparing->arena, header->name));
            struct str values[] = {header_text(header, comparing->arena), STR("tally"), STR("7"),
                                   other};
            weigh_header(comparing, header->name, values, other.ptr ? 4 : 3);
        }
    }
}

static bool refuses_metadata(struct comparing *comparing, const struct promise *promise,
                             const struct json *metadata, struct str name)
{
    struct match_result result = {0};
    struct actual_message sent = part_sent_message(promise->message);
    sent.metadata = metadata;
    sent.content_type = STR_NONE;
    if (match_message(promise->pact, promise->message, &sent, comparing->arena, &result, NULL)) {
        comparing->untold = true;
    }
    VEC_EACH(&result, const struct mismatch *, mismatch) {
        if (mismatch->part == MATCH_METADATA && str_eq(mismatch->path, name)) {
            return true;
        }
    }
    return false;
}

static void weigh_metadata(struct comparing *comparing, struct str name, const struct json *value)
{
    struct arena *arena = comparing->arena;
    struct json *metadata = json_new_object(arena);
    if (value) {
        json_set_str(arena, metadata, name, json_copy(arena, value));
    }
    bool old = refuses_metadata(comparing, &comparing->promise[0], metadata, name);
    bool new = refuses_metadata(comparing, &comparing->promise[1], metadata, name);
    if (old == new) {
        return;
    }
    struct str shown = value ? json_to_str(arena, value, JSON_COMPACT) : STR("a missing value");
    change_say(comparing, new ? CHANGE_TIGHTENED : CHANGE_LOOSENED,
               str_printf(arena, "%s metadata %.*s", comparing->part, STR_FMT(name)), "%.*s %s",
               STR_FMT(shown),
               new ? "was accepted and is refused now" : "was refused and is accepted now");
}

static void change_metadata(struct comparing *comparing)
{
    for (int i = 0; i < 2; i++) {
        const struct json *metadata = comparing->promise[i].message->metadata;
        for (size_t k = 0; k < json_len(metadata); k++) {
            weigh_metadata(comparing, json_key(metadata, k), NULL);
            weigh_metadata(comparing, json_key(metadata, k), json_at(metadata, k));
            weigh_metadata(comparing, json_key(metadata, k),
                           json_new_text(comparing->arena, "tally"));
        }
    }
}

/* ---- one pair of interactions ---- */

static struct json *written(const struct promise *promise, struct arena *arena)
{
    struct json *out = json_new_object(arena);
    if (!promise->message) {
        return write_response(promise->response, PACT_V4, arena);
    }
    write_message(promise->message, PACT_V4, arena, out);
    return out;
}

/* ---- rules that read otherwise without showing ---- */

static const struct rules *promise_rules(const struct promise *promise)
{
    return promise->message ? promise->message->rules : promise->response->rules;
}

static struct str rule_text_of(const struct rule *rule, struct arena *arena)
{
    struct json *out = json_new_array(arena);
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        json_append(arena, out, matcher_write(matcher, arena));
    }
    return str_printf(arena, "%s%.*s", rule->any && rule->matchers.len > 1 ? "any of " : "",
                      STR_FMT(json_to_str(arena, out, JSON_SORTED)));
}

static const struct rule *find_rule(const struct rules *rules, enum rules_part part,
                                    struct str text)
{
    VEC_EACH(&rules->part[part], const struct rule *, rule) {
        if (str_eq(rule->text, text)) {
            return rule;
        }
    }
    return NULL;
}

/* Whether something was said of what the rule governs. */
static bool shown_by_variation(const struct comparing *comparing, enum rules_part part,
                               const struct rule *rule)
{
    struct str prefix =
        str_printf(comparing->arena, "%s %s ", comparing->part, rules_part_name(part));
    VEC_EACH(comparing->changes, const struct change *, change) {
        struct path at = {0};
        if (change->newer != comparing->newer) {
            continue;
        }
        if (rules_part_is_single(part) && str_eq(change->where, str_trim(prefix))) {
            return true;
        }
        if (!str_starts(change->where, prefix)) {
            continue;
        }
        struct str name = str_sub(change->where, prefix.len, change->where.len);
        if (!rules_part_has_paths(part)) {
            if (str_eq_nocase(name, rule->text)) {
                return true;
            }
        } else if (path_parse(name, comparing->arena, &at, NULL) == 0 &&
                   path_weight(&rule->path, &at) > 0) {
            return true;
        }
    }
    return false;
}

static void change_rules(struct comparing *comparing)
{
    struct arena *arena = comparing->arena;
    for (int i = 0; i < 2 * RULES_PARTS; i++) {
        enum rules_part part = (enum rules_part)(i / 2);
        const struct rules *these = promise_rules(&comparing->promise[i % 2]);
        const struct rules *those = promise_rules(&comparing->promise[!(i % 2)]);
        VEC_EACH(&these->part[part], const struct rule *, rule) {
            const struct rule *other = find_rule(those, part, rule->text);
            struct str a = rule_text_of(rule, arena);
            struct str b = other ? rule_text_of(other, arena) : STR("none");
            if ((other && (i % 2 == 1 || str_eq(a, b))) || rule->matchers.len == 0 ||
                shown_by_variation(comparing, part, rule)) {
                continue;
            }
            struct str old = i % 2 == 0 ? a : b, new = i % 2 == 0 ? b : a;
            change_say(comparing, CHANGE_OTHER,
                       str_printf(arena, "%s %s rule %.*s", comparing->part, rules_part_name(part),
                                  STR_FMT(rule->text)),
                       "was %.*s, is %.*s; no variation of the examples tells them apart",
                       STR_FMT(old), STR_FMT(new));
        }
    }
}

static void change_promises(struct comparing *comparing)
{
    if (json_equal(written(&comparing->promise[0], comparing->arena),
                   written(&comparing->promise[1], comparing->arena)) &&
        comparing->promise[0].pact->spec == comparing->promise[1].pact->spec) {
        return;
    }
    if (comparing->promise[0].message && comparing->promise[1].message) {
        change_metadata(comparing);
    } else if (comparing->promise[0].response && comparing->promise[1].response) {
        change_status(comparing);
        change_headers(comparing);
    }
    change_bodies(comparing);
    if (comparing->untold) {
        change_say(comparing, CHANGE_OTHER, str_of(comparing->part),
                   "it reads otherwise, and not all of it could be judged");
    }
    change_rules(comparing);
}

static void change_requests(struct comparing *comparing)
{
    static const char *const members[] = {"method", "path", "query", "headers", "body"};
    struct arena *arena = comparing->arena;
    const struct json *a = write_request(&comparing->older->request, PACT_V4, arena);
    const struct json *b = write_request(&comparing->newer->request, PACT_V4, arena);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const struct json *x = json_get(a, members[i]), *y = json_get(b, members[i]);
        if ((x || y) && !(x && y && json_equal(x, y))) {
            struct str old = x ? json_to_str(arena, x, JSON_COMPACT) : STR("none");
            struct str new = y ? json_to_str(arena, y, JSON_COMPACT) : STR("none");
            old = str_sub(old, 0, 200);
            new = str_sub(new, 0, 200);
            change_say(comparing, CHANGE_REQUEST, str_printf(arena, "request %s", members[i]),
                       "was %.*s, is %.*s", STR_FMT(old), STR_FMT(new));
        }
    }
    const struct json *x = json_get(a, "generators"), *y = json_get(b, "generators");
    if ((x || y) && !(x && y && json_equal(x, y))) {
        change_say(comparing, CHANGE_REQUEST, STR("request generators"),
                   "values that are made when it is sent are made otherwise");
    }
}

static void change_states(struct comparing *comparing)
{
    for (size_t i = 0; i < comparing->older->states.len; i++) {
        const struct json *a = comparing->older->states.items[i].params;
        const struct json *b = comparing->newer->states.items[i].params;
        if ((json_len(a) || json_len(b)) && !(a && b && json_equal(a, b))) {
            change_say(comparing, CHANGE_OTHER, STR("provider state"),
                       "'%.*s' is asked for with other parameters",
                       STR_FMT(comparing->older->states.items[i].name));
        }
    }
}

static void change_messages(struct comparing *comparing, const char *part,
                            const struct pact_message *older, const struct pact_message *newer)
{
    comparing->part = part;
    comparing->promise[0].message = older;
    comparing->promise[1].message = newer;
    change_promises(comparing);
}

static void change_pair(struct comparing *comparing)
{
    const struct pact_interaction *older = comparing->older, *newer = comparing->newer;
    change_states(comparing);
    if (older->kind == PACT_HTTP) {
        change_requests(comparing);
        comparing->part = "response";
        comparing->promise[0].response = &older->response;
        comparing->promise[1].response = &newer->response;
        change_promises(comparing);
        return;
    }
    bool sync = older->kind == PACT_SYNC_MESSAGE;
    change_messages(comparing, sync ? "request" : "message", &older->message, &newer->message);
    for (size_t i = 0; i < older->replies.len && i < newer->replies.len; i++) {
        change_messages(comparing, "reply", &older->replies.items[i], &newer->replies.items[i]);
    }
    if (older->replies.len != newer->replies.len) {
        change_say(comparing, CHANGE_OTHER, STR("reply"), "had %zu replies, has %zu",
                   older->replies.len, newer->replies.len);
    }
}

/* ---- two files ---- */

struct twins {
    VEC_OF(size_t);
};

static struct map *by_description(const struct pact *pact, struct arena *arena)
{
    struct map *map = map_new(arena);
    for (size_t i = 0; i < pact->interactions.len; i++) {
        struct twins *twins = map_get(map, pact->interactions.items[i].description);
        if (!twins) {
            twins = ARENA_NEW(arena, struct twins);
            map_put(map, pact->interactions.items[i].description, twins);
        }
        *VEC_PUSH(arena, twins) = i;
    }
    return map;
}

/* Parameters of states tell twins apart, if anything does; keys may be digests of the content. */
static const struct pact_interaction *partner(const struct pact *older, const struct map *map,
                                              const struct pact_interaction *newer, bool *taken)
{
    const struct twins *twins = map_get(map, newer->description);
    struct pact_interaction without_key = *newer;
    const enum pact_spec strictness[] = {PACT_V3, PACT_V4};
    without_key.key = STR_NONE;
    for (size_t s = 0; twins && s < 2; s++) {
        VEC_EACH(twins, const size_t *, at) {
            if (!taken[*at] &&
                merge_same(&older->interactions.items[*at], &without_key, strictness[s])) {
                taken[*at] = true;
                return &older->interactions.items[*at];
            }
        }
    }
    return NULL;
}

void pact_changes(const struct pact *older, const struct pact *newer, struct arena *arena,
                  struct changes *ret)
{
    bool *taken = ARENA_ARRAY(arena, bool, older->interactions.len + 1);
    struct map *map = by_description(older, arena);
    struct changes changes = {0};
    VEC_EACH(&newer->interactions, const struct pact_interaction *, interaction) {
        struct comparing comparing = {.arena = arena, .changes = &changes, .newer = interaction};
        comparing.older = partner(older, map, interaction, taken);
        comparing.promise[0].pact = older;
        comparing.promise[1].pact = newer;
        if (comparing.older) {
            change_pair(&comparing);
        } else {
            change_say(&comparing, CHANGE_ADDED, STR_NONE, "the provider has to serve it");
        }
    }
    for (size_t i = 0; i < older->interactions.len; i++) {
        struct comparing comparing = {
            .arena = arena, .changes = &changes, .older = &older->interactions.items[i]};
        if (!taken[i]) {
            change_say(&comparing, CHANGE_REMOVED, STR_NONE, "nobody asks for it here any more");
        }
    }
    *ret = changes;
}
