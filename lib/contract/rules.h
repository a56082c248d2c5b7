// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_RULES_H
#define TALLY_LIB_CONTRACT_RULES_H
/*
 * Matching rules: which matchers hold where. One table of matchers (matchers.def style X-macro or
 * static const table in rules.c) is read by reader, writer, engine, lint and docs.
 */
#include "lib/base/str.h"
#include "lib/base/vec.h"
#include "lib/json/json.h"

struct arena;
struct err;
struct map;
struct select_node;

enum rules_part {
    RULES_METHOD,
    RULES_PATH,
    RULES_QUERY,
    RULES_HEADER,
    RULES_STATUS,
    RULES_BODY,
    RULES_METADATA,
    RULES_PARTS
};

enum matcher_kind {
    MATCHER_EQUALITY,
    MATCHER_REGEX,
    MATCHER_TYPE,
    MATCHER_INCLUDE,
    MATCHER_NUMBER,
    MATCHER_INTEGER,
    MATCHER_DECIMAL,
    MATCHER_BOOLEAN,
    MATCHER_NULL,
    MATCHER_DATE,
    MATCHER_TIME,
    MATCHER_DATETIME,
    MATCHER_CONTENT_TYPE,
    MATCHER_VALUES,
    MATCHER_ARRAY_CONTAINS,
    MATCHER_STATUS_CODE,
    MATCHER_NOT_EMPTY,
    MATCHER_SEMVER,
    MATCHER_EACH_KEY,
    MATCHER_EACH_VALUE,
    MATCHER_UNKNOWN, /* kept, and fails with a clear message when applied */
};

struct matcher_variant {
    int64_t index;
    struct rules *rules; /* re-rooted at "$" */
};

struct matcher {
    enum matcher_kind kind;
    struct str text; /* regex, include value, format, content type, unknown name */
    bool has_min, has_max;
    int64_t min, max;       /* MATCHER_TYPE */
    const struct json *raw; /* the rule object as read or built: attributes of every other kind */
    struct rules *inner;    /* eachKey, eachValue: rules at "$"; NULL otherwise */
    struct {
        VEC_OF(struct matcher_variant);
    } variants; /* arrayContains */
};

enum path_token_kind { PATH_NAME, PATH_INDEX, PATH_ANY_NAME, PATH_ANY_INDEX };
struct path_token {
    enum path_token_kind kind;
    struct str name;
    int64_t index;
};
struct path {
    VEC_OF(struct path_token); /* without the leading '$' */
};

struct rule {
    struct str text;  /* path or name as written */
    struct path path; /* body (and metadata) rules */
    bool any;         /* combine: OR */
    struct {
        VEC_OF(struct matcher);
    } matchers;
    int line, column;   /* in the file; 0 if built */
    size_t order;       /* file order, breaks ties */
    struct json *extra; /* members beside `matchers` and `combine`, kept for writing; or NULL */
};

struct rules {
    struct {
        VEC_OF(struct rule);
        struct map *by_text; /* where a rule stands, plus one; NULL while there are few */
    } part[RULES_PARTS];
    const struct select_node *body_tree; /* see rules_prepare() */
    const struct rule *unusable;         /* its pattern cannot be read; NULL if all can */
    struct json *extra;                  /* categories not known, kept for writing; or NULL */
};

struct rules *rules_new(struct arena *arena);
/*
 * Grammar and tolerance: pact-semantics section 7. Errors: ERR_PARSE with the offset in `column`.
 */
int path_parse(struct str text, struct arena *arena, struct path *ret, struct err *err);
/* Weight of a rule path for a value at `at`: 0 = does not apply; see section 7, Selection. */
uint64_t path_weight(const struct path *rule, const struct path *at);

/*
 * Read a `matchingRules` member of V2 (flat) or V3/V4 (by category). `text` gives positions.
 * Errors: ERR_PARSE naming the path that is invalid or the member of the wrong type.
 */
int rules_read(const struct json *value, struct str text, const char *source, bool flat,
               struct arena *arena, struct rules *ret, struct err *err);
/* One matcher from its rule object ({"match": …}); used by reader, expressions, consumer DSL. */
int matcher_read(const struct json *value, struct arena *arena, struct matcher *ret,
                 struct err *err);
/* V4 form, categories and paths in file order; NULL when there are no rules. */
struct json *rules_write(const struct rules *rules, struct arena *arena);
/* Add a matcher at a path or name (""/"$" for method, path, status). */
int rules_add(struct rules *rules, enum rules_part part, struct str where,
              const struct matcher *matcher, struct arena *arena, struct err *err);
/*
 * Get the rules ready for matching, once, so that no comparison has to; reading does so by itself.
 * Adding a rule undoes it. Rules that are not prepared match all the same.
 */
void rules_prepare(struct rules *rules, struct arena *arena);
/*
 * A regular expression that cannot be read makes every comparison undecided, also one that would
 * not get to it. 0, or the code of re_get() with the rule's position and reason.
 */
int rules_usable(const struct rules *rules, const char *source, struct err *err);
/*
 * A rule without matchers is kept for writing and governs nothing.
 * The rule that governs `at` in a part, or NULL: best weight, then literal tokens from the left,
 * then file order. *ret_cascaded: the rule stands on an ancestor.
 */
const struct rule *rules_select(const struct rules *rules, enum rules_part part,
                                const struct path *at, bool *ret_cascaded);
/* Rule of a name in a part without paths (header: case ignored), or of the whole part (""). */
const struct rule *rules_named(const struct rules *rules, enum rules_part part, struct str name);
const char *matcher_name(enum matcher_kind kind); /* "regex"; camelCase as in files */
void path_print(const struct path *path, struct arena *arena, struct str *ret);

#endif
