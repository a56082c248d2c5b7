// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MATCH_INTERNAL_H
#define TALLY_LIB_CONTRACT_MATCH_INTERNAL_H
/* What the files of the matching engine share. */
#include "lib/contract/match.h"
#include "lib/contract/position.h"
#include "lib/contract/rules.h"
#include "lib/wire/headers.h"
#include "lib/wire/url.h"

/* One comparison under way. Functions return 0, or a negative err_code ("could not tell"). */
struct judge {
    struct arena *arena;
    struct match_result *result;
    struct position position;
    struct err *err;
    /* Given as the place of every difference when the expected tree has none in the contract. */
    const struct json *stand_in;
    /* The part of the contract that is compared: the place of what has no nearer one. */
    const struct json *around;
    bool request; /* unexpected members are differences */
    bool quiet;   /* only count: differences get no text */
    int depth;    /* multipart bodies around this one */
    bool asking;  /* the first difference decides, the others need not be found */
    size_t steps; /* values and rules looked at, at most LIMIT_MATCH_STEPS */
    size_t shown; /* bytes of all differences so far; beyond LIMIT_SHOWN_ALL they are counted */
    const struct rules *rules;       /* whose marks are in `fired`, by the rule's order */
    bool *fired[RULES_PARTS];        /* NULL when there is no rule at all */
    const struct json *example;      /* the expected body as a tree, where the walk made one */
    const struct manifest *manifest; /* NULL = none */
    struct seen *seen;               /* positions that were asked for, NULL before the first */
};

/* ---- rules that governed something (match_fired.c) ---- */

void fired_start(struct judge *judge, const struct rules *rules);
/* The rule, if it is one of the list (NULL: nothing), governs a value here. */
void fired_mark(struct judge *judge, enum rules_part part, const struct rule *rule);
/* A warning for each rule without a mark. */
void fired_warn(struct judge *judge, const struct pact_body *expected);

/* ---- reporting (match_report.c) ---- */

struct difference {
    enum match_part part;
    struct str path, expected, actual, rule, text;
    const struct json *at; /* whose position in the contract is given; NULL = judge.around */
    bool listed; /* the text is one of a parameter's or header's values: eachValue fits it */
};
/* The member of a request or response, or that itself where the contract leaves the member out. */
const struct json *judge_member(const struct json *raw, const char *name);
void judge_report(struct judge *judge, const struct difference *difference);
/* JSON text of a value, at most LIMIT_SHOWN bytes, cut at a character. */
struct str show_json(const struct judge *judge, const struct json *value);
/* The same for a sentence: 'text' (String), 1.5 (Decimal), [1] (Array). */
struct str show_typed(const struct judge *judge, const struct json *value);
struct str show_text(const struct judge *judge, struct str text);
/* "regex \\d+", "type min 1". */
struct str show_matcher(const struct judge *judge, const struct matcher *matcher);
/* A sentence; absent when quiet. */
struct str judge_say(const struct judge *judge, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- one matcher, one value (match_scalar.c, match_text.c) ---- */

enum verdict { VERDICT_NO = 0, VERDICT_YES = 1, VERDICT_NEUTRAL = 2 };

/* Each returns a verdict, or a negative err_code; *ret_why is a sentence after VERDICT_NO. */
int matcher_json(struct judge *judge, const struct matcher *matcher, bool cascaded,
                 const struct json *expected, const struct json *actual, struct str *ret_why);
int matcher_text(struct judge *judge, const struct matcher *matcher, struct str expected,
                 struct str actual, struct str *ret_why);
int matcher_regex(struct judge *judge, const struct matcher *matcher, struct str actual);
/* Whether a text is what a date, time or datetime matcher wants. */
int matcher_date(struct judge *judge, const struct matcher *matcher, struct str actual,
                 struct str *ret_why);
/* contentType: what the bytes themselves say. */
int matcher_magic(struct judge *judge, const struct matcher *matcher, struct str actual,
                  struct str *ret_why);
struct str matcher_unsupported(struct judge *judge, const struct matcher *matcher);

/* The verdicts of a rule's matchers, put together as its `combine` says. */
struct failure {
    const struct matcher *matcher;
    struct str why;
};
struct weighing {
    const struct rule *rule;
    size_t yes, no;
    struct {
        VEC_OF(struct failure);
    } failures; /* empty when quiet */
};
void weigh(struct judge *judge, struct weighing *weighing, const struct matcher *matcher,
           int verdict, struct str why);
bool weighing_passes(const struct weighing *weighing);
/* One difference per failure (AND), or one for all of them (OR); text and rule are filled here. */
void weighing_report(struct judge *judge, const struct weighing *weighing,
                     const struct difference *difference);

/* A text against a rule; reports with `difference` (path, part, at) when it fails. */
int rule_text(struct judge *judge, const struct rule *rule, struct str expected, struct str actual,
              const struct difference *difference);
/* What a rule says of the count of values: its limits, and equality. */
void rule_count(struct judge *judge, const struct rule *rule, size_t expected, size_t actual,
                const struct difference *difference);

/* ---- parts ---- */

int match_json_trees(struct judge *judge, const struct json *expected, const struct json *actual,
                     const struct rules *rules);
/* A request's body, or each of a batch; *ret_handled is false if it is none of GraphQL's. */
int match_graphql(struct judge *judge, const struct json *expected, const struct json *actual,
                  const struct rules *rules, bool *ret_handled);
/*
 * Persisted operations of a body get the documents of the manifest where the contract has them.
 * True if an id is unknown, which is reported.
 */
bool graphql_resolve(struct judge *judge, const struct json *expected, struct json **actual);
/* Report an id at a path; and two documents that differ. */
void graphql_report_unknown(struct judge *judge, const struct difference *where, struct str id);
void graphql_report_document(struct judge *judge, const struct difference *where, struct str want,
                             struct str got);
/* A copy without the client's name. */
struct json *graphql_extensions(struct json *extensions, struct arena *arena);
/* A member that says nothing: null, an empty object. */
bool graphql_blank(const struct json *value);
/* Documents that mean the same; false also when one of them does not parse. */
bool graphql_same(struct str a, struct str b, struct arena *arena, bool *ret_parsed);

int match_headers(struct judge *judge, const struct pact_headers *expected,
                  const struct headers *actual, const struct rules *rules);
/* Whether a header's value is a list with commas. */
bool header_is_list(struct str name);
/* "text/x; a=1": type and every expected parameter, as headers and metadata compare them. */
bool match_parameterised(struct str expected, struct str actual);

struct params_words { /* how messages call the thing: "query parameter", "form post parameter" */
    enum match_part part;
    enum rules_part rules_part;
    const char *noun;
};
int match_params(struct judge *judge, const struct url_param *expected, size_t expected_len,
                 const struct url_params *actual, const struct rules *rules,
                 const struct params_words *words);
/* Where the contract has a query parameter, or its value with that number (-1: all of them). */
const struct json *query_param_at(const struct judge *judge, struct str name, long index);
/* Query parameters of which some may be a GraphQL operation sent by GET. */
int match_query_params(struct judge *judge, const struct pact_query *expected,
                       const struct url_params *actual, const struct rules *rules,
                       const struct params_words *words);
int match_query(struct judge *judge, const struct pact *pact, const struct pact_query *expected,
                struct str actual, const struct rules *rules);

struct body_pair {
    const struct pact_body *expected;
    struct str actual;
    struct str actual_type; /* absent if none */
    const struct rules *rules;
    const struct json *types; /* headers or metadata in the contract, which may give the type */
};
int match_body(struct judge *judge, const struct body_pair *pair);
int match_xml_body(struct judge *judge, const struct body_pair *pair);
int match_multipart_body(struct judge *judge, const struct body_pair *pair);

#endif
