// SPDX-License-Identifier: Apache-2.0
/*
 * Generated values in bodies. Trees are never changed: the containers on the way to a new value are
 * made anew and share everything else with the example.
 */
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/body.h"
#include "lib/contract/generate_value.h"
#include "lib/contract/match.h"
#include "lib/contract/select.h"

/* What is put at a path: 1 and the value, 0 = it stays, or a negative err_code. */
struct replacing {
    struct generating *generating;
    const struct path *path;
    int (*make)(const struct replacing *replacing, const struct json *value, struct json **ret);
    const struct generator *generator; /* of make_value */
    const struct rule *rule;           /* of make_variants */
};

/* ---- JSON ---- */

/* 1 and the value with everything at the rest of the path replaced, 0 = nothing changed. */
static int replace_at(const struct replacing *replacing, size_t depth, const struct json *value,
                      struct json **ret)
{
    const struct path *path = replacing->path;
    struct arena *arena = replacing->generating->arena;
    bool object = json_is(value, JSON_OBJECT);
    size_t len = json_len(value), changed = 0;
    if (depth == path->len) {
        return replacing->make(replacing, value, ret);
    }
    int rc = generate_spend(replacing->generating, len + 1);
    if (rc || len == 0) {
        return rc;
    }
    struct json **children = ARENA_ARRAY(arena, struct json *, len);
    for (size_t i = 0; i < len; i++) {
        struct path_token at = {.kind = object ? PATH_NAME : PATH_INDEX, .index = (int64_t)i};
        at.name = object ? json_key(value, i) : STR_NONE;
        children[i] = json_at(value, i);
        if (path_token_score(&path->items[depth], &at) == 0) {
            continue;
        }
        rc = replace_at(replacing, depth + 1, children[i], &children[i]);
        if (rc < 0) {
            return rc;
        }
        changed += (size_t)rc;
    }
    if (changed == 0) {
        return 0;
    }
    struct json *made = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < len; i++) {
        if (object) {
            json_set_str(arena, made, json_key(value, i), children[i]);
        } else {
            json_append(arena, made, children[i]);
        }
    }
    *ret = made;
    return 1;
}

static int make_value(const struct replacing *replacing, const struct json *value,
                      struct json **ret)
{
    return generate_value(replacing->generating, replacing->generator, value, ret);
}

static int generate_in_tree(struct generating *generating, const struct generator *generator,
                            struct json **tree)
{
    struct replacing replacing = {.generating = generating,
                                  .path = &generator->path,
                                  .make = make_value,
                                  .generator = generator};
    return replace_at(&replacing, 0, *tree, tree);
}

/* ---- forms ---- */

/* Whether `$.field`, `$.field[1]` or a wildcard means the n-th value of a field. */
static bool means_field(const struct path *path, struct str name, size_t n)
{
    struct path_token field = {.kind = PATH_NAME, .name = name};
    struct path_token value = {.kind = PATH_INDEX, .index = (int64_t)n};
    return path->len <= 2 && path_token_score(&path->items[0], &field) > 0 &&
           (path->len < 2 || path_token_score(&path->items[1], &value) > 0);
}

static size_t count_before(const struct url_params *params, size_t i)
{
    size_t n = 0;
    for (size_t k = 0; k < i; k++) {
        n += str_eq(params->items[k].name, params->items[i].name);
    }
    return n;
}

static int generate_form(struct generating *generating, const struct generator *generator,
                         struct pact_body *body)
{
    struct url_params params = {0};
    struct err bad = ERR_INIT;
    int changed = 0;
    if (generator->path.len == 0) {
        return generate_text(generating, generator, body->bytes, true, &body->bytes);
    }
    if (url_query_parse(body->bytes, generating->arena, &params, &bad) != 0) {
        return generate_warn(generating, generator, "the form cannot be read: %s", bad.text);
    }
    int rc = generate_spend(generating, body->bytes.len);
    for (size_t i = 0; rc == 0 && i < params.len; i++) {
        struct url_param *param = &params.items[i];
        if (!means_field(&generator->path, param->name, count_before(&params, i))) {
            continue;
        }
        rc = generate_text(generating, generator, param->value, true, &param->value);
        changed = rc == 1 ? 1 : changed;
        rc = rc == 1 ? 0 : rc;
    }
    if (rc == 0 && changed) {
        body->bytes = url_query_write(generating->arena, &params);
    }
    return rc ? rc : changed;
}

int generate_body(struct generating *generating, const struct generator *generator,
                  struct pact_body *body)
{
    if (body->state != PACT_BODY_PRESENT) {
        return 0;
    }
    enum media_kind kind = body_kind(body->content_type, body->bytes, generating->arena);
    int rc;
    if (body->json) {
        rc = generate_in_tree(generating, generator, &body->json);
    } else if (kind == MEDIA_FORM) {
        rc = generate_form(generating, generator, body);
    } else if (kind == MEDIA_XML) {
        rc = generate_xml_body(generating, generator, body);
    } else {
        return generate_warn(generating, generator, "the body is no JSON, XML or form");
    }
    if (rc == 1) {
        body->raw = NULL;
    }
    return rc;
}

void generate_body_done(struct generating *generating, struct pact_body *body)
{
    if (body->json) {
        body->bytes = json_to_str(generating->arena, body->json, JSON_COMPACT);
    }
}

/* ---- variants of arrayContains ---- */

/* Whether an item is what the variant promises: its example, under its own rules. */
static int is_variant(struct generating *generating, const struct matcher_variant *variant,
                      struct json *example, const struct json *item, bool *ret)
{
    struct pact pact = {.spec = PACT_V4, .text = STR("")};
    struct pact_message expected = {.metadata = json_new_object(generating->arena),
                                    .rules = variant->rules};
    struct actual_message actual = {
        .body = json_to_str(generating->arena, item, JSON_COMPACT),
        .content_type = STR("application/json"),
    };
    struct match_result result = {0};
    int rc = generate_spend(generating, actual.body.len);
    if (rc) {
        return rc;
    }
    pact_body_set_json(generating->arena, &expected.body, example, actual.content_type);
    /* What cannot be told is no such item: its example stays. */
    *ret = match_message(&pact, &expected, &actual, generating->arena, &result, NULL) == 0 &&
           result.len == 0;
    return 0;
}

/* The variant's generators, applied to its own example and to every other item that it fits. */
static int apply_variant(struct generating *generating, const struct matcher_variant *variant,
                         const struct generators *generators, const struct json *list,
                         struct json **items)
{
    int changed = 0;
    for (size_t i = 0; i < json_len(list); i++) {
        bool fits = (int64_t)i == variant->index;
        int rc = 0;
        if (!fits && json_at(list, (size_t)variant->index)) {
            rc = is_variant(generating, variant, json_at(list, (size_t)variant->index),
                            json_at(list, i), &fits);
        }
        if (rc < 0) {
            return rc;
        }
        VEC_EACH(generators, const struct generator *, generator) {
            if (!fits || !generator_applies(generator, generating->context->mode)) {
                continue;
            }
            rc = generate_in_tree(generating, generator, &items[i]);
            if (rc < 0) {
                return rc;
            }
            changed = rc ? 1 : changed;
        }
    }
    return changed;
}

static const struct json *variant_generators(const struct matcher *matcher, size_t i)
{
    const struct json *value =
        json_get(json_at(json_get(matcher->raw, "variants"), i), "generators");
    return json_len(value) > 0 ? value : NULL;
}

static int apply_matcher(const struct replacing *replacing, const struct matcher *matcher,
                         const struct json *list, struct json **items)
{
    struct generating *generating = replacing->generating;
    int changed = 0;
    for (size_t i = 0; i < matcher->variants.len; i++) {
        struct generators *generators = generators_new(generating->arena);
        const struct json *raw = variant_generators(matcher, i);
        struct err bad = ERR_INIT;
        if (!raw) {
            continue;
        }
        if (generators_read_paths(raw, generating->arena, generators, &bad) != 0) {
            *VEC_PUSH(generating->arena, generating->warnings) =
                str_printf(generating->arena,
                           "generators of variant %zu of the rule body %.*s: %s; the example is "
                           "used as it is",
                           i, STR_FMT(replacing->rule->text), bad.text);
            continue;
        }
        int rc = apply_variant(generating, &matcher->variants.items[i], generators, list, items);
        if (rc < 0) {
            return rc;
        }
        changed = rc ? 1 : changed;
    }
    return changed;
}

static int make_variants(const struct replacing *replacing, const struct json *value,
                         struct json **ret)
{
    struct arena *arena = replacing->generating->arena;
    size_t len = json_len(value);
    int changed = 0;
    if (!json_is(value, JSON_ARRAY) || len == 0) {
        return 0;
    }
    struct json **items = ARENA_ARRAY(arena, struct json *, len);
    for (size_t i = 0; i < len; i++) {
        items[i] = json_at(value, i);
    }
    VEC_EACH(&replacing->rule->matchers, const struct matcher *, matcher) {
        int rc = apply_matcher(replacing, matcher, value, items);
        if (rc < 0) {
            return rc;
        }
        changed = rc ? 1 : changed;
    }
    if (changed) {
        *ret = json_new_array(arena);
        for (size_t i = 0; i < len; i++) {
            json_append(arena, *ret, items[i]);
        }
    }
    return changed;
}

/* ---- eachKey and eachValue ---- */

/* The generator that came with the definition of the keys or values; NULL = none. */
static const struct json *each_generator(const struct matcher *matcher)
{
    bool each = matcher->kind == MATCHER_EACH_KEY || matcher->kind == MATCHER_EACH_VALUE;
    const struct json *value = each ? json_get(matcher->raw, "generator") : NULL;
    return json_is(json_get(value, "type"), JSON_STRING) ? value : NULL;
}

static int make_values(const struct replacing *replacing, const struct json *value,
                       struct json **ret)
{
    struct arena *arena = replacing->generating->arena;
    bool object = json_is(value, JSON_OBJECT);
    int changed = 0;
    if (!object && !json_is(value, JSON_ARRAY)) {
        return 0;
    }
    struct json *made = object ? json_new_object(arena) : json_new_array(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        struct json *item = json_at(value, i);
        int rc = make_value(replacing, item, &item);
        if (rc < 0) {
            return rc;
        }
        changed = rc ? 1 : changed;
        if (object) {
            json_set_str(arena, made, json_key(value, i), item);
        } else {
            json_append(arena, made, item);
        }
    }
    *ret = changed ? made : *ret;
    return changed;
}

/* A key that is already there would swallow a member, so the example's own key stays then. */
static int make_keys(const struct replacing *replacing, const struct json *value, struct json **ret)
{
    struct arena *arena = replacing->generating->arena;
    int changed = 0;
    if (!json_is(value, JSON_OBJECT)) {
        return 0;
    }
    struct json *made = json_new_object(arena);
    for (size_t i = 0; i < json_len(value); i++) {
        struct str key = json_key(value, i), text = key;
        int rc = generate_text(replacing->generating, replacing->generator, key, true, &text);
        if (rc < 0) {
            return rc;
        }
        bool free = !json_find(value, text) && !json_find(made, text);
        changed = rc && free ? 1 : changed;
        json_set_str(arena, made, free ? text : key, json_at(value, i));
    }
    *ret = changed ? made : *ret;
    return changed;
}

static int apply_each(struct generating *generating, const struct rule *rule,
                      const struct matcher *matcher, struct json **tree)
{
    struct generator *generator = ARENA_NEW(generating->arena, struct generator);
    *generator =
        (struct generator){.where = rule->text, .raw = each_generator(matcher), .part = RULES_BODY};
    if (!generator->raw || !generator_applies(generator, generating->context->mode)) {
        return 0;
    }
    struct replacing replacing = {.generating = generating,
                                  .path = &rule->path,
                                  .make =
                                      matcher->kind == MATCHER_EACH_KEY ? make_keys : make_values,
                                  .generator = generator};
    return replace_at(&replacing, 0, *tree, tree);
}

/* Values first: the path to them leads over the keys of the example. */
static int apply_all_each(struct generating *generating, const struct rule *rule,
                          enum matcher_kind kind, struct json **tree)
{
    int changed = 0;
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        int rc = matcher->kind == kind ? apply_each(generating, rule, matcher, tree) : 0;
        if (rc < 0) {
            return rc;
        }
        changed = rc ? 1 : changed;
    }
    return changed;
}

int generate_each(struct generating *generating, const struct rules *rules, bool keys,
                  struct pact_body *body)
{
    int changed = 0;
    if (!rules || body->state != PACT_BODY_PRESENT || !body->json) {
        return 0;
    }
    VEC_EACH(&rules->part[RULES_BODY], const struct rule *, rule) {
        int rc = apply_all_each(generating, rule, keys ? MATCHER_EACH_KEY : MATCHER_EACH_VALUE,
                                &body->json);
        if (rc < 0) {
            (void)err_wrap(generating->err, "generator of rule '%.*s'", STR_FMT(rule->text));
            return rc;
        }
        changed = rc ? 1 : changed;
    }
    if (changed) {
        body->raw = NULL;
    }
    return changed;
}

static bool has_generators(const struct rule *rule)
{
    VEC_EACH(&rule->matchers, const struct matcher *, matcher) {
        for (size_t i = 0; i < matcher->variants.len; i++) {
            if (variant_generators(matcher, i)) {
                return true;
            }
        }
    }
    return false;
}

int generate_variants(struct generating *generating, const struct rules *rules,
                      struct pact_body *body)
{
    int changed = 0;
    if (!rules || body->state != PACT_BODY_PRESENT || !body->json) {
        return 0;
    }
    VEC_EACH(&rules->part[RULES_BODY], const struct rule *, rule) {
        struct replacing replacing = {
            .generating = generating, .path = &rule->path, .make = make_variants, .rule = rule};
        if (!has_generators(rule)) {
            continue;
        }
        int rc = replace_at(&replacing, 0, body->json, &body->json);
        if (rc < 0) {
            (void)err_wrap(generating->err, "variants of '%.*s'", STR_FMT(rule->text));
            return rc;
        }
        changed = rc ? 1 : changed;
    }
    if (changed) {
        body->raw = NULL;
    }
    return changed;
}
