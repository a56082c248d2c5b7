// SPDX-License-Identifier: Apache-2.0
/*
 * Values that look as if each test run made them anew. The content of a contract is its identity:
 * such a value makes every publication a new contract that has to be verified again.
 */
#include <ctype.h>

#include "lib/base/arena.h"
#include "lib/contract/lint_internal.h"

enum { SHOWN = 3 /* findings of one part */ };

/* "f81d4fae-7dec-41d0-a765-00a0c91e6bf6"; few different digits are somebody's choice. */
static bool random_uuid(struct str text)
{
    bool seen[256] = {false};
    size_t different = 0;
    if (text.len != 36) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)tolower((unsigned char)text.ptr[i]);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? c != '-' : !isxdigit(c)) {
            return false;
        }
        different += !dash && !seen[c];
        seen[c] = true;
    }
    return text.ptr[14] == '4' && strchr("89abAB", text.ptr[19]) && different >= 9;
}

/* "2026-11-20T17:59:49.123456Z": nobody types fractions that are not round. */
static bool clock_time(struct str text)
{
    static const char shape[] = "0000-00-00T00:00:00.000";
    size_t len = sizeof shape - 1;
    if (text.len < len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        bool digit = isdigit((unsigned char)text.ptr[i]) != 0;
        if (shape[i] == '0' ? !digit : text.ptr[i] != shape[i]) {
            return false;
        }
    }
    struct str fraction = str_sub(text, 20, 3);
    return !str_is(fraction, "000") && !str_is(fraction, "123") && !str_is(fraction, "999") &&
           !str_ends(fraction, STR("00"));
}

const char *lint_random(struct str text)
{
    return random_uuid(text) ? "a random UUID" : clock_time(text) ? "the time of the run" : NULL;
}

struct values {
    const struct linting *linting;
    const struct lint_part *part;
    struct path at;
    size_t found;
};

static void found(struct values *values, struct str where, struct str text)
{
    const char *what = lint_random(text);
    if (!what) {
        return;
    }
    struct lint_place place = {.where = where};
    if (values->found++ < SHOWN) {
        lint_say(values->linting, LINT_WARNING, "random-data", &place,
                 "'%.*s' looks like %s: if each run makes it anew, each publication is a new "
                 "contract; use a fixed example, with a rule",
                 STR_FMT(text), what);
    }
}

static bool generated(const struct values *values)
{
    VEC_EACH(values->part->generators, const struct generator *, generator) {
        if (generator->part == RULES_BODY && generator->path.len == values->at.len &&
            path_weight(&generator->path, &values->at) > 0) {
            return true;
        }
    }
    return false;
}

static void look_at_tree(struct values *values, const struct json *value)
{
    struct arena *arena = values->linting->arena;
    bool object = json_is(value, JSON_OBJECT);
    if (json_is(value, JSON_STRING) && lint_random(json_text(value)) && !generated(values)) {
        struct str path;
        path_print(&values->at, arena, &path);
        found(values, str_printf(arena, "%s body %.*s", values->part->name, STR_FMT(path)),
              json_text(value));
    }
    for (size_t i = 0; (object || json_is(value, JSON_ARRAY)) && i < json_len(value); i++) {
        struct path_token *token = VEC_PUSH(arena, &values->at);
        token->kind = object ? PATH_NAME : PATH_INDEX;
        token->name = object ? json_key(value, i) : STR_NONE;
        token->index = (int64_t)i;
        look_at_tree(values, json_at(value, i));
        values->at.len--;
    }
}

static void look_at_path(struct values *values, struct str path)
{
    while (path.ptr) {
        found(values, STR("request path"), str_cut(&path, '/'));
    }
}

void lint_values(const struct linting *linting, const struct lint_part *part)
{
    struct values values = {.linting = linting, .part = part};
    struct arena *arena = linting->arena;
    if (part->query) {
        look_at_path(&values, linting->at->request.path);
        VEC_EACH(&part->query->params, const struct url_param *, param) {
            found(&values, str_printf(arena, "request query %.*s", STR_FMT(param->name)),
                  param->value);
        }
    }
    if (part->headers) {
        VEC_EACH(part->headers, const struct pact_header *, header) {
            VEC_EACH(&header->values, const struct str *, value) {
                found(&values,
                      str_printf(arena, "%s header %.*s", part->name, STR_FMT(header->name)),
                      *value);
            }
        }
    }
    look_at_tree(&values, part->body->json);
    if (values.found > SHOWN) {
        struct lint_place place = {.where = str_of(part->name)};
        lint_say(linting, LINT_WARNING, "random-data", &place, "%zu more values look random",
                 values.found - SHOWN);
    }
}
