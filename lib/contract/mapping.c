// SPDX-License-Identifier: Apache-2.0
/* Which repository method an interaction belongs to. The operation is in operation.c. */
#include "lib/contract/mapping.h"

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/re.h"
#include "lib/contract/mapping_rules.h"
#include "lib/contract/operation.h"

/* gate-and-audit, section 3.1. */
#define METHOD_NAME "((?:[a-z]\\w*\\.)*)([A-Z]\\w*\\.[a-z_]\\w*)(?:\\(([^)]*)\\))?"
#define TEST_NAME   "(?:.*\\W)?(\\w+?Repository)(?:Pact|Contract)?Test\\.(\\w+).*"

/* A method as one carrier names it. */
struct named {
    const char *carrier;
    struct str package, method, variant, scenario;
};
struct all_named {
    VEC_OF(struct named);
};

/* 1 and *ret filled when the text is a method, with ": scenario" after it if `prefix`. */
static int parse_usual(struct str text, bool prefix, const char *carrier, struct named *ret,
                       struct err *err)
{
    const struct re *re = NULL;
    struct str groups[5] = {{0}};
    int rc =
        re_get(prefix ? STR(METHOD_NAME ":\\s+(\\S.*)") : STR(METHOD_NAME), RE_WHOLE, &re, err);
    rc = rc ? rc : re_match(re, text, groups, prefix ? 5 : 4, err);
    if (rc == 1) {
        struct str package = groups[1];
        package.len -= package.len > 0; /* the last dot */
        *ret = (struct named){.carrier = carrier,
                              .package = package.len ? package : STR_NONE,
                              .method = groups[2],
                              .variant = groups[3].len ? groups[3] : STR_NONE,
                              .scenario = groups[4]};
    }
    return rc;
}

/* The same by the pattern of a house, whose groups are repository, method, variant, scenario. */
static int parse_house(struct str pattern, struct str text, struct arena *arena, struct named *ret,
                       struct err *err)
{
    const struct re *re = NULL;
    struct str groups[5] = {{0}};
    int rc = re_get(pattern, RE_WHOLE, &re, err);
    rc = rc ? rc : re_match(re, text, groups, 5, err);
    if (rc != 1 || groups[1].len == 0 || groups[2].len == 0) {
        return rc < 0 ? rc : 0;
    }
    struct str package = groups[1];
    while (package.len > 0 && package.ptr[package.len - 1] != '.') {
        package.len--;
    }
    struct str repository = str_sub(groups[1], package.len, groups[1].len);
    package.len -= package.len > 0; /* the last dot */
    *ret = (struct named){
        .carrier = "description",
        .package = package.len ? package : STR_NONE,
        .method = str_printf(arena, "%.*s.%.*s", STR_FMT(repository), STR_FMT(groups[2])),
        .variant = groups[3].len ? groups[3] : STR_NONE,
        .scenario = groups[4]};
    return 1;
}

static int parse_description(const struct pact_interaction *interaction, struct arena *arena,
                             struct named *ret, struct err *err)
{
    const struct mapping_rules *house = interaction->house;
    if (!house || !house->pattern.ptr) {
        return parse_usual(interaction->description, true, "description", ret, err);
    }
    int rc = parse_house(house->pattern, interaction->description, arena, ret, err);
    return rc < 0 ? err_wrap(err, "mapping.pattern") : rc;
}

/* Add the method that the first fitting rule of the house names. */
static int add_rules(const struct pact_interaction *interaction, struct arena *arena,
                     struct all_named *all, struct err *err)
{
    const struct mapping_rules *house = interaction->house;
    for (size_t i = 0; house && i < house->rules.len; i++) {
        const struct re *re = NULL;
        struct named named = {0};
        int rc = re_get(house->rules.items[i].regex, 0, &re, err);
        rc = rc ? rc : re_test(re, interaction->description, err);
        if (rc < 0) {
            return err_wrap(err, "mapping.rules");
        }
        if (rc == 1) {
            rc = parse_usual(house->rules.items[i].method, false, "mapping.rules", &named, err);
            *VEC_PUSH(arena, all) = named;
            return rc < 0 ? rc : 0;
        }
    }
    return 0;
}

bool mapping_is_method(struct str text)
{
    struct named unused = {0};
    return parse_usual(text, false, "", &unused, NULL) == 1;
}

/* Add the method of one carrier. An explicit carrier whose text is no method is a mistake. */
static int add(struct str text, const char *carrier, struct arena *arena, struct all_named *all,
               struct err *err)
{
    struct named named = {0};
    if (!text.ptr) {
        return 0;
    }
    int rc = parse_usual(str_trim(text), false, carrier, &named, err);
    if (rc == 0) {
        return err_set(err, ERR_PARSE,
                       "%s names '%.*s', which is no repository method like "
                       "'TransactionRepository.page'",
                       carrier, STR_FMT(text));
    }
    if (rc == 1) {
        *VEC_PUSH(arena, all) = named;
    }
    return rc < 0 ? rc : 0;
}

static int add_text_line(struct str line, struct arena *arena, struct all_named *all,
                         struct err *err)
{
    line = str_trim(line);
    if (!str_starts(line, STR("tally:"))) {
        return 0;
    }
    return add(str_sub(line, 6, line.len - 6), "comments.text", arena, all, err);
}

static int add_comments(const struct json *comments, struct arena *arena, struct all_named *all,
                        struct err *err)
{
    const struct json *reference = json_get(json_get(comments, "references"), "tally");
    const struct json *own = json_get(comments, "tally");
    const struct json *text = json_get(comments, "text");
    struct str repository = json_get_text(own, "repository");
    struct str method = json_get_text(own, "method");
    int rc = add(json_get_text(reference, "method"), "comments.references", arena, all, err);
    if (rc == 0 && method.ptr) {
        struct str whole =
            repository.ptr ? str_printf(arena, "%.*s.%.*s", STR_FMT(repository), STR_FMT(method))
                           : method;
        rc = add(whole, "comments.tally", arena, all, err);
    }
    if (rc == 0 && json_is(text, JSON_STRING)) {
        rc = add_text_line(json_text(text), arena, all, err);
    }
    for (size_t i = 0; rc == 0 && json_is(text, JSON_ARRAY) && i < json_len(text); i++) {
        const struct json *line = json_at(text, i);
        rc = json_is(line, JSON_STRING) ? add_text_line(json_text(line), arena, all, err) : 0;
    }
    return rc;
}

static bool same(const struct named *a, const struct named *b)
{
    return str_eq(a->method, b->method) &&
           (!a->package.ptr || !b->package.ptr || str_eq(a->package, b->package));
}

static struct str full_name(const struct named *named, struct arena *arena)
{
    if (!named->package.ptr) {
        return named->method;
    }
    return str_printf(arena, "%.*s.%.*s", STR_FMT(named->package), STR_FMT(named->method));
}

static int check_agreement(const struct all_named *all, struct arena *arena, struct err *err)
{
    for (size_t i = 1; i < all->len; i++) {
        const struct named *a = &all->items[0], *b = &all->items[i];
        if (!same(a, b)) {
            struct str first = full_name(a, arena), second = full_name(b, arena);
            return err_set(err, ERR_PARSE, "%s names '%.*s' but %s names '%.*s'", a->carrier,
                           STR_FMT(first), b->carrier, STR_FMT(second));
        }
    }
    return 0;
}

/* "…TransactionRepositoryPactTest.page": a guess, so it never contradicts a carrier. */
static int guess(struct str testname, struct arena *arena, struct mapping *mapping, struct err *err)
{
    const struct re *re = NULL;
    struct str groups[3] = {{0}};
    if (!testname.ptr) {
        return 0;
    }
    int rc = re_get(STR(TEST_NAME), RE_WHOLE, &re, err);
    rc = rc ? rc : re_match(re, testname, groups, 3, err);
    if (rc == 1) {
        mapping->method = str_printf(arena, "%.*s.%.*s", STR_FMT(groups[1]), STR_FMT(groups[2]));
        mapping->carrier = STR("comments.testname");
        mapping->inferred = true;
    }
    return rc < 0 ? rc : 0;
}

static void take(const struct all_named *all, struct mapping *mapping)
{
    mapping->method = all->items[0].method;
    mapping->carrier = str_of(all->items[0].carrier);
    VEC_EACH(all, const struct named *, named) {
        mapping->package = mapping->package.ptr ? mapping->package : named->package;
        mapping->variant = mapping->variant.ptr ? mapping->variant : named->variant;
    }
}

int mapping_of(const struct pact_interaction *interaction, struct arena *arena, struct mapping *ret,
               struct err *err)
{
    struct mapping mapping = {.scenario = interaction->description};
    struct all_named all = {0};
    struct named described = {0};
    int rc = add_comments(interaction->comments, arena, &all, err);
    if (rc) {
        return rc;
    }
    rc = parse_description(interaction, arena, &described, err);
    if (rc < 0) {
        return rc;
    }
    if (rc == 1) {
        *VEC_PUSH(arena, &all) = described;
        mapping.scenario = described.scenario.len ? described.scenario : mapping.scenario;
    }
    rc = add_rules(interaction, arena, &all, err);
    rc = rc ? rc : check_agreement(&all, arena, err);
    if (rc == 0 && all.len > 0) {
        take(&all, &mapping);
    } else if (rc == 0) {
        rc = guess(json_get_text(interaction->comments, "testname"), arena, &mapping, err);
    }
    if (rc == 0) {
        mapping.operation = operation_of(interaction, arena);
        *ret = mapping;
    }
    return rc;
}
